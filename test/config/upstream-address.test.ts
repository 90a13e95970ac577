import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readUpstream } from '../../src/config/upstream-address.ts';

function labelOf(written: unknown): string {
  const address = readUpstream(written, '/srv/app');
  return address.ok ? address.value.label : address.code;
}

test('every way of writing an address is read', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [3000, 'http://127.0.0.1:3000'],
    ['3000', 'http://127.0.0.1:3000'],
    [' 127.0.0.1:8000 ', 'http://127.0.0.1:8000'],
    ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
    ['HTTP://App.Internal/', 'http://app.internal:80'],
    ['app_1:80', 'http://app_1:80'],
    ['[::1]:3000', 'http://[::1]:3000'],
    ['http://[::1]', 'http://[::1]:80'],
    ['https://App.Internal', 'https://app.internal:443'],
    ['https://[::1]:8443/', 'https://[::1]:8443'],
    ['h2c://127.0.0.1:50051', 'h2c://127.0.0.1:50051'],
    ['H2C://app', 'h2c://app:80'],
    ['unix:/run/app.sock', 'unix:/run/app.sock'],
    ['unix:///run/app.sock', 'unix:/run/app.sock'],
    ['unix:app.sock', 'unix:/srv/app/app.sock'],
    ['unix:./app.sock', 'unix:/srv/app/app.sock'],
  ];
  for (const [written, label] of cases) assert.equal(labelOf(written), label, String(written));
});

test('TCP and unix addresses are whole', () => {
  const tcp = readUpstream('[::1]:3000', '/');
  assert.deepEqual(tcp, {
    ok: true,
    value: { protocol: 'http', host: '::1', port: 3000, socketPath: '', label: 'http://[::1]:3000' },
  });
  const unix = readUpstream('unix:/a', '/');
  assert.deepEqual(unix, {
    ok: true,
    value: { protocol: 'http', host: '', port: 0, socketPath: '/a', label: 'unix:/a' },
  });
});

test('what is no address says why', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [0, 'config-upstream-port'],
    [1.5, 'config-upstream-port'],
    [Number.NaN, 'config-upstream-port'],
    ['70000', 'config-upstream-port'],
    ['a:99999', 'config-upstream-port'],
    [true, 'config-upstream-type'],
    [null, 'config-upstream-type'],
    [{}, 'config-upstream-type'],
    ['', 'config-upstream-form'],
    [':3000', 'config-upstream-form'],
    ['a b:3000', 'config-upstream-form'],
    ['1.2:3000', 'config-upstream-form'],
    ['[zz]:1', 'config-upstream-form'],
    ['unix:', 'config-upstream-form'],
    ['unix:/run/', 'config-upstream-form'],
    ['unix:/a\0b', 'config-upstream-form'],
    ['app.internal', 'config-upstream-no-port'],
    ['app.internal:', 'config-upstream-no-port'],
    ['::1', 'config-upstream-brackets'],
    ['http://a/b', 'config-upstream-path'],
    ['a:80?x', 'config-upstream-path'],
    ['http://u:p@a', 'config-upstream-userinfo'],
    ['https://a/b', 'config-upstream-path'],
    ['h2c://:1', 'config-upstream-form'],
    ['constructor://a', 'config-upstream-scheme'],
    ['ftp://a', 'config-upstream-scheme'],
    ['./public', 'config-upstream-folder'],
    ['/srv/www', 'config-upstream-folder'],
    [`unix:/${'a'.repeat(107)}`, 'config-upstream-socket-long'],
  ];
  for (const [written, code] of cases) assert.equal(labelOf(written), code, String(written));
  assert.equal(labelOf(`unix:/${'a'.repeat(106)}`), `unix:/${'a'.repeat(106)}`);
});

test('a password in a target is never shown', () => {
  for (const written of ['http://me:secret@a', 'https://me:secret@a/x', 'me:secret@a:1/x', 'ftp://secret@a']) {
    const address = readUpstream(written, '/');
    assert.equal(address.ok ? '' : address.code, 'config-upstream-userinfo');
    assert.ok(!JSON.stringify(address).includes('secret'));
  }
});

test('a label reads back as the same address, and no value throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.integer(), fc.anything()), (written) => {
      const address = readUpstream(written, '/');
      if (address.ok) assert.deepEqual(readUpstream(address.value.label, '/'), address);
    }),
    { numRuns: 500 },
  );
});
