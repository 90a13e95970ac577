/** A gateway that speaks HTTP/2 with an app of the test behind it; whatever is left at the end of a test is an error. */
import type { TestContext } from 'node:test';
import { startHarness, type Harness, type HarnessOptions } from '../engine-harness.ts';
import { quiet } from '../quiet.ts';
import { startScriptedApp, type ScriptedApp } from '../scripted-app.ts';
import { assertNothingLeft } from '../stage.ts';
import { FrameClient } from './frame-client.ts';

export interface H2Stage {
  readonly harness: Harness;
  readonly app: ScriptedApp;
  /** A connection; the client has said nothing yet. */
  connect(): Promise<FrameClient>;
  /** A connection whose client has sent its preface and these settings. */
  client(...settings: readonly (readonly [number, number])[]): Promise<FrameClient>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

export async function setH2Stage(t: TestContext, options: Partial<HarnessOptions> = {}): Promise<H2Stage> {
  const app = await startScriptedApp();
  const harness = await startHarness({ upstreams: [app.port], h2: true, ...options });
  const clients: FrameClient[] = [];
  t.after(async () => {
    for (const client of clients) client.destroy();
    try {
      await assertNothingLeft(harness);
    } finally {
      await harness.close();
      await app.close();
    }
  });
  const connect = async (): Promise<FrameClient> => {
    const client = new FrameClient(await harness.connect());
    clients.push(client);
    return client;
  };
  return {
    harness,
    app,
    connect,
    async client(...settings) {
      const client = await connect();
      client.greet(...settings);
      return client;
    },
    settled: () =>
      quiet(
        () =>
          harness.records.length +
          clients.reduce((sum, each) => sum + each.octets + Number(each.ended) + Number(each.closed), 0) +
          app.connections.reduce(
            (sum, each) => sum + each.received.length + Number(each.ended) + Number(each.closed),
            0,
          ) +
          app.connections.length,
      ),
  };
}
