import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { connectionOrder, interleaveFamilies, sortAddresses } from '../../src/dns/address-order.ts';

const from = (sources: Readonly<Record<string, string | undefined>>) => ({
  sourceFor: (address: string): string | undefined => sources[address],
});

// The examples of RFC 6724 section 10.2, as far as they do not need home addresses.
test('destinations are sorted as RFC 6724 shows', () => {
  const cases: readonly (readonly [sources: Readonly<Record<string, string | undefined>>, order: readonly string[]])[] =
    [
      // Prefer matching scope.
      [{ '198.51.100.121': '169.254.13.78', '2001:db8:1::1': '2001:db8:1::2' }, ['2001:db8:1::1', '198.51.100.121']],
      [{ '2001:db8:1::1': 'fe80::1', '198.51.100.121': '198.51.100.117' }, ['198.51.100.121', '2001:db8:1::1']],
      // Prefer higher precedence.
      [{ '10.1.2.3': '10.1.2.4', '2001:db8:1::1': '2001:db8:1::2' }, ['2001:db8:1::1', '10.1.2.3']],
      // Prefer smaller scope.
      [{ '2001:db8:1::1': '2001:db8:1::2', 'fe80::1': 'fe80::2' }, ['fe80::1', '2001:db8:1::1']],
      // Prefer matching label.
      [
        { '2001:db8:1::1': '2002:c633:6401::2', '2002:c633:6401::1': '2002:c633:6401::2' },
        ['2002:c633:6401::1', '2001:db8:1::1'],
      ],
      // Longest matching prefix.
      [
        { '2001:db8:1::1': '2001:db8:1::2', '2001:db8:3ffe::1': '2001:db8:3f44::2' },
        ['2001:db8:1::1', '2001:db8:3ffe::1'],
      ],
      // Avoid unusable destinations.
      [{ '2001:db8:1::1': undefined, '198.51.100.1': '198.51.100.117' }, ['198.51.100.1', '2001:db8:1::1']],
    ];
  for (const [sources, order] of cases)
    for (const given of [order, order.toReversed()]) assert.deepEqual(sortAddresses(given, from(sources)), order);
});

test('without routes the order within a family is the one that came', () => {
  assert.deepEqual(sortAddresses(['192.0.2.2', '192.0.2.1', '2001:db8::2', '2001:db8::1']), [
    '2001:db8::2',
    '2001:db8::1',
    '192.0.2.2',
    '192.0.2.1',
  ]);
});

test('families take turns (RFC 8305 section 4)', () => {
  assert.deepEqual(interleaveFamilies(['::1', '::2', '::3', '192.0.2.1', '192.0.2.2']), [
    '::1',
    '192.0.2.1',
    '::2',
    '192.0.2.2',
    '::3',
  ]);
  assert.deepEqual(interleaveFamilies(['::1', '::2', '::3', '192.0.2.1'], 2), ['::1', '::2', '192.0.2.1', '::3']);
  assert.deepEqual(interleaveFamilies(['192.0.2.1', '::1']), ['192.0.2.1', '::1']);
  assert.deepEqual(interleaveFamilies([]), []);
});

test('nothing is lost and nothing is tried twice', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6())), (addresses) => {
      const order = connectionOrder(addresses);
      assert.deepEqual([...order].sort(), [...new Set(addresses)].sort());
    }),
  );
});
