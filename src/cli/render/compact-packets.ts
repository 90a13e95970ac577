/**
 * The packets of a stage in a few rungs: how the connection was opened, how much went each way, how it was closed. Every
 * segment by itself is for whoever asks for everything.
 */
import type { Observation } from '../../story/observation.ts';

/** Gives a stage's observations with its segments put together; the others stay as they are, in their order. */
export function compactPackets(observations: readonly Observation[]): readonly Observation[] {
  const segments = observations.filter(isSegment);
  if (segments.length === 0) return observations;
  const opening = openingOf(segments);
  const closing = segments.slice(firstEnd(segments));
  const gathered = new Set([...opening, ...closing]);
  // A SYN without an answer, or one that came late, stands for itself.
  const data = segments.filter((one) => !gathered.has(one) && !/SYN/.test(flagsOf(one)));
  for (const one of data) gathered.add(one);
  const states = observations.findLast(({ label }) => label === 'tcp.states');
  const rungs = [tellOpening(opening), tellData(data), tellClosing(closing, states)].filter(
    (rung) => rung !== undefined,
  );
  const others = observations.filter((one) => !gathered.has(one) && one.label !== 'tcp.states');
  return [...rungs, ...others].toSorted((a, b) => a.atMs - b.atMs);
}

const isSegment = ({ label }: Observation): boolean => label === 'tcp.segment';

const flagsOf = ({ values }: Observation): string => String(values['flags']);

/** SYN, SYN-ACK and the ACK that completes them, with what was sent again; nothing where one of the three is missing. */
function openingOf(segments: readonly Observation[]): readonly Observation[] {
  const answer = segments.findIndex((one) => one.direction === 'received' && flagsOf(one) === 'SYN, ACK');
  const last = segments.findIndex((one, at) => at > answer && one.direction === 'sent' && !/SYN/.test(flagsOf(one)));
  return answer < 1 || last < 0 ? [] : segments.slice(0, last + 1);
}

function firstEnd(segments: readonly Observation[]): number {
  const at = segments.findIndex((one) => /FIN|RST/.test(flagsOf(one)));
  return at < 0 ? segments.length : at;
}

/** `▶ SYN  ◀ SYN, ACK  ▶ ACK`: the flags that passed, and which way. */
const passed = (segments: readonly Observation[]): string =>
  segments.map((one) => `${one.direction === 'sent' ? '▶' : '◀'} ${flagsOf(one)}`).join('  ');

/** A rung that stands for these segments, at the time of the first. */
function rung(
  segments: readonly Observation[],
  label: 'tcp.opening' | 'tcp.data' | 'tcp.closing',
  values: Observation['values'],
): Observation | undefined {
  const [first] = segments;
  return (
    first && { stage: first.stage, atMs: first.atMs, known: 'seen', direction: 'here', label, values, details: [] }
  );
}

function tellOpening(segments: readonly Observation[]): Observation | undefined {
  const sequence = (direction: Observation['direction']): string =>
    String(segments.find((one) => one.direction === direction)?.values['sequence']);
  const ms = (segments.at(-1)?.atMs ?? 0) - (segments[0]?.atMs ?? 0);
  const values = { flags: passed(segments), client: sequence('sent'), server: sequence('received'), ms: ms.toFixed(1) };
  return rung(segments, 'tcp.opening', values);
}

function tellData(segments: readonly Observation[]): Observation | undefined {
  const count = (direction: Observation['direction']): readonly [segments: number, octets: number] => {
    const all = segments.filter((one) => one.direction === direction);
    return [all.length, all.reduce((sum, { values }) => sum + Number(values['length']), 0)];
  };
  const [sent, sentBytes] = count('sent');
  const [received, receivedBytes] = count('received');
  return rung(segments, 'tcp.data', { sent, sentBytes, received, receivedBytes });
}

function tellClosing(segments: readonly Observation[], states: Observation | undefined): Observation | undefined {
  const { client = '?', server = '?' } = states?.values ?? {};
  return rung(segments, 'tcp.closing', { flags: passed(segments), client, server });
}
