import { encodeMessage, type MessageToEncode, type RecordToEncode } from '../codec/dns/encode-message.ts';
import { isWithin, lowerName, parentName, parseName, sameName } from '../codec/dns/name.ts';
import { parseMessage } from '../codec/dns/parse-message.ts';
import type { Message, RecordData } from '../codec/dns/record.ts';
import { Opcode, Rcode, RecordClass, RecordType } from '../codec/dns/registry.ts';
import { UDP_PAYLOAD_SIZE } from './ask.ts';
import type { Protocol } from './transport.ts';

export interface ChallengeZoneOptions {
  /** Zones that were delegated here, such as `_acme-challenge.example.com` or `acme.example.net`. */
  readonly zones: readonly string[];
  /** The name under which the parent zones delegate here. */
  readonly nsName: string;
  /** Its addresses; given where the name lies inside a zone. */
  readonly addresses: readonly string[];
}

/** The zones, their texts, and what is answered to a message. No I/O, no clock. */
export interface ChallengeZone {
  /** Whether `name` lies in one of the zones. */
  covers(name: string): boolean;
  /** The texts of a name become these; none takes the name away. False where it does not lie here or there is no room. */
  setText(name: string, values: readonly string[]): boolean;
  texts(name: string): readonly string[];
  /** The answer to a message; undefined where silence is the answer. */
  answer(octets: Uint8Array, protocol: Protocol): Uint8Array | undefined;
}

/** Texts hold a token that lives for minutes, and nobody may remember that it was not there yet. Seconds. */
const TEXT_TTL_S = 1;
const ZONE_TTL_S = 300;
const CLASSIC_UDP_OCTETS = 512;
const MAX_NAMES = 10_000;
const MAX_TEXTS = 64;
const MAX_STRING_OCTETS = 255;

export function createChallengeZone(options: ChallengeZoneOptions): ChallengeZone {
  const zones = options.zones.map(absolute).map(lowerName);
  const nsName = absolute(options.nsName);
  const texts = new Map<string, readonly string[]>();
  /** How many names with records lie at or below a name: what exists without records of its own (RFC 8020). */
  const below = new Map<string, number>();
  let serial = 1;
  const zoneOf = (name: string): string | undefined =>
    zones.filter((zone) => isWithin(name, zone)).toSorted((one, other) => other.length - one.length)[0];

  const count = (name: string, zone: string, step: number): void => {
    for (let at: string | undefined = name; at !== undefined && isWithin(at, zone); at = parentName(at)) {
      const number = (below.get(at) ?? 0) + step;
      if (number === 0) below.delete(at);
      else below.set(at, number);
    }
  };

  function setText(named: string, values: readonly string[]): boolean {
    const parsed = parseName(named);
    const name = parsed.ok ? lowerName(parsed.name) : '';
    const zone = parsed.ok ? zoneOf(name) : undefined;
    if (zone === undefined || values.length > MAX_TEXTS) return false;
    const had = texts.has(name);
    if (values.length === 0) {
      if (had) count(name, zone, -1);
      texts.delete(name);
    } else {
      if (!had && texts.size >= MAX_NAMES) return false;
      if (!had) count(name, zone, 1);
      texts.set(name, [...new Set(values)]);
    }
    // RFC 1982: the number goes round.
    serial = serial === 0xffff_ffff ? 1 : serial + 1;
    return true;
  }

  function answer(octets: Uint8Array, protocol: Protocol): Uint8Array | undefined {
    const parsed = parseMessage(octets);
    if (!parsed.ok) return malformed(octets);
    const query = parsed.value;
    if (query.response) return undefined;
    const reply = respond(query);
    const room = Math.max(CLASSIC_UDP_OCTETS, query.edns?.udpPayloadSize ?? 0);
    return encodeMessage(
      {
        id: query.id,
        response: true,
        opcode: query.opcode,
        recursionDesired: query.recursionDesired,
        questions: query.questions.slice(0, 1),
        ...(query.edns !== undefined && { edns: { udpPayloadSize: UDP_PAYLOAD_SIZE } }),
        ...reply,
      },
      protocol === 'udp' ? Math.min(room, UDP_PAYLOAD_SIZE) : undefined,
    );
  }

  type Reply = Pick<MessageToEncode, 'rcode' | 'authoritative' | 'answers' | 'authorities' | 'additionals'>;

  function respond(query: Message): Reply {
    const [question] = query.questions;
    if (query.edns !== undefined && query.edns.version > 0) return { rcode: Rcode.BADVERS };
    if (query.opcode !== Opcode.QUERY) return { rcode: Rcode.NOTIMP };
    if (question === undefined || query.questions.length > 1) return { rcode: Rcode.FORMERR };
    const { name, type } = question;
    const zone = zoneOf(name);
    const isTransfer = type === RecordType.AXFR || type === RecordType.IXFR;
    if (question.class !== RecordClass.IN || zone === undefined || isTransfer) return { rcode: Rcode.REFUSED };
    const answers = recordsAt(name, zone).filter((record) => record.type === type || type === RecordType.ANY);
    if (answers.length > 0) {
      const namesServer = answers.some((record) => record.type === RecordType.NS);
      return {
        authoritative: true,
        answers,
        additionals: namesServer && isWithin(nsName, zone) ? addressRecords() : [],
      };
    }
    const exists = sameName(name, zone) || below.has(lowerName(name)) || isAboveServer(name);
    return {
      rcode: exists ? Rcode.NOERROR : Rcode.NXDOMAIN,
      authoritative: true,
      authorities: [soa(zone, TEXT_TTL_S)],
    };
  }

  /** The server's own name, and names between it and the zone, are there as long as it has addresses. */
  const isAboveServer = (name: string): boolean =>
    options.addresses.length > 0 && zoneOf(nsName) !== undefined && isWithin(nsName, name);

  /** Everything at a name, under the name as it was asked for: its case comes back (draft-vixie-dnsext-dns0x20). */
  function recordsAt(name: string, zone: string): RecordToEncode[] {
    const records: RecordToEncode[] = [];
    if (sameName(name, zone)) {
      records.push({ ...soa(zone, ZONE_TTL_S), name });
      records.push({ name, type: RecordType.NS, ttl: ZONE_TTL_S, data: { kind: 'NS', target: nsName } });
    }
    if (sameName(name, nsName)) records.push(...addressRecords().map((record) => ({ ...record, name })));
    for (const text of texts.get(lowerName(name)) ?? [])
      records.push({ name, type: RecordType.TXT, ttl: TEXT_TTL_S, data: textData(text) });
    return records;
  }

  const addressRecords = (): RecordToEncode[] =>
    options.addresses.map((address) =>
      address.includes(':')
        ? { name: nsName, type: RecordType.AAAA, ttl: ZONE_TTL_S, data: { kind: 'AAAA', address } }
        : { name: nsName, type: RecordType.A, ttl: ZONE_TTL_S, data: { kind: 'A', address } },
    );

  const soa = (zone: string, ttl: number): RecordToEncode => ({
    name: zone,
    type: RecordType.SOA,
    ttl,
    data: {
      kind: 'SOA',
      mname: nsName,
      rname: parseNameOr(`hostmaster.${zone}`, nsName),
      serial,
      refresh: 3_600,
      retry: 600,
      expire: 604_800,
      minimum: TEXT_TTL_S,
    },
  });

  return {
    covers: (name) => {
      const parsed = parseName(name);
      return parsed.ok && zoneOf(parsed.name) !== undefined;
    },
    setText,
    texts: (name) => {
      const parsed = parseName(name);
      return parsed.ok ? (texts.get(lowerName(parsed.name)) ?? []) : [];
    },
    answer,
  };
}

/** FORMERR without the question, where there is a header to answer (RFC 1035 section 4.1.1); never to an answer. */
function malformed(octets: Uint8Array): Uint8Array | undefined {
  if (octets.length < 12 || (octets[2]! & 0x80) !== 0) return undefined;
  const id = (octets[0]! << 8) | octets[1]!;
  return encodeMessage({ id, response: true, opcode: (octets[2]! >> 3) & 0xf, rcode: Rcode.FORMERR });
}

function textData(text: string): RecordData {
  const octets = new TextEncoder().encode(text);
  const strings: Uint8Array[] = [];
  for (let at = 0; at < octets.length || strings.length === 0; at += MAX_STRING_OCTETS)
    strings.push(octets.subarray(at, at + MAX_STRING_OCTETS));
  return { kind: 'TXT', strings };
}

/** Throws a RangeError: names of zones come from a configuration that was checked. */
function absolute(text: string): string {
  const parsed = parseName(text);
  if (!parsed.ok) throw new RangeError(`not a domain name: ${text} (${parsed.problem})`);
  return parsed.name;
}

function parseNameOr(text: string, other: string): string {
  const parsed = parseName(text);
  return parsed.ok ? parsed.name : other;
}
