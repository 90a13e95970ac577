import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClientHello, type ClientHello } from '../../../src/codec/tls/client-hello.ts';
import { bringsTicketOf, freshTicketKeys, rotatedTicketKeys } from '../../../src/gateway/tls/ticket-keys.ts';
import { clientHello, extension, vector16, vector8 } from '../../codec/tls/hello-bytes.ts';

let filled = 0;
const counting = (length: number): Buffer => Buffer.alloc(length, (filled += 1));
const LIFETIME_MS = 7_200_000;

function hello(...extensions: number[][]): ClientHello {
  const parsed = parseClientHello(clientHello({ extensions }));
  assert.ok(parsed.ok);
  return parsed.value;
}

function psk(...identities: Buffer[]): number[] {
  return extension(41, [
    ...vector16(identities.flatMap((identity) => [...vector16([...identity]), 0, 0, 0, 0])),
    ...vector16(identities.flatMap(() => vector8(Array.from({ length: 32 }, () => 0)))),
  ]);
}

test('a key serves its lifetime, then opens old tickets for another, then is gone', () => {
  const first = freshTicketKeys(counting, 1_000);
  assert.equal(first.current.length, 48);
  assert.equal(rotatedTicketKeys(first, counting, 1_000 + LIFETIME_MS - 1, LIFETIME_MS), first);
  const second = rotatedTicketKeys(first, counting, 1_000 + LIFETIME_MS, LIFETIME_MS);
  assert.equal(second.previous, first.current);
  assert.notDeepEqual(second.current, first.current);
  assert.equal(second.sinceMs, 1_000 + LIFETIME_MS);
  const third = rotatedTicketKeys(second, counting, 1_000 + 2 * LIFETIME_MS, LIFETIME_MS);
  assert.equal(third.previous, second.current);
});

test('after a long silence neither key of before is kept', () => {
  const first = freshTicketKeys(counting, 0);
  const later = rotatedTicketKeys(first, counting, 2 * LIFETIME_MS, LIFETIME_MS);
  assert.equal(later.previous, undefined);
});

test('tickets of both versions are known by the name of their key', () => {
  const previous = Buffer.alloc(48, 0xaa);
  const current = Buffer.alloc(48, 0xbb);
  const old = Buffer.concat([previous.subarray(0, 16), Buffer.alloc(100, 1)]);
  const fresh = Buffer.concat([current.subarray(0, 16), Buffer.alloc(100, 1)]);
  const brings = (given: ClientHello): boolean => bringsTicketOf(given, previous, current);
  assert.equal(brings(hello(extension(35, [...old]))), true);
  assert.equal(brings(hello(extension(35, [...fresh]))), false);
  assert.equal(brings(hello(extension(35, []))), false);
  assert.equal(brings(hello(extension(35, [...old.subarray(0, 15)]))), false);
  assert.equal(brings(hello()), false);
  assert.equal(brings(hello(psk(old))), true);
  assert.equal(brings(hello(psk(fresh))), false);
  assert.equal(brings(hello(psk(Buffer.from('foreign'), old))), true);
  assert.equal(brings(hello(psk(fresh, old))), false, 'the current key opens the first, so that no twin is needed');
});
