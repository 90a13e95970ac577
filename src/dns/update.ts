import { encodeMessage, type RecordToEncode } from '../codec/dns/encode-message.ts';
import { parseMessage } from '../codec/dns/parse-message.ts';
import type { Message, RecordData } from '../codec/dns/record.ts';
import { Opcode, Rcode, RecordClass, RecordType, rcodeName, tsigErrorName } from '../codec/dns/registry.ts';
import { finding, type Finding } from '../story/finding.ts';
import { findAuthoritativeServers, type ZoneServers } from './authoritative-servers.ts';
import { detailOf, explainFailure, tellServer, withoutDot } from './explain.ts';
import type { ResolveOptions, Resolver } from './resolution.ts';
import type { DnsStep, StepOutcome } from './step.ts';
import { signMessage, verifyAnswer, type TsigKey, type TsigVerdict } from './tsig.ts';
import type { DnsSurroundings, ExchangeOutcome, Protocol, ServerAddress } from './transport.ts';

/** One change to a zone (RFC 2136 section 2.5). Names are absolute. */
export type ZoneChange =
  | {
      readonly kind: 'add';
      readonly name: string;
      readonly type: number;
      readonly ttl: number;
      readonly data: RecordData;
    }
  /** One record out of a set; one that is not there is no matter. */
  | { readonly kind: 'delete-record'; readonly name: string; readonly type: number; readonly data: RecordData }
  | { readonly kind: 'delete-set'; readonly name: string; readonly type: number };

export interface UpdateRequest {
  /** Absolute. */
  readonly zone: string;
  readonly server: ServerAddress;
  readonly serverName?: string;
  readonly changes: readonly ZoneChange[];
  readonly key?: TsigKey;
  /** Milliseconds for each try. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: DnsStep) => void;
}

const TIMEOUT_MS = 5_000;

/** Changes a zone (RFC 2136). Undefined: done, and where there is a key, the server has signed that. */
export async function sendUpdate(request: UpdateRequest, surroundings: DnsSurroundings): Promise<Finding | undefined> {
  const { zone, server, serverName = '' } = request;
  const { nowMs, random } = surroundings;
  const id = random(0x10000);
  const message = encodeMessage({
    id,
    opcode: Opcode.UPDATE,
    questions: [{ name: zone, type: RecordType.SOA }],
    authorities: request.changes.map(encodeChange),
  });
  const signed = request.key === undefined ? undefined : signMessage(message, request.key, Math.floor(nowMs() / 1_000));
  const octets = signed?.octets ?? message;
  // TCP first: an update over UDP that got no answer may have been done or not. UDP where TCP is shut.
  let outcome = await exchange(request, octets, id, 'tcp', surroundings);
  const isShut = !outcome.ok && (outcome.failure === 'refused' || outcome.failure === 'timeout');
  if (isShut) outcome = await exchange(request, octets, id, 'udp', surroundings);
  const place = tellServer(server, serverName);
  if (!outcome.ok) {
    if (outcome.failure === 'aborted') return explainFailure({ cause: 'aborted' }, withoutDot(zone));
    const cause = outcome.failure === 'timeout' ? 'timeout' : 'unreachable';
    return explainFailure({ cause, servers: [server], detail: outcome.detail || outcome.failure }, withoutDot(zone));
  }
  const parsed = parseMessage(outcome.octets);
  if (!parsed.ok) return explainFailure({ cause: 'malformed', server, error: parsed.error }, withoutDot(zone));
  const answer = parsed.value;
  if (request.key !== undefined && signed !== undefined) {
    const verdict = verifyAnswer(outcome.octets, answer, request.key, signed.mac, nowMs() / 1_000);
    const found = explainVerdict(verdict, answer, request.key, place, nowMs() / 1_000);
    if (found !== undefined) return found;
  }
  return explainRcode(answer, withoutDot(zone), place);
}

function encodeChange(change: ZoneChange): RecordToEncode {
  const { name, type } = change;
  switch (change.kind) {
    case 'add':
      return { name, type, ttl: change.ttl, data: change.data };
    case 'delete-record':
      return { name, type, class: RecordClass.NONE, ttl: 0, data: change.data };
    case 'delete-set':
      break;
  }
  return { name, type, class: RecordClass.ANY, ttl: 0, data: { kind: 'empty' } };
}

async function exchange(
  request: UpdateRequest,
  octets: Uint8Array,
  id: number,
  protocol: Protocol,
  { transport, nowMs }: DnsSurroundings,
): Promise<ExchangeOutcome> {
  const { server, signal, onStep } = request;
  const startedMs = nowMs();
  const outcome = await transport({
    server,
    protocol,
    octets,
    timeoutMs: request.timeoutMs ?? TIMEOUT_MS,
    accepts: (received) =>
      received.length >= 12 && ((received[0]! << 8) | received[1]!) === id && (received[2]! & 0xf8) === 0xa8,
    ...(signal !== undefined && { signal }),
  });
  const parsed = outcome.ok ? parseMessage(outcome.octets) : undefined;
  onStep?.({
    server,
    serverName: request.serverName ?? '',
    zone: request.zone,
    question: { name: request.zone, type: RecordType.SOA },
    protocol,
    sent: octets,
    received: outcome.ok ? outcome.octets : undefined,
    message: parsed?.ok === true ? parsed.value : undefined,
    startedMs,
    durationMs: nowMs() - startedMs,
    outcome: stepOutcome(outcome, parsed),
    depth: 0,
  });
  return outcome;
}

function stepOutcome(outcome: ExchangeOutcome, parsed: ReturnType<typeof parseMessage> | undefined): StepOutcome {
  if (!outcome.ok) return { ...outcome, kind: 'no-answer' };
  if (parsed === undefined || !parsed.ok)
    return { kind: 'malformed', error: parsed?.error ?? { problem: 'truncated', field: 'message', offset: 0 } };
  const { rcode, edns, authoritative } = parsed.value;
  if (rcode === Rcode.NOERROR) return { kind: 'answer', authoritative };
  return { kind: 'error', rcode, extendedErrors: edns?.extendedErrors ?? [] };
}

function explainVerdict(
  verdict: TsigVerdict,
  answer: Message,
  key: TsigKey,
  server: string,
  timeS: number,
): Finding | undefined {
  const values = { server, key: withoutDot(key.name) };
  switch (verdict.kind) {
    case 'valid':
      return undefined;
    case 'unsigned':
      // A server that refuses before it looks at the key may say so unsigned; anything else is not believed.
      return answer.rcode === Rcode.NOERROR ? finding('dns-update-answer-unsigned', values) : undefined;
    case 'forged':
      return finding('dns-update-answer-forged', values);
    case 'out-of-time':
      return finding('dns-update-clock', { server, seconds: verdict.seconds });
    case 'error':
      break;
  }
  if (verdict.error === Rcode.BADKEY) return finding('dns-update-key-unknown', values);
  if (verdict.error === Rcode.BADTIME) {
    const seconds = Math.round(Math.abs(timeS - (verdict.serverTimeS ?? timeS)));
    return finding('dns-update-clock', { server, seconds });
  }
  // BADSIG has the number of BADVERS (RFC 8945 section 3).
  if (verdict.error === Rcode.BADVERS) return finding('dns-update-signature', values);
  const rcode = tsigErrorName(verdict.error);
  return finding('dns-update-failed', {
    server,
    zone: withoutDot(answer.questions[0]?.name ?? '.'),
    rcode,
    detail: '',
  });
}

function explainRcode(answer: Message, zone: string, server: string): Finding | undefined {
  const { rcode } = answer;
  const detail = detailOf(answer.edns?.extendedErrors ?? []);
  if (rcode === Rcode.NOERROR) return undefined;
  if (rcode === Rcode.REFUSED) return finding('dns-update-refused', { zone, server, detail });
  if (rcode === Rcode.NOTAUTH || rcode === Rcode.NOTZONE)
    return finding('dns-update-not-authoritative', { zone, server, rcode: rcodeName(rcode) });
  return finding('dns-update-failed', { zone, server, rcode: rcodeName(rcode), detail });
}

/** The zone of `name` (absolute, no alias) and its primary server: the SOA's MNAME with its addresses (RFC 2136 4.3). */
export type UpdateTarget =
  | { readonly ok: true; readonly zone: string; readonly primary: string; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly finding: Finding };

export async function findUpdateTarget(
  name: string,
  resolver: Resolver,
  options: ResolveOptions = {},
): Promise<UpdateTarget> {
  const zone: ZoneServers = await findAuthoritativeServers(name, resolver, options);
  if (!zone.ok) return { ok: false, finding: explainFailure(zone.failure, withoutDot(zone.name)) };
  const data = zone.soa?.data;
  const primary = data?.kind === 'SOA' ? data.mname : '.';
  const addresses: string[] = [];
  for (const type of [RecordType.A, RecordType.AAAA]) {
    const resolution = await resolver.resolve(primary, type, options);
    if (resolution.kind !== 'found') continue;
    for (const one of resolution.records)
      if (one.data.kind === 'A' || one.data.kind === 'AAAA') addresses.push(one.data.address);
  }
  if (addresses.length > 0) return { ok: true, zone: zone.zone, primary, addresses };
  const failure = { cause: 'no-server-address', zone: zone.zone, nameServers: [primary] } as const;
  return { ok: false, finding: explainFailure(failure, withoutDot(name)) };
}
