/** Runs the request cases of the HTTP corpora and judges them by the corpora's own verdicts. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { quiet } from '../gateway/quiet.ts';
import type { GatewayUnderTest, ObservingApp } from './gateway-under-test.ts';

interface Part {
  readonly b64: string;
}

interface Step extends Part {
  readonly parts?: readonly Part[];
}

/** A request case: what is sent, and what may come of it. */
export interface RequestCase {
  readonly id: string;
  readonly steps: readonly Step[];
  /** http11probe: status codes, `close`, `timeout`, each perhaps with `+open` or `+close`. */
  readonly pass?: readonly string[];
  readonly warn?: readonly string[];
  readonly depends_on?: string | null;
  readonly sequence_verdict?: { readonly default: string; readonly table: Readonly<Record<string, string>> };
  /** llhttp: what its strict parser does. */
  readonly expect?: 'accept' | 'reject';
  /** The corpus has cut the last line end off: it is sent where nothing comes back without it. */
  readonly lineEndCut?: boolean;
}

export interface LlhttpCase {
  readonly id: string;
  readonly type: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly lenient: boolean;
  readonly expect: 'accept' | 'reject';
  readonly error: string | null;
  readonly b64: string;
  readonly b64_host?: string;
}

const folder = path.join(process.cwd(), '..', 'shared', 'corpora', 'http');

/** The cases of http11probe, or undefined where they are not there. */
export function readProbeCases(): readonly RequestCase[] | undefined {
  return readCases('http11probe') as readonly RequestCase[] | undefined;
}

/** The cases of llhttp, or undefined where they are not there. */
export function readLlhttpCases(): readonly LlhttpCase[] | undefined {
  return readCases('llhttp') as readonly LlhttpCase[] | undefined;
}

function readCases(corpus: string): readonly unknown[] | undefined {
  const file = path.join(folder, corpus, 'cases.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: unknown[] }).cases;
}

/** What came back for one step. */
export interface StepResult {
  readonly executed: boolean;
  readonly raw: string;
  readonly codes: readonly number[];
  readonly closed: boolean;
}

export interface CaseResult {
  readonly steps: readonly StepResult[];
  /** Octets that reached the app. */
  readonly appBytes: number;
  /** Requests that reached the app whole. */
  readonly appRequests: number;
  /** Error codes of the access log; '' for each request that was answered by the app. */
  readonly errors: readonly string[];
  /** What the app found wrong with what was forwarded. */
  readonly objections: readonly string[];
}

/** Sends the steps of a case over one connection. */
export async function runCase(gateway: GatewayUnderTest, app: ObservingApp, one: RequestCase): Promise<CaseResult> {
  const before = {
    bytes: app.bytes,
    requests: app.requests,
    records: gateway.records.length,
    objections: app.objections.length,
  };
  const socket = await gateway.connect();
  let raw = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => (raw += chunk.toString('latin1')));
  socket.on('error', () => {});
  for (const event of ['end', 'close']) socket.on(event, () => (closed = true));
  const still = (): Promise<void> =>
    quiet(() => raw.length + app.bytes + app.requests + gateway.records.length + (closed ? 1 : 0));
  const steps: StepResult[] = [];
  for (const step of one.steps) {
    if (closed) {
      steps.push({ executed: false, raw: '', codes: [], closed });
      continue;
    }
    raw = '';
    for (const part of step.parts ?? [step]) {
      if (closed) break;
      socket.write(Buffer.from(part.b64, 'base64'));
      await still();
    }
    if (one.lineEndCut && raw === '' && !closed) {
      socket.write('\r\n');
      await still();
    }
    const codes = [...raw.matchAll(/HTTP\/\d\.\d (\d{3})/g)].map((match) => Number(match[1]));
    steps.push({ executed: true, raw, codes, closed });
  }
  socket.destroy();
  await still();
  return {
    steps,
    appBytes: app.bytes - before.bytes,
    appRequests: app.requests - before.requests,
    errors: gateway.records.slice(before.records).map((record) => record.error),
    objections: app.objections.slice(before.objections),
  };
}

export type Verdict = 'Pass' | 'Warn' | 'Fail' | 'Skip';

const finalCode = (step: StepResult): number | undefined => step.codes.find((code) => code >= 200) ?? step.codes[0];
const content = (step: StepResult): string => step.raw.slice(step.raw.indexOf('\r\n\r\n') + 4);

function statusClass(step: StepResult): string {
  const code = finalCode(step);
  if (!step.executed) return 'notrun';
  if (code === undefined) return 'none';
  if (code === 400) return '400';
  if (code < 300) return '2xx';
  return code < 500 ? '4xx' : '5xx';
}

const count = (step: StepResult | undefined): string => ((step?.codes.length ?? 0) > 1 ? 'multi' : 'one');

export function judgeProbe(one: RequestCase, { steps }: CaseResult): Verdict {
  const [first, second] = steps as [StepResult, StepResult?];
  if (one.sequence_verdict) {
    const { table, default: otherwise } = one.sequence_verdict;
    const second_ = second === undefined ? 'notrun' : statusClass(second);
    const key = [statusClass(first), count(first), first.closed ? 'closed' : 'open', second_, count(second)].join('|');
    return (table[key] ?? otherwise) as Verdict;
  }
  const code = finalCode(first);
  const on = one.depends_on ?? '';
  if (one.id === 'COMP-HEAD-NO-BODY') return content(first) === '' ? 'Pass' : 'Fail';
  if (on.startsWith('header:') || on === 'body') return 'Skip';
  if (on.startsWith('echo:')) {
    const echoed = content(first).includes(on.slice(5)) || content(first) === 'OK' || /chunked/i.test(first.raw);
    return code === 200 && echoed ? 'Pass' : 'Fail';
  }
  const outcome = code === undefined ? (first.closed ? 'close' : 'timeout') : String(code);
  const outcomes = [outcome, `${outcome}+${first.closed ? 'close' : 'open'}`];
  if (outcomes.some((each) => one.pass?.includes(each))) return 'Pass';
  return outcomes.some((each) => one.warn?.includes(each)) ? 'Warn' : 'Fail';
}

/** A refusal is an error status or a closed connection; silence is neither and only a warning. */
export function judgeLlhttp(one: RequestCase, { steps }: CaseResult): Verdict {
  const [first] = steps as [StepResult];
  const code = finalCode(first);
  if (code === undefined && !first.closed) return 'Warn';
  const refused = code === undefined || code >= 400;
  const refusedLater = first.codes.length > 1 && first.codes.at(-1)! >= 400;
  if (one.expect === 'reject') return refused || refusedLater ? 'Pass' : 'Fail';
  return refused ? 'Fail' : 'Pass';
}
