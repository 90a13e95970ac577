import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkTargets } from '../../../src/acme/client/link-header.ts';

const base = 'https://ca.test/acme/cert/1';

test('targets of the relation are found in order, absolute', () => {
  const field =
    '<https://ca.test/dir>;rel="index", </acme/cert/1/1>; rel="alternate", <2>;title="a, b; c";rel=alternate,<3> ; REL = "up alternate"';
  assert.deepEqual(linkTargets(field, 'alternate', base), [
    'https://ca.test/acme/cert/1/1',
    'https://ca.test/acme/cert/2',
    'https://ca.test/acme/cert/3',
  ]);
  assert.deepEqual(linkTargets(field, 'index', base), ['https://ca.test/dir']);
  assert.deepEqual(linkTargets(field, 'next', base), []);
});

test('fields without a usable link give none', () => {
  for (const field of [undefined, '', '<', '<>', 'rel=alternate', '<http://[>;rel=alternate', '<x>;relx=alternate']) {
    assert.deepEqual(linkTargets(field, 'alternate', base), []);
  }
});

test('no text makes it throw', () => {
  const piece = fc.constantFrom('<', '>', ';', ',', 'rel', '=', '"', 'alternate', ' ', '/x', 'https://a');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      for (const url of linkTargets(pieces.join(''), 'alternate', base)) assert.ok(URL.canParse(url));
    }),
  );
});
