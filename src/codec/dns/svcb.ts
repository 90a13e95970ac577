import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../ip-text.ts';
import type { MessageReader } from './message-reader.ts';
import type { MessageWriter } from './message-writer.ts';
import type { SvcbData, SvcParam } from './record.ts';
import { svcParamName } from './registry.ts';

/** RFC 9460 section 2.2: priority, uncompressed target, and parameters in strictly increasing order of their keys. */
export function readSvcb(reader: MessageReader, kind: SvcbData['kind']): SvcbData {
  const priority = reader.uint16('priority');
  const target = reader.name('target', false);
  const params: SvcParam[] = [];
  let last = -1;
  while (reader.remaining > 0) {
    const start = reader.offset;
    const field = `params[${params.length}]`;
    const key = reader.uint16(`${field}.key`);
    if (key <= last) throw reader.fault('value-not-allowed', `${field}.key`, start);
    last = key;
    const length = reader.uint16(`${field}.length`);
    params.push(reader.within(length, `${field}.value`, () => readParam(reader, key, `${field}.${svcParamName(key)}`)));
  }
  return { kind, priority, target, params };
}

/** RFC 9460 section 7 and 8. A list that must not be empty is an error where it is. */
function readParam(reader: MessageReader, key: number, field: string): SvcParam {
  const start = reader.offset;
  switch (key) {
    case 0: {
      const keys: number[] = [];
      do keys.push(reader.uint16(field));
      while (reader.remaining > 0);
      // In increasing order, without itself (section 8).
      if (keys.some((one, at) => one <= (keys[at - 1] ?? 0))) throw reader.fault('value-not-allowed', field, start);
      return { key, kind: 'mandatory', keys };
    }
    case 1: {
      const protocols: Uint8Array[] = [];
      do {
        const protocol = reader.characterString(field);
        if (protocol.length === 0) throw reader.fault('value-not-allowed', field, start);
        protocols.push(protocol);
      } while (reader.remaining > 0);
      return { key, kind: 'alpn', protocols };
    }
    case 2:
      return { key, kind: 'no-default-alpn' };
    case 3:
      return { key, kind: 'port', port: reader.uint16(field) };
    case 4:
    case 6: {
      const addresses: string[] = [];
      do addresses.push(key === 4 ? formatIpv4(reader.take(4, field)) : formatIpv6(reader.take(16, field)));
      while (reader.remaining > 0);
      return { key, kind: 'hint', addresses };
    }
    case 5:
      return { key, kind: 'ech', octets: reader.rest(field) };
    default:
      return { key, kind: 'other', octets: reader.rest(field) };
  }
}

export function writeSvcb(writer: MessageWriter, data: SvcbData): void {
  writer.uint16(data.priority);
  writer.name(data.target, false);
  for (const param of data.params.toSorted((one, other) => one.key - other.key)) {
    writer.uint16(param.key);
    writer.counted16(() => writeParam(writer, param));
  }
}

function writeParam(writer: MessageWriter, param: SvcParam): void {
  switch (param.kind) {
    case 'mandatory':
      for (const key of param.keys) writer.uint16(key);
      break;
    case 'alpn':
      for (const protocol of param.protocols) writer.characterString(protocol);
      break;
    case 'no-default-alpn':
      break;
    case 'port':
      writer.uint16(param.port);
      break;
    case 'hint':
      for (const address of param.addresses) writer.address(param.key === 4 ? parseIpv4(address) : parseIpv6(address));
      break;
    case 'ech':
    case 'other':
      writer.octets(param.octets);
      break;
  }
}
