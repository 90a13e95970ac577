import { parsing, type Parsed } from '../der/der-error.ts';
import { DerReader } from '../der/der-reader.ts';
import type { KnownSecrets } from './conversation/secrets.ts';
import { TLS_1_3 } from './registry/versions.ts';

/**
 * What OpenSSL saves of a session (SSL_SESSION, as node:tls hands it out), DER:
 *
 *     SEQUENCE
 *       INTEGER       version of the structure, 1
 *       INTEGER       protocol: 0x0303, 0x0304
 *       OCTET STRING  cipher suite, 1302
 *       OCTET STRING  session id
 *       OCTET STRING  master secret; in TLS 1.3 the pre-shared key that the ticket stands for
 *       …             times, the peer's certificate, the ticket and more, each optional
 */
export interface OpensslSession {
  readonly version: number;
  readonly cipherSuite: number;
  readonly sessionId: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * Newer versions of Node put the server's name before it:
 *
 *     00 "nodejs:tls:session:1" 00 0009 "localhost" 3082…
 */
const prefix = 'nodejs:tls:session:1';

/** Where the DER starts. */
function startOf(bytes: Uint8Array): number {
  if (bytes[0] !== 0) return 0;
  for (let at = 0; at < prefix.length; at += 1) if (bytes[1 + at] !== prefix.charCodeAt(at)) return 0;
  const at = prefix.length + 2;
  return at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
}

/** Reads the parts of a saved session that the key schedule needs. */
export function parseOpensslSession(bytes: Uint8Array): Parsed<OpensslSession> {
  return parsing(() => {
    const reader = new DerReader(bytes.subarray(startOf(bytes)), '');
    const session = reader.sequence('session');
    session.smallInteger('ssl_session_version');
    const version = session.smallInteger('ssl_version');
    const suite = session.content(session.octetString('cipher'));
    if (suite.length !== 2) session.fail('value-not-allowed', 'cipher', session.position);
    const sessionId = session.content(session.octetString('session_id'));
    const secret = session.content(session.octetString('master_key'));
    return { version, cipherSuite: (suite[0]! << 8) | suite[1]!, sessionId, secret };
  });
}

/** What a saved session lets a later conversation check: the ticket's key in TLS 1.3, the master secret before. */
export function secretsOfSession(session: Uint8Array): KnownSecrets {
  const saved = parseOpensslSession(session);
  if (!saved.ok) return {};
  const { version, secret } = saved.value;
  return version === TLS_1_3 ? { psk: secret } : { resumedMasterSecret: secret };
}
