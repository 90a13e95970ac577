import type { DecodeError } from '../decode-error.ts';
import type { HostName } from '../host-name.ts';
import type { SignedCertificateTimestamp } from '../sct.ts';

/** The message that an extension stands in: the same type has another content in each (RFC 8446 section 4.2). */
export type ExtensionPlace =
  | 'client_hello'
  | 'server_hello'
  | 'hello_retry_request'
  | 'encrypted_extensions'
  | 'certificate'
  | 'certificate_request'
  | 'new_session_ticket';

export interface KeyShareEntry {
  /** NamedGroup. */
  readonly group: number;
  readonly keyExchange: Uint8Array;
}

export interface OfferedPsk {
  readonly identity: Uint8Array;
  /** Milliseconds plus ticket_age_add, modulo 2^32. */
  readonly obfuscatedTicketAge: number;
}

/** What an extension says. Numbers are code points of the registry that the RFC names for the field. */
export type ExtensionValue =
  /** No content, where that is all that there is to say: extended_master_secret, or the server's server_name. */
  | { readonly kind: 'empty' }
  /** Content that is not looked into, or could not be read. */
  | { readonly kind: 'opaque' }
  | { readonly kind: 'server-name'; readonly host: HostName }
  | { readonly kind: 'max-fragment-length'; readonly code: number }
  | { readonly kind: 'status-request'; readonly statusTypes: readonly number[] }
  /** Inside a Certificate entry of TLS 1.3: the stapled OCSP response, DER. */
  | { readonly kind: 'certificate-status'; readonly statusType: number; readonly response: Uint8Array }
  | { readonly kind: 'groups'; readonly groups: readonly number[] }
  | { readonly kind: 'point-formats'; readonly formats: readonly number[] }
  | { readonly kind: 'signature-schemes'; readonly schemes: readonly number[] }
  | { readonly kind: 'srtp'; readonly profiles: readonly number[]; readonly mki: Uint8Array }
  | { readonly kind: 'heartbeat'; readonly mode: number }
  /** Names as text, one character an octet. */
  | { readonly kind: 'protocols'; readonly protocols: readonly string[] }
  | { readonly kind: 'scts'; readonly scts: readonly SignedCertificateTimestamp[] }
  | { readonly kind: 'certificate-types'; readonly types: readonly number[] }
  | { readonly kind: 'padding'; readonly byteLength: number; readonly isZero: boolean }
  | { readonly kind: 'compression-algorithms'; readonly algorithms: readonly number[] }
  | { readonly kind: 'record-size-limit'; readonly limitBytes: number }
  | { readonly kind: 'session-ticket'; readonly ticket: Uint8Array }
  | {
      readonly kind: 'offered-psks';
      readonly identities: readonly OfferedPsk[];
      readonly binders: readonly Uint8Array[];
      /** Where the binders list starts in the message: what is before it is what the binders sign. */
      readonly bindersStart: number;
    }
  | { readonly kind: 'selected-psk'; readonly index: number }
  | { readonly kind: 'max-early-data'; readonly byteLength: number }
  | { readonly kind: 'versions'; readonly versions: readonly number[] }
  | { readonly kind: 'selected-version'; readonly version: number }
  | { readonly kind: 'cookie'; readonly cookie: Uint8Array }
  | { readonly kind: 'psk-modes'; readonly modes: readonly number[] }
  /** DER of distinguished names. */
  | { readonly kind: 'authorities'; readonly names: readonly Uint8Array[] }
  | {
      readonly kind: 'oid-filters';
      readonly filters: readonly { readonly oid: Uint8Array; readonly values: Uint8Array }[];
    }
  | { readonly kind: 'key-shares'; readonly shares: readonly KeyShareEntry[] }
  | { readonly kind: 'key-share'; readonly share: KeyShareEntry }
  /** HelloRetryRequest: the group to come back with. */
  | { readonly kind: 'wanted-group'; readonly group: number }
  | { readonly kind: 'ticket-request'; readonly counts: readonly number[] }
  | {
      readonly kind: 'encrypted-client-hello';
      /** `outer` carries the sealed hello; `inner` marks the hello that was inside; `answer` is the server's. */
      readonly role: 'outer' | 'inner' | 'answer';
      readonly configId: number | undefined;
      readonly payload: Uint8Array;
    }
  /** verify_data of the handshake before (RFC 5746); no octets on a connection's first. */
  | { readonly kind: 'renegotiation-info'; readonly verifyData: Uint8Array };

export interface DecodedExtension {
  readonly type: number;
  /** The registry's name, `GREASE`, or the number in hex. */
  readonly name: string;
  /** Octets from the start of the message, type and length included. */
  readonly start: number;
  readonly end: number;
  /** The content, without type and length. */
  readonly octets: Uint8Array;
  readonly value: ExtensionValue;
  /** Why the content could not be read; the message around it is still good. */
  readonly error: DecodeError | undefined;
}

/** The value of the extension of this type, where it could be read. */
export function extensionOfType(extensions: readonly DecodedExtension[], type: number): ExtensionValue | undefined {
  return extensions.find((extension) => extension.type === type)?.value;
}

/** The value of the first extension of this kind. */
export function extensionValue<K extends ExtensionValue['kind']>(
  extensions: readonly DecodedExtension[],
  kind: K,
): Extract<ExtensionValue, { kind: K }> | undefined {
  for (const { value } of extensions) {
    if (value.kind === kind) return value as Extract<ExtensionValue, { kind: K }>;
  }
  return undefined;
}
