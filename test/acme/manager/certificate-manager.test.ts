import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { Issuer, IssueRequest, IssueResult } from '../../../src/acme/issuer.ts';
import { createCertificateManager } from '../../../src/acme/manager/certificate-manager.ts';
import type { CertificateManager, CertificateManagerOptions } from '../../../src/acme/manager/contract.ts';
import type { CertificateEvent, ManagedIssuer } from '../../../src/acme/manager/wanted.ts';
import { letsEncryptLimits, noLimits } from '../../../src/acme/policy/rate-limits.ts';
import { FindingError } from '../../../src/story/finding-error.ts';
import { finding } from '../../../src/story/finding.ts';
import type { CertificateStore } from '../../../src/store/certificate-store.ts';
import { createMemoryStore } from './memory-store.ts';
import { paperMaterial, readPaper, SimulatedAuthority, type AuthorityOptions } from './simulated-authority.ts';
import { SmallAuthority } from './small-authority.ts';
import { createSmallIssuer } from './small-issuer.ts';
import { VirtualTime } from './virtual-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
const want = (value: string) => ({ identifiers: [{ type: 'dns', value } as const] });

interface Stage {
  readonly time: VirtualTime;
  readonly store: CertificateStore;
  readonly events: CertificateEvent[];
  readonly types: (id?: string) => string[];
  make(
    options: Partial<CertificateManagerOptions> & { readonly issuers: readonly ManagedIssuer[] },
  ): CertificateManager;
}

function stage(): Stage {
  const time = new VirtualTime(START);
  const store = createMemoryStore(time.clock);
  const events: CertificateEvent[] = [];
  return {
    time,
    store,
    events,
    types: (id) => events.filter((event) => id === undefined || event.id === id).map(({ type }) => type),
    make: (options) =>
      createCertificateManager({
        store,
        solvers: [],
        clock: time.clock,
        timers: time.timers,
        material: paperMaterial,
        pollMs: DAY,
        onEvent: (event) => events.push(event),
        ...options,
      }),
  };
}

const simulated = (time: VirtualTime, options: Partial<AuthorityOptions> = {}): SimulatedAuthority =>
  new SimulatedAuthority({ time, lifeMs: () => 90 * DAY, ...options });

/** Stops a manager; what it waits for may need some time to pass. */
async function stop(manager: CertificateManager, time: VirtualTime): Promise<void> {
  const stopping = manager.stop();
  await time.runUntil(time.nowMs + 60_000);
  await stopping;
}

/** An issuer whose `issue` is given; the rest answers nothing. */
const issuer = (name: string, issue: (request: IssueRequest) => Promise<IssueResult>): Issuer => ({
  name,
  issue,
  renewalWindow: async () => undefined,
  revoke: async () => undefined,
});

const failing = (countedByAuthority = false, permanent = false): IssueResult => ({
  ok: false,
  failure: {
    finding: finding('renewal-timed-out', { issuer: 'x', name: 'y', seconds: 1 }),
    permanent,
    countedByAuthority,
  },
});

test('a wanted name gets a certificate, and another within the window of the CA, naming what it replaces', async () => {
  const { time, make, types, events } = stage();
  const authority = simulated(time);
  const lives: string[] = [];
  const manager = make({
    issuers: [{ issuer: authority, limits: letsEncryptLimits }],
    onLive: ({ version }) => lives.push(version),
  });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  assert.equal(manager.status()[0]?.state, 'missing');
  assert.equal(manager.status()[0]?.next, 'working');
  await time.runUntil(START + HOUR);
  assert.deepEqual(types(), ['obtained']);
  const first = manager.live('a.example');
  assert.ok(first);
  const [status] = manager.status();
  assert.equal(status?.state, 'live');
  assert.ok(status.next === 'window' || status.next === 'ratio');
  await time.runUntil(START + 62 * DAY);
  assert.deepEqual(types(), ['obtained', 'renewed']);
  assert.equal(lives.length, 2);
  assert.equal(authority.seen.exempt, 1);
  const renewedAt = (events[1]?.atMs ?? 0) - START;
  assert.ok(renewedAt > 58 * DAY && renewedAt < 61 * DAY);
  await stop(manager, time);
});

test('two types of key are two certificates, ECDSA alone is the default', async () => {
  const { time, make } = stage();
  const manager = make({ issuers: [{ issuer: simulated(time), limits: letsEncryptLimits }] });
  await manager.setWanted([{ ...want('a.example'), keyTypes: ['ecdsa', 'rsa'] }, want('b.example')]);
  await manager.start();
  await time.runUntil(START + HOUR);
  assert.deepEqual(
    manager.status().map(({ id, keyType, state }) => `${id} ${keyType} ${state}`),
    ['a.example ecdsa live', 'a.example_rsa rsa live', 'b.example ecdsa live'],
  );
  await stop(manager, time);
});

test('a reload: names that are gone are not renewed, new ones are ordered, the others are not touched', async () => {
  const { time, make, types, store } = stage();
  const manager = make({ issuers: [{ issuer: simulated(time), limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example'), want('b.example')]);
  await manager.start();
  await time.runUntil(START + HOUR);
  await manager.setWanted([want('b.example'), want('c.example')]);
  await time.runUntil(START + 80 * DAY);
  assert.deepEqual(types('a.example'), ['obtained']);
  assert.deepEqual(types('b.example'), ['obtained', 'renewed']);
  assert.deepEqual(types('c.example'), ['obtained', 'renewed']);
  assert.ok(await store.live('a.example'), 'what was obtained stays in the store');
  await stop(manager, time);
});

test('the second CA steps in where the first fails, and the first has its turn again', async () => {
  const { time, make, types } = stage();
  const asked: string[] = [];
  let works = false;
  const first = issuer('first', async () => {
    asked.push('first');
    return works
      ? backup.issue({ identifiers: [{ type: 'dns', value: 'a.example' }], privateKeyPem: '', solvers: [] })
      : failing();
  });
  const backup = simulated(time, { name: 'second', isUp: () => works });
  const second = issuer('second', async (request) => {
    asked.push('second');
    return backup.issue(request);
  });
  const manager = make({
    issuers: [
      { issuer: first, limits: noLimits },
      { issuer: second, limits: noLimits },
    ],
  });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + 2 * HOUR);
  assert.ok(asked.includes('first') && asked.includes('second'), asked.join());
  works = true;
  await time.runUntil(START + 10 * HOUR);
  assert.equal(types().at(-1), 'obtained');
  const [status] = manager.status();
  assert.equal(status?.lastError, undefined);
  await stop(manager, time);
});

test('after a failed authorization staging is asked first, and the real CA only when staging issues', async () => {
  const { time, make, types } = stage();
  const log: string[] = [];
  let mended = false;
  const authority = simulated(time);
  const real = issuer('letsencrypt', async (request) => {
    log.push('real');
    return mended ? authority.issue(request) : failing(true);
  });
  const staging = issuer('staging', async () => {
    log.push('staging');
    return mended ? { ok: true, certificate: { chainPem: 'x', orderUrl: '' } } : failing(true);
  });
  const manager = make({ issuers: [{ issuer: real, staging, limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + 5 * HOUR);
  assert.equal(log[0], 'real');
  assert.ok(log.length > 3);
  mended = true;
  await time.runUntil(START + DAY);
  assert.equal(log.filter((one) => one === 'real').length, 2, log.join());
  assert.deepEqual(log.slice(-2), ['staging', 'real']);
  assert.equal(types().at(-1), 'obtained');
  await stop(manager, time);
});

test('a CA that stalls and does not stop when told is left after its time; other names go on meanwhile', async () => {
  const { time, make, events, types } = stage();
  const authority = simulated(time);
  const stalling = issuer('letsencrypt', (request) =>
    request.identifiers[0]?.value.startsWith('stalls') === true
      ? new Promise(() => undefined)
      : authority.issue(request),
  );
  const manager = make({
    issuers: [{ issuer: stalling, limits: letsEncryptLimits }],
    concurrency: 4,
    orderTimeoutMs: 10 * 60_000,
  });
  const bad = Array.from({ length: 4 }, (_, i) => want(`stalls-${i}.example`));
  const good = Array.from({ length: 50 }, (_, i) => want(`n${i}.example`));
  await manager.setWanted([...bad, ...good]);
  await manager.start();
  await time.runUntil(START + 11 * 60_000);
  const failed = events.filter((event) => event.type === 'failed');
  assert.equal(failed.length, 4);
  assert.equal(failed[0]?.type === 'failed' && failed[0].finding.code, 'renewal-timed-out');
  await time.runUntil(START + 25 * 60_000);
  assert.equal(
    types().filter((type) => type === 'obtained').length,
    50,
    'those that failed take half of the places at most',
  );
  await stop(manager, time);
});

test('a CA that lies (another key, other names, a certificate that is over) gets nowhere', async () => {
  const lies = ['foreign key', 'other names', 'expired', 'no certificate'] as const;
  for (const lie of lies) {
    const time = new VirtualTime(Date.now());
    const store = createMemoryStore(time.clock);
    const authority = new SmallAuthority();
    const codes: string[] = [];
    const honest = createSmallIssuer(store, async (call) => authority.answer(call));
    const liar: Issuer = {
      ...honest,
      async issue(request) {
        const result = await honest.issue(request);
        if (!result.ok) return result;
        const other = new X509Certificate(authority.certify(request.identifiers, foreignKey));
        const ours = new X509Certificate(result.certificate.chainPem).publicKey.export({ type: 'spki', format: 'pem' });
        const wrong = [{ type: 'dns', value: 'b.example' }] as const;
        const chainPem = {
          'foreign key': other.toString(),
          'other names': authority.certify(wrong, ours),
          expired: authority.certify(request.identifiers, ours, time.nowMs - 9 * DAY, time.nowMs - DAY),
          'no certificate': 'hello',
        }[lie];
        return { ok: true, certificate: { ...result.certificate, chainPem } };
      },
    };
    const manager = createCertificateManager({
      store,
      issuers: [{ issuer: liar, limits: letsEncryptLimits }],
      solvers: [],
      clock: time.clock,
      timers: time.timers,
      onEvent: (event) => event.type === 'failed' && codes.push(event.finding.code),
    });
    await manager.start();
    const result = await manager.obtain(want('a.example'));
    assert.ok('code' in result, lie);
    assert.equal(codes.length, 1, lie);
    assert.match(codes[0] ?? '', /^acme-certificate-/);
    assert.equal(await store.live('a.example'), undefined, lie);
    await stop(manager, time);
  }
});

const foreignKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });

test('a store that cannot take the new certificate: it is served, that is told, and it is written when it can be', async () => {
  const { time, store, make, events } = stage();
  let full = true;
  const sick: CertificateStore = {
    ...store,
    publish: (lease, content) =>
      full
        ? Promise.reject(new FindingError(finding('state-folder-full', { path: '/state' })))
        : store.publish(lease, content),
  };
  const authority = simulated(time);
  const manager = make({ store: sick, issuers: [{ issuer: authority, limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + HOUR);
  assert.ok(manager.live('a.example'));
  assert.equal(manager.status()[0]?.kept, false);
  const codes = events.map((event) => ('finding' in event ? event.finding.code : event.type));
  assert.deepEqual(codes, ['obtained', 'renewal-not-kept', 'state-folder-full']);
  full = false;
  await time.runUntil(START + 2 * HOUR);
  assert.equal(manager.status()[0]?.kept, true);
  assert.equal((await store.live('a.example'))?.chainPem, manager.live('a.example')?.chainPem);
  assert.equal(authority.seen.orders, 1);
  await stop(manager, time);
});

for (const [how, ends] of [
  ['fails for a reason of its own', 'fail'],
  ['is stopped in the midst of it', 'stop'],
] as const) {
  test(`a gateway that ${how} leaves its order to another one within seconds, never both at once`, async () => {
    const { time, store, make } = stage();
    let atWork = 0;
    let most = 0;
    let end = (): void => undefined;
    const begun = new Promise<void>((resolve) => (end = resolve));
    const counted = (work: (request: IssueRequest) => Promise<IssueResult>) => async (request: IssueRequest) => {
      most = Math.max(most, (atWork += 1));
      try {
        return await work(request);
      } finally {
        atWork -= 1;
      }
    };
    const unlucky = issuer(
      'x',
      counted(async ({ signal }) => {
        end();
        const stopped = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
        await (ends === 'fail' ? time.sleep(10_000) : stopped);
        return failing();
      }),
    );
    const authority = simulated(time);
    const lucky: Issuer = {
      name: 'x',
      issue: counted((request) => authority.issue(request)),
      renewalWindow: async () => undefined,
      revoke: async () => undefined,
    };
    const one = make({ issuers: [{ issuer: unlucky, limits: noLimits }], owner: 'one' });
    const other = make({ issuers: [{ issuer: lucky, limits: noLimits }], owner: 'other' });
    await one.setWanted([want('a.example')]);
    await one.start();
    await begun;
    await other.setWanted([want('a.example')]);
    await other.start();
    await time.runUntil(START + 5_000);
    assert.equal(other.status()[0]?.next, 'retry');
    const stopping = ends === 'stop' ? one.stop() : undefined;
    const endedMs = ends === 'stop' ? START + 5_000 : START + 10_000;
    // By itself it would have come again 15 seconds after the start, or later.
    await time.runUntil(endedMs + 2_000);
    assert.equal(other.status()[0]?.next, 'working');
    await time.runUntil(START + 5 * 60_000, () => other.live('a.example') !== undefined);
    assert.ok((await store.live('a.example')) !== undefined);
    await stopping;
    assert.equal(most, 1);
    assert.equal(authority.seen.orders, 1);
    await stop(other, time);
    if (ends === 'fail') await stop(one, time);
  });
}

test('what the CA has counted as a failure of its own is not tried at once by another gateway', async () => {
  const { time, make } = stage();
  const attempts: number[] = [];
  const refused = issuer('x', async () => {
    attempts.push(time.nowMs);
    await time.sleep(2_000);
    return failing(true);
  });
  const managers = ['one', 'other'].map((owner) => make({ issuers: [{ issuer: refused, limits: noLimits }], owner }));
  for (const manager of managers) await manager.setWanted([want('a.example')]);
  for (const manager of managers) await manager.start();
  await time.runUntil(START + 45_000);
  assert.equal(attempts.length, 2);
  assert.ok(attempts[1]! - attempts[0]! >= 15_000, String(attempts));
  for (const manager of managers) await stop(manager, time);
});

test('a store that fails at everything throws nothing out of the manager, and orders nothing', async () => {
  const { time, make, events, store } = stage();
  const broken = new Proxy(store, {
    get: (target, name) =>
      name === 'watch'
        ? target.watch
        : () => Promise.reject(new FindingError(finding('state-folder-read-only', { path: '/state' }))),
  });
  const authority = simulated(time);
  const manager = make({ store: broken, issuers: [{ issuer: authority, limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + DAY);
  assert.equal(manager.status()[0]?.state, 'missing');
  assert.equal(manager.status()[0]?.lastError?.finding.code, 'state-folder-read-only');
  assert.ok(events.every((event) => event.type === 'notice' || event.type === 'failed'));
  assert.equal(authority.seen.orders, 0, 'without a place for the key nothing is ordered');
  await stop(manager, time);
});

test('revoked: replaced at once, with the reason told', async () => {
  const { time, make, types } = stage();
  const manager = make({ issuers: [{ issuer: simulated(time), limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + 5 * DAY);
  const before = manager.live('a.example');
  assert.equal(await manager.revoke('a.example', 1), undefined);
  await time.runUntil(START + 5 * DAY + 60_000);
  assert.deepEqual(types(), ['obtained', 'revoked', 'renewed']);
  assert.notEqual(manager.live('a.example')?.chainPem, before?.chainPem);
  assert.equal((await manager.revoke('b.example', 1))?.code, 'renewal-unknown-certificate');
  await stop(manager, time);
});

test('a CA whose window is always in the past costs a certificate in a while, not one after another', async () => {
  const { time, make } = stage();
  const authority = simulated(time);
  const urgent: Issuer = {
    name: authority.name,
    issue: (request) => authority.issue(request),
    revoke: async () => undefined,
    renewalWindow: async () => ({ startMs: START - 2 * DAY, endMs: START - DAY, askAgainAtMs: 0 }),
  };
  const manager = make({ issuers: [{ issuer: urgent, limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + 30 * DAY);
  assert.ok(authority.seen.issued <= 17, `${authority.seen.issued} certificates in a month`);
  assert.deepEqual(authority.limited, { orders: 0, domain: 0, set: 0, failures: 0 });
  await stop(manager, time);
});

test('renewNow renews, and says why not where a limit forbids it', async () => {
  const { time, make } = stage();
  const authority = simulated(time);
  const manager = make({ issuers: [{ issuer: authority, limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + HOUR);
  const results: string[] = [];
  for (let i = 0; i < 6; i++) {
    const renewing = manager.renewNow('a.example');
    await time.runUntil(time.nowMs + 60_000);
    const result = await renewing;
    results.push('code' in result ? result.code : 'renewed');
  }
  assert.deepEqual(results, [
    ...Array.from({ length: 4 }, () => 'renewed'),
    ...Array.from({ length: 2 }, () => 'renewal-waits-for-limit'),
  ]);
  assert.equal(authority.limited.set, 0);
  await stop(manager, time);
});

test('what an issuer has counted is remembered over a restart', async () => {
  const { time, make, store } = stage();
  const authority = simulated(time);
  const options = { issuers: [{ issuer: authority, limits: letsEncryptLimits }] };
  for (let start = 0; start < 8; start++) {
    const manager = make(options);
    await manager.setWanted([want('a.example')]);
    await manager.start();
    await time.runUntil(time.nowMs + 60_000);
    const renewing = manager.renewNow('a.example');
    await time.runUntil(time.nowMs + 60_000);
    await renewing;
    await stop(manager, time);
  }
  assert.equal(authority.limited.set, 0);
  assert.equal(authority.seen.issued, 5);
  assert.ok((await store.uses(0)).length >= 10);
});

test('an expiring certificate is told of once, whatever goes wrong with its renewal', async () => {
  const { time, make, types, events } = stage();
  let up = true;
  const authority = simulated(time, { isUp: () => up });
  const manager = make({ issuers: [{ issuer: authority, limits: letsEncryptLimits }] });
  await manager.setWanted([want('a.example')]);
  await manager.start();
  await time.runUntil(START + DAY);
  up = false;
  await time.runUntil(START + 89 * DAY);
  assert.equal(types().filter((type) => type === 'expiring').length, 1);
  const told = events.find((event) => event.type === 'expiring');
  const left = readPaper(manager.live('a.example')?.chainPem ?? '').notAfterMs - (told?.atMs ?? 0);
  assert.ok(left > 14 * DAY && left <= 15 * DAY);
  assert.equal(manager.status()[0]?.state, 'expiring');
  up = true;
  await time.runUntil(START + 89.5 * DAY);
  assert.equal(types().at(-1), 'renewed');
  await stop(manager, time);
});
