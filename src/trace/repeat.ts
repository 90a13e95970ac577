/** `--repeat`: the same request once more, with everything that was learnt: name, session, validators. */
import { handshakeCost, type HandshakeCost } from '../codec/tls/conversation/handshake-cost.ts';
import type { Stage } from '../story/observation.ts';
import { finding } from '../story/finding.ts';
import { judgeResumption } from '../story/rules/tls-resumption.ts';
import { fieldOf } from './http/message.ts';
import { fetchOne, type RunningTrace, type TracedExchange } from './request.ts';

export async function repeatRequest(running: RunningTrace, first: TracedExchange): Promise<void> {
  const { log } = running;
  const { request, head } = first.exchange;
  if (head === undefined) return;
  const etag = fieldOf(head.fields, 'etag');
  const modified = fieldOf(head.fields, 'last-modified');
  const conditional: [string, string][] = [];
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  if (isSafe && etag !== undefined) conditional.push(['If-None-Match', etag]);
  if (isSafe && modified !== undefined) conditional.push(['If-Modified-Since', modified]);
  if (isSafe && conditional.length === 0) first.stage.conclude(finding('trace-no-validator'));
  const fields = [
    ...request.fields.filter(([name]) => !/^if-(?:none-match|modified-since)$/i.test(name)),
    ...conditional,
  ];
  const second = await fetchOne(running, 'repeat', { ...request, fields }, undefined);
  if (second === undefined) return;
  compare(log.stages, first, second);
}

/** What the second time saved, each where it belongs. */
function compare(stages: readonly Stage[], first: TracedExchange, second: TracedExchange): void {
  const nameTime = ({ connection }: TracedExchange): number | undefined => {
    const stage = stages.find(({ name, connection: number }) => name === 'name' && number === connection.number);
    return stage && tenths(stage.endMs - stage.startMs);
  };
  const atMs = second.stage.endMs;
  const nameBefore = nameTime(first);
  const nameAfter = nameTime(second);
  if (nameBefore !== undefined && nameAfter !== undefined)
    second.stage.observe({ label: 'repeat.name', values: { before: nameBefore, after: nameAfter }, atMs });
  const full = costOf(first);
  const now = costOf(second);
  if (full !== undefined && now !== undefined) {
    const values = {
      before: tenths(full.durationMs),
      after: tenths(now.durationMs),
      beforeBytes: octetsOf(full),
      afterBytes: octetsOf(now),
    };
    const resumed = second.connection.parts.secure?.agreement?.resumed === true;
    second.stage.observe({ label: resumed ? 'repeat.tls-resumed' : 'repeat.tls-full', values, atMs });
    const saved = resumed ? judgeResumption(full, now) : undefined;
    if (saved !== undefined) second.stage.conclude(saved);
  }
  const values = { beforeBytes: first.exchange.wireBytes, afterBytes: second.exchange.wireBytes };
  second.stage.observe({ label: 'repeat.content', values, atMs });
}

/** Of its handshake; undefined without TLS. */
const costOf = ({ connection }: TracedExchange): HandshakeCost | undefined =>
  handshakeCost(connection.parts.secure?.readAlong().items ?? []);

const octetsOf = ({ octets }: HandshakeCost): number => octets.client + octets.server;

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
