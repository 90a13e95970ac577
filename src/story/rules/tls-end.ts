/** What a handshake that failed means, seen from the client. */
import { finding, type Finding } from '../finding.ts';

export interface HandshakeFailureFacts {
  readonly kind: 'timed-out' | 'closed' | 'reset' | 'alert' | 'not-tls' | 'openssl' | 'aborted';
  /** As OpenSSL words it, without `tlsv1 alert`; '' for none. */
  readonly alert: string;
  readonly code: string;
  readonly reason: string;
  readonly address: string;
  readonly port: number;
  readonly serverName: string;
  /** The server's first octets as text. */
  readonly answer: string;
  readonly answeredHttp: boolean;
  readonly offeredVersions: string;
  readonly offeredProtocols: string;
  readonly timeoutSeconds: number;
  /** The server asked for a client certificate, and whether one was given. */
  readonly asksClient: boolean;
  readonly gaveCertificate: boolean;
}

/** Alerts that are about the certificate of whoever receives them: ours. */
const aboutCertificate = /certificate|unknown ca|access denied/;

export function judgeHandshakeFailure(facts: HandshakeFailureFacts): Finding {
  const { kind, alert, address, port, serverName, answer } = facts;
  switch (kind) {
    case 'aborted':
    case 'timed-out':
      return finding('trace-handshake-timeout', { address, seconds: facts.timeoutSeconds });
    case 'not-tls':
      return finding(facts.answeredHttp ? 'trace-plain-http' : 'trace-not-tls', { address, port, answer });
    case 'reset':
      return finding('trace-reset', { stage: 'TLS' });
    case 'closed':
      return finding('trace-handshake-closed', { serverName: serverName === '' ? address : serverName });
    case 'alert':
      return judgeAlert(facts);
    case 'openssl':
      break;
  }
  // OpenSSL takes 100 KiB of certificates and no more.
  if (facts.code === 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE') return finding('trace-handshake-too-large');
  if (facts.code === 'ERR_SSL_UNSUPPORTED_PROTOCOL')
    return finding('trace-old-version', { offered: facts.offeredVersions });
  return finding('trace-handshake-failed', {
    reason: facts.reason === '' ? (alert === '' ? facts.code : alert) : facts.reason,
  });
}

function judgeAlert({ alert, ...facts }: HandshakeFailureFacts): Finding {
  if (alert === 'protocol version') return finding('trace-old-version', { offered: facts.offeredVersions });
  if (alert === 'no application protocol') return finding('trace-alpn-mismatch', { offered: facts.offeredProtocols });
  if (alert === 'unrecognized name') return finding('trace-unknown-name', { serverName: facts.serverName });
  if (facts.asksClient && (aboutCertificate.test(alert) || (alert === 'handshake failure' && !facts.gaveCertificate)))
    return judgeClientAlert(alert, facts.gaveCertificate);
  if (alert === 'handshake failure' || alert === 'insufficient security')
    return finding('trace-no-shared-suite', { alert });
  return finding('trace-handshake-refused', { alert });
}

/** The server's word on the client certificate; in TLS 1.3 it comes when the client is long done (RFC 8446 section 4.4.2.4). */
export function judgeClientAlert(alert: string, gaveCertificate: boolean): Finding {
  return finding(gaveCertificate ? 'trace-client-certificate-refused' : 'trace-client-certificate-required', { alert });
}
