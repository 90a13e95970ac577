import test from 'node:test';
import assert from 'node:assert/strict';
import { trace } from '../../src/index.ts';
import { FindingError } from '../../src/story/finding-error.ts';
import { withWorld } from './world.ts';

test('a program traces as the command does: fields, content, addresses, status and key log', async () => {
  await withWorld(async (world) => {
    const seen: string[] = [];
    const origin = await world.web((request, response) => {
      const { 'user-agent': agent, authorization, 'x-who': who } = request.headers;
      seen.push([request.method, agent, authorization, who].join(' '));
      request.resume();
      response.statusCode = 404;
      response.end('no');
    });
    const { port } = new URL(origin);
    const stages: string[] = [];
    const { story, decisive, keyLog } = await trace(`https://ann:s%20t@other.test:${port}/`, {
      addresses: [{ host: 'other.test', port: Number(port), addresses: ['127.0.0.1'] }],
      trust: [world.cacert],
      insecure: true,
      content: 'a=b',
      fields: { 'user-agent': 'mine', 'X-Who': 'me' },
      failOnStatus: true,
      fetch: false,
      onStage: ({ name }) => stages.push(name),
    });
    assert.deepEqual(seen, [`POST mine Basic ${Buffer.from('ann:s t').toString('base64')} me`]);
    assert.equal(story.url, `https://other.test:${port}/`);
    assert.deepEqual(
      story.stages.map(({ name }) => name),
      stages,
    );
    // Judged and told, and gone on all the same: the certificate is for another name.
    const codes = new Set<string>(story.stages.flatMap(({ findings }) => findings.map(({ code }) => code)));
    assert.ok(codes.has('certificate-name-mismatch'));
    assert.ok(codes.has('trace-status-client'));
    assert.equal(decisive?.severity, 'error');
    assert.match(keyLog.join('\n'), /^CLIENT_TRAFFIC_SECRET_0 /m);
  });
});

test('what nothing can be begun with is thrown, what a network does is told', async () => {
  const isFinding = (code: string) => (error: unknown) => error instanceof FindingError && error.finding.code === code;
  await assert.rejects(trace('ftp://a.test/'), isFinding('trace-url-unclear'));
  await assert.rejects(trace('https://a.localhost/', { fields: { Host: 'b' } }), isFinding('trace-option-unclear'));
  await assert.rejects(
    trace('https://a.localhost/', { fields: { a: 'b\r\nc: d' } }),
    isFinding('trace-option-unclear'),
  );
  await assert.rejects(trace('https://a.localhost/', { trust: ['no-such-store.pem'] }), FindingError);
  const reserved = await trace('https://nothing.invalid/');
  assert.equal(reserved.decisive?.code, 'dns-name-reserved');
});
