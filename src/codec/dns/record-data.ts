import { formatIpv4, formatIpv6 } from '../ip-text.ts';
import type { MessageReader } from './message-reader.ts';
import type { EdnsOption, RecordData } from './record.ts';
import { RecordType } from './registry.ts';
import { readSvcb } from './svcb.ts';

type ReadData = (reader: MessageReader) => RecordData;

const target =
  (kind: 'NS' | 'CNAME' | 'PTR' | 'DNAME'): ReadData =>
  (reader) => ({ kind, target: reader.name('target') });

/** One reader a type. The reader is narrowed to the RDATA; what is left over afterwards is an error. */
const readers: ReadonlyMap<number, ReadData> = new Map<number, ReadData>([
  [RecordType.A, (reader) => ({ kind: 'A', address: formatIpv4(reader.take(4, 'address')) })],
  [RecordType.AAAA, (reader) => ({ kind: 'AAAA', address: formatIpv6(reader.take(16, 'address')) })],
  [RecordType.NS, target('NS')],
  [RecordType.CNAME, target('CNAME')],
  [RecordType.PTR, target('PTR')],
  [RecordType.DNAME, target('DNAME')],
  [RecordType.SOA, readSoa],
  [RecordType.TXT, readTxt],
  [
    RecordType.MX,
    (reader) => ({ kind: 'MX', preference: reader.uint16('preference'), exchange: reader.name('exchange') }),
  ],
  [RecordType.SRV, readSrv],
  [RecordType.CAA, readCaa],
  [RecordType.SVCB, (reader) => readSvcb(reader, 'SVCB')],
  [RecordType.HTTPS, (reader) => readSvcb(reader, 'HTTPS')],
  [RecordType.DS, readDs],
  [RecordType.DNSKEY, readDnskey],
  [RecordType.RRSIG, readRrsig],
  [RecordType.TSIG, readTsig],
  [RecordType.OPT, readOpt],
]);

/** Reads the data of a record of `type`; the reader stands at its start and ends with it. */
export function readRecordData(reader: MessageReader, type: number): RecordData {
  return readers.get(type)?.(reader) ?? { kind: 'unknown', octets: reader.rest('octets') };
}

/** RFC 1035 section 3.3.13. */
function readSoa(reader: MessageReader): RecordData {
  return {
    kind: 'SOA',
    mname: reader.name('mname'),
    rname: reader.name('rname'),
    serial: reader.uint32('serial'),
    refresh: reader.uint32('refresh'),
    retry: reader.uint32('retry'),
    expire: reader.uint32('expire'),
    minimum: reader.uint32('minimum'),
  };
}

/** One or more strings (RFC 1035 section 3.3.14). */
function readTxt(reader: MessageReader): RecordData {
  const strings = [reader.characterString('strings[0]')];
  while (reader.remaining > 0) strings.push(reader.characterString(`strings[${strings.length}]`));
  return { kind: 'TXT', strings };
}

/** RFC 2782. */
function readSrv(reader: MessageReader): RecordData {
  return {
    kind: 'SRV',
    priority: reader.uint16('priority'),
    weight: reader.uint16('weight'),
    port: reader.uint16('port'),
    target: reader.name('target'),
  };
}

/** RFC 8659 section 4.1: the tag has one octet at least, of letters and digits. */
function readCaa(reader: MessageReader): RecordData {
  const flags = reader.uint8('flags');
  const start = reader.offset;
  const tag = latin1(reader.characterString('tag'));
  if (!/^[0-9a-z]+$/i.test(tag)) throw reader.fault('value-not-allowed', 'tag', start);
  return { kind: 'CAA', flags, critical: (flags & 0x80) !== 0, tag, value: latin1(reader.rest('value')) };
}

/** RFC 4034 section 5.1. */
function readDs(reader: MessageReader): RecordData {
  return {
    kind: 'DS',
    keyTag: reader.uint16('keyTag'),
    algorithm: reader.uint8('algorithm'),
    digestType: reader.uint8('digestType'),
    digest: reader.rest('digest'),
  };
}

/** RFC 4034 section 2.1. */
function readDnskey(reader: MessageReader): RecordData {
  return {
    kind: 'DNSKEY',
    flags: reader.uint16('flags'),
    protocol: reader.uint8('protocol'),
    algorithm: reader.uint8('algorithm'),
    publicKey: reader.rest('publicKey'),
  };
}

/** RFC 4034 section 3.1. */
function readRrsig(reader: MessageReader): RecordData {
  return {
    kind: 'RRSIG',
    typeCovered: reader.uint16('typeCovered'),
    algorithm: reader.uint8('algorithm'),
    labels: reader.uint8('labels'),
    originalTtl: reader.uint32('originalTtl'),
    expiration: reader.uint32('expiration'),
    inception: reader.uint32('inception'),
    keyTag: reader.uint16('keyTag'),
    signerName: reader.name('signerName', false),
    signature: reader.rest('signature'),
  };
}

/** RFC 8945 section 4.2. */
function readTsig(reader: MessageReader): RecordData {
  return {
    kind: 'TSIG',
    algorithm: reader.name('algorithm', false),
    timeSigned: reader.uint48('timeSigned'),
    fudge: reader.uint16('fudge'),
    mac: reader.take(reader.uint16('macSize'), 'mac'),
    originalId: reader.uint16('originalId'),
    error: reader.uint16('error'),
    otherData: reader.take(reader.uint16('otherLength'), 'otherData'),
  };
}

/** RFC 6891 section 6.1.2. */
function readOpt(reader: MessageReader): RecordData {
  const options: EdnsOption[] = [];
  while (reader.remaining > 0) {
    const field = `options[${options.length}]`;
    const code = reader.uint16(`${field}.code`);
    options.push({ code, octets: reader.take(reader.uint16(`${field}.length`), `${field}.octets`) });
  }
  return { kind: 'OPT', options };
}

/** One character an octet. */
export function latin1(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCodePoint(octet);
  return text;
}
