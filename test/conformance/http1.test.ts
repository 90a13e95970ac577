import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import {
  judgeLlhttp,
  judgeProbe,
  readLlhttpCases,
  readProbeCases,
  runCase,
  type CaseResult,
  type RequestCase,
  type Verdict,
} from './corpus.ts';
import { listedExceptions } from './exceptions.ts';
import {
  startGatewayUnderTest,
  startObservingApp,
  type GatewayUnderTest,
  type ObservingApp,
} from './gateway-under-test.ts';
import { readResponse } from './response-case.ts';

let app: ObservingApp;
let gateway: GatewayUnderTest;

before(async () => {
  app = await startObservingApp();
  gateway = await startGatewayUnderTest(`127.0.0.1:${app.port}`);
});

after(async () => {
  await gateway.close();
  await app.close();
});

/** Failures that only content can have: its head may have been passed on, its end must not. */
const contentErrors = new Set(['chunk-malformed', 'trailer-malformed', 'client-gone', 'content-timeout']);

function assertAppUnharmed(id: string, { appBytes, appRequests, errors, objections }: CaseResult): void {
  assert.deepEqual(objections, [], `${id}: what reached the app is sound`);
  assert.equal(appRequests, errors.filter((error) => error === '').length, `${id}: the app got the good requests only`);
  const [first] = errors;
  if (first !== undefined && first !== '' && !contentErrors.has(first)) {
    assert.equal(appBytes, 0, `${id}: a refused head (${first}) reached the app`);
  }
}

/** Runs all cases; differences must be listed, and what is listed must differ. */
async function runAll(
  cases: readonly RequestCase[],
  judge: (one: RequestCase, result: CaseResult) => Verdict,
  listed: ReadonlyMap<string, string>,
): Promise<Record<Verdict, number>> {
  const verdicts: Record<Verdict, number> = { Pass: 0, Warn: 0, Fail: 0, Skip: 0 };
  const different: string[] = [];
  for (const one of cases) {
    const result = await runCase(gateway, app, one);
    const verdict = judge(one, result);
    verdicts[verdict] += 1;
    if (verdict === 'Fail') different.push(one.id);
    assertAppUnharmed(one.id, result);
  }
  assert.deepEqual(different.sort(), [...listed.keys()].sort(), 'differences are those of docs/http-strictness.md');
  return verdicts;
}

const shortId = (id: string): string => id.slice('llhttp/'.length);

function listedOf(kind: 'request' | 'response'): Map<string, string> {
  return new Map([...listedExceptions('llhttp')].filter(([id]) => id.startsWith(`${kind}/`)));
}

test('http11probe: no verdict fails, and nothing of a refused head reaches the app', async (t: TestContext) => {
  const cases = readProbeCases();
  if (cases === undefined) return t.skip('corpus http11probe is not there');
  const verdicts = await runAll(cases, judgeProbe, listedExceptions('http11probe'));
  t.diagnostic(JSON.stringify(verdicts));
  assert.ok(verdicts.Pass > 100);
});

test('llhttp requests: what its strict parser refuses is refused, what it accepts is answered', async (t) => {
  const cases = readLlhttpCases();
  if (cases === undefined) return t.skip('corpus llhttp is not there');
  // `finish` cases are about a call of its interface, not about octets.
  const requests = cases.filter(({ type }) => type.startsWith('request') && type !== 'request-finish');
  const verdicts = await runAll(
    requests.map(({ id, lenient, expect, b64, b64_host }) => ({
      id: shortId(id),
      expect: lenient ? 'reject' : expect,
      steps: [{ b64: b64_host ?? b64 }],
      lineEndCut: true,
    })),
    judgeLlhttp,
    listedOf('request'),
  );
  t.diagnostic(JSON.stringify(verdicts));
  assert.ok(verdicts.Pass > 100);
});

test('llhttp responses: the side towards the app agrees, but for the listed cases', (t) => {
  const cases = readLlhttpCases();
  if (cases === undefined) return t.skip('corpus llhttp is not there');
  const responses = cases.filter(({ type }) => type.startsWith('response') && type !== 'response-finish');
  const different: string[] = [];
  for (const { id, lenient, expect, b64 } of responses) {
    const bytes = Buffer.from(b64, 'base64');
    const upgrade = bytes.toString('latin1').startsWith('HTTP/1.1 101');
    let outcome = readResponse([bytes], 'GET', upgrade, true);
    if (outcome.verdict === 'pending' && !outcome.switched) {
      outcome = readResponse([bytes, Buffer.from('\r\n')], 'GET', upgrade, true);
    }
    const accepted = outcome.verdict !== 'refused';
    if (accepted !== (expect === 'accept' && !lenient)) different.push(shortId(id));
  }
  t.diagnostic(`${responses.length} responses`);
  assert.deepEqual(different.sort(), [...listedOf('response').keys()].sort());
});
