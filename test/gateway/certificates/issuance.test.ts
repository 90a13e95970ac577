import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { systemContext } from '../../../src/config/files.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { runningGateways } from '../../../src/gateway/certificates/control.ts';
import { Issuance } from '../../../src/gateway/certificates/issuance.ts';
import { Metrics } from '../../../src/gateway/observe/metrics.ts';
import { openFolder, type Folder } from '../../../src/store/folder.ts';
import { quietLog } from '../quiet-log.ts';

test('a gateway that has ended is not among those that run, also where its record was just being written', async (t) => {
  const place = mkdtempSync(path.join(tmpdir(), 'menshen-issuance-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const user = {
    // Nobody listens there, so that nothing comes of the order.
    issuers: { directory: 'https://127.0.0.1:1/dir', name: 'gone', internal: true },
    sites: { 'a.menshen.test': 1 },
    state: place,
  };
  const { config, findings } = readConfig(user, systemContext(place));
  if (config?.issuance === undefined) assert.fail(JSON.stringify(findings));
  const plain = await openFolder(place);
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  let begun = (): void => undefined;
  const isBegun = new Promise<void>((resolve) => (begun = resolve));
  const writing: Promise<void>[] = [];
  const folder = new Proxy(plain, {
    get(target, name: keyof Folder) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      if (name !== 'write') return (member as (...args: unknown[]) => unknown).bind(target);
      return async (file: Parameters<Folder['write']>[0]) => {
        if (file.name.startsWith('control/gateways/')) {
          writing.push(held.then(() => target.write(file)));
          begun();
          await writing.at(-1);
        } else await target.write(file);
      };
    },
  });
  const issuance = new Issuance(config, config.issuance, {
    folder,
    log: quietLog(),
    metrics: new Metrics({ version: 'test' }),
    clock: Date.now,
    environment: {},
  });
  await issuance.load();
  // The timer of the record does not keep a process alive.
  const alive = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(alive));
  const challenges = { set: async () => undefined, remove: async () => undefined };
  await issuance.start({ challenges, setCertificates: async () => [] });
  await isBegun;
  const stopped = issuance.stop();
  // It waits for the record; one that did not would have ended within this time, and the record come after.
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 2_000))]);
  goOn();
  await Promise.all([stopped, ...writing]);
  assert.deepEqual(await runningGateways(plain), []);
});
