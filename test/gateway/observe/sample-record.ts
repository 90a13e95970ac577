import type { AccessRecord } from '../../../src/gateway/access-record.ts';

/** A plain request, with what a test wants different. */
export function sampleRecord(different: Partial<AccessRecord> = {}): AccessRecord {
  return {
    timeMs: Date.UTC(2026, 10, 22, 0, 58, 3, 120),
    site: 'app.example.com',
    peer: '192.0.2.17',
    method: 'GET',
    target: '/articles?page=3',
    authority: 'app.example.com',
    protocol: 'HTTP/1.1',
    status: 200,
    bytesSent: 4312,
    bytesReceived: 0,
    tlsMs: -1,
    upstreamMs: 1.7,
    totalMs: 2.125,
    tlsVersion: 'TLSv1.3',
    cipherSuite: 'TLS_AES_128_GCM_SHA256',
    resumed: false,
    upstream: 'http://127.0.0.1:8000',
    error: '',
    requestId: '',
    referer: '',
    userAgent: '',
    ...different,
  };
}
