import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { startPlainApp } from '../apps/plain-app.ts';
import { lacks, startServe, type ServeProcess } from './serve-process.ts';
import { crlPem, issue, revocationList, type Issued } from './tls/certificates.ts';

const limit = { timeout: 120_000 };

interface Partners {
  readonly folder: string;
  readonly ca: Issued;
  file(name: string, issued: Issued): readonly string[];
}

/** A CA for clients, and files of certificates as curl takes them. */
function partners(t: TestContext): Partners {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-mtls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const ca = issue({ name: 'Partners', isCa: true });
  writeFileSync(path.join(folder, 'partners.pem'), ca.certPem);
  return {
    folder,
    ca,
    file(name, issued) {
      writeFileSync(path.join(folder, `${name}.pem`), issued.certPem);
      writeFileSync(path.join(folder, `${name}.key`), issued.keyPem);
      return ['--cert', path.join(folder, `${name}.pem`), '--key', path.join(folder, `${name}.key`)];
    },
  };
}

const url = 'https://api.localhost/x';

async function answers(
  gateway: ServeProcess,
  args: readonly string[],
): Promise<{ readonly status: string; readonly content: string }> {
  const done = await gateway.curl('-i', ...args, url);
  assert.equal(done.status, 0, done.stderr);
  const final = done.stdout.slice(done.stdout.lastIndexOf('HTTP/'));
  return { status: /^HTTP\/\S+ (\d+)/.exec(final)?.[1] ?? '', content: final };
}

for (const version of ['--tlsv1.3', '--tls-max 1.2']) {
  test(`required client certificates are taken or refused with the reason, ${version}`, limit, async (t) => {
    const missing = lacks('curl');
    if (missing !== undefined) return t.skip(missing);
    const { folder, ca, file } = partners(t);
    const app = await startPlainApp();
    t.after(() => app.close());
    const good = issue({ name: 'good', issuer: ca, purpose: 'client' });
    const revoked = issue({ name: 'revoked', issuer: ca, purpose: 'client' });
    writeFileSync(path.join(folder, 'revoked.crl'), crlPem(revocationList(ca, [revoked])));
    const clientAuth = {
      mode: 'require',
      ca: path.join(folder, 'partners.pem'),
      crl: path.join(folder, 'revoked.crl'),
    };
    const gateway = await startServe(t, { sites: { 'api.localhost': { to: app.target, clientAuth } } });
    const asked = (name: string, issued?: Issued): ReturnType<typeof answers> =>
      answers(gateway, [...version.split(' '), ...(issued === undefined ? [] : file(name, issued))]);

    const taken = await asked('good', good);
    assert.equal(taken.status, '200');
    const der = /"client-cert",":([^"]+):"/i.exec(taken.content)?.[1] ?? '';
    assert.ok(good.certPem.replaceAll('\n', '').includes(der) && der.length > 100, taken.content);

    const cases: readonly (readonly [string, Issued | undefined, string])[] = [
      ['none', undefined, 'client-certificate-required'],
      ['stranger', issue({ name: 'stranger', purpose: 'client' }), 'client-certificate-untrusted'],
      [
        'expired',
        issue({ name: 'expired', issuer: ca, purpose: 'client', fromDay: -9, toDay: -2 }),
        'client-certificate-expired',
      ],
      [
        'future',
        issue({ name: 'future', issuer: ca, purpose: 'client', fromDay: 2 }),
        'client-certificate-not-yet-valid',
      ],
      ['revoked', revoked, 'client-certificate-revoked'],
      ['server', issue({ name: 'server', issuer: ca, purpose: 'server' }), 'client-certificate-wrong-usage'],
    ];
    for (const [name, issued, code] of cases) {
      const refused = await asked(name, issued);
      assert.equal(refused.status, '403', `${name}: ${refused.content}`);
      await gateway.line((line) => line.event === 'request' && line['error'] === code);
    }
  });
}

test('what a client says under the names of RFC 9440 never reaches the app', limit, async (t) => {
  const missing = lacks('curl');
  if (missing !== undefined) return t.skip(missing);
  const { folder, ca, file } = partners(t);
  const app = await startPlainApp();
  t.after(() => app.close());
  const clientAuth = { mode: 'optional', ca: path.join(folder, 'partners.pem') };
  const gateway = await startServe(t, { sites: { 'api.localhost': { to: app.target, clientAuth } } });
  const forged = [
    '-H',
    'Client-Cert: :Zm9yZ2Vk:',
    '-H',
    'client_cert: :Zm9yZ2Vk:',
    '-H',
    'Client-Cert-Chain: :Zm9yZ2Vk:',
  ];
  const without = await answers(gateway, forged);
  assert.equal(without.status, '200');
  assert.doesNotMatch(without.content, /Zm9yZ2Vk/);
  const withOne = await answers(gateway, [
    ...forged,
    ...file('good', issue({ name: 'good', issuer: ca, purpose: 'client' })),
  ]);
  assert.match(withOne.content, /"client-cert",":/i);
  assert.doesNotMatch(withOne.content, /Zm9yZ2Vk/);
});
