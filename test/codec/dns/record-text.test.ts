import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpv6, parseIpv4, parseIpv6 } from '../../../src/codec/ip-text.ts';
import { formatRecord, formatRecordData, txtText } from '../../../src/codec/dns/record-text.ts';
import { extendedErrorName, typeName, typeNumber } from '../../../src/codec/dns/registry.ts';
import { everyData, text } from './messages.ts';

test('data reads as in a zone file', () => {
  const told = new Set(everyData.map(([type, data]) => `${typeName(type)} ${formatRecordData(data)}`));
  for (const line of [
    'A 192.0.2.1',
    'AAAA 2001:db8::1',
    'SOA ns.example. host\\.master.example. 4294967295 1 2 3 4',
    `TXT "one" "" "${'\\233'.repeat(255)}"`,
    'MX 10 mail.example.',
    'SRV 1 2 443 srv.example.',
    'CAA 128 issue "ca.example; x=1"',
    'HTTPS 1 . mandatory=alpn,ipv4hint alpn="h2,h3" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ' +
      'ech="AAECAw==" ipv6hint=2001:db8::1 key667="hello"',
    'DS 20326 8 2 E06D',
    'DNSKEY 257 3 13 a2V5',
    'RRSIG A 13 2 300 2000000000 1900000000 1 example. c2lnbmF0dXJl',
    'TYPE65280 \\# 8 616E797468696E67',
  ])
    assert.ok(told.has(line), line);
  const record = { name: 'a.', type: 1, class: 1, ttl: 5, offset: 0, dataOffset: 0, end: 0 };
  assert.equal(formatRecord({ ...record, data: { kind: 'A', address: '192.0.2.1' } }), 'a. 5 IN A 192.0.2.1');
});

test('a text cut in the middle of a character is put together again', () => {
  const octets = text('门神');
  assert.equal(txtText({ kind: 'TXT', strings: [octets.subarray(0, 2), octets.subarray(2)] }), '门神');
  assert.equal(txtText({ kind: 'A', address: '192.0.2.1' }), undefined);
});

test('types by name and by number', () => {
  assert.equal(typeNumber('aaaa'), 28);
  assert.equal(typeNumber('TYPE65280'), 65_280);
  assert.equal(typeNumber('TYPE65536'), undefined);
  assert.equal(typeNumber('toString'), undefined);
  assert.equal(typeName(65_280), 'TYPE65280');
  assert.equal(extendedErrorName(22), 'No Reachable Authority');
  assert.equal(extendedErrorName(9_999), 'EDE9999');
});

test('IPv6 addresses have one spelling, and every form is read', () => {
  const shown = (address: string): string | undefined => {
    const octets = parseIpv6(address);
    return octets && formatIpv6(octets);
  };
  assert.equal(shown('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
  assert.equal(shown('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
  assert.equal(shown('::'), '::');
  assert.equal(shown('0:0:0:0:0:0:0:1'), '::1');
  assert.equal(shown('1::'), '1::');
  assert.equal(shown('::ffff:192.0.2.1'), '::ffff:192.0.2.1');
  assert.equal(shown('64:ff9b::192.0.2.33'), '64:ff9b::c000:221');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
      const address = formatIpv6(octets);
      assert.ok(isIPv6(address), address);
      assert.deepEqual(parseIpv6(address), octets);
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcf:.')) }), fc.ipV6(), fc.ipV4()),
      (address) => {
        assert.equal(parseIpv6(address) !== undefined, isIPv6(address), address);
        assert.equal(parseIpv4(address) !== undefined, isIPv4(address), address);
      },
    ),
  );
});
