/** `menshen certs import`: PEM files, certbot's and Caddy's folders, and what a gateway then serves. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { runCerts } from '../../../src/cli/commands/certs-run.ts';
import { certificateShown, freePorts, startLive } from '../../acme/e2e/live-gateway.ts';
import { issue } from '../tls/certificates.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-import-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const write = (file: string, content: string): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
};

const importing = (state: string, from: string, key = '') =>
  runCerts({ kind: 'import', path: from, key }, { state, json: false }, 'en', '/');

const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;

test('a PEM file with chain and key: the key does not end up in the chain', async (t) => {
  const folder = folderOf(t);
  const state = path.join(folder, 'state');
  const { certPem, keyPem } = issue({ name: 'a.menshen.test', purpose: 'server' });
  write(path.join(folder, 'both.pem'), keyPem + certPem);
  const { code, text } = await importing(state, path.join(folder, 'both.pem'));
  assert.equal(code, 0);
  assert.match(text, /a\.menshen\.test: a certificate of imported/);
  const out = path.join(folder, 'out');
  mkdirSync(out);
  await runCerts({ kind: 'export', name: 'a.menshen.test', out }, { state, json: false }, 'en', '/');
  const chain = readFileSync(path.join(out, 'a.menshen.test.pem'), 'utf8');
  assert.equal(serialOf(chain), serialOf(certPem));
  assert.doesNotMatch(chain, /KEY/);
  assert.match((await importing(state, path.join(folder, 'both.pem'))).text, /nothing was changed/);
});

test('what holds no certificate with its key is refused', async (t) => {
  const folder = folderOf(t);
  const { certPem } = issue({ name: 'a.menshen.test', purpose: 'server' });
  const { keyPem } = issue({ name: 'b.menshen.test', purpose: 'server' });
  write(path.join(folder, 'chain.pem'), certPem);
  write(path.join(folder, 'other.key'), keyPem);
  const state = path.join(folder, 'state');
  assert.match((await importing(state, path.join(folder, 'nowhere'))).errors, /holds no certificate with its key/);
  const wrong = await importing(state, path.join(folder, 'chain.pem'), path.join(folder, 'other.key'));
  assert.match(wrong.text, /do not belong together/);
});

test('folders of certbot and Caddy are imported and served by a gateway that runs', { timeout: 60_000 }, async (t) => {
  const folder = folderOf(t);
  const state = path.join(folder, 'state');
  const [bot, caddy] = ['bot.menshen.test', 'caddy.menshen.test'].map((name) => issue({ name, purpose: 'server' }));
  const live = path.join(folder, 'letsencrypt', 'live', 'bot');
  const archive = path.join(folder, 'letsencrypt', 'archive', 'bot');
  write(path.join(archive, 'fullchain1.pem'), bot!.certPem);
  write(path.join(archive, 'privkey1.pem'), bot!.keyPem);
  mkdirSync(live, { recursive: true });
  symlinkSync(path.join(archive, 'fullchain1.pem'), path.join(live, 'fullchain.pem'));
  symlinkSync(path.join(archive, 'privkey1.pem'), path.join(live, 'privkey.pem'));
  write(path.join(folder, 'letsencrypt', 'renewal', 'bot.conf'), 'server = https://ca.menshen.test/dir\n');
  const place = path.join(
    folder,
    'caddy',
    'certificates',
    'ca.menshen.test-dir',
    'caddy.menshen.test',
    'caddy.menshen.test',
  );
  write(`${place}.crt`, caddy!.certPem);
  write(`${place}.key`, caddy!.keyPem);
  write(`${place}.json`, '{}');

  for (const program of ['letsencrypt', 'caddy']) {
    assert.equal((await importing(state, path.join(folder, program))).code, 0);
  }
  // Nobody listens there: what is served comes from the imports alone.
  const issuers = { directory: 'https://localhost:1/dir', name: 'gone', internal: true };
  const sites = { 'bot.menshen.test': 1, 'caddy.menshen.test': 1 };
  const gateway = await startLive(t, { issuers, sites }, { folder, ports: await freePorts(), workers: 1 });
  assert.equal((await gateway.shown('bot.menshen.test')).serialNumber, serialOf(bot!.certPem));
  assert.equal((await gateway.shown('caddy.menshen.test')).serialNumber, serialOf(caddy!.certPem));
  const newer = issue({ name: 'bot.menshen.test', purpose: 'server', toDay: 80 });
  write(path.join(folder, 'newer.pem'), newer.certPem);
  write(path.join(folder, 'newer.key'), newer.keyPem);
  const { code, errors } = await importing(state, path.join(folder, 'newer.pem'), path.join(folder, 'newer.key'));
  assert.equal(code, 0, errors);
  await gateway.line((line) => line['code'] === 'certificate-adopted');
  assert.equal((await certificateShown(gateway.httpsPort, 'bot.menshen.test')).serialNumber, serialOf(newer.certPem));
});
