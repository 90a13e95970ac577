import assert from 'node:assert/strict';
import * as nodeFileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCertificateManager } from '../../../src/acme/manager/certificate-manager.ts';
import type { Timers } from '../../../src/acme/manager/timers.ts';
import { letsEncryptLimits } from '../../../src/acme/policy/rate-limits.ts';
import { seededFraction } from '../../../src/acme/policy/seeded.ts';
import type { CertificateStore } from '../../../src/store/certificate-store.ts';
import { openFolder, type FolderFileSystem } from '../../../src/store/folder.ts';
import { createFolderStore } from '../../../src/store/folder-store.ts';
import { createMemoryStore } from './memory-store.ts';
import { SmallAuthority } from './small-authority.ts';
import { createSmallIssuer } from './small-issuer.ts';
import { VirtualTime } from './virtual-time.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}.example`);
const want = (value: string) => ({ identifiers: [{ type: 'dns', value } as const] });

/** Timers that keep the test alive, as a gateway's sockets keep it alive. */
const timers: Timers = {
  start(delayMs, work) {
    const timer = setTimeout(work, delayMs);
    return () => clearTimeout(timer);
  },
};

test('two gateways on one folder, with file system calls in any order: one account, one order a name, both serve all', async (t) => {
  const base = await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-two-'));
  t.after(() => nodeFileSystem.rm(base, { recursive: true, force: true }));
  for (let seed = 0; seed < 4; seed++) {
    const place = path.join(base, String(seed));
    const authority = new SmallAuthority();
    let calls = 0;
    const late = async (): Promise<void> => {
      const wait = seededFraction(seed, calls++);
      if (wait < 0.5) await sleep(wait * 8);
    };
    const fileSystem: FolderFileSystem = {
      ...nodeFileSystem,
      open: async (...args) => (await late(), nodeFileSystem.open(...args)),
      rename: async (...args) => (await late(), nodeFileSystem.rename(...args)),
      readdir: (async (folder: string) => (
        await late(),
        nodeFileSystem.readdir(folder)
      )) as FolderFileSystem['readdir'],
    };
    const make = async (owner: string) => {
      const store = createFolderStore({ folder: await openFolder(place, { fileSystem }), clock: Date.now });
      const issuer = createSmallIssuer(store, async (call) => (await late(), authority.answer(call)));
      const issuers = [{ issuer, limits: letsEncryptLimits }];
      return createCertificateManager({ store, issuers, solvers: [], owner, pollMs: 100, timers });
    };
    const managers = await Promise.all([make('one'), make('two')]);
    await Promise.all(managers.map((manager) => manager.start()));
    const wanted = names(6);
    const results = await Promise.all(
      managers.map((manager) => Promise.all(wanted.map((name) => manager.obtain(want(name))))),
    );
    await Promise.all(managers.map((manager) => manager.stop()));
    const serial = (result: (typeof results)[number][number] | undefined): string =>
      result !== undefined && 'version' in result ? result.version : JSON.stringify(result);
    for (const [index] of wanted.entries()) assert.equal(serial(results[0]?.[index]), serial(results[1]?.[index]));
    assert.equal(authority.accounts.size, 1, `seed ${seed}`);
    assert.equal(authority.orders.size, wanted.length, `seed ${seed}: orders`);
    assert.equal(authority.issued.length, wanted.length, `seed ${seed}: certificates`);
  }
});

test('three nodes of a fleet that are killed and started again at any moment never order a name twice', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const time = new VirtualTime(Date.now());
    const memory = createMemoryStore(time.clock);
    const authority = new SmallAuthority();
    const wanted = names(8);
    let draws = 0;
    const random = (): number => seededFraction('fleet', seed, draws++);
    const begin = (number: number) => {
      const process = time.process();
      // A dead process neither writes nor hears: its calls hang for ever.
      const slow = async <T>(work: () => T | Promise<T>): Promise<T> => {
        await time.sleep(random() * 3_000);
        if (!process.alive()) return new Promise(() => undefined);
        const result = await work();
        await time.sleep(random() * 3_000);
        return process.alive() ? result : new Promise(() => undefined);
      };
      const store = new Proxy(memory, {
        get(target, name: keyof CertificateStore) {
          if (name === 'watch') return target.watch;
          if (name === 'account') {
            return (issuer: string) => {
              const account = target.account(issuer);
              return {
                load: () => slow(() => account.load()),
                create: (record: Parameters<typeof account.create>[0]) => slow(() => account.create(record)),
                replace: (record: Parameters<typeof account.replace>[0]) => slow(() => account.replace(record)),
              };
            };
          }
          const method = target[name] as (...args: unknown[]) => unknown;
          return (...args: unknown[]) => slow(() => method.apply(target, args));
        },
      });
      const issuer = createSmallIssuer(store, (call) => slow(() => authority.answer(call)));
      const manager = createCertificateManager({
        store,
        issuers: [{ issuer, limits: letsEncryptLimits }],
        solvers: [],
        clock: time.clock,
        timers: process.timers,
        owner: `node ${number}`,
      });
      void manager.setWanted(wanted.map(want)).then(() => manager.start());
      return { manager, kill: process.kill };
    };
    let started = 0;
    const nodes = Array.from({ length: 3 }, () => begin(started++));
    const startMs = time.nowMs;
    for (let round = 0; round < 12; round++) {
      await time.runUntil(time.nowMs + random() * 40_000);
      const index = Math.floor(random() * nodes.length);
      nodes[index]?.kill();
      nodes[index] = begin(started++);
    }
    const all = (): boolean =>
      nodes.every(({ manager }) => manager.status().filter(({ state }) => state === 'live').length === wanted.length);
    await time.runUntil(startMs + 3_600_000, all);
    assert.ok(
      all(),
      `seed ${seed}: ${JSON.stringify(nodes.map(({ manager }) => manager.status().map(({ state }) => state)))}`,
    );
    assert.equal(authority.orders.size, wanted.length, `seed ${seed}: orders`);
    assert.equal(authority.issued.length, wanted.length, `seed ${seed}: certificates`);
    assert.equal(authority.accounts.size, 1, `seed ${seed}: accounts`);
    for (const { kill } of nodes) kill();
  }
});
