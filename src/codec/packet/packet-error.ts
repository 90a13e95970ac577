/** Why octets are not what they should be. */
export interface PacketError {
  readonly code: PacketErrorCode;
  /** What was being read: `pcapng block length`. */
  readonly field: string;
  /** Octet where it stands, from the start of the file or of the packet. */
  readonly offset: number;
}

export type PacketErrorCode =
  /** The octets end before the field does. */
  | 'truncated'
  /** The field cannot have this value. */
  | 'invalid'
  /** More than is read here. */
  | 'too-large'
  /** A kind that is not read here. */
  | 'unsupported';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: PacketError };

export const refuse = (code: PacketErrorCode, field: string, offset: number): { ok: false; error: PacketError } => ({
  ok: false,
  error: { code, field, offset },
});
