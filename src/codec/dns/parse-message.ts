import { DnsFault, type DnsParsed } from './dns-error.ts';
import { MessageReader, type OnField } from './message-reader.ts';
import { readRecordData } from './record-data.ts';
import type { Edns, ExtendedError, Message, Question, RecordData, ResourceRecord } from './record.ts';
import { EdnsOptionCode, Opcode, RecordClass, RecordType } from './registry.ts';

/** Two octets of length over TCP allow no more (RFC 1035 section 4.2.2). */
export const MAX_MESSAGE_OCTETS = 0xffff;

/**
 * Reads one whole message. Octets in the value are views of `octets`. `onField` hears of every field in wire order, with
 * its path and place, so that a view can point at the octets.
 */
export function parseMessage(octets: Uint8Array, onField?: OnField): DnsParsed<Message> {
  if (octets.length > MAX_MESSAGE_OCTETS)
    return { ok: false, error: { problem: 'too-large', field: 'message', offset: MAX_MESSAGE_OCTETS } };
  try {
    return { ok: true, value: readMessage(new MessageReader(octets, onField)) };
  } catch (fault) {
    if (fault instanceof DnsFault) return { ok: false, error: fault.error };
    throw fault;
  }
}

/** RFC 1035 section 4.1, bits of RFC 2535 section 6.1 included. */
function readMessage(reader: MessageReader): Message {
  const id = reader.uint16('header.id');
  const flags = reader.uint16('header.flags');
  const counts = ['qdcount', 'ancount', 'nscount', 'arcount'].map((field) => reader.uint16(`header.${field}`));
  const opcode = (flags >> 11) & 0xf;
  const isUpdate = opcode === Opcode.UPDATE;
  const questions = readList(reader, counts[0]!, 'question', () => readQuestion(reader));
  const section = (at: number, path: string): ResourceRecord[] =>
    readList(reader, counts[at]!, path, () => readRecord(reader, isUpdate));
  const answers = section(1, 'answer');
  const authorities = section(2, 'authority');
  const additionals = section(3, 'additional');
  reader.path = '';
  if (reader.remaining > 0) throw reader.fault('trailing-data', 'message');
  const tsig = findTsig(reader, [answers, authorities, additionals]);
  const opt = findOpt(reader, [answers, authorities, additionals]);
  const edns = opt && readEdns(opt);
  return {
    id,
    response: (flags & 0x8000) !== 0,
    opcode,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    // RFC 6891 section 6.1.3: the upper eight bits stand in OPT's TTL.
    rcode: (flags & 0xf) | (opt === undefined ? 0 : Math.floor(opt.ttl / 0x1000000) << 4),
    questions,
    answers,
    authorities,
    additionals,
    edns,
    tsig,
    byteLength: reader.octets.length,
  };
}

function readList<T>(reader: MessageReader, count: number, path: string, read: () => T): T[] {
  const list: T[] = [];
  // The shortest question has five octets: a count cannot make more work than the octets that are there.
  for (let at = 0; at < count; at += 1) {
    reader.path = `${path}[${at}].`;
    list.push(read());
  }
  return list;
}

function readQuestion(reader: MessageReader): Question {
  const offset = reader.offset;
  const name = reader.name('name');
  const type = reader.uint16('type');
  return { name, type, class: reader.uint16('class'), offset, end: reader.offset };
}

function readRecord(reader: MessageReader, isUpdate: boolean): ResourceRecord {
  const offset = reader.offset;
  const name = reader.name('name');
  const type = reader.uint16('type');
  const recordClass = reader.uint16('class');
  const ttl = reader.uint32('ttl');
  const length = reader.uint16('rdlength');
  const dataOffset = reader.offset;
  const { path } = reader;
  reader.path = `${path}rdata.`;
  // RFC 2136 sections 2.4 and 2.5: a set or a name is meant, there is no data.
  const isEmpty = isUpdate && length === 0 && (recordClass === RecordClass.ANY || recordClass === RecordClass.NONE);
  const data = isEmpty
    ? ({ kind: 'empty' } as const)
    : reader.within(length, 'length', () => readRecordData(reader, type));
  reader.path = path;
  return { name, type, class: recordClass, ttl, data, offset, dataOffset, end: reader.offset };
}

type Sections = readonly [
  answers: readonly ResourceRecord[],
  authorities: readonly ResourceRecord[],
  additionals: readonly ResourceRecord[],
];

/** RFC 8945 section 5.1: the last record of the additional section, and the only one. */
function findTsig(reader: MessageReader, sections: Sections): ResourceRecord | undefined {
  const all = sections.flat().filter(({ type }) => type === RecordType.TSIG);
  const last = sections[2].at(-1);
  if (all.length === 0) return undefined;
  if (all.length > 1 || last !== all[0]) throw reader.fault('misplaced', 'tsig', all[0]!.offset);
  return last;
}

/** RFC 6891 section 6.1.1: one at most, in the additional section, at the root. */
function findOpt(reader: MessageReader, sections: Sections): ResourceRecord | undefined {
  const all = sections.flat().filter(({ type }) => type === RecordType.OPT);
  const found = sections[2].find(({ type }) => type === RecordType.OPT);
  const extra = all.find((record) => record !== found) ?? (found && found.name !== '.' ? found : undefined);
  if (extra !== undefined) throw reader.fault('misplaced', 'opt', extra.offset);
  return found;
}

function readEdns(opt: ResourceRecord): Edns {
  const options = opt.data.kind === 'OPT' ? opt.data.options : [];
  const extendedErrors: ExtendedError[] = [];
  for (const { code, octets } of options) {
    if (code !== EdnsOptionCode.EDE || octets.length < 2) continue;
    // RFC 8914 section 2: UTF-8, perhaps with a NUL at the end.
    const extraText = new TextDecoder().decode(octets.subarray(2)).replace(/\0$/, '');
    extendedErrors.push({ infoCode: (octets[0]! << 8) | octets[1]!, extraText });
  }
  return {
    udpPayloadSize: opt.class,
    version: Math.floor(opt.ttl / 0x10000) & 0xff,
    dnssecOk: (opt.ttl & 0x8000) !== 0,
    options,
    extendedErrors,
  };
}

/** Reads the data of one record that stands alone, without compression: how caches and files keep it. */
export function parseRecordData(type: number, octets: Uint8Array): DnsParsed<RecordData> {
  const reader = new MessageReader(octets);
  try {
    return { ok: true, value: reader.within(octets.length, 'rdata', () => readRecordData(reader, type)) };
  } catch (fault) {
    if (fault instanceof DnsFault) return { ok: false, error: fault.error };
    throw fault;
  }
}
