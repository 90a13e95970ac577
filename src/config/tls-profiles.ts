import type { TlsProfileName, TlsSettings } from './config.ts';

/**
 * The two profiles of Mozilla's Server Side TLS guidelines, in OpenSSL's names.
 *
 * Versions, suites and groups are those of 6.0 (they have stood since 5.8, which took DHE out of `intermediate` and put
 * X25519MLKEM768 first). Suites are not ordered by the server: every one of them is sound, and the client knows
 * whether it has AES in hardware.
 */

const tls13Suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const tls12Suites = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

/** X25519MLKEM768 (RFC 9794's PQ/T hybrid) is known from OpenSSL 3.5 on; whoever builds a context leaves it out before. */
export const postQuantumGroups: readonly string[] = ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'];

const common = {
  maxVersion: 'TLSv1.3',
  groups: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  honorCipherOrder: false,
  // RFC 8446 section 4.6.1 allows seven days; two hours bound what a stolen ticket key opens.
  ticketLifetimeSeconds: 7200,
} as const;

export const tlsProfiles: Readonly<Record<TlsProfileName, TlsSettings>> = {
  intermediate: { ...common, minVersion: 'TLSv1.2', ciphers: [...tls13Suites, ...tls12Suites].join(':') },
  modern: { ...common, minVersion: 'TLSv1.3', ciphers: tls13Suites.join(':') },
};

export const defaultTlsProfile: TlsProfileName = 'intermediate';
