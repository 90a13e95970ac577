import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bitString, integer, objectIdentifier, octetString, sequence, time } from '../../src/pki/local-der.ts';

const hex = (der: Uint8Array): string => Buffer.from(der).toString('hex');

test('an integer has no superfluous zero and never looks negative', () => {
  assert.equal(hex(integer(Uint8Array.of())), '020100');
  assert.equal(hex(integer(Uint8Array.of(0))), '020100');
  assert.equal(hex(integer(Uint8Array.of(0, 0, 0x7f))), '02017f');
  assert.equal(hex(integer(Uint8Array.of(0x80))), '02020080');
  assert.equal(hex(integer(Uint8Array.of(0, 0x80, 1))), '0203008001');
});

test('lengths take as few octets as they need', () => {
  assert.equal(hex(octetString(new Uint8Array(127)).subarray(0, 2)), '047f');
  assert.equal(hex(octetString(new Uint8Array(128)).subarray(0, 3)), '048180');
  assert.equal(hex(octetString(new Uint8Array(256)).subarray(0, 4)), '04820100');
  assert.equal(hex(octetString(new Uint8Array(65_536)).subarray(0, 5)), '0483010000');
});

test('object identifiers are base 128', () => {
  assert.equal(hex(objectIdentifier('2.5.29.30')), '0603551d1e');
  assert.equal(hex(objectIdentifier('1.2.840.113549.1.1.11')), '06092a864886f70d01010b');
  assert.equal(hex(objectIdentifier('1.3.6.1.5.5.7.3.1')), '06082b06010505070301');
});

test('bit strings tell their unused bits', () => assert.equal(hex(bitString(Uint8Array.of(0x06), 1)), '03020106'));

test('moments are UTCTime to the end of 2049 and GeneralizedTime after', () => {
  const text = (ms: number) => Buffer.from(time(ms).subarray(2)).toString('latin1');
  assert.equal(text(Date.UTC(2026, 10, 22, 1, 2, 3, 999)), '261122010203Z');
  assert.equal(time(Date.UTC(2049, 11, 31))[0], 0x17);
  assert.equal(text(Date.UTC(2050, 0, 1)), '20500101000000Z');
  assert.equal(time(Date.UTC(2050, 0, 1))[0], 0x18);
});

test('every value says its own length exactly', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
      const der = sequence(octetString(content));
      const first = der[1] ?? 0;
      const count = first < 0x80 ? 0 : first - 0x80;
      let length = first;
      if (count > 0) length = der.subarray(2, 2 + count).reduce((total, octet) => total * 256 + octet, 0);
      assert.equal(der.length, 2 + count + length);
      assert.deepEqual(der.subarray(der.length - content.length), content);
    }),
    { numRuns: 50 },
  );
});
