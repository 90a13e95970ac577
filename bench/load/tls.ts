import { writeFileSync } from 'node:fs';
import type { Bench } from '../scenario.ts';

// The same version, suite and group with every peer.
const OPENSSL_CONFIG = `openssl_conf = openssl_init
[openssl_init]
ssl_conf = ssl_configuration
[ssl_configuration]
system_default = tls
[tls]
MinProtocol = TLSv1.3
Ciphersuites = TLS_AES_128_GCM_SHA256
Groups = X25519
`;

/** Environment for load clients that take their TLS settings from OpenSSL's configuration. */
export function tlsEnvironment(bench: Bench): Record<string, string> {
  const file = bench.stage.file('openssl.cnf');
  writeFileSync(file, OPENSSL_CONFIG);
  return { OPENSSL_CONF: file };
}
