import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSystemRoots } from '../../../src/gateway/upstream/trusted-roots.ts';
import { findSystemStore, type TrustPlaces } from '../../../src/pki/trust-store/trust-places.ts';

/** A machine with these files. */
const machine = (files: Readonly<Record<string, string>>, more: Partial<TrustPlaces> = {}): TrustPlaces => ({
  platform: 'linux',
  environment: {},
  mozilla: ['mozilla'],
  native: () => ['native'],
  read: (file) => Promise.resolve(files[file] === undefined ? undefined : Buffer.from(files[file])),
  list: () => Promise.resolve(undefined),
  ...more,
});

const debian = '/etc/ssl/certs/ca-certificates.crt';

test('connections to apps and `verify` find the same roots', async () => {
  const cases: readonly [Readonly<Record<string, string>>, Partial<TrustPlaces>, string][] = [
    [{ [debian]: 'a' }, {}, 'a'],
    [{ [debian]: '', '/etc/ssl/cert.pem': 'b' }, {}, 'b'],
    [{ [debian]: 'a', '/own.pem': 'c' }, { environment: { SSL_CERT_FILE: '/own.pem' } }, 'c'],
    [{ [debian]: 'a' }, { environment: { SSL_CERT_FILE: '' } }, 'a'],
    [{}, { platform: 'darwin' }, 'native'],
    [{}, { platform: 'win32' }, 'native'],
    [{}, {}, 'mozilla'],
    [{}, { platform: 'darwin', native: () => [] }, 'mozilla'],
  ];
  for (const [files, more, expected] of cases) {
    const places = machine(files, more);
    assert.deepEqual(readSystemRoots(places, (file) => files[file] ?? '').certificates, [expected]);
    const found = await findSystemStore(places);
    assert.equal(found === undefined ? 'mozilla' : Buffer.from(found.bytes).toString(), expected);
  }
});

test('what NODE_EXTRA_CA_CERTS names is added', () => {
  const places = machine({}, { environment: { NODE_EXTRA_CA_CERTS: '/extra.pem' } });
  const roots = readSystemRoots(places, (file) => (file === '/extra.pem' ? 'extra' : file === debian ? 'a' : ''));
  assert.deepEqual(roots, { certificates: ['a', 'extra'], source: `${debian}, /extra.pem` });
  assert.deepEqual(readSystemRoots(places, (file) => (file === debian ? 'a' : '')).certificates, ['a']);
});
