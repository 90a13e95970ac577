import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { systemContext } from '../../src/config/files.ts';
import { readConfig, type ConfigReading } from '../../src/config/read-config.ts';
import { filesOf } from '../../src/config/resolve.ts';
import type { UserTarget } from '../../src/config/user-config.ts';
import { issue } from '../gateway/tls/certificates.ts';

interface Desk {
  readonly folder: string;
  read(to: unknown): ConfigReading;
}

/** A folder with `ca.pem`, and `me.pem` with its key `me.key`. */
function desk(t: TestContext): Desk {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-target-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const me = issue({ name: 'me', purpose: 'client' });
  writeFileSync(path.join(folder, 'ca.pem'), issue({ name: 'ca', isCa: true }).certPem);
  writeFileSync(path.join(folder, 'me.pem'), me.certPem);
  writeFileSync(path.join(folder, 'me.key'), me.keyPem);
  return { folder, read: (to) => readConfig({ sites: { a: { to } } }, systemContext(folder)) };
}

test('an https target is verified by its host against the system, unless it says otherwise', (t) => {
  const { folder, read } = desk(t);
  const plain = read('https://App.Internal').config?.sites[0]?.upstreams[0];
  assert.deepEqual(plain, {
    protocol: 'https',
    host: 'app.internal',
    port: 443,
    socketPath: '',
    label: 'https://app.internal:443',
    tls: { serverName: 'app.internal', caFile: '', certificate: undefined, verify: true, revision: '' },
  });
  assert.deepEqual(read({ url: 'https://App.Internal' }).config?.sites[0]?.upstreams[0], plain);
  const full: UserTarget = {
    url: 'https://10.0.0.7:8443',
    ca: './ca.pem',
    serverName: 'API.internal',
    clientCertificate: { cert: 'me.pem', key: 'me.key' },
  };
  const { config, findings } = read([full, 3000]);
  assert.deepEqual(findings, []);
  const [first, second] = config!.sites[0]!.upstreams;
  const { revision, ...rest } = first!.tls!;
  const file = (name: string) => path.join(folder, name);
  assert.deepEqual(rest, {
    serverName: 'api.internal',
    caFile: file('ca.pem'),
    certificate: { certFile: file('me.pem'), keyFile: file('me.key') },
    verify: true,
  });
  assert.equal(second?.label, 'http://127.0.0.1:3000');
  assert.deepEqual(filesOf(config!).toSorted(), [file('ca.pem'), file('me.key'), file('me.pem')]);
  // Another content under the same name is another configuration.
  writeFileSync(file('ca.pem'), issue({ name: 'other ca', isCa: true }).certPem);
  assert.notEqual(read([full]).config?.sites[0]?.upstreams[0]?.tls?.revision, revision);
});

test('verify: false is taken, and warned of with its place', (t) => {
  const { read } = desk(t);
  const { config, findings } = read({ url: 'https://a', verify: false });
  assert.equal(config?.sites[0]?.upstreams[0]?.tls?.verify, false);
  assert.deepEqual(
    findings.map(({ code, severity, values }) => [code, severity, values['path']]),
    [['config-upstream-unverified', 'warning', 'sites.a.to']],
  );
});

test('what cannot be meant is refused at its place', (t) => {
  const { read } = desk(t);
  const cases: readonly (readonly [unknown, string])[] = [
    [{ url: 'http://a:1', ca: './ca.pem' }, 'config-upstream-tls-options sites.a.to'],
    [{ url: 'h2c://a:1', verify: true }, 'config-upstream-tls-options sites.a.to'],
    [{ url: 'https://a', ca: './none.pem' }, 'config-file-missing sites.a.to.ca'],
    [{ url: 'https://a', ca: './me.key' }, 'config-certificate-content sites.a.to.ca'],
    [{ url: 'https://a', serverName: 'a b' }, 'config-upstream-server-name sites.a.to.serverName'],
    [{ url: 'https://a', serverName: 'münchen.de' }, 'config-upstream-server-name sites.a.to.serverName'],
    [{ url: 'https://a', clientCertificate: { cert: 'me.pem' } }, 'config-missing sites.a.to.clientCertificate.key'],
    [
      { url: 'https://a', clientCertificate: { cert: 'ca.pem', key: 'me.key' } },
      'config-key-mismatch sites.a.to.clientCertificate',
    ],
    [{ url: 'https://a', verify: 'no' }, 'config-type sites.a.to.verify'],
    [{ url: 'https://a', serverNane: 'b' }, 'config-key-misspelled sites.a.to.serverNane'],
    [{ ca: './ca.pem' }, 'config-missing sites.a.to.url'],
    [[3000, { url: 'ftp://a' }], 'config-upstream-scheme sites.a.to[1].url'],
    [true, 'config-upstream-type sites.a.to'],
  ];
  for (const [to, wanted] of cases) {
    const { config, findings } = read(to);
    assert.equal(config, undefined);
    assert.deepEqual(
      findings.map(({ code, values }) => `${code} ${values['path']}`),
      [wanted],
      JSON.stringify(to),
    );
  }
});
