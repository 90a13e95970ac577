import assert from 'node:assert/strict';
import tls from 'node:tls';
import { describe, it } from 'node:test';
import { thisMachine, type TrustPlaces } from '../../../src/pki/trust-store/trust-places.ts';
import { openTrustStore } from '../../../src/pki/trust-store/trust-store.ts';
import { chain, pem } from '../issue.ts';

const { root, intermediate } = chain();

/** A machine with these files; a name that ends in a slash is a folder. */
function machine(files: Readonly<Record<string, string>>, more: Partial<TrustPlaces> = {}): TrustPlaces {
  return {
    platform: 'linux',
    environment: {},
    mozilla: [pem(root.bytes)],
    native: () => [],
    read: (file) => Promise.resolve(files[file] === undefined ? undefined : Buffer.from(files[file])),
    list: (folder) => {
      const names = Object.keys(files).filter((file) => file.startsWith(`${folder}/`));
      return Promise.resolve(names.length === 0 ? undefined : names.map((file) => file.slice(folder.length + 1)));
    },
    ...more,
  };
}

const SYSTEM = '/etc/ssl/certs/ca-certificates.crt';
const told = async (choices: string[], places: TrustPlaces) => {
  const { sources, findings } = await openTrustStore(choices, places);
  return [sources.map(({ name, count }) => `${name} ${count}`), findings.map(({ code }) => code)];
};
const mozilla = `Mozilla (Node ${process.versions.node}) 1`;

describe('openTrustStore', () => {
  it('takes the system\u2019s bundle, the one that the environment names before others, and what is added to it', async () => {
    const files = {
      [SYSTEM]: pem(root.bytes),
      '/own.pem': pem(intermediate.bytes),
      '/more.pem': pem(intermediate.bytes),
    };
    assert.deepEqual(await told(['system'], machine(files)), [[`${SYSTEM} 1`], []]);
    const named = { environment: { SSL_CERT_FILE: '/own.pem', NODE_EXTRA_CA_CERTS: '/more.pem' } };
    assert.deepEqual(await told(['system'], machine(files, named)), [['/own.pem 1', '/more.pem 1'], []]);
  });

  it('takes the store of macOS and Windows, and Mozilla\u2019s list where a system has none', async () => {
    const native = { platform: 'win32', native: () => [pem(root.bytes), pem(intermediate.bytes)] } as const;
    assert.deepEqual(await told(['system'], machine({}, native)), [['win32 2'], []]);
    assert.deepEqual(await told(['system'], machine({})), [[mozilla], []]);
    assert.deepEqual(await told(['mozilla'], machine({ [SYSTEM]: pem(intermediate.bytes) })), [[mozilla], []]);
  });

  it('joins stores, each certificate once and named after the first', async () => {
    const files = { '/a.pem': pem(root.bytes), '/b.pem': pem(root.bytes) + pem(intermediate.bytes) };
    const store = await openTrustStore(['/a.pem', '/b.pem'], machine(files));
    assert.deepEqual(store.certificates.map(store.sourceOf), ['/a.pem', '/b.pem']);
    assert.ok(store.anchors.has(root));
    assert.equal(store.sourceOf(chain().leaf), undefined);
  });

  it('reads a folder, and tells of what is missing, empty or broken', async () => {
    const files = {
      '/d/a.crt': pem(root.bytes),
      '/d/b.pem': '-----BEGIN CERTIFICATE-----\n',
      '/d/README': 'words',
      '/e.pem': '',
    };
    assert.deepEqual(await told(['/d'], machine(files)), [['/d 1'], ['trust-store-malformed']]);
    const { findings } = await openTrustStore(['/d'], machine(files));
    assert.equal(findings[0]?.severity, 'warning');
    assert.deepEqual(await told(['/none', '/e.pem'], machine(files)), [
      ['/e.pem 0'],
      ['trust-store-unreadable', 'trust-store-empty'],
    ]);
  });

  it('reads this machine\u2019s real stores whole', async () => {
    const own = await openTrustStore(['mozilla'], thisMachine);
    assert.equal(own.certificates.length, tls.rootCertificates.length);
    assert.deepEqual(own.findings, []);
    const system = await openTrustStore(['system'], thisMachine);
    assert.ok(system.certificates.length > 0);
  });
});
