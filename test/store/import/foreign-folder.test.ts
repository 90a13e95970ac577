import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import * as nodeFileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createCertificateManager } from '../../../src/acme/manager/certificate-manager.ts';
import { letsEncryptLimits } from '../../../src/acme/policy/rate-limits.ts';
import { readForeignFolder } from '../../../src/store/import/foreign-folder.ts';
import { createMemoryStore } from '../../acme/manager/memory-store.ts';
import { SmallAuthority } from '../../acme/manager/small-authority.ts';
import { createSmallIssuer } from '../../acme/manager/small-issuer.ts';

const DAY = 86_400_000;
const authority = new SmallAuthority();

function pair(names: readonly string[], fromMs = Date.now() - DAY): { chain: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const identifiers = names.map((value) => ({ type: 'dns', value }) as const);
  return {
    chain: authority.certify(identifiers, publicKey.export({ type: 'spki', format: 'pem' }), fromMs),
    // SEC 1, as both programs write keys.
    key: privateKey.export({ type: 'sec1', format: 'pem' }),
  };
}

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const base = await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-import-'));
  t.after(() => nodeFileSystem.rm(base, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await nodeFileSystem.mkdir(path.dirname(path.join(base, name)), { recursive: true });
    await nodeFileSystem.writeFile(path.join(base, name), content);
  }
  return base;
}

const jwk = (): string =>
  JSON.stringify(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }));

test("certbot's folder: certificates, where they came from, accounts; what is damaged is left out and told", async (t) => {
  const good = pair(['a.example', 'www.a.example']);
  const other = pair(['b.example']);
  const old = pair(['old.example'], Date.now() - 200 * DAY);
  const account = 'accounts/acme-v02.api.letsencrypt.org/directory/0123abc';
  const folder = await folderWith(t, {
    'archive/a.example/fullchain3.pem': good.chain,
    'archive/a.example/privkey3.pem': good.key,
    'live/README': 'text',
    'renewal/a.example.conf': '[renewalparams]\nserver = https://acme-v02.api.letsencrypt.org/directory\n',
    'live/mixed/fullchain.pem': good.chain,
    'live/mixed/privkey.pem': other.key,
    'live/old/fullchain.pem': old.chain,
    'live/old/privkey.pem': old.key,
    [`${account}/private_key.json`]: jwk(),
    [`${account}/regr.json`]: JSON.stringify({ uri: 'https://ca/acct/1', body: { contact: ['mailto:me@a.example'] } }),
    'accounts/broken.example/directory/1/private_key.json': '{"kty":"RSA"}',
  });
  await nodeFileSystem.mkdir(path.join(folder, 'live/a.example'));
  await nodeFileSystem.symlink(
    '../../archive/a.example/fullchain3.pem',
    path.join(folder, 'live/a.example/fullchain.pem'),
  );
  await nodeFileSystem.symlink('../../archive/a.example/privkey3.pem', path.join(folder, 'live/a.example/privkey.pem'));

  const found = await readForeignFolder(folder, Date.now());
  const [first, ...more] = found.certificates;
  assert.equal(more.length, 0);
  assert.deepEqual(
    first?.identifiers.map(({ value }) => value),
    ['a.example', 'www.a.example'],
  );
  assert.equal(first?.issuer, 'letsencrypt');
  assert.equal(first?.chainPem, good.chain);
  assert.match(first?.privateKeyPem ?? '', /BEGIN PRIVATE KEY/);
  assert.deepEqual(
    found.accounts.map(({ directoryUrl, contacts, record }) => [directoryUrl, contacts, record.url]),
    [['https://acme-v02.api.letsencrypt.org/directory', ['mailto:me@a.example'], 'https://ca/acct/1']],
  );
  assert.deepEqual(found.findings.map(({ code }) => code).sort(), [
    'import-account-unusable',
    'import-pair-expired',
    'import-pair-unusable',
  ]);
});

test("Caddy's folder: certificates of every CA but its local one, the one that lasts longest counts", async (t) => {
  const early = pair(['a.example'], Date.now() - 30 * DAY);
  const late = pair(['a.example'], Date.now() - DAY);
  const local = pair(['l.example']);
  const letsencrypt = 'certificates/acme-v02.api.letsencrypt.org-directory';
  const zerossl = 'certificates/acme.zerossl.com-v2-dv90';
  const user = 'acme/acme-v02.api.letsencrypt.org-directory/users/me@a.example';
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const folder = await folderWith(t, {
    [`${letsencrypt}/a.example/a.example.crt`]: early.chain,
    [`${letsencrypt}/a.example/a.example.key`]: early.key,
    [`${letsencrypt}/a.example/a.example.json`]: JSON.stringify({
      sans: ['a.example'],
      issuer_data: { url: 'https://x/cert/1', ca: 'https://acme-v02.api.letsencrypt.org/directory' },
    }),
    [`${zerossl}/a.example/a.example.crt`]: late.chain,
    [`${zerossl}/a.example/a.example.key`]: late.key,
    'certificates/local/l.example/l.example.crt': local.chain,
    'certificates/local/l.example/l.example.key': local.key,
    [`${user}/me.json`]: JSON.stringify({ location: 'https://ca/acct/2', contact: ['mailto:me@a.example'] }),
    [`${user}/me.key`]: privateKey.export({ type: 'sec1', format: 'pem' }),
  });
  const found = await readForeignFolder(folder, Date.now());
  assert.deepEqual(
    found.certificates.map(({ issuer, chainPem }) => [issuer, chainPem === late.chain]),
    [['zerossl', true]],
  );
  assert.equal(found.accounts[0]?.record.url, 'https://ca/acct/2');
  assert.deepEqual(found.findings, []);
});

test('a folder of neither says so', async (t) => {
  const folder = await folderWith(t, { 'x.txt': '' });
  assert.deepEqual(
    (await readForeignFolder(folder, Date.now())).findings.map(({ code }) => code),
    ['import-folder-unknown'],
  );
});

test('an imported certificate is served and not ordered again as long as it is good', async (t) => {
  const good = pair(['a.example']);
  const folder = await folderWith(t, { 'live/a/fullchain.pem': good.chain, 'live/a/privkey.pem': good.key });
  const [imported] = (await readForeignFolder(folder, Date.now())).certificates;
  const store = createMemoryStore(Date.now);
  const issuer = createSmallIssuer(store, () => assert.fail('the CA was asked'));
  const lives: string[] = [];
  const manager = createCertificateManager({
    store,
    issuers: [{ issuer, limits: letsEncryptLimits }],
    solvers: [],
    onLive: ({ chainPem }) => lives.push(chainPem),
  });
  assert.ok(imported);
  assert.equal(await manager.importCertificate(imported), undefined);
  await manager.setWanted([{ identifiers: [{ type: 'dns', value: 'a.example' }] }]);
  await manager.start();
  assert.deepEqual(lives, [good.chain]);
  const [status] = manager.status();
  assert.deepEqual([status?.state, status?.next, status?.issuer], ['live', 'ratio', 'letsencrypt']);
  assert.ok((status?.nextAtMs ?? 0) > Date.now() + 50 * DAY);
  await manager.stop();
});
