import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parsing, type DerProblem } from '../../../src/codec/der/der-error.ts';
import { DerReader, MAX_DEPTH } from '../../../src/codec/der/der-reader.ts';
import { encodeElement, oidOctets } from '../../../src/codec/der/der-writer.ts';
import { Tag } from '../../../src/codec/der/der-tag.ts';

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function read<T>(hex: string, use: (reader: DerReader) => T) {
  return parsing(() => {
    const reader = new DerReader(octets(hex), 'top');
    const value = use(reader);
    reader.finish();
    return value;
  });
}

function refuses(hex: string, use: (reader: DerReader) => unknown, problem: DerProblem, offset: number): void {
  const result = read(hex, use);
  assert.equal(result.ok, false, hex);
  assert.deepEqual([result.error.problem, result.error.offset], [problem, offset], hex);
}

/** The second arc's digits in base 128, after the header and the first octet. */
const wideArcOf = (hex: string): bigint =>
  octets(hex)
    .subarray(3)
    .reduce((arc, octet) => arc * 128n + BigInt(octet & 0x7f), 0n);

describe('DER lengths', () => {
  const any = (reader: DerReader): unknown => reader.element('x');

  it('are read in the short and the long form', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const encoded = encodeElement(Tag.octetString, new Uint8Array(length));
      const result = parsing(() => new DerReader(encoded, '').element('x'));
      assert.ok(result.ok);
      assert.equal(result.value.end - result.value.contentStart, length);
    }
  });

  it('must be definite, minimal and inside of the buffer', () => {
    refuses('30 80 00 00', any, 'length-indefinite', 1);
    refuses('04 81 05 0000000000', any, 'length-not-minimal', 2);
    refuses('04 82 00 80', any, 'length-not-minimal', 2);
    refuses('04 85 0000000001 00', any, 'length-too-long', 1);
    refuses('04 05 00', any, 'truncated', 3);
    refuses('04 82 01', any, 'truncated', 3);
    refuses('04', any, 'truncated', 1);
    refuses('', any, 'truncated', 0);
    refuses('1f 81 01 00', any, 'high-tag-number', 0);
  });
});

describe('DER values', () => {
  it('have one encoding each', () => {
    const boolean = (reader: DerReader): unknown => reader.boolean('x');
    assert.deepEqual(read('0101ff', boolean), { ok: true, value: true });
    assert.deepEqual(read('010100', boolean), { ok: true, value: false });
    refuses('010101', boolean, 'boolean-not-canonical', 2);
    refuses('0102ffff', boolean, 'boolean-not-canonical', 2);
    const integer = (reader: DerReader): unknown => reader.smallInteger('x');
    assert.deepEqual(read('02020080', integer), { ok: true, value: 128 });
    refuses('0200', integer, 'integer-empty', 2);
    refuses('0202007f', integer, 'integer-not-minimal', 2);
    refuses('0202ff80', integer, 'integer-not-minimal', 2);
    refuses('020180', integer, 'integer-out-of-range', 2);
    refuses('02050080000000', integer, 'integer-out-of-range', 2);
    refuses('050100', (reader) => reader.null('x'), 'null-not-empty', 2);
  });

  it('read bit strings with their unused bits', () => {
    const bits = (reader: DerReader): unknown => reader.namedBits('x');
    assert.deepEqual(read('03020186', bits), { ok: true, value: 0b1100001 });
    assert.deepEqual(read('03020780', bits), { ok: true, value: 1 });
    assert.deepEqual(read('0303070080', bits), { ok: true, value: 256 });
    assert.deepEqual(read('030100', bits), { ok: true, value: 0 });
    refuses('0300', bits, 'bit-string-malformed', 2);
    refuses('03020880', bits, 'bit-string-malformed', 2);
    refuses('03020781', bits, 'bit-string-malformed', 2);
    refuses('030107', bits, 'bit-string-malformed', 2);
    refuses('03020180', (reader) => reader.wholeBitString('x'), 'bit-string-malformed', 2);
  });

  it('read object identifiers both ways', () => {
    for (const dotted of [
      '2.5.29.15',
      '1.2.840.113549.1.1.11',
      '2.999.3',
      '0.9.2342.19200300.100.1.25',
      '1.3.6.1.4.1.55738.666.1',
    ]) {
      const encoded = encodeElement(Tag.objectIdentifier, oidOctets(dotted));
      assert.deepEqual(
        parsing(() => new DerReader(encoded, '').oid('x')),
        { ok: true, value: dotted },
      );
    }
    const oid = (reader: DerReader): unknown => reader.oid('x');
    refuses('0600', oid, 'oid-malformed', 2);
    refuses('06025580', oid, 'oid-malformed', 2);
    refuses('0603558001', oid, 'oid-malformed', 3);
    refuses(`061a55${'ff'.repeat(24)}7f`, oid, 'oid-malformed', 3);
    const uuid = '0615 69 83e8cedfd8bbc8f6c4ffb9a8b1ddc5c1d9fbaf0f';
    assert.deepEqual(read(uuid, oid), { ok: true, value: `2.25.${wideArcOf(uuid)}` });
  });

  it('read times of real days only, in whole seconds of UTC', () => {
    const time = (tag: number, value: string) => {
      const encoded = encodeElement(tag, Buffer.from(value, 'latin1'));
      const result = parsing(() => new DerReader(encoded, '').time('x').epochMs);
      return result.ok ? result.value : result.error.problem;
    };
    assert.equal(time(Tag.utcTime, '500101000000Z'), Date.UTC(1950, 0, 1));
    assert.equal(time(Tag.utcTime, '491231235959Z'), Date.UTC(2049, 11, 31, 23, 59, 59));
    assert.equal(time(Tag.generalizedTime, '20240229120000Z'), Date.UTC(2024, 1, 29, 12));
    assert.equal(time(Tag.generalizedTime, '20000229000000Z'), Date.UTC(2000, 1, 29));
    for (const wrong of [
      '2401010000Z',
      '240101000000',
      '240101000000+0000',
      '240101000000.5Z',
      '241301000000Z',
      '240230000000Z',
      '230229000000Z',
      '240101240000Z',
      '240101006000Z',
      '240101000060Z',
      '240100000000Z',
      'abcdefghijklZ',
    ])
      assert.equal(time(Tag.utcTime, wrong), 'time-malformed', wrong);
    for (const wrong of ['21000229000000Z', '240101000000Z', '20240101000000.0Z'])
      assert.equal(time(Tag.generalizedTime, wrong), 'time-malformed', wrong);
  });

  it('count days as the calendar does', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 }), (seconds) => {
        const iso = new Date(seconds * 1000).toISOString();
        const encoded = encodeElement(
          Tag.generalizedTime,
          Buffer.from(`${iso.replaceAll(/[-:T]/g, '').slice(0, 14)}Z`),
        );
        assert.equal(new DerReader(encoded, '').time('x').epochMs, seconds * 1000);
      }),
    );
  });
});

describe('DER structure', () => {
  it('names the field and the offset of what is wrong', () => {
    const result = read('3009 3004 020100 02 0201 01', (reader) => {
      const outer = reader.sequence('outer');
      const inner = outer.sequence('inner');
      inner.smallInteger('first');
      return inner.smallInteger('second');
    });
    assert.deepEqual(result, {
      ok: false,
      error: { problem: 'truncated', field: 'top.outer.inner.second', offset: 8 },
    });
  });

  it('refuses data after the end, and a structure that is too deep', () => {
    refuses('0500 00', (reader) => reader.null('x'), 'trailing-data', 2);
    let nested: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < MAX_DEPTH + 2; i++) nested = encodeElement(Tag.sequence, nested);
    const result = parsing(() => {
      let reader = new DerReader(nested, '');
      while (!reader.atEnd) reader = reader.sequence('s');
    });
    assert.equal(result.ok, false);
    assert.equal(result.error.problem, 'too-deep');
  });

  it('never throws and never reads outside, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const walk = (reader: DerReader): void => {
          while (!reader.atEnd) {
            const element = reader.element('x');
            assert.ok(element.end <= reader.end && element.contentStart <= element.end);
            if ((element.tag & 0x20) !== 0) walk(reader.inside(element, 'y'));
          }
        };
        parsing(() => walk(new DerReader(bytes, '')));
      }),
      { numRuns: 2000 },
    );
  });
});
