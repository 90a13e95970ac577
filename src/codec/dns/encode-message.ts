import { parseIpv4, parseIpv6 } from '../ip-text.ts';
import { MessageWriter } from './message-writer.ts';
import type { EdnsOption, ExtendedError, RecordData } from './record.ts';
import { EdnsOptionCode, Opcode, RecordClass, RecordType } from './registry.ts';
import { writeSvcb } from './svcb.ts';

export interface QuestionToEncode {
  readonly name: string;
  readonly type: number;
  /** IN where it is left out. */
  readonly class?: number;
}

export interface RecordToEncode extends QuestionToEncode {
  /** Seconds. */
  readonly ttl: number;
  readonly data: RecordData;
}

export interface EdnsToEncode {
  readonly udpPayloadSize: number;
  readonly version?: number;
  readonly dnssecOk?: boolean;
  readonly options?: readonly EdnsOption[];
  readonly extendedErrors?: readonly ExtendedError[];
}

/** A message to be; whatever is left out is 0, false or empty. OPT is made of `edns`. */
export interface MessageToEncode {
  readonly id: number;
  readonly response?: boolean;
  readonly opcode?: number;
  readonly authoritative?: boolean;
  readonly truncated?: boolean;
  readonly recursionDesired?: boolean;
  readonly recursionAvailable?: boolean;
  readonly authenticData?: boolean;
  readonly checkingDisabled?: boolean;
  readonly rcode?: number;
  readonly questions?: readonly QuestionToEncode[];
  readonly answers?: readonly RecordToEncode[];
  readonly authorities?: readonly RecordToEncode[];
  readonly additionals?: readonly RecordToEncode[];
  readonly edns?: EdnsToEncode;
}

const HEADER_FLAGS_AT = 2;
const COUNTS_AT = 4;
const TRUNCATED = 0x0200;

/**
 * Writes a message, names compressed where every receiver knows how (RFC 3597 section 4). With `maxLength` (octets, the
 * header, question and OPT always fit) whole records are left out from the end, and TC is set where an answer or an
 * authority is missing (RFC 2181 section 9). Throws a RangeError for values that have no encoding.
 */
export function encodeMessage(message: MessageToEncode, maxLength = 0xffff): Uint8Array {
  const writer = new MessageWriter();
  const rcode = message.rcode ?? 0;
  writer.uint16(message.id);
  let flags = flagsOf(message) | (rcode & 0xf);
  writer.uint16(flags);
  for (let at = 0; at < 4; at += 1) writer.uint16(0);
  const counts = [0, 0, 0, 0];
  for (const question of message.questions ?? []) {
    writer.name(question.name, true);
    writer.uint16(question.type);
    writer.uint16(question.class ?? RecordClass.IN);
    counts[0]! += 1;
  }
  const opt = message.edns && encodeOpt(message.edns, rcode);
  const room = maxLength - (opt?.length ?? 0);
  const sections = [message.answers ?? [], message.authorities ?? [], message.additionals ?? []];
  const isUpdate = message.opcode === Opcode.UPDATE;
  fill: for (const [section, records] of sections.entries()) {
    for (const record of records) {
      const before = writer.length;
      writeRecord(writer, record, !isUpdate);
      if (writer.length > room) {
        writer.rewind(before);
        if (section < 2) flags |= TRUNCATED;
        break fill;
      }
      counts[section + 1]! += 1;
    }
  }
  if (opt !== undefined) {
    writer.octets(opt);
    counts[3]! += 1;
  }
  writer.patch16(HEADER_FLAGS_AT, flags);
  for (const [at, count] of counts.entries()) writer.patch16(COUNTS_AT + 2 * at, count);
  return writer.finish();
}

function flagsOf(message: MessageToEncode): number {
  return (
    (message.response === true ? 0x8000 : 0) |
    ((message.opcode ?? 0) << 11) |
    (message.authoritative === true ? 0x0400 : 0) |
    (message.truncated === true ? TRUNCATED : 0) |
    (message.recursionDesired === true ? 0x0100 : 0) |
    (message.recursionAvailable === true ? 0x0080 : 0) |
    (message.authenticData === true ? 0x0020 : 0) |
    (message.checkingDisabled === true ? 0x0010 : 0)
  );
}

/** RFC 6891 section 6.1.2. */
function encodeOpt(edns: EdnsToEncode, rcode: number): Uint8Array {
  const writer = new MessageWriter();
  writer.uint8(0);
  writer.uint16(RecordType.OPT);
  writer.uint16(edns.udpPayloadSize);
  writer.uint8(rcode >> 4);
  writer.uint8(edns.version ?? 0);
  writer.uint16(edns.dnssecOk === true ? 0x8000 : 0);
  writer.counted16(() => {
    for (const { code, octets } of edns.options ?? []) writeOption(writer, code, octets);
    for (const { infoCode, extraText } of edns.extendedErrors ?? []) {
      const text = new TextEncoder().encode(extraText);
      writeOption(writer, EdnsOptionCode.EDE, Uint8Array.of(infoCode >> 8, infoCode & 0xff, ...text));
    }
  });
  return writer.finish();
}

function writeOption(writer: MessageWriter, code: number, octets: Uint8Array): void {
  writer.uint16(code);
  writer.counted16(() => writer.octets(octets));
}

/** Appends a record to a whole message and counts it in the additional section: how a TSIG is put on. */
export function appendAdditional(message: Uint8Array, record: RecordToEncode): Uint8Array {
  const writer = new MessageWriter();
  writer.octets(message);
  writeRecord(writer, record, false);
  writer.patch16(COUNTS_AT + 6, ((message[10]! << 8) | message[11]!) + 1);
  return writer.finish();
}

function writeRecord(writer: MessageWriter, record: RecordToEncode, compress: boolean): void {
  writer.name(record.name, compress);
  writer.uint16(record.type);
  writer.uint16(record.class ?? RecordClass.IN);
  writer.uint32(record.ttl);
  writer.counted16(() => writeRecordData(writer, record.data, compress));
}

/** The data of a record as it stands in a message; `compress` allows pointers in the types of RFC 1035. */
function writeRecordData(writer: MessageWriter, data: RecordData, compress: boolean): void {
  switch (data.kind) {
    case 'A':
      writer.address(parseIpv4(data.address));
      break;
    case 'AAAA':
      writer.address(parseIpv6(data.address));
      break;
    case 'NS':
    case 'CNAME':
    case 'PTR':
      writer.name(data.target, compress);
      break;
    case 'DNAME':
      writer.name(data.target, false);
      break;
    case 'SOA':
      writer.name(data.mname, compress);
      writer.name(data.rname, compress);
      for (const number of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) writer.uint32(number);
      break;
    case 'TXT':
      for (const octets of data.strings) writer.characterString(octets);
      break;
    case 'MX':
      writer.uint16(data.preference);
      writer.name(data.exchange, compress);
      break;
    case 'SRV':
      for (const number of [data.priority, data.weight, data.port]) writer.uint16(number);
      writer.name(data.target, false);
      break;
    case 'CAA':
      writer.uint8(data.flags);
      writer.characterString(latin1Octets(data.tag));
      writer.octets(latin1Octets(data.value));
      break;
    case 'SVCB':
    case 'HTTPS':
      writeSvcb(writer, data);
      break;
    case 'DS':
      writer.uint16(data.keyTag);
      writer.uint8(data.algorithm);
      writer.uint8(data.digestType);
      writer.octets(data.digest);
      break;
    case 'DNSKEY':
      writer.uint16(data.flags);
      writer.uint8(data.protocol);
      writer.uint8(data.algorithm);
      writer.octets(data.publicKey);
      break;
    case 'RRSIG':
      writer.uint16(data.typeCovered);
      writer.uint8(data.algorithm);
      writer.uint8(data.labels);
      for (const number of [data.originalTtl, data.expiration, data.inception]) writer.uint32(number);
      writer.uint16(data.keyTag);
      writer.name(data.signerName, false);
      writer.octets(data.signature);
      break;
    case 'TSIG':
      writer.name(data.algorithm, false);
      writer.uint48(data.timeSigned);
      writer.uint16(data.fudge);
      writer.counted16(() => writer.octets(data.mac));
      writer.uint16(data.originalId);
      writer.uint16(data.error);
      writer.counted16(() => writer.octets(data.otherData));
      break;
    case 'OPT':
      for (const { code, octets } of data.options) writeOption(writer, code, octets);
      break;
    case 'empty':
      break;
    case 'unknown':
      writer.octets(data.octets);
      break;
  }
}

function latin1Octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The data of one record, uncompressed: what `parseRecordData` reads again. */
export function encodeRecordData(data: RecordData): Uint8Array {
  const writer = new MessageWriter();
  writeRecordData(writer, data, false);
  return writer.finish();
}
