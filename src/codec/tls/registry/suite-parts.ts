import { cipherSuites } from './cipher-suites.ts';

/** How the two sides come to a shared secret, in the words of the suites' names. */
export type KeyExchange =
  | 'ECDHE'
  | 'DHE'
  | 'RSA'
  | 'ECDH'
  | 'DH'
  | 'PSK'
  | 'RSA_PSK'
  | 'DHE_PSK'
  | 'ECDHE_PSK'
  /** TLS 1.3: the suite says nothing about it; groups and keys stand in extensions. */
  | 'any'
  | 'other';

/** Who proves who they are, and with what kind of key. */
export type Authentication = 'RSA' | 'ECDSA' | 'DSS' | 'anon' | 'PSK' | 'any' | 'other';

export type SuiteHash = 'md5' | 'sha1' | 'sha256' | 'sha384';

/**
 * What a cipher suite's name says. The names are regular enough to be read:
 *
 *     TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256     key exchange, authentication, cipher, hash
 *     TLS_RSA_WITH_AES_128_CCM_8                RSA does both; CCM suites name no hash
 *     TLS_AES_128_GCM_SHA256                    TLS 1.3: cipher and hash only
 */
export interface SuiteParts {
  readonly name: string;
  readonly isTls13: boolean;
  readonly keyExchange: KeyExchange;
  readonly authentication: Authentication;
  /** `AES_128_GCM`, `CHACHA20_POLY1305`, `3DES_EDE_CBC`, `RC4_128`, `NULL`. */
  readonly cipher: string;
  /** The hash at the end of the name: of the MAC, or of the key derivation; undefined for CCM of TLS 1.2. */
  readonly hash: SuiteHash | undefined;
  /** Keys of the moment: a key that is stolen later opens nothing of today. */
  readonly forwardSecret: boolean;
  readonly isExport: boolean;
}

const hashNames: ReadonlyMap<string, SuiteHash> = new Map([
  ['MD5', 'md5'],
  ['SHA', 'sha1'],
  ['SHA256', 'sha256'],
  ['SHA384', 'sha384'],
]);

const exchanges: ReadonlyMap<string, readonly [KeyExchange, Authentication]> = new Map([
  ['RSA', ['RSA', 'RSA']],
  ['DHE_RSA', ['DHE', 'RSA']],
  ['DHE_DSS', ['DHE', 'DSS']],
  ['DH_RSA', ['DH', 'RSA']],
  ['DH_DSS', ['DH', 'DSS']],
  ['DH_anon', ['DHE', 'anon']],
  ['ECDHE_RSA', ['ECDHE', 'RSA']],
  ['ECDHE_ECDSA', ['ECDHE', 'ECDSA']],
  ['ECDH_RSA', ['ECDH', 'RSA']],
  ['ECDH_ECDSA', ['ECDH', 'ECDSA']],
  ['ECDH_anon', ['ECDHE', 'anon']],
  ['PSK', ['PSK', 'PSK']],
  ['RSA_PSK', ['RSA_PSK', 'RSA']],
  ['DHE_PSK', ['DHE_PSK', 'PSK']],
  ['PSK_DHE', ['DHE_PSK', 'PSK']],
  ['ECDHE_PSK', ['ECDHE_PSK', 'PSK']],
]);

/** The parts of a suite's name; undefined for numbers without a name, and for signalling values such as SCSV. */
export function suiteParts(code: number): SuiteParts | undefined {
  const name = cipherSuites.get(code);
  if (name === undefined || name.endsWith('_SCSV')) return undefined;
  const [head, tail] = name.slice('TLS_'.length).split('_WITH_');
  const isTls13 = tail === undefined;
  const [cipher, hash] = splitHash(tail ?? head ?? '');
  const exchangeName = isTls13 ? '' : (head ?? '').replace(/_EXPORT.*$/, '');
  const unknown = isTls13 ? (['any', 'any'] as const) : (['other', 'other'] as const);
  const [keyExchange, authentication] = exchanges.get(exchangeName) ?? unknown;
  const isExport = head?.includes('_EXPORT') ?? false;
  const forwardSecret = isTls13 || keyExchange.startsWith('ECDHE') || keyExchange.startsWith('DHE');
  return { name, isTls13, keyExchange, authentication, cipher, hash, forwardSecret, isExport };
}

function splitHash(text: string): [cipher: string, hash: SuiteHash | undefined] {
  const at = text.lastIndexOf('_');
  const hash = hashNames.get(text.slice(at + 1));
  return hash === undefined ? [text, undefined] : [text.slice(0, at), hash];
}
