/** Why octets are not what they claim to be. Parsers return this; they never throw on input. */
export interface DecodeError {
  readonly code: DecodeErrorCode;
  /** Where in the structure, in the RFC's names: `ClientHello.cipher_suites`. */
  readonly field: string;
  /** Octets from the start of what was given to the parser. */
  readonly offset: number;
}

export type DecodeErrorCode =
  /** The octets end inside the field. */
  | 'truncated'
  /** Octets are left over after the last field. */
  | 'trailing-bytes'
  /** A length that the RFC does not allow there. */
  | 'bad-length'
  /** A value that the RFC does not allow there. */
  | 'illegal-value'
  /** An extension stands twice (RFC 8446 section 4.2). */
  | 'duplicate-extension'
  /** pre_shared_key is not the last extension (RFC 8446 section 4.2.11). */
  | 'pre-shared-key-not-last'
  /** Another record or message type than the one that must stand here. */
  | 'unexpected-type'
  /** A record or message is longer than its limit. */
  | 'too-large';

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DecodeError };
