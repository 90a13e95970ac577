/** A gateway with a scripted app behind it, and clients of it; whatever is left at the end of a test is an error. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startHarness, type Harness, type HarnessOptions } from './engine-harness.ts';
import { quiet, until } from './quiet.ts';
import { RawClient } from './raw-client.ts';
import { startScriptedApp, type ScriptedApp } from './scripted-app.ts';

export interface Stage {
  readonly harness: Harness;
  readonly app: ScriptedApp;
  client(): Promise<RawClient>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

export async function setStage(t: TestContext, options: Partial<HarnessOptions> = {}): Promise<Stage> {
  const app = await startScriptedApp();
  const harness = await startHarness({ upstreams: [app.port], ...options });
  const clients: RawClient[] = [];
  t.after(async () => {
    for (const client of clients) client.destroy();
    try {
      await assertNothingLeft(harness);
    } finally {
      await harness.close();
      await app.close();
    }
  });
  return {
    harness,
    app,
    async client() {
      const client = new RawClient(await harness.connect());
      clients.push(client);
      return client;
    },
    settled: () =>
      quiet(
        () =>
          harness.records.length +
          clients.reduce((sum, each) => sum + each.received.length + Number(each.ended) + Number(each.closed), 0) +
          app.connections.reduce(
            (sum, each) => sum + each.received.length + Number(each.ended) + Number(each.closed),
            0,
          ) +
          app.connections.length,
      ),
  };
}

/** With all clients gone: no connection of theirs is left, none to an app but idle ones, and these end by themselves. */
export async function assertNothingLeft(harness: Harness): Promise<void> {
  await until(() => harness.connections.size === 0, 'the end of all client connections');
  await until(() => harness.tally.open === harness.tally.idle, 'the end of all exchanges with apps');
  harness.advance(3_600_000);
  await until(() => harness.tally.open === 0, 'the end of idle connections to apps');
  assert.equal(harness.tally.idle, 0);
  assert.equal(harness.sweeper.size, 0, 'nothing is watched any more');
}

export const GET = 'GET / HTTP/1.1\r\nHost: app.test\r\n\r\n';
export const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
