import type { RecordToEncode } from '../../src/codec/dns/encode-message.ts';
import { parseName } from '../../src/codec/dns/name.ts';
import type { RecordData } from '../../src/codec/dns/record.ts';
import { RecordType, typeNumber } from '../../src/codec/dns/registry.ts';

const DEFAULT_TTL_S = 3_600;

/** A line of a zone file as a record: `name [ttl] [IN] type data`, names absolute whether they end with a dot or not. */
export function recordOf(line: string): RecordToEncode & { readonly ttl: number } {
  const tokens = tokensOf(line);
  const name = nameOf(tokens.shift() ?? '');
  let ttl = DEFAULT_TTL_S;
  if (/^\d+$/.test(tokens[0] ?? '')) ttl = Number(tokens.shift());
  if (tokens[0]?.toUpperCase() === 'IN') tokens.shift();
  if (/^\d+$/.test(tokens[0] ?? '')) ttl = Number(tokens.shift());
  const type = typeNumber(tokens.shift() ?? '');
  if (type === undefined) throw new Error(`no record type: ${line}`);
  return { name, type, ttl, data: dataOf(type, tokens, line) };
}

export function nameOf(text: string): string {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(`${parsed.problem}: ${text}`);
  return parsed.name;
}

/** Words and quoted strings up to a comment. */
export function tokensOf(line: string): string[] {
  const tokens: string[] = [];
  for (const [token] of line.matchAll(/"(?:[^"\\]|\\.)*"|;.*|[^\s;]+/g)) if (!token.startsWith(';')) tokens.push(token);
  return tokens;
}

function dataOf(type: number, tokens: readonly string[], line: string): RecordData {
  const [one = '', two = '', three = '', four = ''] = tokens;
  const numbers = (from: number): number[] => tokens.slice(from).map(Number);
  switch (type) {
    case RecordType.A:
      return { kind: 'A', address: one };
    case RecordType.AAAA:
      return { kind: 'AAAA', address: one.toLowerCase() };
    case RecordType.NS:
      return { kind: 'NS', target: nameOf(one) };
    case RecordType.CNAME:
      return { kind: 'CNAME', target: nameOf(one) };
    case RecordType.DNAME:
      return { kind: 'DNAME', target: nameOf(one) };
    case RecordType.PTR:
      return { kind: 'PTR', target: nameOf(one) };
    case RecordType.MX:
      return { kind: 'MX', preference: Number(one), exchange: nameOf(two) };
    case RecordType.SRV:
      return { kind: 'SRV', priority: Number(one), weight: Number(two), port: Number(three), target: nameOf(four) };
    case RecordType.TXT:
      return { kind: 'TXT', strings: tokens.map((token) => new TextEncoder().encode(token.replace(/^"|"$/g, ''))) };
    case RecordType.CAA:
      return {
        kind: 'CAA',
        flags: Number(one),
        critical: Number(one) >= 128,
        tag: two,
        value: three.replace(/^"|"$/g, ''),
      };
    case RecordType.SOA: {
      const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = numbers(2);
      return { kind: 'SOA', mname: nameOf(one), rname: nameOf(two), serial, refresh, retry, expire, minimum };
    }
    case RecordType.DS: {
      const [keyTag = 0, algorithm = 0, digestType = 0] = numbers(0);
      const digest = Uint8Array.from(Buffer.from(tokens.slice(3).join(''), 'hex'));
      return { kind: 'DS', keyTag, algorithm, digestType, digest };
    }
    default:
      throw new Error(`no reader for this type: ${line}`);
  }
}
