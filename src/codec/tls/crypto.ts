/**
 * The cryptography that reading TLS needs, passed in so that the codec stays pure. Every function takes octets and gives
 * octets; none throws. src/pki/tls-crypto.ts makes one of node:crypto.
 */
export interface TlsCrypto {
  /** `md5-sha1` is MD5 and SHA-1 one behind the other, 36 octets, as TLS 1.0 and 1.1 hash. */
  hash(name: TlsHash | 'md5-sha1', data: Uint8Array): Uint8Array;
  hmac(name: TlsHash, key: Uint8Array, data: Uint8Array): Uint8Array;
  /**
   * Opens an AEAD; the last `tagLength` octets of `sealed` are the tag. Undefined where the tag is wrong, or the algorithm
   * is not there (`knows` tells which).
   */
  openAead(
    algorithm: string,
    key: Uint8Array,
    nonce: Uint8Array,
    additional: Uint8Array,
    sealed: Uint8Array,
    tagLength: number,
  ): Uint8Array | undefined;
  /** Decrypts whole blocks and leaves the padding where it is; undefined where that cannot be done. */
  decryptCbc(algorithm: string, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array | undefined;
  /** Whether a cipher of this name is there: `aes-128-gcm`, `camellia-256-cbc`. */
  knows(algorithm: string): boolean;
  /**
   * Whether `signature` over `data` was made with the key of this SubjectPublicKeyInfo (DER). `scheme` is a SignatureScheme,
   * or undefined for TLS 1.0 and 1.1 (MD5 and SHA-1 with RSA, else SHA-1). Undefined where the scheme or key is not known.
   */
  verify(
    scheme: number | undefined,
    publicKey: Uint8Array,
    data: Uint8Array,
    signature: Uint8Array,
  ): boolean | undefined;
  /** Decompresses a certificate (RFC 8879) of exactly this length; undefined where that fails or is not known. */
  decompress(algorithm: number, data: Uint8Array, length: number): Uint8Array | undefined;
}

export type TlsHash = 'md5' | 'sha1' | 'sha256' | 'sha384';

export const hashLengths: Readonly<Record<TlsHash, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48 };
