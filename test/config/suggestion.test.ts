import test from 'node:test';
import assert from 'node:assert/strict';
import { nearest } from '../../src/config/suggestion.ts';

const known = ['to', 'root', 'index', 'fallback', 'clientAuth', 'certificate', 'tls', 'timeouts', 'limits', 'default'];

test('a misspelled key finds the one that was meant', () => {
  const cases = {
    clientauth: 'clientAuth',
    clientAth: 'clientAuth',
    tiemouts: 'timeouts',
    certifcate: 'certificate',
    fallbak: 'fallback',
    limit: 'limits',
    tsl: 'tls',
  };
  for (const [written, meant] of Object.entries(cases)) assert.equal(nearest(written, known), meant, written);
});

test("another server's word finds ours, where it belongs", () => {
  assert.equal(nearest('proxy_pass', known), 'to');
  assert.equal(nearest('upstream', known), 'to');
  assert.equal(nearest('ssl', known), 'tls');
  assert.equal(nearest('servers', ['sites', 'email']), 'sites');
});

test('nothing is suggested where nothing is near', () => {
  for (const written of ['zzzzzz', 'x', 'constructor', '__proto__', ''])
    assert.equal(nearest(written, known), undefined);
});
