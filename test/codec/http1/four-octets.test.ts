import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FIELD_VALUE, HTAB } from '../../../src/codec/http1/characters.ts';
import {
  asciiView,
  fieldName,
  firstDifference,
  FourOctetView,
  isFieldName,
  sameOctets,
  skipFieldName,
  skipFieldValue,
} from '../../../src/codec/http1/four-octets.ts';

type Skip = (view: DataView, at: number, end: number) => number;

const isLetterOrHyphen = (octet: number): boolean => /[A-Za-z-]/.test(String.fromCharCode(octet));
const isValue = (octet: number): boolean => FIELD_VALUE[octet] === 1 && octet !== HTAB;

/** What `skip` is to say, octet by octet: the first that does not fit, or where the last four octets end. */
function walked(bytes: Uint8Array, at: number, end: number, fits: (octet: number) => boolean): number {
  let i = at;
  while (end - i >= 4) {
    for (let k = i; k < i + 4; k += 1) if (!fits(bytes[k]!)) return k;
    i += 4;
  }
  return i;
}

const kinds: [string, Skip, (octet: number) => boolean][] = [
  ['values', skipFieldValue, isValue],
  ['names', skipFieldName, isLetterOrHyphen],
];

for (const [what, skip, fits] of kinds) {
  test(`every octet at every place beside every kind of octet is told as one by one: ${what}`, () => {
    const neighbours = [0x00, 0x09, 0x0d, 0x1f, 0x20, 0x2d, 0x40, 0x41, 0x5a, 0x5b, 0x61, 0x7a, 0x7e, 0x7f, 0x80, 0xff];
    const bytes = new Uint8Array(4);
    const view = new FourOctetView().of(bytes);
    for (let place = 0; place < 4; place += 1)
      for (let octet = 0; octet < 256; octet += 1)
        for (const one of neighbours)
          for (const other of neighbours) {
            bytes.fill(one);
            bytes[(place + 1) % 4] = other;
            bytes[place] = octet;
            assert.equal(skip(view, 0, 4), walked(bytes, 0, 4, fits), bytes.join());
          }
  });

  test(`octets of any number from any offset are told as one by one: ${what}`, () => {
    const plain = fc.constantFrom(...Buffer.from('Content-Type-of-letters-AZaz'));
    const octets = fc.array(fc.oneof({ arbitrary: plain, weight: 30 }, fc.integer({ min: 0, max: 255 })));
    fc.assert(
      fc.property(octets, fc.nat(8), fc.nat(8), (values, before, behind) => {
        // A view on a part of a larger buffer, as the readers get them.
        const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(values), Buffer.alloc(behind)]).subarray(before);
        const at = Math.min(behind, values.length);
        assert.equal(skip(new FourOctetView().of(bytes), at, values.length), walked(bytes, at, values.length, fits));
      }),
      { numRuns: 3000 },
    );
  });
}

test('a name is known in any case, and by every octet', () => {
  for (const text of ['host', 'proxy', 'expect', 'upgrade', 'keep-alive', 'transfer-encoding']) {
    const name = fieldName(text);
    const is = (octets: Uint8Array): boolean => isFieldName(new FourOctetView().of(octets), 0, octets.length, name);
    assert.ok(is(Buffer.from(text)));
    assert.ok(is(Buffer.from(text.toUpperCase())));
    for (let place = 0; place < text.length; place += 1)
      for (let octet = 0x20; octet < 256; octet += 1) {
        const octets = Buffer.from(text);
        octets[place] = octet;
        const same = String.fromCharCode(octet).toLowerCase() === text[place];
        assert.equal(is(octets), same && octet < 0x80, `${text} with ${octet} at ${place}`);
      }
  }
});

test('octets are the same only where each of them is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), fc.nat(), fc.nat(255), (octets, which, octet) => {
      const bytes = Uint8Array.from([7, ...octets, 7]);
      const other = new DataView(octets.slice().buffer);
      const view = new FourOctetView().of(bytes);
      assert.ok(sameOctets(view, 1, other, octets.length));
      const place = which % octets.length;
      bytes[1 + place] = octet;
      assert.equal(sameOctets(view, 1, other, octets.length), octet === octets[place]);
    }),
  );
});

test('a view goes with the buffer asked for last', () => {
  const four = new FourOctetView();
  const first = Buffer.from('abcdefgh').subarray(2);
  assert.equal(four.of(first).getUint8(0), 0x63);
  assert.equal(four.of(first), four.of(first));
  assert.equal(four.of(Buffer.from('xyz')).getUint8(0), 0x78);
  assert.equal(asciiView('HTTP/').getUint8(4), 0x2f);
});

test('the first octet that differs is told, as far as there are any', () => {
  const text = asciiView('HTTP/1.');
  const octets = Buffer.from('..HTTP/1.1');
  const view = new FourOctetView().of(octets);
  for (let end = 2; end <= octets.length; end += 1) assert.equal(firstDifference(view, 2, end, text), -1);
  for (let place = 2; place < 9; place += 1) {
    const octet = octets[place]!;
    octets[place] = 0x00;
    for (let end = 2; end <= octets.length; end += 1)
      assert.equal(firstDifference(view, 2, end, text), end > place ? place : -1, `${place} of ${end}`);
    octets[place] = octet;
  }
});
