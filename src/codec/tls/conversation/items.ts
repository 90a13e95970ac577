import type { DecodeError } from '../decode-error.ts';
import type { DecodedHandshake } from '../message/handshake-body.ts';
import type { CheckResult } from './check-result.ts';

/** Who sent something. The client is who connected. */
export type Sender = 'client' | 'server';

/** How it is known what a record held. */
export type Known =
  /** It stood there in the clear. */
  | { readonly how: 'seen' }
  /** Opened with this secret, by the key log's label; `derived` where the key schedule made it and no key log told it. */
  | { readonly how: 'decrypted'; readonly secret: string; readonly from: 'key-log' | 'derived' }
  | { readonly how: 'undecryptable'; readonly why: Undecryptable };

export type Undecryptable =
  /** No secret of this connection is known. */
  | 'no-key'
  /** Protected, but no ServerHello was seen that says with what. */
  | 'no-handshake'
  /** The suite, or the cipher in it, is not one that is read here. */
  | 'unknown-suite'
  /** TLS compression, which nobody should use (RFC 7525 section 3.3). */
  | 'compressed'
  /** The key does not open it: other octets, or another key, than the sender's. */
  | 'bad-record'
  | 'too-short';

/** Which keys protect a record. */
export type Epoch = 'plain' | 'early' | 'handshake' | 'application';

interface ItemBase {
  /** Counts all items of the conversation from 0. */
  readonly index: number;
  readonly sender: Sender;
  /** When the last octet came, on the clock of whoever fed it. */
  readonly atMs: number;
  /** Place in the sender's stream, `[start, end)` octets: of the record, or of all the records that carried a message. */
  readonly start: number;
  readonly end: number;
  readonly known: Known;
}

export interface RecordItem extends ItemBase {
  readonly kind: 'record';
  readonly contentType: number;
  readonly version: number;
  /** The fragment, as it stood on the wire. */
  readonly fragment: Uint8Array;
  readonly epoch: Epoch;
  /** What it really was, where it was opened (or in the clear); else undefined. */
  readonly innerType: number | undefined;
  readonly contentLength: number | undefined;
  readonly paddingLength: number;
}

export interface MessageItem extends ItemBase {
  readonly kind: 'message';
  readonly message: DecodedHandshake;
  /** Indexes of the record items that carried it. */
  readonly records: readonly number[];
}

export interface AlertItem extends ItemBase {
  readonly kind: 'alert';
  readonly level: number;
  readonly description: number;
  /** `close_notify`, `unknown_ca`. */
  readonly name: string;
}

export interface ChangeCipherSpecItem extends ItemBase {
  readonly kind: 'change-cipher-spec';
  /** TLS 1.3 sends it only for the sake of old boxes on the way (RFC 8446 appendix D.4). */
  readonly isCompatibility: boolean;
}

/** Octets of the application, in order; early data included. */
export interface DataItem extends ItemBase {
  readonly kind: 'data';
  readonly octets: Uint8Array;
  readonly isEarly: boolean;
}

export interface HeartbeatItem extends ItemBase {
  readonly kind: 'heartbeat';
  readonly name: string;
  readonly payloadLength: number;
  /** The length claims more than there is: Heartbleed (CVE-2014-0160). */
  readonly isOverlong: boolean;
}

/** Octets that are no TLS: what the sender seems to speak, and the octets. */
export interface ForeignItem extends ItemBase {
  readonly kind: 'foreign';
  readonly protocol: ForeignKind;
  /** For people to read, safe to print. */
  readonly sample: string;
  readonly octets: Uint8Array;
}

export type ForeignKind =
  | 'http'
  | 'ssh'
  | 'proxy-protocol'
  | 'sslv2-hello'
  | 'smtp'
  | 'ftp'
  | 'tls-without-hello'
  | 'unknown';

/** TLS, but not as it must be: an alert of three octets, a message without end. */
export interface BrokenItem extends ItemBase {
  readonly kind: 'broken';
  readonly error: DecodeError;
}

/** The outcome of a check, at the moment when it could be made. */
export interface CheckItem extends ItemBase {
  readonly kind: 'check';
  readonly result: CheckResult;
}

/** The sender's stream is over. */
export interface EndItem extends ItemBase {
  readonly kind: 'end';
  readonly how: 'fin' | 'reset';
  readonly afterCloseNotify: boolean;
  /** Octets of a record that never became whole. */
  readonly pendingLength: number;
}

export type TlsItem =
  | RecordItem
  | MessageItem
  | AlertItem
  | ChangeCipherSpecItem
  | DataItem
  | HeartbeatItem
  | ForeignItem
  | BrokenItem
  | CheckItem
  | EndItem;

/** A TlsItem without the parts that the conversation adds. */
type WithoutPlace<T> = T extends TlsItem ? Omit<T, 'index' | 'sender' | 'atMs' | 'start' | 'end' | 'known'> : never;
export type TlsItemContent = WithoutPlace<TlsItem>;
