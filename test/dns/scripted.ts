import { encodeMessage, type MessageToEncode } from '../../src/codec/dns/encode-message.ts';
import { isWithin, sameName } from '../../src/codec/dns/name.ts';
import { parseMessage } from '../../src/codec/dns/parse-message.ts';
import type { Message } from '../../src/codec/dns/record.ts';
import { Rcode } from '../../src/codec/dns/registry.ts';
import type { DnsSurroundings, Exchange, ExchangeFailure } from '../../src/dns/transport.ts';
import { recordOf } from './zone-text.ts';

/** What a scripted server does with a query: parts of an answer, octets as they are, or no answer. */
export type Reply = Omit<MessageToEncode, 'id'> | Uint8Array | ExchangeFailure;

export interface Script {
  readonly surroundings: DnsSurroundings;
  /** Everything that was sent, in order. */
  readonly asked: { readonly address: string; readonly protocol: string; readonly query: Message }[];
  /** Lets time pass. */
  advance(ms: number): void;
}

export const START_MS = 1_700_000_000_000;

/** A transport that a function answers, with a clock that only moves by it: an answer takes 1 ms, silence its timeout. */
export function script(respond: (query: Message, exchange: Exchange) => Reply): Script {
  let now = START_MS;
  let seed = 7;
  const asked: Script['asked'] = [];
  return {
    asked,
    advance: (ms) => {
      now += ms;
    },
    surroundings: {
      nowMs: () => now,
      random: (below) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((seed / 2_147_483_648) * below);
      },
      transport: (exchange) => {
        const parsed = parseMessage(exchange.octets);
        if (!parsed.ok) throw new Error('no DNS message was sent');
        const query = parsed.value;
        asked.push({ address: exchange.server.address, protocol: exchange.protocol, query });
        if (exchange.signal?.aborted === true) return Promise.resolve({ ok: false, failure: 'aborted', detail: '' });
        const reply = respond(query, exchange);
        if (typeof reply === 'string') {
          now += reply === 'timeout' ? exchange.timeoutMs : 1;
          return Promise.resolve({ ok: false, failure: reply, detail: reply === 'timeout' ? '' : 'ESCRIPT' });
        }
        now += 1;
        const octets =
          reply instanceof Uint8Array
            ? reply
            : encodeMessage({ id: query.id, response: true, questions: query.questions, ...reply });
        if (!exchange.accepts(octets)) {
          now += exchange.timeoutMs;
          return Promise.resolve({ ok: false, failure: 'timeout', detail: '' });
        }
        return Promise.resolve({ ok: true, octets });
      },
    },
  };
}

/** Records by line, for a reply. */
export const lines = (...texts: readonly string[]): ReturnType<typeof recordOf>[] => texts.map(recordOf);

/**
 * A server of zones at each address: it answers from its lines, refers where an NS line lies between zone and name, and
 * denies with the zone's SOA.
 */
export function serveZones(servers: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>) {
  return (query: Message, exchange: Exchange): Reply => {
    const zones = servers[exchange.server.address];
    if (zones === undefined) return 'timeout';
    const { name, type } = query.questions[0]!;
    const zone = Object.keys(zones)
      .filter((one) => isWithin(name, one))
      .toSorted((one, other) => other.length - one.length)[0];
    if (zone === undefined) return { rcode: Rcode.REFUSED };
    const records = zones[zone]!.map(recordOf);
    const cut = records.find((one) => one.data.kind === 'NS' && !sameName(one.name, zone) && isWithin(name, one.name));
    if (cut !== undefined) {
      const authorities = records.filter((one) => one.data.kind === 'NS' && sameName(one.name, cut.name));
      const glue = records.filter((one) =>
        authorities.some(({ data }) => data.kind === 'NS' && sameName(data.target, one.name)),
      );
      return { authorities, additionals: glue };
    }
    const here = records.filter((one) => sameName(one.name, name));
    const answers = here.filter((one) => one.type === type || one.data.kind === 'CNAME');
    if (answers.length > 0) return { authoritative: true, answers };
    const soa = recordOf(`${zone} 300 SOA ns.${zone === '.' ? '' : zone} host. 1 2 3 4 60`);
    const exists = records.some((one) => isWithin(one.name, name));
    return { authoritative: true, rcode: exists ? Rcode.NOERROR : Rcode.NXDOMAIN, authorities: [soa] };
  };
}
