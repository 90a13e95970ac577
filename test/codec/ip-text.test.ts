import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipFamily } from '../../src/codec/ip-text.ts';

test('the family of an address is what Node says', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '01',
    '255',
    '256',
    '10',
    'fe80',
    'ffff',
    '10000',
    'g',
    '',
    ':',
    '::',
    '.',
    '%',
    'eth0',
    '-',
    ' ',
    '/',
  );
  const mark = fc.constantFrom(':', '.', '', '%');
  const text = fc
    .array(fc.tuple(piece, mark), { maxLength: 12 })
    .map((parts) => parts.map(([one, two]) => one + two).join(''));
  const known = [
    '127.0.0.1',
    '0.0.0.0',
    '1.2.3',
    '::',
    '::1',
    '1::2:3',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    'fe80::1%',
    '1:2:3:4:5:6:7:8',
  ];
  known.push(
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.256',
    '1:2:3:4:5:6:7::',
    '1::2::3',
    'example.com',
    '',
    '[::1]',
  );
  for (const one of known) assert.equal(ipFamily(one), net.isIP(one), one);
  fc.assert(
    fc.property(fc.oneof(text, fc.ipV4(), fc.ipV6(), fc.string()), (one) => {
      assert.equal(ipFamily(one), net.isIP(one), JSON.stringify(one));
    }),
    { numRuns: 20_000 },
  );
});
