import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Identifier } from '../../src/acme/issuer.ts';
import { certificateIdOf, issuerEntry } from '../../src/store/entry-name.ts';

const dns = (value: string): Identifier => ({ type: 'dns', value });
const ip = (value: string): Identifier => ({ type: 'ip', value });
const safe = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

test('names, wildcards and addresses are spelled as people would', () => {
  assert.equal(certificateIdOf([dns('Example.com')], 'ecdsa'), 'example.com');
  assert.equal(certificateIdOf([dns('example.com')], 'rsa'), 'example.com_rsa');
  assert.equal(certificateIdOf([dns('*.example.com')], 'ecdsa'), '_wildcard.example.com');
  assert.equal(certificateIdOf([ip('192.0.2.1')], 'ecdsa'), 'ip-192.0.2.1');
  assert.equal(certificateIdOf([ip('2001:DB8:0:0::1')], 'ecdsa'), 'ip-2001_db8__1');
  assert.match(certificateIdOf([dns('a.example'), dns('b.example')], 'ecdsa'), /^a\.example_and_1_more-[0-9a-f]{10}$/);
  assert.equal(issuerEntry('letsencrypt'), 'letsencrypt');
  assert.match(issuerEntry('https://acme.example/Directory'), /^acme\.example_directory-[0-9a-f]{10}$/);
});

test('whatever the name, its entry is safe, short, and its own', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
  const host = fc.array(label, { minLength: 1, maxLength: 12 }).map((labels) => labels.join('.'));
  const identifier = fc.oneof(
    host.map(dns),
    host.map((name) => dns(`*.${name}`)),
    fc.ipV4().map(ip),
    fc.ipV6().map(ip),
    fc.string().map(dns),
  );
  fc.assert(
    fc.property(
      fc.array(identifier, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('ecdsa', 'rsa'),
      (set, keyType) => {
        const id = certificateIdOf(set, keyType);
        assert.match(id, safe);
        assert.ok(id.length <= 200);
      },
    ),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(host, host, (a, b) => {
      const same = certificateIdOf([dns(a)], 'ecdsa') === certificateIdOf([dns(b)], 'ecdsa');
      assert.equal(same, a === b);
      assert.notEqual(certificateIdOf([dns(a)], 'ecdsa'), certificateIdOf([dns(b)], 'rsa'));
    }),
    { numRuns: 300 },
  );
});
