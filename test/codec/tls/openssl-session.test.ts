import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseOpensslSession } from '../../../src/codec/tls/openssl-session.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { Tag } from '../../../src/codec/der/der-tag.ts';

const octetString = (...octets: readonly number[]): Uint8Array =>
  encodeElement(Tag.octetString, Uint8Array.from(octets));
const session = encodeElement(
  Tag.sequence,
  encodeElement(Tag.integer, Uint8Array.of(1)),
  encodeElement(Tag.integer, Uint8Array.of(3, 4)),
  octetString(0x13, 0x02),
  octetString(7, 7),
  octetString(...Array.from({ length: 48 }, () => 9)),
  octetString(1, 2, 3),
);

test('a saved session tells version, suite and secret, with or without a name before it', () => {
  const named = Buffer.concat([Buffer.from('\0nodejs:tls:session:1\0\0\u0009localhost', 'latin1'), session]);
  for (const bytes of [session, new Uint8Array(named)]) {
    const parsed = parseOpensslSession(bytes);
    assert.ok(parsed.ok);
    assert.equal(parsed.value.version, 0x0304);
    assert.equal(parsed.value.cipherSuite, 0x1302);
    assert.deepEqual(parsed.value.secret, new Uint8Array(48).fill(9));
  }
});

test('cut short, or of any octets, it is an error and no throw', () => {
  for (let length = 0; length < session.length; length += 1) {
    assert.equal(parseOpensslSession(session.subarray(0, length)).ok, false);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => assert.ok('ok' in parseOpensslSession(bytes))));
});
