import { CLOSE_NOTIFY, parseAlert } from '../alert.ts';
import type { TlsCrypto } from '../crypto.ts';
import type { DecodeError } from '../decode-error.ts';
import { isMessage } from '../handshake.ts';
import { CLIENT_RANDOM, KeyLog } from '../key-log.ts';
import { decodeHandshake } from '../message/decode-handshake.ts';
import { extensionOfType } from '../message/extension-value.ts';
import type { ClientHelloBody, HandshakeBody } from '../message/handshake-body.ts';
import { concatOctets } from '../octets.ts';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  HEARTBEAT,
  isRecord,
  RECORD_HEADER_LENGTH,
  type TlsRecord,
} from '../record.ts';
import { alertName } from '../registry/alerts.ts';
import { codePointName, heartbeatTypes } from '../registry/code-points.ts';
import { EARLY_DATA } from '../registry/extensions.ts';
import { TLS_1_2, TLS_1_3 } from '../registry/versions.ts';
import { outcome, type CheckResult } from './check-result.ts';
import { Direction } from './direction.ts';
import { emptyFacts, type HandshakeFacts } from './facts.ts';
import { HandshakeState } from './handshake-state.ts';
import type { Known, Sender, TlsItem, TlsItemContent } from './items.ts';
import { RecordOpener, type Opening } from './record-opener.ts';
import type { KnownSecrets } from './secrets.ts';
import { recogniseOctets } from './server-answer.ts';

export interface ConversationOptions {
  readonly crypto: TlsCrypto;
  /** May be shared by many conversations. */
  readonly keyLog?: KeyLog | undefined;
  readonly known?: KnownSecrets | undefined;
  /**
   * Secrets may still come: what is protected waits for them, in order, until `finish` or until `maxWaitingOctets` wait.
   * Without it, what cannot be opened at once is told to be undecryptable.
   */
  readonly keysMayCome?: boolean | undefined;
  readonly maxWaitingOctets?: number | undefined;
  /** Called with every item as it comes to be, also with those that are not kept. */
  readonly onItem?: ((item: TlsItem) => void) | undefined;
  /** How many octets of records and data `items` may hold before later items are only told to `onItem`. 16 MiB. */
  readonly maxKeptOctets?: number | undefined;
}

/** What came, in the order in which it came. */
type Entry = { readonly sender: Sender; readonly atMs: number } & (
  | { readonly kind: 'record'; readonly record: TlsRecord }
  | {
      readonly kind: 'foreign';
      readonly octets: Uint8Array;
      readonly start: number;
      readonly error: DecodeError | undefined;
    }
  | { readonly kind: 'end'; readonly how: 'fin' | 'reset' }
);

interface Place {
  readonly sender: Sender;
  readonly atMs: number;
  readonly start: number;
  readonly end: number;
  readonly known: Known;
}

const seen: Known = { how: 'seen' };
/** Octets that are enough to name a foreign protocol. */
const NAMED_BY = 64;
/** What an item costs besides its octets. */
const ITEM_COST = 128;
const DEFAULT_KEPT_OCTETS = 1 << 24;
const DEFAULT_WAITING_OCTETS = 1 << 23;

/**
 * Reads both directions of one TLS connection, live or from a capture, into a list of items: records, messages with every
 * field, alerts, the application's data, and checks. Feed it the octets as they come; it never throws on them.
 */
export class TlsConversation {
  readonly items: TlsItem[] = [];
  onItem: ((item: TlsItem) => void) | undefined;
  readonly keyLog: KeyLog;
  readonly #crypto: TlsCrypto;
  readonly #known: KnownSecrets;
  readonly #opener: RecordOpener;
  readonly #maxWaiting: number;
  readonly #maxKept: number;
  readonly #directions: Readonly<Record<Sender, Direction>> = { client: new Direction(), server: new Direction() };
  #queue: Entry[] = [];
  #isTelling = false;
  #waiting = 0;
  #kept = 0;
  #count = 0;
  #lastAtMs = 0;

  constructor(options: ConversationOptions) {
    this.#crypto = options.crypto;
    this.#known = options.known ?? {};
    this.keyLog = options.keyLog ?? new KeyLog();
    this.#opener = new RecordOpener(options.crypto, options.keysMayCome ?? false);
    this.#maxWaiting = options.maxWaitingOctets ?? DEFAULT_WAITING_OCTETS;
    this.#maxKept = options.maxKeptOctets ?? DEFAULT_KEPT_OCTETS;
    this.onItem = options.onItem;
  }

  /** What the latest handshake agreed on, as far as it was seen. */
  get handshake(): HandshakeFacts {
    return this.#opener.state?.facts ?? emptyFacts();
  }

  /** Both Finished of the latest handshake were seen. */
  get isHandshakeDone(): boolean {
    return this.#opener.state?.isDone ?? false;
  }

  /** Items that were told to `onItem` but are not in `items`. */
  get droppedItems(): number {
    return this.#count - this.items.length;
  }

  hasCloseNotify(sender: Sender): boolean {
    return this.#directions[sender].closeNotify;
  }

  /** Octets that were fed of one direction. */
  streamLength(sender: Sender): number {
    return this.#directions[sender].streamLength;
  }

  /** TLS 1.3: the key of a ticket of this connection; undefined unless the whole ladder is known. */
  resumptionPsk(ticketNonce: Uint8Array): Uint8Array | undefined {
    return this.#opener.state?.resumptionPsk(ticketNonce);
  }

  /** Octets as they passed. They are kept by reference: give memory that nobody writes to again. */
  feed(sender: Sender, octets: Uint8Array, atMs: number): void {
    const direction = this.#directions[sender];
    const start = direction.streamLength;
    direction.streamLength += octets.length;
    if (octets.length === 0) return;
    if (direction.isForeign) this.#enqueue({ kind: 'foreign', sender, atMs, octets, start, error: undefined });
    else {
      direction.records.feed(octets);
      for (let next = direction.records.next(); next !== undefined; next = direction.records.next()) {
        if (isRecord(next)) {
          this.#enqueue({ kind: 'record', sender, atMs, record: next });
          continue;
        }
        direction.isForeign = true;
        const { unread } = direction.records;
        this.#enqueue({ kind: 'foreign', sender, atMs, octets: unread, start: next.offset, error: next });
        break;
      }
    }
    this.#tell();
  }

  /** The sender's stream is over. */
  end(sender: Sender, atMs: number, how: 'fin' | 'reset' = 'fin'): void {
    this.#enqueue({ kind: 'end', sender, atMs, how });
    this.#tell();
  }

  /** Adds lines of a key log and goes on with what waited for them. */
  addKeyLog(text: string): void {
    this.keyLog.add(text);
    this.#tell();
  }

  /** No secret will come any more: whatever still waits is told as it is. */
  finish(): void {
    this.#opener.keysMayCome = false;
    this.#tell();
    this.#compareSecrets();
  }

  /** TLS 1.2: the master secret by another source than the key log, such as a saved session; checked against it. */
  compareMasterSecret(master: Uint8Array): void {
    this.#opener.state?.secrets.setDerived(CLIENT_RANDOM, master);
    this.#compareSecrets();
  }

  #compareSecrets(): void {
    const { state } = this.#opener;
    const results = state?.secrets.compare() ?? [];
    state?.facts.checks.push(...results);
    for (const result of results) {
      const end = this.#directions[result.sender].streamLength;
      this.#tellChecks({ sender: result.sender, atMs: this.#lastAtMs, start: end, end, known: seen }, [result]);
    }
  }

  #enqueue(entry: Entry): void {
    this.#lastAtMs = entry.atMs;
    if (entry.kind === 'record') this.#waiting += entry.record.fragment.length + ITEM_COST;
    if (this.#waiting > this.#maxWaiting) this.#opener.keysMayCome = false;
    this.#queue.push(entry);
  }

  #tell(): void {
    // onItem may add keys or octets of its own: they are taken by the loop that is under way.
    if (this.#isTelling) return;
    this.#isTelling = true;
    let at = 0;
    for (; at < this.#queue.length; at += 1) {
      const entry = this.#queue[at]!;
      if (entry.kind === 'foreign') this.#tellForeign(entry);
      else if (entry.kind === 'end') this.#tellEnd(entry);
      else if (this.#tellRecord(entry)) this.#waiting -= entry.record.fragment.length + ITEM_COST;
      else break;
    }
    this.#queue = this.#queue.slice(at);
    this.#isTelling = false;
  }

  #push(place: Place, content: TlsItemContent, cost = 0): number {
    const index = this.#count;
    this.#count += 1;
    const item = { index, ...place, ...content } as TlsItem;
    if (this.#kept <= this.#maxKept) {
      this.#kept += cost + ITEM_COST;
      this.items.push(item);
    }
    this.onItem?.(item);
    return index;
  }

  #tellForeign({ sender, atMs, octets, start, error }: Entry & { kind: 'foreign' }): void {
    const direction = this.#directions[sender];
    const place: Place = { sender, atMs, start, end: start + octets.length, known: seen };
    if (error !== undefined && (start > 0 || error.code === 'too-large')) this.#push(place, { kind: 'broken', error });
    // The first octets name the protocol, in however many pieces they come.
    if (direction.foreignStart.length < NAMED_BY) {
      direction.foreignStart = concatOctets(direction.foreignStart, octets.subarray(0, NAMED_BY));
    }
    const { protocol, sample } = recogniseOctets(sender, direction.foreignStart);
    this.#push(place, { kind: 'foreign', protocol, sample, octets }, octets.length);
  }

  #tellEnd({ sender, atMs, how }: Entry & { kind: 'end' }): void {
    const { streamLength, closeNotify, records, isForeign } = this.#directions[sender];
    const place: Place = { sender, atMs, start: streamLength, end: streamLength, known: seen };
    const pendingLength = isForeign ? 0 : records.pendingLength;
    this.#push(place, { kind: 'end', how, afterCloseNotify: closeNotify, pendingLength });
  }

  #tellChecks(place: Place, results: readonly CheckResult[]): void {
    for (const result of results) this.#push(place, { kind: 'check', result });
  }

  /** False where the record must wait for a secret. */
  #tellRecord({ sender, atMs, record }: Entry & { kind: 'record' }): boolean {
    const opening = this.#opener.open(sender, this.#directions[sender], record);
    if (opening === 'wait') return false;
    const { known, epoch, plain } = opening;
    const { contentType, version, fragment, offset } = record;
    const place: Place = { sender, atMs, start: offset, end: offset + RECORD_HEADER_LENGTH + fragment.length, known };
    const index = this.#push(
      place,
      {
        kind: 'record',
        contentType,
        version,
        fragment,
        epoch,
        innerType: plain?.contentType,
        contentLength: plain?.content.length,
        paddingLength: plain?.paddingLength ?? 0,
      },
      fragment.length,
    );
    this.#judgeKeys(place, opening);
    if (plain === undefined) {
      if (contentType === HANDSHAKE || epoch !== 'application') this.#opener.state?.markIncomplete();
    } else this.#tellContent(place, index, plain.contentType, plain.content, epoch === 'early');
    return true;
  }

  /** The first record of an epoch shows whether the derived keys are the sender's. */
  #judgeKeys(place: Place, { epoch, known, label }: Opening): void {
    const { judged } = this.#directions[place.sender];
    if (label === undefined || judged.has(epoch)) return;
    judged.add(epoch);
    const result = outcome('record-keys', place.sender, known.how === 'decrypted', label);
    this.#opener.state?.facts.checks.push(result);
    this.#tellChecks(place, [result]);
  }

  #tellContent(place: Place, record: number, contentType: number, content: Uint8Array, isEarly: boolean): void {
    const direction = this.#directions[place.sender];
    switch (contentType) {
      case CHANGE_CIPHER_SPEC: {
        const isCompatibility = this.#opener.version === TLS_1_3 || direction.epoch === 'early';
        this.#push(place, { kind: 'change-cipher-spec', isCompatibility });
        if (!isCompatibility) direction.sealed = 'waiting';
        return;
      }
      case ALERT:
        this.#tellAlert(place, content);
        return;
      case HANDSHAKE:
        this.#tellMessages(place, record, content);
        return;
      case APPLICATION_DATA:
        this.#push(place, { kind: 'data', octets: content, isEarly }, content.length);
        return;
      case HEARTBEAT:
        this.#tellHeartbeat(place, content);
        return;
      default: {
        const error: DecodeError = { code: 'unexpected-type', field: 'TLSInnerPlaintext.type', offset: place.start };
        this.#push(place, { kind: 'broken', error });
      }
    }
  }

  #tellAlert(place: Place, content: Uint8Array): void {
    const parsed = parseAlert(content);
    if (!parsed.ok) {
      this.#push(place, { kind: 'broken', error: parsed.error });
      return;
    }
    const { level, description } = parsed.value;
    if (description === CLOSE_NOTIFY) this.#directions[place.sender].closeNotify = true;
    this.#push(place, { kind: 'alert', level, description, name: alertName(description) });
  }

  /** RFC 6520 section 4: type, payload length, payload, at least 16 octets of padding. */
  #tellHeartbeat(place: Place, content: Uint8Array): void {
    const name = codePointName(heartbeatTypes, content[0] ?? 0);
    const payloadLength = ((content[1] ?? 0) << 8) | (content[2] ?? 0);
    this.#push(place, { kind: 'heartbeat', name, payloadLength, isOverlong: payloadLength + 3 > content.length });
  }

  #tellMessages(place: Place, record: number, content: Uint8Array): void {
    const direction = this.#directions[place.sender];
    const { messages } = direction;
    if (direction.messagesFailed) return;
    if (messages.pendingLength === 0) {
      direction.carriers = [];
      direction.carrierStart = place.start;
    }
    direction.carriers.push(record);
    messages.feed(content);
    for (let next = messages.next(); next !== undefined; next = messages.next()) {
      if (!isMessage(next)) {
        direction.messagesFailed = true;
        this.#push(place, { kind: 'broken', error: next });
        return;
      }
      this.#tellMessage({ ...place, start: direction.carrierStart }, direction.carriers, next.bytes);
      // Another message may start in the same record.
      direction.carriers = [record];
      direction.carrierStart = place.start;
    }
  }

  #tellMessage(place: Place, records: readonly number[], octets: Uint8Array): void {
    const { sender } = place;
    const direction = this.#directions[sender];
    const before = this.#opener.state?.facts;
    const version = before?.version ?? this.#opener.version ?? TLS_1_2;
    const message = decodeHandshake(octets, { version, cipherSuite: before?.cipherSuite ?? 0 });
    const { body } = message;
    if (body.kind === 'client-hello') this.#startHandshake(body);
    this.#push(place, { kind: 'message', message, records }, octets.length);
    const { state } = this.#opener;
    if (state === undefined) return;
    const trafficSecret = direction.epochs.get(direction.epoch)?.secret;
    const wasDone = state.isDone;
    this.#tellChecks(place, state.handle({ sender, message, trafficSecret }));
    this.#moveEpochs(sender, state, body.kind, wasDone);
  }

  /** A second hello after a retry goes on with the handshake; any other starts a new one. */
  #startHandshake(hello: ClientHelloBody): void {
    const facts = this.#opener.state?.facts;
    const isAnswerToRetry = facts?.retry !== undefined && facts.serverHello === undefined;
    if (!isAnswerToRetry) this.#opener.state = new HandshakeState(this.#crypto, this.keyLog, this.#known, hello);
    const offersEarly = extensionOfType(hello.extensions, EARLY_DATA) !== undefined;
    if (offersEarly && this.#opener.version === undefined) this.#directions.client.epoch = 'early';
  }

  /** Which keys the next records are under (RFC 8446 appendix A). */
  #moveEpochs(sender: Sender, state: HandshakeState, kind: HandshakeBody['kind'], wasDone: boolean): void {
    const { client, server } = this.#directions;
    const { facts } = state;
    if (kind === 'server-hello' || kind === 'hello-retry-request') this.#opener.version = facts.version;
    if (!state.isTls13) return;
    if (kind === 'hello-retry-request') client.epoch = 'plain';
    else if (kind === 'server-hello') {
      server.epoch = 'handshake';
      if (facts.earlyData !== 'offered') client.epoch = 'handshake';
    } else if (kind === 'end-of-early-data' || (kind === 'encrypted-extensions' && facts.earlyData === 'rejected')) {
      client.epoch = 'handshake';
    } else if (kind === 'finished' && !wasDone) this.#directions[sender].epoch = 'application';
    else if (kind === 'key-update') this.#opener.updateKeys(sender, this.#directions[sender]);
  }
}
