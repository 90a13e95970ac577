import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { systemContext } from '../../src/config/files.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { filesOf } from '../../src/config/resolve.ts';
import { folderOf } from './folder.ts';

const openssl = (folder: string, ...args: readonly string[]) => spawnSync('openssl', args, { cwd: folder });

/** A folder with `NAME.pem` and `NAME.key` for each name, self-signed by openssl; undefined (and skipped) without it. */
function certificatesOf(t: TestContext, names: readonly string[]): string | undefined {
  const folder = folderOf(t);
  if (openssl(folder, 'version').status !== 0) {
    t.skip('needs openssl');
    return undefined;
  }
  for (const name of names) {
    const made = openssl(
      folder,
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '9',
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
    assert.equal(made.status, 0, String(made.stderr));
  }
  return folder;
}

function codesOf(folder: string, site: object, name = 'a.example.com', nowMs = Date.now()): string[] {
  const { findings } = readConfig({ sites: { [name]: { to: 1, ...site } } }, { ...systemContext(folder), nowMs });
  return findings.map(({ code, values }) => `${code} ${values.path}`);
}

test('a certificate with its key is taken, and its paths are made absolute', (t) => {
  const folder = certificatesOf(t, ['a.example.com']);
  if (folder === undefined) return;
  const certificate = { cert: 'a.example.com.pem', key: './a.example.com.key' };
  const { config, findings } = readConfig(
    { sites: { 'a.example.com': { to: 1, certificate, clientAuth: { mode: 'require', ca: 'a.example.com.pem' } } } },
    systemContext(folder),
  );
  assert.deepEqual(findings, []);
  const certFile = path.join(folder, 'a.example.com.pem');
  const keyFile = path.join(folder, 'a.example.com.key');
  assert.deepEqual(config?.sites[0]?.certificates, [{ certFile, keyFile }]);
  assert.deepEqual(config.sites[0].clientAuth, { mode: 'require', caFile: certFile, crlFile: '' });
  assert.deepEqual(filesOf(config), [certFile, keyFile]);
});

test('a key of another certificate, a locked key and a file without key are refused', (t) => {
  const folder = certificatesOf(t, ['a.example.com', 'b.example.com']);
  if (folder === undefined) return;
  openssl(folder, 'pkey', '-in', 'a.example.com.key', '-aes256', '-passout', 'pass:x', '-out', 'locked.key');
  const cert = 'a.example.com.pem';
  const at = 'sites["a.example.com"].certificate';
  assert.deepEqual(codesOf(folder, { certificate: { cert, key: 'b.example.com.key' } }), [`config-key-mismatch ${at}`]);
  assert.deepEqual(codesOf(folder, { certificate: { cert, key: 'locked.key' } }), [`config-key-encrypted ${at}`]);
  assert.deepEqual(codesOf(folder, { certificate: [{ cert, key: cert }] }), [`config-key-content ${at}[0]`]);
});

test('a certificate of another name or another time is served with a warning', (t) => {
  const folder = certificatesOf(t, ['a.example.com', '*.example.com']);
  if (folder === undefined) return;
  const day = 86_400_000;
  const at = (site: string) => `sites["${site}"].certificate`;
  const certificate = { cert: 'a.example.com.pem', key: 'a.example.com.key' };
  const wide = { cert: '*.example.com.pem', key: '*.example.com.key' };
  assert.deepEqual(codesOf(folder, { certificate }, 'b.example.com'), [
    `config-certificate-other-name ${at('b.example.com')}`,
  ]);
  assert.deepEqual(codesOf(folder, { certificate }, '*.example.com'), [
    `config-certificate-other-name ${at('*.example.com')}`,
  ]);
  assert.deepEqual(codesOf(folder, { certificate: wide }, '*.example.com'), []);
  assert.deepEqual(codesOf(folder, { certificate: wide }, 'a.b.example.com'), [
    `config-certificate-other-name ${at('a.b.example.com')}`,
  ]);
  const name = 'a.example.com';
  assert.deepEqual(codesOf(folder, { certificate }, name, Date.now() + 10 * day), [
    `config-certificate-expired ${at(name)}`,
  ]);
  assert.deepEqual(codesOf(folder, { certificate }, name, Date.now() - day), [
    `config-certificate-not-yet ${at(name)}`,
  ]);
});

test('a CRL is taken as PEM and as DER', (t) => {
  const folder = certificatesOf(t, ['a.example.com']);
  if (folder === undefined) return;
  const ca = ['-keyfile', 'a.example.com.key', '-cert', 'a.example.com.pem', '-md', 'sha256', '-crldays', '9'];
  const empty = openssl(folder, 'ca', '-gencrl', ...ca, '-out', 'crl.pem', '-config', writeCaConfig(folder));
  assert.equal(empty.status, 0, String(empty.stderr));
  openssl(folder, 'crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');
  assert.notEqual(readFileSync(path.join(folder, 'crl.der'))[0], 0x2d);
  for (const crl of ['crl.pem', 'crl.der']) {
    assert.deepEqual(codesOf(folder, { clientAuth: { mode: 'optional', ca: 'a.example.com.pem', crl } }), []);
  }
});

function writeCaConfig(folder: string): string {
  const index = path.join(folder, 'index.txt');
  const config = path.join(folder, 'ca.cnf');
  writeFileSync(index, '');
  writeFileSync(config, `[ca]\ndefault_ca = one\n[one]\ndatabase = ${index}\n`);
  return config;
}
