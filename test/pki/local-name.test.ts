import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseLocalName } from '../../src/pki/local-name.ts';
import { permits, permittedSubtrees } from '../../src/pki/local-name-constraints.ts';

const accepted = [
  ['localhost', 'localhost', 'localhost'],
  ['App.Localhost.', 'app.localhost', 'app.localhost'],
  ['intranet', 'intranet', 'intranet'],
  ['*.example.com', '*.example.com', 'example.com'],
  ['*.dev.localhost', '*.dev.localhost', 'dev.localhost'],
  ['xn--fiqs8s.example', 'xn--fiqs8s.example', 'xn--fiqs8s.example'],
  ['3com.example', '3com.example', '3com.example'],
  [`${'a'.repeat(63)}.localhost`, `${'a'.repeat(63)}.localhost`, `${'a'.repeat(63)}.localhost`],
] as const;

for (const [written, text, subtree] of accepted) {
  test(`${written} is a name the local CA may certify`, () => {
    assert.deepEqual(parseLocalName(written), { ok: true, name: { kind: 'dns', text, subtree } });
  });
}

for (const [written, text, last] of [
  ['127.0.0.1', '127.0.0.1', 1],
  ['127.255.255.254', '127.255.255.254', 254],
  ['::1', '::1', 1],
  ['[::1]', '::1', 1],
  ['0:0:0:0:0:0:0:1', '::1', 1],
] as const) {
  test(`${written} is an address of this machine`, () => {
    const result = parseLocalName(written);
    assert.ok(result.ok && result.name.kind === 'ip');
    assert.equal(result.name.text, text);
    assert.equal(result.name.octets.length, text.includes(':') ? 16 : 4);
    assert.equal(result.name.octets.at(-1), last);
  });
}

for (const [written, code] of [
  ['', 'local-name-malformed'],
  ['.', 'local-name-malformed'],
  ['a..b', 'local-name-malformed'],
  ['.localhost', 'local-name-malformed'],
  ['-a.localhost', 'local-name-malformed'],
  ['a-.localhost', 'local-name-malformed'],
  ['a b.localhost', 'local-name-malformed'],
  ['a\0.localhost', 'local-name-malformed'],
  ['a,DNS:b.localhost', 'local-name-malformed'],
  ['../../x.localhost', 'local-name-malformed'],
  ['中国.localhost', 'local-name-malformed'],
  [`${'a'.repeat(64)}.localhost`, 'local-name-malformed'],
  [`${'a.'.repeat(127)}b`, 'local-name-malformed'],
  ['1.2.3', 'local-name-malformed'],
  ['app.1', 'local-name-malformed'],
  ['my_app.localhost', 'local-name-underscore'],
  ['_dmarc.example.com', 'local-name-underscore'],
  ['*', 'local-name-wildcard-place'],
  ['a.*.example.com', 'local-name-wildcard-place'],
  ['a*.example.com', 'local-name-wildcard-place'],
  ['*.*.example.com', 'local-name-wildcard-place'],
  ['*.localhost', 'local-name-wildcard-wide'],
  ['*.com', 'local-name-wildcard-wide'],
  ['*.', 'local-name-wildcard-place'],
  ['192.168.1.1', 'local-name-address'],
  ['128.0.0.1', 'local-name-address'],
  ['::', 'local-name-address'],
  ['2001:db8::1', 'local-name-address'],
  ['::ffff:127.0.0.1', 'local-name-address'],
] as const) {
  test(`${JSON.stringify(written.slice(0, 40))} is refused as ${code}`, () => {
    const result = parseLocalName(written);
    assert.ok(!result.ok);
    assert.equal(result.finding.code, code);
    assert.deepEqual(result.finding.values, { name: written });
  });
}

test('whatever is accepted is safe as a file name and as a subjectAltName, and reads as itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.domain(),
        fc.ipV4(),
        fc.ipV6(),
        fc.string({ unit: fc.constantFrom('a', '.', '*', '-', '_', '1', ':') }),
      ),
      (text) => {
        const result = parseLocalName(text);
        if (!result.ok) return;
        assert.match(result.name.text, /^(\*\.)?[a-z0-9:.-]+$/);
        assert.equal(result.name.kind === 'ip', isIP(result.name.text) !== 0);
        assert.deepEqual(parseLocalName(result.name.text), result);
      },
    ),
  );
});

function subtreesOf(...names: string[]): readonly string[] {
  return permittedSubtrees(
    names.map((text) => {
      const result = parseLocalName(text);
      assert.ok(result.ok, text);
      return result.name;
    }),
  );
}

test('localhost is always permitted and covers everything below it', () => {
  assert.deepEqual(subtreesOf(), ['localhost']);
  assert.deepEqual(subtreesOf('app.localhost', '*.dev.localhost', '127.0.0.1'), ['localhost']);
});

test('a name outside of localhost is permitted as it is, a wildcard as what follows the star', () => {
  assert.deepEqual(subtreesOf('someapp.example.com'), ['localhost', 'someapp.example.com']);
  assert.deepEqual(subtreesOf('*.example.com', 'b.example.com', 'notexample.com'), [
    'example.com',
    'localhost',
    'notexample.com',
  ]);
});

test('a subtree covers whole labels only', () => {
  assert.ok(permits(['example.com'], ['example.com', 'a.b.example.com']));
  assert.ok(!permits(['example.com'], ['notexample.com']));
  assert.ok(!permits(['a.example.com'], ['example.com']));
  assert.ok(permits(['localhost'], []));
});
