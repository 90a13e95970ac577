import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readSiteName } from '../../src/config/site-name.ts';

function nameOf(written: string): string {
  const name = readSiteName(written);
  return name.ok ? name.value : `${name.code} ${name.values.suggestion ?? ''}`.trim();
}

test('names are lower-cased, lose the final dot and become A-labels', () => {
  assert.equal(nameOf('App.Example.COM'), 'app.example.com');
  assert.equal(nameOf('app.example.com.'), 'app.example.com');
  assert.equal(nameOf('bücher.example'), 'xn--bcher-kva.example');
  assert.equal(nameOf('门神.例子'), nameOf('xn--cjzl89c.xn--fsqu00a'));
  assert.equal(nameOf('*.Example.com'), '*.example.com');
  assert.equal(nameOf('localhost'), 'localhost');
});

test('IP literals stand without brackets, in their shortest form', () => {
  assert.equal(nameOf('127.0.0.1'), '127.0.0.1');
  assert.equal(nameOf('[::1]'), '::1');
  assert.equal(nameOf('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
});

test('URLs, paths and ports are refused with the name that was meant', () => {
  assert.equal(nameOf('https://a.example.com/x'), 'config-site-name-url a.example.com');
  assert.equal(nameOf('https://me@a.example.com:8443'), 'config-site-name-url a.example.com');
  assert.equal(nameOf('a.example.com/'), 'config-site-name-path a.example.com');
  assert.equal(nameOf('a.example.com:443'), 'config-site-name-port a.example.com');
  assert.equal(nameOf('[::1]:443'), 'config-site-name-port [::1]');
});

test('a star stands for one whole label at the front and nothing else', () => {
  for (const written of ['*', '*.', 'a.*.com', '*a.com', '*.*.com', '*.127.0.0.1', '**.com']) {
    assert.equal(nameOf(written), 'config-site-name-wildcard', written);
  }
});

test('what no certificate can name is refused', () => {
  for (const written of [
    'a_b.com',
    '-a.com',
    'a-.com',
    'a..com',
    'a b',
    '1.2',
    '0x7f.1',
    'fe80::1%eth0',
    '\u0000',
    '.',
  ]) {
    assert.equal(nameOf(written), 'config-site-name-characters', written);
  }
  assert.equal(nameOf(''), 'config-site-name-empty');
  assert.equal(nameOf(`${'a'.repeat(64)}.com`), 'config-site-name-length');
  assert.equal(nameOf(`${'a'.repeat(63)}.com`), `${'a'.repeat(63)}.com`);
  assert.equal(nameOf('a.'.repeat(126) + 'aa'), 'config-site-name-length');
});

test('reading a name twice changes nothing, and no text throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.domain(), fc.ipV4(), fc.ipV6(), fc.webUrl()), (written) => {
      const name = readSiteName(written);
      if (name.ok) assert.equal(nameOf(name.value), name.value);
    }),
    { numRuns: 500 },
  );
});
