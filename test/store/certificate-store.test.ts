import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import * as nodeFileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Finding } from '../../src/story/finding.ts';
import { FindingError } from '../../src/story/finding-error.ts';
import type { CertificateContent, CertificateStore, Lease, OrderContent } from '../../src/store/certificate-store.ts';
import { openFolder, type FolderFileSystem } from '../../src/store/folder.ts';
import { createFolderStore } from '../../src/store/folder-store.ts';
import { createSeal, type Seal } from '../../src/store/seal.ts';
import { createMemoryStore } from '../acme/manager/memory-store.ts';
import { SmallAuthority } from '../acme/manager/small-authority.ts';

const DAY = 86_400_000;
const identifiers = [{ type: 'dns', value: 'a.example' }] as const;
const authority = new SmallAuthority();

function content(atMs: number): CertificateContent {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const chainPem = authority.certify(identifiers, publicKey.export({ type: 'spki', format: 'pem' }), atMs);
  return {
    identifiers,
    keyType: 'ecdsa',
    issuer: 'small',
    chainPem,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    obtainedAtMs: atMs,
    notBeforeMs: atMs,
    notAfterMs: atMs + 90 * DAY,
  };
}

const orderOf = ({ privateKeyPem }: CertificateContent): OrderContent => ({
  identifiers,
  keyType: 'ecdsa',
  issuer: 'small',
  startedAtMs: 1_000,
  privateKeyPem,
});

interface Place {
  readonly store: CertificateStore;
  readonly place: string;
  readonly reports: Finding[];
  readonly time: { nowMs: number };
}

async function folderPlace(
  t: TestContext,
  options: { fileSystem?: FolderFileSystem; seal?: Seal; place?: string } = {},
): Promise<Place> {
  const place = options.place ?? (await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-store-')));
  if (options.place === undefined) t.after(() => nodeFileSystem.rm(place, { recursive: true, force: true }));
  const time = { nowMs: Date.UTC(2026, 10, 1) };
  const reports: Finding[] = [];
  const { fileSystem, seal } = options;
  const folder = await openFolder(place, fileSystem === undefined ? {} : { fileSystem });
  const report = (found: Finding) => reports.push(found);
  const store = createFolderStore({ folder, clock: () => time.nowMs, report, ...(seal && { seal }) });
  return { store, place, reports, time };
}

async function lease(store: CertificateStore, id = 'a.example', owner = 'me'): Promise<Lease> {
  const got = await store.acquire(id, owner, 60_000);
  assert.ok(got, 'the lease is free');
  return got;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof FindingError, String(error));
    return error.finding.code;
  }
  return 'none';
}

for (const kind of ['folder', 'memory'] as const) {
  const open = async (t: TestContext): Promise<Pick<Place, 'store' | 'time'>> => {
    if (kind === 'folder') return folderPlace(t);
    const time = { nowMs: Date.UTC(2026, 10, 1) };
    return { time, store: createMemoryStore(() => time.nowMs) };
  };

  test(`${kind}: what is published is live, the newest version counts, and changes tell of it`, async (t) => {
    const { store, time } = await open(t);
    assert.equal(await store.live('a.example'), undefined);
    const { cursor } = await store.changes();
    const held = await lease(store);
    const first = content(time.nowMs);
    await store.publish(held, first);
    const second = content(time.nowMs + 2_000);
    const published = await store.publish(held, second);
    const live = await store.live('a.example');
    assert.deepEqual({ ...live }, { ...second, id: 'a.example', fence: held.fence, version: published.version });
    assert.deepEqual(await store.ids(), ['a.example']);
    assert.equal((await store.versions('a.example')).length, 2);
    const changes = await store.changes(cursor);
    assert.deepEqual(changes.ids, ['a.example']);
    assert.deepEqual((await store.changes(changes.cursor)).ids, []);
    await store.remove(held);
    assert.equal(await store.live('a.example'), undefined);
  });

  test(`${kind}: a lease is one owner's until its end, fences grow, and a late writer is refused`, async (t) => {
    const { store, time } = await open(t);
    const first = await lease(store, 'a.example', 'one');
    assert.equal(await store.acquire('a.example', 'two', 60_000), undefined);
    assert.equal(await store.acquire('a.example', 'one', 60_000), undefined);
    time.nowMs += 50_000;
    const renewed = await store.renew(first, 60_000);
    assert.equal(renewed?.fence, first.fence);
    time.nowMs += 30_000;
    assert.equal(await store.acquire('a.example', 'two', 60_000), undefined);
    time.nowMs += 60_000;
    const second = await lease(store, 'a.example', 'two');
    assert.ok(second.fence > first.fence);
    assert.equal(await store.renew(first, 60_000), undefined);
    const late = { ...first, expiresAtMs: time.nowMs + 1_000_000 };
    const order = orderOf(content(time.nowMs));
    assert.equal(await codeOf(store.publish(late, content(time.nowMs))), 'store-lease-lost');
    assert.equal(await codeOf(store.beginOrder(late, order)), 'store-lease-lost');
    assert.equal(await codeOf(store.advanceOrder(late, { orderUrl: 'x', step: 'ordered' })), 'store-lease-lost');
    assert.equal(await codeOf(store.endOrder(late)), 'store-lease-lost');
    await store.release(late);
    assert.equal(await store.acquire('a.example', 'three', 60_000), undefined, 'a late release ends nothing');
    await store.release(second);
    assert.ok((await lease(store, 'a.example', 'three')).fence > second.fence);
  });

  test(`${kind}: an order keeps its key and goes on; with its certificate published it is over`, async (t) => {
    const { store, time } = await open(t);
    const first = await lease(store);
    const made = content(time.nowMs);
    await store.beginOrder(first, orderOf(made));
    assert.deepEqual((await store.order('a.example'))?.progress, undefined);
    await store.advanceOrder(first, { orderUrl: 'order/1', step: 'finalized' });
    await store.release(first);
    const second = await lease(store, 'a.example', 'another');
    const kept = await store.order('a.example');
    assert.equal(kept?.privateKeyPem, made.privateKeyPem);
    assert.deepEqual(kept?.progress, { orderUrl: 'order/1', step: 'finalized' });
    await store.publish(second, made);
    assert.equal(await store.order('a.example'), undefined);
  });

  test(`${kind}: the account is whose was first; challenges, uses and staples come back`, async (t) => {
    const { store, time } = await open(t);
    const account = store.account('https://acme.example/directory');
    assert.equal(await account.load(), undefined);
    const made = await Promise.all(['1', '2', '3'].map((privateKeyPem) => account.create({ privateKeyPem })));
    assert.equal(new Set(made.map(({ privateKeyPem }) => privateKeyPem)).size, 1);
    const url = 'https://acme.example/account/1';
    await account.replace({ privateKeyPem: made[0]?.privateKeyPem ?? '', url });
    assert.equal((await account.load())?.url, url);

    const challenge = {
      type: 'http-01',
      identifier: identifiers[0],
      token: 'to-ken_1',
      keyAuthorization: 'to-ken_1.print',
      digest: Uint8Array.of(1, 254),
    } as const;
    const alpn = { ...challenge, type: 'tls-alpn-01', token: 'other' } as const;
    await store.putChallenge(challenge);
    await store.putChallenge(alpn);
    assert.deepEqual(await store.challenges('http-01', 'to-ken_1'), [challenge]);
    assert.deepEqual(await store.challenges('tls-alpn-01', 'a.example'), [alpn]);
    assert.deepEqual(await store.challenges('http-01', '../../etc/passwd'), []);
    await store.removeChallenge(challenge);
    assert.deepEqual(await store.challenges('http-01', 'to-ken_1'), []);

    const use = { issuer: 'small', kind: 'order', identifiers, inWindow: false, again: false } as const;
    await store.recordUse({ ...use, atMs: time.nowMs - 8 * DAY });
    await store.recordUse({ ...use, atMs: time.nowMs });
    assert.deepEqual(await store.uses(time.nowMs - DAY), [{ ...use, atMs: time.nowMs }]);

    assert.equal(await store.ocsp('ab:cd'), undefined);
    await store.putOcsp('ab:cd', Uint8Array.of(1, 2));
    assert.deepEqual([...((await store.ocsp('ab:cd')) ?? [])], [1, 2]);
  });
}

test('of many who want one lease at once, on one folder, exactly one gets it; again and again', async (t) => {
  const { place } = await folderPlace(t);
  const nodes = await Promise.all(Array.from({ length: 6 }, () => folderPlace(t, { place })));
  const fences: number[] = [];
  for (let round = 0; round < 15; round++) {
    const got = await Promise.all(nodes.map(({ store }, index) => store.acquire('a.example', `node ${index}`, 1_000)));
    const [winner, ...others] = got.filter((one) => one !== undefined);
    assert.ok(winner !== undefined && others.length === 0, `round ${round}: ${got.length - got.indexOf(undefined)}`);
    fences.push(winner.fence);
    for (const { time } of nodes) time.nowMs += 10_000;
  }
  assert.deepEqual(
    fences,
    [...fences].sort((a, b) => a - b),
  );
  assert.equal(new Set(fences).size, fences.length);
});

test('a pointer that a late writer moved back does not bring the past back', async (t) => {
  const { store, place, time } = await folderPlace(t);
  const first = await lease(store);
  const old = await store.publish(first, content(time.nowMs));
  await store.release(first);
  const second = await lease(store);
  const young = await store.publish(second, content(time.nowMs + 5_000));
  const pointer = path.join(place, 'certificates/a.example/live.json');
  assert.equal(JSON.parse(await nodeFileSystem.readFile(pointer, 'utf8')).version, young.version);
  await nodeFileSystem.writeFile(pointer, JSON.stringify({ version: old.version, fence: old.fence }));
  assert.equal((await store.live('a.example'))?.version, young.version);
});

for (const [file, damage] of [
  ['chain.pem', 'cut'],
  ['key.pem', 'foreign'],
  ['meta.json', 'cut'],
  ['meta.json', 'gone'],
] as const) {
  test(`a version whose ${file} is ${damage} is set aside and told, never deleted; the one before counts`, async (t) => {
    const { store, place, reports, time } = await folderPlace(t);
    const held = await lease(store);
    const good = await store.publish(held, content(time.nowMs));
    const bad = await store.publish(held, content(time.nowMs + 5_000));
    const target = path.join(place, 'certificates/a.example', bad.version, file);
    if (damage === 'gone') await nodeFileSystem.rm(target);
    else await nodeFileSystem.writeFile(target, damage === 'foreign' ? good.privateKeyPem : '-----BEGIN CERT');
    assert.equal((await store.live('a.example'))?.version, good.version);
    assert.equal(reports[0]?.code, 'store-file-damaged');
    assert.match(String(reports[0]?.values['path']), new RegExp(`${file.replace('.', '\\.')}$`));
    assert.equal((await nodeFileSystem.readdir(path.join(place, 'set-aside'))).length, 1);
    assert.equal((await store.live('a.example'))?.version, good.version);
  });
}

test('old versions are pruned, the newest three stay', async (t) => {
  const { store, time } = await folderPlace(t);
  const held = await lease(store);
  for (let i = 0; i < 5; i++) await store.publish(held, content(time.nowMs + i * 1_000));
  const versions = await store.versions('a.example');
  assert.deepEqual(
    versions.map(({ obtainedAtMs }) => obtainedAtMs - time.nowMs),
    [2_000, 3_000, 4_000],
  );
});

test('keys can be sealed: not readable in the folder, not with another key, not in another place', async (t) => {
  const seal = createSeal(Buffer.alloc(32, 7));
  const { store, place, time } = await folderPlace(t, { seal });
  const held = await lease(store);
  const made = content(time.nowMs);
  const { version } = await store.publish(held, made);
  await store.account('small').create({ privateKeyPem: made.privateKeyPem });
  const text = await nodeFileSystem.readFile(path.join(place, 'certificates/a.example', version, 'key.pem'), 'utf8');
  assert.doesNotMatch(text, /PRIVATE KEY/);
  assert.equal((await store.live('a.example'))?.privateKeyPem, made.privateKeyPem);
  assert.equal((await store.account('small').load())?.privateKeyPem, made.privateKeyPem);
  assert.equal(seal.open(text, 'certificates/b.example'), undefined);
  const stranger = await folderPlace(t, { place, seal: createSeal(Buffer.alloc(32, 8)) });
  assert.equal(await stranger.store.live('a.example'), undefined);
  assert.equal(stranger.reports[0]?.code, 'store-key-sealed');
  assert.equal(await codeOf(stranger.store.account('small').load()), 'store-key-sealed');
  assert.equal((await store.live('a.example'))?.version, version, 'nothing was set aside');
});

test('a lease that could not be given back is free to this process, and to others after its end', async (t) => {
  const { store: other, place, time } = await folderPlace(t);
  let isFull = false;
  const fileSystem: FolderFileSystem = {
    ...nodeFileSystem,
    rename: (...args) =>
      isFull ? Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' })) : nodeFileSystem.rename(...args),
  };
  const { store } = await folderPlace(t, { place, fileSystem });
  const held = await lease(store);
  isFull = true;
  assert.equal(await codeOf(store.release(held)), 'state-folder-full');
  isFull = false;
  assert.equal(await other.acquire('a.example', 'other', 60_000), undefined);
  const again = await lease(store);
  assert.equal(again.fence, held.fence + 1);
  // The new one is a lease like any other.
  assert.equal(await store.acquire('a.example', 'me', 60_000), undefined);
  isFull = true;
  assert.equal(await codeOf(store.release(again)), 'state-folder-full');
  isFull = false;
  time.nowMs += 65_000;
  const theirs = await other.acquire('a.example', 'other', 60_000);
  assert.equal(theirs?.fence, again.fence + 1);
  assert.equal(await store.acquire('a.example', 'me', 60_000), undefined);
});

for (const [errno, code] of [
  ['ENOSPC', 'state-folder-full'],
  ['EROFS', 'state-folder-read-only'],
] as const) {
  test(`${errno}: what is there stays readable, every write is told as ${code}`, async (t) => {
    const { store: healthy, place, time } = await folderPlace(t);
    const held = await lease(healthy);
    const live = await healthy.publish(held, content(time.nowMs));
    await healthy.release(held);
    const fail = async (): Promise<never> => {
      throw Object.assign(new Error(errno), { code: errno });
    };
    const fileSystem: FolderFileSystem = {
      ...nodeFileSystem,
      open: (...args) => (args[1] === 'r' ? nodeFileSystem.open(...args) : fail()),
      rename: fail,
      mkdir: ((...args: Parameters<typeof nodeFileSystem.mkdir>) =>
        typeof args[1] === 'object' && args[1]?.recursive === true
          ? nodeFileSystem.mkdir(...args)
          : fail()) as FolderFileSystem['mkdir'],
    };
    const { store } = await folderPlace(t, { place, fileSystem });
    assert.equal((await store.live('a.example'))?.version, live.version);
    assert.equal(await codeOf(store.acquire('a.example', 'me', 1_000)), code);
    const use = { atMs: time.nowMs, issuer: '', kind: 'order', identifiers, inWindow: false, again: false } as const;
    assert.equal(await codeOf(store.recordUse(use)), code);
    assert.equal(await codeOf(store.account('small').create({ privateKeyPem: 'x' })), code);
    assert.equal((await healthy.live('a.example'))?.version, live.version);
  });
}

test('a use that a crash cut off is passed over, and the next one counts', async (t) => {
  const { store, place, time } = await folderPlace(t);
  const use = { issuer: 'small', kind: 'failure', identifiers, inWindow: false, again: true } as const;
  await store.recordUse({ ...use, atMs: time.nowMs });
  const file = path.join(place, 'uses/2026-11-01.jsonl');
  await nodeFileSystem.appendFile(file, '{"atMs":17');
  const next = await folderPlace(t, { place });
  await next.store.recordUse({ ...use, atMs: time.nowMs + 1 });
  assert.deepEqual(
    (await store.uses(0)).map(({ atMs }) => atMs),
    [time.nowMs, time.nowMs + 1],
  );
});

test('who asks for changes from long ago looks at everything', async (t) => {
  const { store } = await folderPlace(t);
  assert.deepEqual(await store.changes(99), { cursor: 0, ids: 'all' });
});
