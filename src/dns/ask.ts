import { encodeMessage } from '../codec/dns/encode-message.ts';
import { lowerName, sameName } from '../codec/dns/name.ts';
import { parseMessage } from '../codec/dns/parse-message.ts';
import type { Message } from '../codec/dns/record.ts';
import { Rcode, RecordClass } from '../codec/dns/registry.ts';
import type { DnsStep, StepOutcome } from './step.ts';
import type { DnsSurroundings, ExchangeOutcome, Protocol, ServerAddress } from './transport.ts';

/** What fits into one packet on any path (DNS Flag Day 2020, RFC 9715 section 3). Octets. */
export const UDP_PAYLOAD_SIZE = 1232;

export interface AskOptions {
  readonly server: ServerAddress;
  readonly serverName: string;
  readonly zone: string;
  readonly question: { readonly name: string; readonly type: number };
  readonly recursionDesired: boolean;
  readonly timeoutMs: number;
  /** Messages over UDP before the server counts as silent. */
  readonly attempts: number;
  /** Mixes the case of the name's letters, so that a forger has more to guess (draft-vixie-dnsext-dns0x20). */
  readonly randomCase?: boolean;
  /** `tcp` leaves UDP out. */
  readonly protocol?: Protocol;
  readonly depth: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of every step; `outcomeOf` says what a whole message comes to. */
  readonly onStep: (step: DnsStep) => void;
  readonly outcomeOf: (message: Message) => StepOutcome;
  /** False where no message may be sent any more. */
  readonly maySend: () => boolean;
}

export type Asked =
  | { readonly ok: true; readonly message: Message; readonly outcome: StepOutcome }
  /** The last thing that went wrong. `spent` where no further message was allowed. */
  | { readonly ok: false; readonly outcome: StepOutcome | undefined; readonly spent: boolean };

/**
 * Asks one server one question: over UDP with EDNS, again after silence, without EDNS where the server does not know it,
 * and over TCP where the answer does not fit or its case is not the one that was sent.
 */
export async function askServer(options: AskOptions, surroundings: DnsSurroundings): Promise<Asked> {
  let protocol: Protocol = options.protocol ?? 'udp';
  let edns = true;
  let silent = 0;
  let last: StepOutcome | undefined;
  for (;;) {
    if (!options.maySend()) return { ok: false, outcome: last, spent: true };
    const { message, outcome } = await send(options, surroundings, protocol, edns);
    last = outcome;
    switch (outcome.kind) {
      case 'truncated':
      case 'case-changed':
        if (protocol === 'tcp') return { ok: false, outcome, spent: false };
        protocol = 'tcp';
        continue;
      case 'edns-refused':
        edns = false;
        continue;
      case 'no-answer':
        silent += 1;
        if (outcome.failure !== 'timeout' || protocol === 'tcp' || silent >= options.attempts)
          return { ok: false, outcome, spent: false };
        continue;
      case 'answer':
      case 'alias':
      case 'referral':
      case 'no-such-name':
      case 'no-data':
      case 'error':
      case 'lame':
      case 'malformed':
        break;
    }
    return message === undefined ? { ok: false, outcome, spent: false } : { ok: true, message, outcome };
  }
}

interface Sent {
  readonly message: Message | undefined;
  readonly outcome: StepOutcome;
}

async function send(
  options: AskOptions,
  { transport, nowMs, random }: DnsSurroundings,
  protocol: Protocol,
  edns: boolean,
): Promise<Sent> {
  const { server, question, signal } = options;
  const id = random(0x10000);
  const name = options.randomCase === true ? mixCase(question.name, random) : question.name;
  const sent = encodeMessage({
    id,
    recursionDesired: options.recursionDesired,
    questions: [{ name, type: question.type }],
    ...(edns && { edns: { udpPayloadSize: UDP_PAYLOAD_SIZE } }),
  });
  const startedMs = nowMs();
  const outcome = await transport({
    server,
    protocol,
    octets: sent,
    timeoutMs: options.timeoutMs,
    accepts: (octets) => answersTo(octets, id, question),
    ...(signal !== undefined && { signal }),
  });
  const read = readOutcome(outcome, options, { id, name, edns, protocol });
  options.onStep({
    server,
    serverName: options.serverName,
    zone: options.zone,
    question,
    protocol,
    sent,
    received: outcome.ok ? outcome.octets : undefined,
    message: read.message,
    startedMs,
    durationMs: nowMs() - startedMs,
    outcome: read.outcome,
    depth: options.depth,
  });
  return read;
}

interface SentFacts {
  readonly id: number;
  readonly name: string;
  readonly edns: boolean;
  readonly protocol: Protocol;
}

function readOutcome(outcome: ExchangeOutcome, options: AskOptions, sent: SentFacts): Sent {
  if (!outcome.ok) return { message: undefined, outcome: { ...outcome, kind: 'no-answer' } };
  if (!answersTo(outcome.octets, sent.id, options.question))
    return { message: undefined, outcome: { kind: 'no-answer', failure: 'closed', detail: '' } };
  const parsed = parseMessage(outcome.octets);
  // A truncated answer may end anywhere; nothing of it is used (RFC 2181 section 9).
  const truncated = (outcome.octets[2]! & 0x02) !== 0;
  if (!parsed.ok) {
    if (truncated && sent.protocol === 'udp') return { message: undefined, outcome: { kind: 'truncated' } };
    return { message: undefined, outcome: { kind: 'malformed', error: parsed.error } };
  }
  const message = parsed.value;
  if (truncated) return { message, outcome: { kind: 'truncated' } };
  if (sent.edns && refusesEdns(message)) return { message, outcome: { kind: 'edns-refused', rcode: message.rcode } };
  const echoed = message.questions[0]?.name;
  if (options.randomCase === true && sent.protocol === 'udp' && echoed !== undefined && echoed !== sent.name)
    return { message, outcome: { kind: 'case-changed' } };
  return { message, outcome: options.outcomeOf(message) };
}

/** RFC 6891 section 7: FORMERR without OPT; NOTIMP and a plain BADVERS are met as well. */
function refusesEdns({ rcode, edns }: Message): boolean {
  if (rcode === Rcode.BADVERS) return true;
  return edns === undefined && (rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP);
}

/** RFC 5452 section 9.1: the id and the question. An error may come without the question. */
function answersTo(octets: Uint8Array, id: number, question: AskOptions['question']): boolean {
  if (octets.length < 12 || ((octets[0]! << 8) | octets[1]!) !== id || (octets[2]! & 0x80) === 0) return false;
  const parsed = parseMessage(octets);
  if (!parsed.ok) return true;
  const { questions, rcode } = parsed.value;
  const [only, ...more] = questions;
  if (only === undefined) return rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN;
  return (
    more.length === 0 &&
    only.type === question.type &&
    only.class === RecordClass.IN &&
    sameName(only.name, question.name)
  );
}

/** Letters only: a digit of an escape has no case. */
function mixCase(name: string, random: DnsSurroundings['random']): string {
  return lowerName(name).replace(/[a-z]/g, (letter) => (random(2) === 0 ? letter : letter.toUpperCase()));
}
