import type { DecodeError } from '../decode-error.ts';
import type { DecodedExtension } from './extension-value.ts';
import type { Field } from './field-reader.ts';

/** A half-open span of octets in the message. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface ClientHelloBody {
  readonly kind: 'client-hello';
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  readonly extensions: readonly DecodedExtension[];
}

/** A HelloRetryRequest is a ServerHello with a certain random (RFC 8446 section 4.1.3). */
export interface ServerHelloBody {
  readonly kind: 'server-hello' | 'hello-retry-request';
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: readonly DecodedExtension[];
  /** The version that is spoken from here on: supported_versions, else legacy_version. */
  readonly version: number;
}

export interface CertificateEntry {
  /** DER of an X.509 certificate. */
  readonly der: Uint8Array;
  /** Where the DER stands in the message. */
  readonly start: number;
  readonly end: number;
  /** TLS 1.3 only; empty before. */
  readonly extensions: readonly DecodedExtension[];
}

export interface CertificateBody {
  readonly kind: 'certificate';
  /** certificate_request_context: empty in the handshake, the request's own after it. */
  readonly context: Uint8Array;
  readonly entries: readonly CertificateEntry[];
}

/** digitally-signed (RFC 5246 section 4.7); `scheme` is undefined before TLS 1.2, where the key's type says it. */
export interface TlsSignature {
  readonly scheme: number | undefined;
  readonly signature: Uint8Array;
}

/** What a server brings to a key exchange of the moment (RFC 8422 section 5.4, RFC 5246 section 7.4.3). */
export type ServerKeyParameters =
  | { readonly kind: 'ecdhe'; readonly group: number; readonly publicKey: Uint8Array }
  /** Curve parameters written out, which RFC 8422 took away. */
  | { readonly kind: 'ecdhe-explicit'; readonly curveType: number }
  /** Big-endian numbers: prime modulus, generator, g^X mod p. */
  | { readonly kind: 'dhe'; readonly p: Uint8Array; readonly g: Uint8Array; readonly ys: Uint8Array }
  | { readonly kind: 'psk' }
  | { readonly kind: 'unknown' };

export interface ServerKeyExchangeBody {
  readonly kind: 'server-key-exchange';
  readonly parameters: ServerKeyParameters;
  readonly pskIdentityHint: Uint8Array | undefined;
  /** The octets that the signature covers, after both randoms. */
  readonly signed: Span;
  /** Undefined for anonymous and PSK suites. */
  readonly signature: TlsSignature | undefined;
}

export interface CertificateRequestBody {
  readonly kind: 'certificate-request';
  readonly context: Uint8Array;
  /** ClientCertificateType; TLS 1.2 and before. */
  readonly certificateTypes: readonly number[];
  readonly signatureSchemes: readonly number[];
  /** DER of the names of authorities that the server would take; empty for any. */
  readonly authorities: readonly Uint8Array[];
  readonly extensions: readonly DecodedExtension[];
}

/** What a client brings to the key exchange. */
export interface ClientKeyExchangeBody {
  readonly kind: 'client-key-exchange';
  readonly exchange: 'rsa' | 'dhe' | 'ecdhe' | 'psk' | 'unknown';
  /** The encrypted premaster secret, g^X mod p, or the point; empty where there is none. */
  readonly publicValue: Uint8Array;
  readonly pskIdentity: Uint8Array | undefined;
}

export interface NewSessionTicketBody {
  readonly kind: 'new-session-ticket';
  /** Seconds; a hint in TLS 1.2, where 0 leaves it to the client. */
  readonly lifetimeSeconds: number;
  /** TLS 1.3 only. */
  readonly ageAdd: number | undefined;
  readonly nonce: Uint8Array | undefined;
  readonly ticket: Uint8Array;
  readonly extensions: readonly DecodedExtension[];
}

export type HandshakeBody =
  | ClientHelloBody
  | ServerHelloBody
  | CertificateBody
  | ServerKeyExchangeBody
  | CertificateRequestBody
  | ClientKeyExchangeBody
  | NewSessionTicketBody
  | { readonly kind: 'encrypted-extensions'; readonly extensions: readonly DecodedExtension[] }
  | { readonly kind: 'certificate-status'; readonly statusType: number; readonly responses: readonly Uint8Array[] }
  | ({ readonly kind: 'certificate-verify' } & TlsSignature)
  | { readonly kind: 'finished'; readonly verifyData: Uint8Array }
  | { readonly kind: 'key-update'; readonly requested: number }
  | {
      readonly kind: 'compressed-certificate';
      readonly algorithm: number;
      readonly uncompressedLength: number;
      readonly compressed: Uint8Array;
    }
  | { readonly kind: 'hello-request' | 'server-hello-done' | 'end-of-early-data' }
  /** A type that is only named, or octets that could not be read (`error` says why). */
  | { readonly kind: 'undecoded' };

export interface DecodedHandshake {
  readonly type: number;
  /** The registry's name: `server_key_exchange`; `hello_retry_request` for that kind of ServerHello. */
  readonly name: string;
  /** The whole message, handshake header included. */
  readonly octets: Uint8Array;
  readonly body: HandshakeBody;
  /** Every field with its place, in the order of the octets. */
  readonly fields: readonly Field[];
  readonly error: DecodeError | undefined;
}
