/**
 * JSON Web Signatures as ACME uses them (RFC 8555 section 6.2): flattened JSON serialization, everything base64url
 * without padding, the public key or the account's URL in the protected header.
 *
 *     {"protected": b64({"alg":"ES256","kid":"https://…/acct/1","nonce":"…","url":"https://…"}),
 *      "payload":   b64({…}), or "" for POST-as-GET,
 *      "signature": b64(r ‖ s)}
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** Members of a public key in RFC 7517's form, those alone that RFC 7638 hashes. */
export type PublicJwk = Readonly<Record<string, string>>;

export type JwsAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'EdDSA';

export interface SigningKey {
  readonly algorithm: JwsAlgorithm;
  readonly jwk: PublicJwk;
  /** RFC 7638 with SHA-256, base64url. */
  readonly thumbprint: string;
  readonly privateKey: KeyObject;
}

export interface FlattenedJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** What a protected header holds beside `alg`. */
export interface ProtectedHeader {
  readonly url: string;
  readonly nonce?: string;
  /** The account's URL, or the key identifier of an external account; without it the public key itself is sent. */
  readonly kid?: string;
}

export const base64url = (content: Uint8Array | string): string => Buffer.from(content).toString('base64url');

/** Reads a private key (PKCS#8, SEC 1 or PKCS#1 PEM); undefined where it is none that JWS knows an algorithm for. */
export function readSigningKey(pem: string): SigningKey | undefined {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    return undefined;
  }
  return signingKey(privateKey);
}

export function signingKey(privateKey: KeyObject): SigningKey | undefined {
  const algorithm = algorithmOf(privateKey);
  if (algorithm === undefined) return undefined;
  const whole = createPublicKey(privateKey).export({ format: 'jwk' }) as Readonly<Record<string, string>>;
  // RFC 7638 section 3.2: the required members only, in the order of their names.
  const names = { EC: ['crv', 'kty', 'x', 'y'], RSA: ['e', 'kty', 'n'], OKP: ['crv', 'kty', 'x'] }[whole['kty'] ?? ''];
  const jwk = Object.fromEntries((names ?? []).map((name) => [name, whole[name] ?? '']));
  const thumbprint = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  return { algorithm, jwk, thumbprint, privateKey };
}

function algorithmOf(key: KeyObject): JwsAlgorithm | undefined {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (key.asymmetricKeyType !== 'ec') return undefined;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const byCurve: Readonly<Record<string, JwsAlgorithm>> = {
    prime256v1: 'ES256',
    secp384r1: 'ES384',
    secp521r1: 'ES512',
  };
  return byCurve[curve ?? ''];
}

/** Signs; `payload` undefined is POST-as-GET's empty one (section 6.3). */
export function encodeJws(key: SigningKey, header: ProtectedHeader, payload: unknown): FlattenedJws {
  const identity = header.kid === undefined ? { jwk: key.jwk } : { kid: header.kid };
  return seal({ alg: key.algorithm, ...identity, ...nonceAndUrl(header) }, payload, (data) => {
    const hash = { ES256: 'sha256', RS256: 'sha256', ES384: 'sha384', ES512: 'sha512', EdDSA: null }[key.algorithm];
    // RFC 7518 section 3.4: r and s side by side, not DER.
    return sign(hash, data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  });
}

/** The same with a shared secret: external account binding (section 7.3.4). */
function encodeMac(secret: Uint8Array, header: ProtectedHeader & { kid: string }, payload: unknown): FlattenedJws {
  return seal({ alg: 'HS256', kid: header.kid, ...nonceAndUrl(header) }, payload, (data) =>
    createHmac('sha256', secret).update(data).digest(),
  );
}

const nonceAndUrl = ({ nonce, url }: ProtectedHeader): object => ({ ...(nonce !== undefined && { nonce }), url });

function seal(header: object, payload: unknown, signatureOf: (data: Buffer) => Uint8Array): FlattenedJws {
  const encodedHeader = base64url(JSON.stringify(header));
  const encodedPayload = payload === undefined ? '' : base64url(JSON.stringify(payload));
  const signature = signatureOf(Buffer.from(`${encodedHeader}.${encodedPayload}`, 'latin1'));
  return { protected: encodedHeader, payload: encodedPayload, signature: base64url(signature) };
}

/** The binding of an account's key to an account that the CA knows by other means; `hmacKey` is base64url or base64. */
export function bindExternalAccount(
  external: { readonly keyId: string; readonly hmacKey: string },
  accountJwk: PublicJwk,
  newAccountUrl: string,
): FlattenedJws {
  const secret = Buffer.from(external.hmacKey, 'base64url');
  return encodeMac(secret, { kid: external.keyId, url: newAccountUrl }, accountJwk);
}

/**
 * The payload of a key change (section 7.3.5): signed by the new key, which is thereby proven to be ours, and then
 * signed as a whole by the old one. The inner header has the same url and no nonce.
 */
export function encodeKeyChange(
  newKey: SigningKey,
  oldKey: SigningKey,
  accountUrl: string,
  keyChangeUrl: string,
): FlattenedJws {
  return encodeJws(newKey, { url: keyChangeUrl }, { account: accountUrl, oldKey: oldKey.jwk });
}
