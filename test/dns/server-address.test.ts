import test from 'node:test';
import assert from 'node:assert/strict';
import { readServerAddress } from '../../src/dns/server-address.ts';

test('an address stands alone or with its port', () => {
  for (const [text, address, port] of [
    ['192.0.2.1', '192.0.2.1', 53],
    ['192.0.2.1:5353', '192.0.2.1', 5353],
    ['2001:db8::1', '2001:db8::1', 53],
    ['[2001:db8::1]', '2001:db8::1', 53],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353],
    ['192.0.2.1:65535', '192.0.2.1', 65_535],
  ] as const)
    assert.deepEqual(readServerAddress(text, 53), { address, port }, text);
});

test('anything else is no address', () => {
  const others = ['', 'ns.example', '192.0.2.1:0', '192.0.2.1:65536', '192.0.2.1:', '192.0.2.1:x', '[192.0.2.1', ':53'];
  for (const text of others) assert.equal(readServerAddress(text, 53), undefined, text);
});
