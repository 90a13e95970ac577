import { encodeMessage, type MessageToEncode } from '../../../src/codec/dns/encode-message.ts';
import { isWithin, sameName } from '../../../src/codec/dns/name.ts';
import { parseMessage } from '../../../src/codec/dns/parse-message.ts';
import type { Message } from '../../../src/codec/dns/record.ts';
import { Rcode, RecordType, typeName, typeNumber } from '../../../src/codec/dns/registry.ts';
import { createDnsCache } from '../../../src/dns/cache.ts';
import { createIterativeResolver } from '../../../src/dns/iterative-resolver.ts';
import type { Resolution, ResolutionFailure } from '../../../src/dns/resolution.ts';
import type { DnsTransport } from '../../../src/dns/transport.ts';
import { formatRecordData } from '../../../src/codec/dns/record-text.ts';
import { nameOf, recordOf, tokensOf } from '../zone-text.ts';
import type { Entry, Scenario } from './scenario.ts';

const START_MS = 1_700_000_000_000;
const ANSWER_MS = 1;

/** Runs a scenario with the iterative resolver; gives what did not agree, one line each, or nothing. */
export async function runScenario(scenario: Scenario): Promise<string[]> {
  let now = START_MS;
  let step = 0;
  /** Entries of REPLY steps, in the order in which they are used up. */
  const replies = scenario.steps.filter(({ kind }) => kind === 'REPLY').map(({ entry }) => entry!);
  const transport: DnsTransport = ({ server, octets, timeoutMs }) => {
    const query = parseMessage(octets);
    if (!query.ok) throw new Error('the resolver sent no DNS message');
    const entry = findEntry(scenario, step, server.address, query.value) ?? takeReply(replies, query.value);
    if (entry === undefined) {
      now += timeoutMs;
      return Promise.resolve({ ok: false, failure: 'timeout', detail: '' });
    }
    now += ANSWER_MS;
    return Promise.resolve({ ok: true, octets: replyOctets(entry, query.value) });
  };
  // A fixed sequence: the order of servers is another one every time, and the same in every run.
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const setting = (key: string): string | undefined => scenario.config.find(([name]) => name === key)?.[1];
  const feature = (key: string): number | undefined => {
    const found = scenario.config.find(([name, value]) => name === 'features' && value.startsWith(key))?.[1];
    return found === undefined ? undefined : Number(found.split('=')[1]);
  };
  const [minTtlS, maxTtlS] = [feature('min_ttl'), feature('max_ttl')];
  const resolver = createIterativeResolver(
    { transport, nowMs: () => now, random },
    {
      hints: [{ name: 'k.root-servers.net.', addresses: [setting('stub-addr') ?? ''] }],
      ipv6: setting('do-ip6') !== 'no',
      minimiseNames: setting('query-minimization') === 'on',
      // The scripts know the questions of RFC 7816.
      minimisedType: RecordType.NS,
      cache: createDnsCache({ ...(minTtlS !== undefined && { minTtlS }), ...(maxTtlS !== undefined && { maxTtlS }) }),
    },
  );
  const problems: string[] = [];
  let last: Resolution | undefined;
  for (const { id, kind, words, entry } of scenario.steps) {
    step = id;
    if (kind === 'QUERY' && entry?.raw !== undefined) {
      // What a server would have to put up with from clients: for a resolver alone, only reading it is left.
      parseMessage(Uint8Array.from(Buffer.from(entry.raw, 'hex')));
    } else if (kind === 'QUERY') {
      const { name, type } = questionOf(entry!);
      last = await resolver.resolve(name, type);
    } else if (kind === 'CHECK_ANSWER') {
      problems.push(...differences(entry!, last!).map((line) => `step ${id}: ${line}`));
    } else if (kind === 'TIME_PASSES') now += Number(words[1]) * 1_000;
    // CHECK_OUT_QUERY takes away a query for an address of another family that is still under way; here none is.
    else if (kind !== 'REPLY' && kind !== 'CHECK_OUT_QUERY') throw new Error(`step of an unknown kind: ${kind}`);
  }
  return problems;
}

export function questionOf(entry: Entry): { readonly name: string; readonly type: number } {
  const tokens = tokensOf(entry.sections.QUESTION[0] ?? '');
  return { name: nameOf(tokens[0] ?? ''), type: typeNumber(tokens.at(-1) ?? '')! };
}

function findEntry(scenario: Scenario, step: number, address: string, query: Message): Entry | undefined {
  for (const range of scenario.ranges) {
    if (step < range.from || step > range.to || !range.addresses.includes(address)) continue;
    const found = range.entries.find((entry) => matches(entry, query));
    if (found !== undefined) return found;
  }
  return undefined;
}

function takeReply(replies: Entry[], query: Message): Entry | undefined {
  const at = replies.findIndex((entry) => matches(entry, query));
  return at < 0 ? undefined : replies.splice(at, 1)[0];
}

function matches(entry: Entry, query: Message): boolean {
  const asked = query.questions[0]!;
  return entry.match.every((word) => {
    if (word === 'opcode') return true;
    const { name, type } = questionOf(entry);
    if (word === 'qname') return sameName(asked.name, name);
    if (word === 'qtype') return asked.type === type;
    if (word === 'question') return sameName(asked.name, name) && asked.type === type;
    if (word === 'subdomain') return isWithin(asked.name, name);
    throw new Error(`MATCH of an unknown kind: ${word}`);
  });
}

function replyOctets(entry: Entry, query: Message): Uint8Array {
  const { reply, sections, adjust } = entry;
  const questions = adjust.includes('copy_query')
    ? query.questions
    : sections.QUESTION.length > 0
      ? [questionOf(entry)]
      : [];
  const message: MessageToEncode = {
    id: query.id,
    response: reply.includes('QR'),
    authoritative: reply.includes('AA'),
    truncated: reply.includes('TC'),
    recursionDesired: reply.includes('RD'),
    recursionAvailable: reply.includes('RA'),
    rcode: rcodeOf(entry) ?? Rcode.NOERROR,
    questions,
    answers: recordsOf(sections.ANSWER),
    authorities: recordsOf(sections.AUTHORITY),
    additionals: recordsOf(sections.ADDITIONAL),
  };
  return encodeMessage(message);
}

/** Nobody here asks for DNSSEC, and so no server sends its records (RFC 4035 section 3.1.1). */
const recordsOf = (lines: readonly string[]): ReturnType<typeof recordOf>[] =>
  lines.filter((line) => !/\s(?:RRSIG|NSEC|NSEC3|NSEC3PARAM|DNSKEY)\s/.test(line)).map(recordOf);

const rcodeOf = (entry: Entry): number | undefined => {
  const word = entry.reply.find((one) => Object.hasOwn(Rcode, one));
  return word === undefined ? undefined : Rcode[word as keyof typeof Rcode];
};

/** Compares what a resolution means with what a recursive server would have had to answer: RCODE and answer section. */
function differences(expected: Entry, got: Resolution): string[] {
  const problems: string[] = [];
  const matched = (word: string): boolean => expected.match.includes(word) || expected.match.includes('all');
  const rcode =
    got.kind === 'failed' ? failedRcode(got.failure) : got.kind === 'no-such-name' ? Rcode.NXDOMAIN : Rcode.NOERROR;
  const wanted = rcodeOf(expected) ?? Rcode.NOERROR;
  if (matched('rcode') && rcode !== wanted) problems.push(`RCODE ${rcode} (${tell(got)}), expected ${wanted}`);
  const { name, type } = questionOf(expected);
  if (matched('question') && !(sameName(got.name, name) && got.type === type)) problems.push('another question');
  if (!matched('answer')) return problems;
  const records = got.kind === 'found' ? got.records : [];
  // A loop is told with the aliases that make it, other failures without any.
  const isBare = got.kind === 'failed' && got.failure.cause !== 'alias-loop';
  const mine = [...(isBare ? [] : got.aliases), ...records]
    .map((one) => `${one.name.toLowerCase()} ${typeName(one.type)} ${formatRecordData(one.data).toLowerCase()}`)
    .sort();
  const theirs = recordsOf(expected.sections.ANSWER)
    // Aliases made from a DNAME are told, the DNAME itself is not.
    .filter((one) => one.type !== RecordType.DNAME || type === RecordType.DNAME)
    .map((one) => `${one.name.toLowerCase()} ${typeName(one.type)} ${formatRecordData(one.data).toLowerCase()}`)
    .sort();
  if (mine.join('\n') !== theirs.join('\n'))
    problems.push(`answer [${mine.join(', ')}], expected [${theirs.join(', ')}]`);
  return problems;
}

/** A name that grows too long by a DNAME is told as such (RFC 6672 section 2.2), everything else as SERVFAIL. */
const failedRcode = (failure: ResolutionFailure): number =>
  failure.cause === 'server-failure' && failure.rcode === Rcode.YXDOMAIN ? Rcode.YXDOMAIN : Rcode.SERVFAIL;

const tell = (got: Resolution): string => (got.kind === 'failed' ? JSON.stringify(got.failure) : got.kind);
