import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { readJavaKeyStore } from '../../../src/pki/trust-store/java-key-store.ts';
import { readPkcs12 } from '../../../src/pki/trust-store/pkcs12.ts';
import { readTrustFile } from '../../../src/pki/trust-store/trust-file.ts';
import { certificateLabel } from '../../../src/pki/path/reason.ts';
import { chain, leafKey, pem } from '../issue.ts';

/** Stores made by the real tools, and every way of cutting them short. */

const { root, intermediate, leaf } = chain();
const has = (command: string, word: string): boolean => spawnSync(command, [word]).error === undefined;

function inFolder(
  t: TestContext,
  needs: string,
  use: (folder: string, run: (command: string, ...words: string[]) => void) => void,
): void {
  if (!has(needs, needs === 'openssl' ? 'version' : '-help')) return t.skip(`${needs} is absent`);
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-trust-'));
  try {
    writeFileSync(path.join(folder, 'root.pem'), pem(root.bytes));
    writeFileSync(path.join(folder, 'both.pem'), pem(root.bytes) + pem(intermediate.bytes));
    writeFileSync(path.join(folder, 'leaf.pem'), pem(leaf.bytes));
    writeFileSync(path.join(folder, 'leaf.key'), leafKey().privateKey.export({ format: 'pem', type: 'pkcs8' }));
    use(folder, (command, ...words) => {
      const result = spawnSync(command, words, { cwd: folder, encoding: 'utf8' });
      assert.equal(result.status, 0, result.stdout + result.stderr);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Labels of the certificates, or the code of why there are none. */
function read(bytes: Uint8Array, password?: string): readonly string[] | string {
  const result = readTrustFile(bytes, 'store', password);
  if ('code' in result) return result.code;
  return [...result.certificates.map(certificateLabel), ...result.warnings.map(({ code }) => code)];
}

describe('PEM and DER', () => {
  it('reads bundles with explanations, DER, and OpenSSL trusted certificates', (t) => {
    const bundle = `# Roots\n${pem(root.bytes)}\nmore words\n${pem(intermediate.bytes)}`;
    assert.deepEqual(read(Buffer.from(bundle)), ['Test Root', 'Test Intermediate']);
    assert.deepEqual(read(root.bytes), ['Test Root']);
    inFolder(t, 'openssl', (folder, run) => {
      run('openssl', 'x509', '-in', 'root.pem', '-addtrust', 'serverAuth', '-trustout', '-out', 'trusted.pem');
      assert.deepEqual(read(readFileSync(path.join(folder, 'trusted.pem'))), ['Test Root']);
    });
  });

  it('passes over what does not parse and says so; a whole file of it is an error', () => {
    const broken = Buffer.from(root.bytes);
    broken[1] = 0x80;
    assert.deepEqual(read(Buffer.from(pem(broken) + pem(root.bytes))), ['Test Root', 'trust-store-passed-over']);
    assert.equal(read(broken), 'trust-store-malformed');
    assert.equal(read(Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA')), 'trust-store-malformed');
    assert.deepEqual(read(Buffer.from('nothing here')), []);
  });
});

describe('PKCS#12 by openssl', () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    'AES-256 and PBKDF2': [],
    'triple DES': ['-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
    'RC2 with 40 bits, as OpenSSL 1.1 made it': ['-legacy', '-macalg', 'sha1'],
    'RC2 with 128 bits': ['-legacy', '-certpbe', 'PBE-SHA1-RC2-128'],
    'AES-128 with SHA-512 for the MAC': ['-certpbe', 'AES-128-CBC', '-macalg', 'sha512'],
    'certificates in the clear': ['-certpbe', 'NONE'],
    'no MAC': ['-nomac'],
  };
  for (const [kind, words] of Object.entries(kinds))
    it(kind, (t) => {
      inFolder(t, 'openssl', (folder, run) => {
        const out = ['-nokeys', '-in', 'both.pem', '-out', 'store.p12', '-passout', 'pass:秘密 pass'];
        run('openssl', 'pkcs12', '-export', ...out, ...words);
        const bytes = readFileSync(path.join(folder, 'store.p12'));
        assert.deepEqual(read(bytes, '秘密 pass'), ['Test Root', 'Test Intermediate']);
        const sealed = kind !== 'no MAC';
        if (sealed) assert.equal(read(bytes, 'other'), 'trust-store-password');
        if (sealed) assert.equal(read(bytes), 'trust-store-password');
      });
    });

  it('one\u2019s own certificate is no anchor; the empty password and changeit are tried', (t) => {
    inFolder(t, 'openssl', (folder, run) => {
      const own = ['-in', 'leaf.pem', '-inkey', 'leaf.key', '-certfile', 'both.pem', '-out', 'own.p12'];
      run('openssl', 'pkcs12', '-export', ...own, '-passout', 'pass:');
      assert.deepEqual(read(readFileSync(path.join(folder, 'own.p12'))), ['Test Root', 'Test Intermediate']);
      run('openssl', 'pkcs12', '-export', ...own, '-passout', 'pass:changeit');
      assert.deepEqual(read(readFileSync(path.join(folder, 'own.p12'))), ['Test Root', 'Test Intermediate']);
    });
  });

  it('every truncation and every changed octet is refused without an exception', (t) => {
    inFolder(t, 'openssl', (folder, run) => {
      const quick = ['-iter', '1', '-nokeys', '-in', 'root.pem', '-out', 'store.p12', '-passout', 'pass:p'];
      run('openssl', 'pkcs12', '-export', ...quick, '-legacy', '-macalg', 'sha1');
      const bytes = readFileSync(path.join(folder, 'store.p12'));
      for (let length = 0; length < bytes.length; length++) assert.ok(!readPkcs12(bytes.subarray(0, length), 'p').ok);
      assert.ok(!readPkcs12(Buffer.concat([bytes, Buffer.of(0)]), 'p').ok);
      const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
      fc.assert(
        fc.property(change, ([at, bits]) => {
          const changed = Buffer.from(bytes);
          changed[at]! ^= bits;
          const result = readPkcs12(changed, 'p');
          // What is outside of the MAC (tags of names, the count of rounds) may change without harm to what is read.
          if (result.ok)
            assert.deepEqual(
              result.certificates.map(({ der }) => Buffer.from(der)),
              [Buffer.from(root.bytes)],
            );
        }),
        { numRuns: 500 },
      );
    });
  });
});

describe('Java key stores by keytool', () => {
  for (const type of ['JKS', 'PKCS12'])
    it(`${type}: trusted entries, and not one\u2019s own`, (t) => {
      inFolder(t, 'keytool', (folder, run) => {
        const store = ['-keystore', 'cacerts', '-storetype', type, '-storepass', 'changeit', '-noprompt'];
        run('keytool', '-importcert', '-alias', 'a', '-file', 'root.pem', ...store);
        const generate = ['-genkeypair', '-alias', 'me', '-keyalg', 'EC', '-dname', 'CN=me', '-keypass', 'changeit'];
        run('keytool', ...generate, ...store);
        const bytes = readFileSync(path.join(folder, 'cacerts'));
        assert.deepEqual(read(bytes), ['Test Root']);
        assert.deepEqual(read(bytes, 'changeit'), ['Test Root']);
        assert.equal(read(bytes, 'wrong'), 'trust-store-password');
      });
    });

  it('a JKS under another password is read, and said to be unchecked', (t) => {
    inFolder(t, 'keytool', (folder, run) => {
      const store = ['-keystore', 'cacerts', '-storetype', 'JKS', '-storepass', 'another', '-noprompt'];
      run('keytool', '-importcert', '-alias', 'a', '-file', 'root.pem', ...store);
      const bytes = readFileSync(path.join(folder, 'cacerts'));
      assert.deepEqual(read(bytes), ['Test Root', 'trust-store-unchecked']);
      assert.deepEqual(read(bytes, 'another'), ['Test Root']);
      for (let length = 4; length < bytes.length; length++)
        assert.ok('malformedAt' in readJavaKeyStore(bytes.subarray(0, length), 'another'), `${length}`);
      assert.ok('malformedAt' in readJavaKeyStore(Buffer.concat([bytes, Buffer.of(0)]), 'another'));
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
          const changed = Buffer.from(bytes);
          changed[at]! ^= bits;
          const result = readJavaKeyStore(changed, 'another');
          assert.ok('malformedAt' in result || !result.intact);
        }),
      );
    });
  });
});

it('any octets give an answer', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom([], [0x30], [0xfe, 0xed, 0xfe, 0xed]),
      (bytes, head) => {
        const result = readTrustFile(Uint8Array.from([...head, ...bytes]), 'x');
        assert.ok('code' in result || result.certificates.length === 0);
      },
    ),
  );
});
