/**
 * A load process: new connections one after another, four at a time, each with one verified request.
 * Lines: it writes `ready`, waits for `go`, and writes `{"completed":N}` after `seconds`.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { askOnce, failWithMessage } from './connection.ts';

export interface HandshakeOptions {
  readonly port: number;
  readonly serverName: string;
  readonly certFile: string;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly resume: boolean;
  readonly seconds: number;
}

failWithMessage();

const AT_A_TIME = 4;

const options = JSON.parse(process.argv[2] ?? '{}') as HandshakeOptions;
const { port, serverName, certFile, version, resume, seconds } = options;
const settings: SecureContextOptions = {
  ca: readFileSync(certFile),
  minVersion: version,
  maxVersion: version,
  // The same with every peer and on every Node: newer ones would offer a post-quantum group first.
  ecdhCurve: 'X25519',
  ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
};
const secureContext = createSecureContext(settings);

async function oneAfterAnother(session: Buffer | undefined, until: number): Promise<number> {
  let completed = 0;
  let latest = session;
  while (performance.now() < until) {
    const answer = await askOnce({ port, serverName, secureContext, session: latest, close: true });
    if (answer.resumed !== resume) {
      throw new Error(resume ? 'the peer did not resume the session' : 'the peer resumed what was not a session');
    }
    if (resume) latest = answer.session ?? latest;
    completed += 1;
  }
  return completed;
}

const first = await askOnce({ port, serverName, secureContext, session: undefined, close: true });
if (resume && first.session === undefined) throw new Error('the peer gave no session to resume');
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  const until = performance.now() + seconds * 1000;
  const session = resume ? first.session : undefined;
  void Promise.all(Array.from({ length: AT_A_TIME }, () => oneAfterAnother(session, until))).then((counts) => {
    process.stdout.write(`${JSON.stringify({ completed: counts.reduce((sum, count) => sum + count, 0) })}\n`);
    process.stdin.destroy();
  });
});
