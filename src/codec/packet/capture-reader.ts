/**
 * Reads capture files as they come, classic pcap and pcapng, in either order of octets.
 *
 *   d4 c3 b2 a1 …                          pcap: magic, then 16 octets of header and the packet, again and again
 *   0a 0d 0d 0a  len  4d 3c 2b 1a  …  len  pcapng: blocks, each with its length before and behind
 *
 * draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
 */
import type { PacketError, PacketErrorCode } from './packet-error.ts';

/** One captured packet. */
export interface CapturedPacket {
  readonly kind: 'packet';
  /** LINKTYPE_ number: how `bytes` begins. */
  readonly linkType: number;
  /** Milliseconds since the epoch, with fraction; 0 where none was told (Simple Packet Block). */
  readonly timeMs: number;
  readonly bytes: Uint8Array;
  /** Octets that the packet had on the wire; more than `bytes` where it was cut. */
  readonly originalLength: number;
  /** pcapng: what stands beside it as a comment, else ''. */
  readonly comment: string;
}

/** Keys that a capture carries along (Decryption Secrets Block). */
export interface CapturedSecrets {
  readonly kind: 'secrets';
  /** 0x544c534b `TLSK`: NSS key log lines. */
  readonly secretsType: number;
  readonly bytes: Uint8Array;
}

export type CaptureItem = CapturedPacket | CapturedSecrets;

export const TLS_KEY_LOG = 0x544c534b;

/** No link carries larger packets; snap lengths of more are common and mean nothing. */
const LARGEST_PACKET = 262_144;
const LARGEST_BLOCK = 16_777_216;
const MOST_INTERFACES = 4_096;

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;
const OPTION_COMMENT = 1;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Milliseconds a unit of its time stamps. */
  readonly unitMs: number;
  readonly offsetMs: number;
}

export class CaptureReader {
  #pending: Uint8Array = new Uint8Array(0);
  /** Octets of the file before `#pending`. */
  #offset = 0;
  #format: 'unknown' | 'pcap' | 'pcapng' = 'unknown';
  #littleEndian = true;
  #failure: PacketError | undefined;
  /** pcap: milliseconds a unit of the second time field. */
  #fractionMs = 0.001;
  #linkType = 0;
  readonly #interfaces: Interface[] = [];

  /** Takes the next octets of the file. */
  feed(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    if (this.#pending.length === 0) this.#pending = bytes;
    else {
      const joined = new Uint8Array(this.#pending.length + bytes.length);
      joined.set(this.#pending);
      joined.set(bytes, this.#pending.length);
      this.#pending = joined;
    }
  }

  /** Octets that belong to something not whole yet: at the end of a file, what is missing was cut off. */
  get pendingLength(): number {
    return this.#pending.length;
  }

  /** The next packet or secrets; an error, which stays; undefined: more octets are needed. */
  next(): CaptureItem | PacketError | undefined {
    for (;;) {
      if (this.#failure !== undefined) return this.#failure;
      const before = this.#pending;
      const format = this.#format;
      const item = this.#step();
      if (item !== undefined) return item;
      if (this.#pending === before && this.#format === format) return undefined;
    }
  }

  #step(): CaptureItem | PacketError | undefined {
    switch (this.#format) {
      case 'unknown':
        return this.#begin();
      case 'pcap':
        return this.#readPcap();
      case 'pcapng':
        return this.#readBlock();
    }
    return undefined;
  }

  #fail(code: PacketErrorCode, field: string, at = 0): PacketError {
    this.#failure = { code, field, offset: this.#offset + at };
    this.#pending = new Uint8Array(0);
    return this.#failure;
  }

  #take(length: number): void {
    this.#pending = this.#pending.subarray(length);
    this.#offset += length;
  }

  #view(): DataView {
    const { buffer, byteOffset, byteLength } = this.#pending;
    return new DataView(buffer, byteOffset, byteLength);
  }

  #begin(): PacketError | undefined {
    if (this.#pending.length < 4) return undefined;
    const magic = this.#view().getUint32(0, false);
    if (magic === SECTION_HEADER) {
      this.#format = 'pcapng';
      return undefined;
    }
    // Microseconds or nanoseconds, in this order of octets or the other.
    const known = PCAP_MAGIC.get(magic);
    if (known === undefined) return this.#fail('invalid', 'magic number');
    if (this.#pending.length < 24) return undefined;
    this.#littleEndian = known.littleEndian;
    this.#fractionMs = known.fractionMs;
    // The upper bits tell of a frame check sequence; the type is below.
    this.#linkType = this.#view().getUint32(20, this.#littleEndian) & 0xffff;
    this.#format = 'pcap';
    this.#take(24);
    return undefined;
  }

  #readPcap(): CapturedPacket | PacketError | undefined {
    if (this.#pending.length < 16) return undefined;
    const view = this.#view();
    const little = this.#littleEndian;
    const length = view.getUint32(8, little);
    if (length > LARGEST_PACKET) return this.#fail('too-large', 'pcap captured length', 8);
    if (this.#pending.length < 16 + length) return undefined;
    const packet: CapturedPacket = {
      kind: 'packet',
      linkType: this.#linkType,
      timeMs: view.getUint32(0, little) * 1_000 + view.getUint32(4, little) * this.#fractionMs,
      bytes: this.#pending.slice(16, 16 + length),
      originalLength: view.getUint32(12, little),
      comment: '',
    };
    this.#take(16 + length);
    return packet;
  }

  #readBlock(): CaptureItem | PacketError | undefined {
    if (this.#pending.length < 12) return undefined;
    const view = this.#view();
    const type = view.getUint32(0, this.#littleEndian);
    // The section header's own type reads the same both ways; its byte-order magic tells how to read on.
    if (type === SECTION_HEADER) {
      const order = view.getUint32(8, false);
      if (order === 0x1a2b3c4d) this.#littleEndian = false;
      else if (order === 0x4d3c2b1a) this.#littleEndian = true;
      else return this.#fail('invalid', 'pcapng byte-order magic', 8);
      this.#interfaces.length = 0;
    }
    const length = view.getUint32(4, this.#littleEndian);
    if (length < 12 || length % 4 !== 0) return this.#fail('invalid', 'pcapng block length', 4);
    if (length > LARGEST_BLOCK) return this.#fail('too-large', 'pcapng block length', 4);
    if (this.#pending.length < length) return undefined;
    if (view.getUint32(length - 4, this.#littleEndian) !== length)
      return this.#fail('invalid', 'pcapng block length at its end', length - 4);
    const item = this.#readBody(type, view, length);
    if (this.#failure === undefined) this.#take(length);
    return item;
  }

  #readBody(type: number, view: DataView, length: number): CaptureItem | PacketError | undefined {
    const little = this.#littleEndian;
    const end = length - 4;
    switch (type) {
      case INTERFACE: {
        if (length < 20) return this.#fail('truncated', 'Interface Description Block', 8);
        if (this.#interfaces.length === MOST_INTERFACES) return this.#fail('too-large', 'number of interfaces', 0);
        const { unitMs, offsetMs } = this.#readTimeOptions(view, 16, end);
        this.#interfaces.push({
          linkType: view.getUint16(8, little),
          snapLength: view.getUint32(12, little),
          unitMs,
          offsetMs,
        });
        return undefined;
      }
      case ENHANCED_PACKET:
        return this.#readEnhanced(view, end);
      case SIMPLE_PACKET: {
        if (length < 16) return this.#fail('truncated', 'Simple Packet Block', 8);
        const [first] = this.#interfaces;
        if (first === undefined) return this.#fail('invalid', 'packet before its interface', 0);
        const originalLength = view.getUint32(8, little);
        const limit = first.snapLength === 0 ? originalLength : Math.min(originalLength, first.snapLength);
        const captured = Math.min(limit, end - 12);
        const bytes = this.#pending.slice(12, 12 + captured);
        return { kind: 'packet', linkType: first.linkType, timeMs: 0, bytes, originalLength, comment: '' };
      }
      case DECRYPTION_SECRETS: {
        if (length < 20) return this.#fail('truncated', 'Decryption Secrets Block', 8);
        const size = view.getUint32(12, little);
        if (16 + size > end) return this.#fail('truncated', 'secrets length', 12);
        const bytes = this.#pending.slice(16, 16 + size);
        return { kind: 'secrets', secretsType: view.getUint32(8, little), bytes };
      }
      default:
        return undefined;
    }
  }

  #readEnhanced(view: DataView, end: number): CapturedPacket | PacketError {
    const little = this.#littleEndian;
    if (end < 28) return this.#fail('truncated', 'Enhanced Packet Block', 8);
    const from = this.#interfaces[view.getUint32(8, little)];
    if (from === undefined) return this.#fail('invalid', 'interface number', 8);
    const captured = view.getUint32(20, little);
    if (captured > LARGEST_PACKET) return this.#fail('too-large', 'captured length', 20);
    if (28 + captured > end) return this.#fail('truncated', 'captured length', 20);
    const high = view.getUint32(12, little);
    const low = view.getUint32(16, little);
    const padded = 28 + captured + ((4 - (captured % 4)) % 4);
    return {
      kind: 'packet',
      linkType: from.linkType,
      timeMs: (high * 0x1_0000_0000 + low) * from.unitMs + from.offsetMs,
      bytes: this.#pending.slice(28, 28 + captured),
      originalLength: view.getUint32(24, little),
      comment: this.#readComment(view, Math.min(padded, end), end),
    };
  }

  #readComment(view: DataView, start: number, end: number): string {
    let comment = '';
    this.#eachOption(view, start, end, (code, at, size) => {
      if (code === OPTION_COMMENT && comment === '')
        comment = new TextDecoder().decode(this.#pending.subarray(at, at + size));
    });
    return comment;
  }

  #readTimeOptions(view: DataView, start: number, end: number): { unitMs: number; offsetMs: number } {
    let unitMs = 0.001;
    let offsetMs = 0;
    this.#eachOption(view, start, end, (code, at, size) => {
      if (code === OPTION_TIME_RESOLUTION && size >= 1) {
        const resolution = view.getUint8(at);
        unitMs = 1_000 * (resolution >= 0x80 ? 2 ** -(resolution & 0x7f) : 10 ** -resolution);
      }
      if (code === OPTION_TIME_OFFSET && size >= 8) {
        const high = view.getInt32(this.#littleEndian ? at + 4 : at, this.#littleEndian);
        const low = view.getUint32(this.#littleEndian ? at : at + 4, this.#littleEndian);
        offsetMs = (high * 0x1_0000_0000 + low) * 1_000;
      }
    });
    return { unitMs, offsetMs };
  }

  /** Options are a code, a length and that many octets, padded to four; code 0 ends them. */
  #eachOption(
    view: DataView,
    start: number,
    end: number,
    each: (code: number, at: number, length: number) => void,
  ): void {
    let at = start;
    while (at + 4 <= end) {
      const code = view.getUint16(at, this.#littleEndian);
      const length = view.getUint16(at + 2, this.#littleEndian);
      if (code === 0 || at + 4 + length > end) return;
      each(code, at + 4, length);
      at += 4 + length + ((4 - (length % 4)) % 4);
    }
  }
}

const PCAP_MAGIC: ReadonlyMap<number, { readonly littleEndian: boolean; readonly fractionMs: number }> = new Map([
  [0xa1b2c3d4, { littleEndian: false, fractionMs: 0.001 }],
  [0xd4c3b2a1, { littleEndian: true, fractionMs: 0.001 }],
  [0xa1b23c4d, { littleEndian: false, fractionMs: 0.000_001 }],
  [0x4d3cb2a1, { littleEndian: true, fractionMs: 0.000_001 }],
]);

export function isItem(result: CaptureItem | PacketError): result is CaptureItem {
  return 'kind' in result;
}
