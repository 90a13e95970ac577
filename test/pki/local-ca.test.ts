import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import * as nodeFileSystem from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import * as tls from 'node:tls';
import { promisify } from 'node:util';
import { openLocalCa, type LocalCa, type LocalCaOptions } from '../../src/pki/local-ca.ts';
import { encodeLeaf } from '../../src/pki/local-certificate.ts';
import { listLocalRoots } from '../../src/pki/local-ca-root.ts';
import { writeTrustRecord } from '../../src/pki/local-ca-trust-record.ts';
import type { LocalName } from '../../src/pki/local-name.ts';
import { FindingError } from '../../src/story/finding-error.ts';
import { openFolder, type Folder } from '../../src/store/folder.ts';

const run = promisify(execFile);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface World {
  readonly folder: Folder;
  /** Moves with `nowMs`. */
  nowMs: number;
  open(names?: readonly string[], change?: Partial<LocalCaOptions>): Promise<LocalCa>;
}

async function world(t: TestContext): Promise<World> {
  const place = await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-ca-'));
  t.after(() => nodeFileSystem.rm(place, { recursive: true, force: true }));
  const made: World = {
    folder: await openFolder(place),
    // The real clients that judge these certificates look at their own clock.
    nowMs: Date.now(),
    open: (names = [], change = {}) =>
      openLocalCa(
        { folder: made.folder, clock: () => made.nowMs, random: randomBytes, machine: 'workbench', ...change },
        names,
      ),
  };
  return made;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof FindingError, String(error));
    return error.finding.code;
  }
  return 'no error';
}

async function opensslMissing(t: TestContext): Promise<boolean> {
  const found = await run('openssl', ['version']).then(
    () => true,
    () => false,
  );
  if (!found) t.skip('openssl is not installed');
  return !found;
}

/** What `openssl verify` says of a leaf under a root: '' when it is content. */
async function opensslComplaint(ca: LocalCa, certPem: string, ...options: string[]): Promise<string> {
  const place = await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-openssl-'));
  try {
    const leaf = path.join(place, 'leaf.pem');
    await nodeFileSystem.writeFile(leaf, certPem);
    await run('openssl', ['verify', '-purpose', 'sslserver', '-x509_strict', '-CAfile', ca.rootFile, ...options, leaf]);
    return '';
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  } finally {
    await nodeFileSystem.rm(place, { recursive: true });
  }
}

/** A leaf for any name at all, signed with the root's own key: what a thief of the key could make. */
async function stolenLeaf(w: World, ca: LocalCa, name: LocalName): Promise<string> {
  const key = await w.folder.read(`local-ca/root-${ca.generation}/root.key`);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return encodeLeaf({
    serial: randomBytes(16),
    name,
    publicKey,
    notBeforeMs: w.nowMs - HOUR,
    notAfterMs: w.nowMs + DAY,
    issuer: { commonName: ca.rootName, privateKey: createPrivateKey(String(key)) },
  }).toString();
}

test('the root is made on first use, says what it is, and is found again', async (t) => {
  const w = await world(t);
  const ca = await w.open(['app.localhost']);
  const root = new X509Certificate(ca.rootPem);
  const date = new Date(w.nowMs).toISOString().slice(0, 10);
  assert.match(ca.rootName, new RegExp(`^Menshen Local CA workbench ${date} [0-9a-f]{4}$`));
  assert.equal(root.subject, `O=Menshen\nCN=${ca.rootName}`);
  assert.equal(root.ca, true);
  assert.ok(root.verify(root.publicKey));
  assert.equal(root.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  const years = (Date.parse(root.validTo) - Date.parse(root.validFrom)) / DAY / 365.2425;
  assert.ok(years > 9.99 && years < 10.01, String(years));
  assert.equal(String(await nodeFileSystem.readFile(ca.rootFile)), ca.rootPem);
  const again = await w.open(['app.localhost', 'other.localhost']);
  assert.equal(again.rootFingerprint, ca.rootFingerprint);
  assert.deepEqual(again.findings, []);
});

test('keys are readable by their owner only', { skip: process.platform === 'win32' }, async (t) => {
  const w = await world(t);
  await (await w.open()).issue('app.localhost');
  for (const name of ['local-ca/root-1/root.key', 'local-ca/leaves/app.localhost.ecdsa.pem']) {
    assert.equal((await nodeFileSystem.stat(w.folder.fileOf(name))).mode & 0o777, 0o600, name);
  }
});

test("the root's extensions are critical where they bind, and constrain both names and addresses", async (t) => {
  if (await opensslMissing(t)) return;
  const w = await world(t);
  const ca = await w.open(['someapp.example.com', '*.tenants.example.org']);
  const { stdout } = await run('openssl', ['x509', '-in', ca.rootFile, '-noout', '-text']);
  const text = stdout.replace(/\s+/g, ' ');
  assert.match(text, /Basic Constraints: critical CA:TRUE, pathlen:0/);
  assert.match(text, /Key Usage: critical Certificate Sign, CRL Sign/);
  assert.match(
    text,
    /Name Constraints: critical Permitted: DNS:localhost DNS:someapp.example.com DNS:tenants.example.org IP:127.0.0.0\/255.0.0.0 IP:0:0:0:0:0:0:0:1\/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF/,
  );
  assert.deepEqual(ca.permitted, ['localhost', 'someapp.example.com', 'tenants.example.org']);
});

for (const [name, option, value] of [
  ['localhost', '-verify_hostname', 'localhost'],
  ['app.localhost', '-verify_hostname', 'app.localhost'],
  ['*.dev.localhost', '-verify_hostname', 'a.dev.localhost'],
  ['someapp.example.com', '-verify_hostname', 'someapp.example.com'],
  ['*.example.org', '-verify_hostname', 'www.example.org'],
  ['127.0.0.1', '-verify_ip', '127.0.0.1'],
  ['::1', '-verify_ip', '::1'],
] as const) {
  for (const keyType of ['ecdsa', 'rsa'] as const) {
    test(`openssl accepts the ${keyType} leaf for ${name}`, async (t) => {
      if (await opensslMissing(t)) return;
      const w = await world(t);
      const ca = await w.open(['someapp.example.com', '*.example.org']);
      const leaf = await ca.issue(name, keyType);
      assert.equal(await opensslComplaint(ca, leaf.certPem, option, value), '');
      assert.notEqual(await opensslComplaint(ca, leaf.certPem, '-verify_hostname', 'elsewhere.localhost'), '');
    });
  }
}

const outside: readonly LocalName[] = [
  { kind: 'dns', text: 'bank.example', subtree: 'bank.example' },
  { kind: 'dns', text: '*.bank.example', subtree: 'bank.example' },
  { kind: 'dns', text: 'notsomeapp.example.com', subtree: 'notsomeapp.example.com' },
  { kind: 'dns', text: 'example.com', subtree: 'example.com' },
  { kind: 'ip', text: '192.0.2.1', octets: Uint8Array.of(192, 0, 2, 1) },
  { kind: 'ip', text: '128.0.0.1', octets: Uint8Array.of(128, 0, 0, 1) },
  { kind: 'ip', text: '2001:db8::1', octets: Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) },
];
for (const name of outside) {
  test(`a leaf for ${name.text} signed with the stolen root key is refused by openssl`, async (t) => {
    if (await opensslMissing(t)) return;
    const w = await world(t);
    const ca = await w.open(['someapp.example.com']);
    assert.match(await opensslComplaint(ca, await stolenLeaf(w, ca, name)), /permitted subtree violation/);
  });
}

test('a leaf is for one name, for servers, for seven days, with an hour of grace and a serial of 128 random bits', async (t) => {
  const w = await world(t);
  const ca = await w.open([], { random: (length) => new Uint8Array(length).fill(0xab) });
  const leaf = await ca.issue('App.localhost');
  const certificate = new X509Certificate(leaf.certPem);
  assert.equal(leaf.name, 'app.localhost');
  assert.equal(certificate.subject, undefined);
  assert.equal(certificate.subjectAltName, 'DNS:app.localhost');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(certificate.ca, false);
  assert.equal(certificate.serialNumber, 'AB'.repeat(16));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(leaf.keyPem)));
  assert.equal(Date.parse(certificate.validFrom), leaf.notBeforeMs);
  assert.equal(Date.parse(certificate.validTo), leaf.notAfterMs);
  assert.equal(leaf.notBeforeMs, Math.floor((w.nowMs - HOUR) / 1000) * 1000);
  assert.equal(leaf.notAfterMs - leaf.notBeforeMs, 7 * DAY);
  assert.equal(leaf.warning, undefined);
});

test('the key is ECDSA P-256, and RSA 2048 where it is asked for; both stand side by side', async (t) => {
  const w = await world(t);
  const ca = await w.open();
  const [ecdsa, rsa] = await Promise.all([ca.issue('app.localhost'), ca.issue('app.localhost', 'rsa')]);
  assert.equal(createPublicKey(ecdsa.keyPem).asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(createPublicKey(rsa.keyPem).asymmetricKeyDetails?.modulusLength, 2048);
  assert.deepEqual(await ca.issue('app.localhost'), ecdsa);
  assert.deepEqual(await ca.issue('app.localhost', 'rsa'), rsa);
});

test('a leaf lives on over a restart until two thirds of its own life, however long that is', async (t) => {
  for (const leafLifetimeMs of [6 * HOUR, 7 * DAY, 90 * DAY]) {
    const w = await world(t);
    const ca = await w.open([], { leafLifetimeMs });
    const leaf = await ca.issue('app.localhost');
    assert.equal(leaf.renewAtMs, leaf.notBeforeMs + Math.floor((leafLifetimeMs * 2) / 3));
    w.nowMs = leaf.renewAtMs - 1;
    assert.equal(ca.needsRenewal(leaf), false);
    assert.deepEqual(await (await w.open([], { leafLifetimeMs })).issue('app.localhost'), leaf);
    w.nowMs = leaf.renewAtMs;
    assert.equal(ca.needsRenewal(leaf), true);
    const next = await ca.issue('app.localhost');
    assert.notEqual(next.certPem, leaf.certPem);
    assert.notEqual(next.keyPem, leaf.keyPem);
    assert.ok(next.renewAtMs > w.nowMs);
  }
});

test('a kept leaf is made anew when it is broken, of another root, of another name, or not begun', async (t) => {
  const w = await world(t);
  const ca = await w.open();
  const file = 'local-ca/leaves/app.localhost.ecdsa.pem';
  const leaf = await ca.issue('app.localhost');
  const other = await ca.issue('other.localhost');
  const foreign = await (await (await world(t)).open()).issue('app.localhost');
  const replacements = [
    '',
    'no PEM at all',
    leaf.certPem,
    leaf.keyPem,
    other.keyPem + leaf.certPem,
    other.keyPem + other.certPem,
    foreign.keyPem + foreign.certPem,
  ];
  for (const content of replacements) {
    await w.folder.write({ name: file, content, secret: true });
    const again = await ca.issue('app.localhost');
    assert.notEqual(again.certPem, leaf.certPem);
    assert.ok(new X509Certificate(again.certPem).verify(new X509Certificate(ca.rootPem).publicKey));
    assert.equal(new X509Certificate(again.certPem).subjectAltName, 'DNS:app.localhost');
  }
  const last = await ca.issue('app.localhost');
  w.nowMs = last.notBeforeMs - 1;
  assert.notEqual((await ca.issue('app.localhost')).certPem, last.certPem);
});

test('asked for the same leaf many times at once, it makes one', async (t) => {
  const w = await world(t);
  const ca = await w.open();
  const leaves = await Promise.all(Array.from({ length: 10 }, () => ca.issue('app.localhost')));
  assert.equal(new Set(leaves.map((leaf) => leaf.certPem)).size, 1);
});

test('names that no certificate can carry and names outside of the root are refused with their reason', async (t) => {
  const w = await world(t);
  const ca = await w.open(['someapp.example.com']);
  assert.equal(await codeOf(ca.issue('my_app.localhost')), 'local-name-underscore');
  assert.equal(await codeOf(ca.issue('192.0.2.1')), 'local-name-address');
  assert.equal(await codeOf(ca.issue('bank.example')), 'local-ca-name-outside');
  assert.equal(await codeOf(ca.issue('*.example.com')), 'local-ca-name-outside');
  assert.equal(await codeOf(w.open(['my_app.localhost'])), 'local-name-underscore');
  assert.equal((await ca.issue('api.someapp.example.com')).name, 'api.someapp.example.com');
});

test('a name beyond the root makes another root for it, keeps the old one, and says that trust is stale', async (t) => {
  const w = await world(t);
  const first = await w.open(['app.localhost']);
  await writeTrustRecord(w.folder, [first.rootFingerprint]);
  assert.equal((await w.open(['app.localhost'])).trusted, true);

  const second = await w.open(['app.localhost', 'someapp.example.com']);
  assert.deepEqual(second.permitted, ['localhost', 'someapp.example.com']);
  assert.notEqual(second.rootFingerprint, first.rootFingerprint);
  assert.notEqual(second.rootName, first.rootName);
  assert.equal(second.generation, 2);
  assert.equal(second.trusted, false);
  assert.deepEqual(
    second.findings.map(({ code, values }) => ({ code, values })),
    [{ code: 'local-ca-trust-stale', values: { name: second.rootName } }],
  );
  assert.equal(String(await nodeFileSystem.readFile(second.rootFile)), second.rootPem);
  const roots = await listLocalRoots(w.folder);
  assert.deepEqual(
    roots.map((root) => root.fingerprint),
    [second.rootFingerprint, first.rootFingerprint],
  );

  // It stays stale over restarts, until the new root is trusted too.
  assert.equal((await w.open(['someapp.example.com'])).findings.length, 1);
  await writeTrustRecord(w.folder, [second.rootFingerprint]);
  const trusted = await w.open(['someapp.example.com']);
  assert.deepEqual([trusted.trusted, trusted.findings], [true, []]);
  // A leaf kept from the first root is not served under the second.
  const leaf = await trusted.issue('app.localhost');
  assert.ok(new X509Certificate(leaf.certPem).verify(new X509Certificate(second.rootPem).publicKey));
});

test('names that go and come back find the root that was made for them; no names take the present one', async (t) => {
  const w = await world(t);
  const [a, b] = [['a.example.com'], ['b.example.com']];
  const first = await w.open(a);
  const second = await w.open(b);
  assert.equal((await w.open()).rootFingerprint, second.rootFingerprint);
  assert.equal((await w.open(a)).rootFingerprint, first.rootFingerprint);
  assert.equal((await w.open()).rootFingerprint, first.rootFingerprint);
  assert.equal((await w.open([...a, ...b])).generation, 3);
});

test('a root that would end before a leaf is replaced, and no leaf outlives its root', async (t) => {
  const w = await world(t);
  const first = await w.open();
  const end = Date.parse(new X509Certificate(first.rootPem).validTo);
  w.nowMs = end - 7 * DAY;
  assert.equal((await w.open()).generation, 1);
  w.nowMs = end - 7 * DAY + 1;
  assert.equal((await w.open()).generation, 2);
  // A process that has been running since then still issues from the first.
  w.nowMs = end - DAY;
  assert.equal((await first.issue('late.localhost')).notAfterMs, end);
});

for (const part of ['root.pem', 'root.key', 'root.json']) {
  test(`a root whose ${part} is missing, cut or not its own is reported, not replaced`, async (t) => {
    const w = await world(t);
    await w.open(['a.example.com']);
    const other = await world(t);
    await other.open(['b.example.com']);
    const file = `local-ca/root-1/${part}`;
    const whole = (await w.folder.read(file)) ?? Buffer.alloc(0);
    const foreign = (await other.folder.read(file)) ?? Buffer.alloc(0);
    for (const content of [undefined, Buffer.alloc(0), whole.subarray(0, 40), foreign]) {
      if (content) await w.folder.write({ name: file, content, secret: true });
      else await w.folder.remove(file);
      assert.equal(await codeOf(w.open()), 'local-ca-root-damaged');
    }
    await w.folder.write({ name: file, content: whole, secret: true });
    assert.equal((await w.open()).generation, 1);
  });
}

test('a description that claims more than the certificate permits is not believed', async (t) => {
  const w = await world(t);
  const ca = await w.open();
  const content = JSON.stringify({ name: ca.rootName, permitted: ['bank.example', 'localhost'] });
  await w.folder.write({ name: 'local-ca/root-1/root.json', content, secret: false });
  assert.equal(await codeOf(w.open()), 'local-ca-root-damaged');
});

test('when the state folder fills up the leaf is issued all the same, and the reason is told', async (t) => {
  const w = await world(t);
  const { folder } = w;
  await w.open();
  const full = await openFolder(folder.path, {
    fileSystem: {
      ...nodeFileSystem,
      rename: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
    },
  });
  const leaf = await (await w.open([], { folder: full })).issue('app.localhost');
  assert.equal(leaf.warning?.code, 'state-folder-full');
  assert.ok(new X509Certificate(leaf.certPem).checkPrivateKey(createPrivateKey(leaf.keyPem)));
});

test('processes that make the CA at the same moment end with one root', async (t) => {
  const w = await world(t);
  const modules = ['../../src/store/folder.js', '../../src/pki/local-ca.js'].map(
    (name) => new URL(name, import.meta.url),
  );
  const script = `const [{ openFolder }, { openLocalCa }] = await Promise.all(${JSON.stringify(modules)}.map((m) => import(m)));
    const { randomBytes } = await import('node:crypto');
    const folder = await openFolder(process.argv[1]);
    process.stdout.write('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const ca = await openLocalCa({ folder, clock: Date.now, random: randomBytes, machine: 'm' }, ['app.localhost']);
    process.stdout.write(ca.rootFingerprint);
    process.exit(0);`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script, w.folder.path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))));
  const outputs = children.map(async (child) => {
    let output = '';
    child.stdout.on('data', (data) => (output += String(data)));
    await new Promise((resolve) => child.on('close', resolve));
    return output;
  });
  for (const child of children) child.stdin.write('go');
  const fingerprints = await Promise.all(outputs);
  assert.match(fingerprints[0] ?? '', /^[0-9a-f]{64}$/);
  assert.equal(new Set(fingerprints).size, 1);
  assert.deepEqual(await w.folder.list('local-ca'), ['root-1', 'root.pem']);
});

test("node's TLS accepts leaves that are inside and refuses what a stolen root key signs outside", async (t) => {
  const w = await world(t);
  const ca = await w.open(['*.example.org']);
  const inside = await ca.issue('*.example.org');
  const bankKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const bank = encodeLeaf({
    serial: randomBytes(16),
    name: { kind: 'dns', text: 'bank.example', subtree: 'bank.example' },
    publicKey: bankKey.publicKey,
    notBeforeMs: w.nowMs - HOUR,
    notAfterMs: w.nowMs + DAY,
    issuer: {
      commonName: ca.rootName,
      privateKey: createPrivateKey(String(await w.folder.read('local-ca/root-1/root.key'))),
    },
  }).toString();
  assert.equal(await shakeHands(inside.certPem, inside.keyPem, ca.rootPem, 'www.example.org'), 'accepted');
  const address = await ca.issue('127.0.0.1', 'rsa');
  assert.equal(await shakeHands(address.certPem, address.keyPem, ca.rootPem, ''), 'accepted');
  const bankPem = bankKey.privateKey.export({ type: 'pkcs8', format: 'pem' });
  assert.match(await shakeHands(bank, bankPem, ca.rootPem, 'bank.example'), /permitted subtree violation/);
});

/** One handshake on loopback: 'accepted', or what the client says against the certificate. */
async function shakeHands(cert: string, key: string, ca: string, servername: string): Promise<string> {
  const server = tls.createServer({ cert, key }, (socket) => socket.end()).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const verdict = await new Promise<string>((resolve) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca, servername }, () => resolve('accepted'));
    socket.on('error', (error) => resolve(error.message)).on('close', () => socket.destroy());
    socket.resume();
  });
  await new Promise((resolve) => server.close(resolve));
  return verdict;
}
