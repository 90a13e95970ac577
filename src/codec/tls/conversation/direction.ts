import type { RecordProtection } from '../protection/opened-record.ts';
import { HandshakeReader } from '../handshake.ts';
import { RecordReader } from '../record.ts';
import type { Epoch, Known, Undecryptable } from './items.ts';

/** Longer than any handshake message that OpenSSL takes; a certificate bomb ends here. */
const MAX_MESSAGE_BYTES = 1 << 20;

/** Secret and opener of one epoch of TLS 1.3. */
export interface EpochKeys {
  readonly label: string;
  readonly secret: Uint8Array;
  readonly known: Known;
  readonly protection: RecordProtection;
}

/** What is known of one direction of a connection. */
export class Direction {
  readonly records = new RecordReader();
  messages = new HandshakeReader(MAX_MESSAGE_BYTES);
  /** Record items that carried what waits in `messages`, and where the first of them starts. */
  carriers: number[] = [];
  carrierStart = 0;
  messagesFailed = false;
  epoch: Epoch = 'plain';
  readonly epochs = new Map<Epoch, EpochKeys>();
  /** TLS 1.2 and before: protection since ChangeCipherSpec, or why there is none. */
  sealed: { readonly known: Known; readonly protection: RecordProtection } | Undecryptable | 'waiting' | undefined;
  /** Octets that were fed, and that are no TLS. */
  streamLength = 0;
  isForeign = false;
  foreignStart: Uint8Array = new Uint8Array(0);
  closeNotify = false;
  /** Epochs whose first record was told to open, or not to open. */
  readonly judged = new Set<Epoch>();
}
