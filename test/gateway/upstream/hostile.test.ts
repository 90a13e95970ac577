import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behaviours, startHostileApp } from '../../apps/hostile-app.ts';
import { startHarness } from '../engine-harness.ts';
import { quiet, until } from '../quiet.ts';
import { RawClient } from '../raw-client.ts';
import { assertNothingLeft } from '../stage.ts';

const requests = {
  GET: (path: string) => `GET ${path} HTTP/1.1\r\nHost: app.test\r\n\r\n`,
  POST: (path: string) => `POST ${path} HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello`,
};

for (const method of ['GET', 'POST'] as const) {
  test(`${method}: whatever an app does ends in a clear answer or a visible cut, and leaves nothing behind`, async (t) => {
    const app = await startHostileApp();
    // One connection at a time: what is left behind makes the next request a 503.
    const harness = await startHarness({ upstreams: [app.port], limits: { upstreamConnections: 1 } });
    t.after(async () => {
      await harness.close();
      await app.close();
    });
    for (const [path, { outcome }] of Object.entries(behaviours)) {
      const before = harness.records.length;
      const one = new RawClient(await harness.connect());
      one.write(requests[method](path));
      const over = (): boolean => harness.records.length > before;
      await quiet(() => one.received.length + harness.records.length + app.connections.length);
      if (outcome === 'pending' && !over()) {
        assert.doesNotMatch(one.received, /^HTTP\/1\.1 5/, path);
        for (let minutes = 0; minutes < 6 && !over(); minutes += 1) harness.advance(60_000);
      }
      await until(over, `the end of ${path}`);
      await quiet(() => one.received.length + Number(one.ended) + Number(one.closed));
      const record = harness.records[before]!;
      const [response] = await Promise.race([one.responses(1), quiet(() => one.received.length).then(() => [])]);
      if (outcome === 'whole') {
        assert.ok(response !== undefined && response.status < 500, `${path}: ${one.received}`);
        assert.equal(record.error, '', path);
      } else if (outcome === 'none') {
        assert.equal(response?.status, 502, `${path}: ${one.received}`);
        assert.match(record.error, /^upstream-/, path);
      } else {
        assert.match(record.error, /^upstream-/, path);
        if (response !== undefined) assert.ok(response.status >= 500, `${path}: ${one.received}`);
        else await until(() => one.ended || one.closed, `the cut of ${path}`);
      }
      assert.equal(harness.records.length, before + 1, `${path}: one log line`);
      one.destroy();
      await until(() => harness.connections.size === 0, `the end of the connection after ${path}`);
      // What comes late on a kept connection (some behaviours wait) would hit the next request: that is another test's.
      harness.advance(10_000);
      await until(() => harness.tally.open === 0, `the end of the app's connection after ${path}`);
    }
    // After all that, an honest answer is an honest answer.
    const one = new RawClient(await harness.connect());
    one.write(requests[method]('/reads-content'));
    assert.equal((await one.responses(1))[0]!.content, 'hello');
    one.destroy();
    await assertNothingLeft(harness);
  });
}
