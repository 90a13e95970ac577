import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { startHarness } from '../gateway/engine-harness.ts';
import { FrameClient } from '../gateway/h2/frame-client.ts';
import { startObservingApp } from './gateway-under-test.ts';
import { h2Cases } from './h2-cases.ts';

for (const each of h2Cases) {
  test(`RFC ${each.section}: ${each.name}`, async () => {
    const app = await startObservingApp();
    const harness = await startHarness({ upstreams: [app.port], h2: true });
    const client = new FrameClient(await harness.connect());
    try {
      await each.run(client);
      assert.deepEqual(app.objections, []);
      if (!each.reachesApp) assert.equal(app.requests, 0, 'no request may have reached the app');
    } finally {
      client.destroy();
      await harness.close();
      await app.close();
    }
  });
}

test('docs/http2-conformance.md lists these cases and no other', () => {
  const listed = [...readFileSync('docs/http2-conformance.md', 'utf8').matchAll(/^- RFC (.*)$/gm)].map(
    (line) => line[1]!,
  );
  assert.deepEqual(
    listed,
    h2Cases.map(({ section, name }) => `${section}: ${name}`),
  );
});
