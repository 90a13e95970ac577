/** `--repeat`: the same request once more, with everything that was learnt: name, session, validators. */
import type { Stage } from '../story/observation.ts';
import { finding } from '../story/finding.ts';
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
  const lasting = (name: Stage['name'], { connection }: TracedExchange): number | undefined => {
    const stage = stages.find((one) => one.name === name && one.connection === connection.number);
    return stage === undefined ? undefined : Math.round((stage.endMs - stage.startMs) * 10) / 10;
  };
  const atMs = second.stage.endMs;
  const nameBefore = lasting('name', first);
  const nameAfter = lasting('name', second);
  if (nameBefore !== undefined && nameAfter !== undefined)
    second.stage.observe({ label: 'repeat.name', values: { before: nameBefore, after: nameAfter }, atMs });
  const tlsBefore = lasting('tls', first);
  const tlsAfter = lasting('tls', second);
  const before = first.connection.parts;
  const after = second.connection.parts;
  if (tlsBefore !== undefined && tlsAfter !== undefined) {
    const values = {
      before: tlsBefore,
      after: tlsAfter,
      beforeBytes: before.handshakeBytes,
      afterBytes: after.handshakeBytes,
    };
    const resumed = after.secure?.agreement?.resumed === true;
    second.stage.observe({ label: resumed ? 'repeat.tls-resumed' : 'repeat.tls-full', values, atMs });
  }
  const values = { beforeBytes: first.exchange.wireBytes, afterBytes: second.exchange.wireBytes };
  second.stage.observe({ label: 'repeat.content', values, atMs });
}
