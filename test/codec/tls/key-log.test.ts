import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyLog, parseKeyLogLine } from '../../../src/codec/tls/key-log.ts';

const random = '11'.repeat(32);
const secret = '22'.repeat(48);

test('a line is a label, a random and a secret, in either case and with any end', () => {
  for (const line of [`CLIENT_RANDOM ${random} ${secret}`, `CLIENT_RANDOM ${random.toUpperCase()} ${secret}\r\n`]) {
    const parsed = parseKeyLogLine(line);
    assert.ok(parsed.kind === 'secret');
    assert.equal(parsed.entry.label, 'CLIENT_RANDOM');
    assert.equal(parsed.entry.secret.length, 48);
  }
  for (const line of ['', '   ', '# a remark']) assert.equal(parseKeyLogLine(line).kind, 'nothing');
});

test('a line that is cut, too long or of other digits is malformed', () => {
  const line = `CLIENT_RANDOM ${random} ${secret}`;
  for (let length = 1; length < line.length; length += 1) {
    const { kind } = parseKeyLogLine(line.slice(0, length));
    // Cut between two octets of the secret, it is a shorter one.
    const isInSecret = length > line.length - secret.length && (line.length - length) % 2 === 0;
    assert.equal(kind, isInSecret ? 'secret' : 'malformed', line.slice(0, length));
  }
  for (const wrong of [
    `${line} 00`,
    `client_random ${random} ${secret}`,
    `CLIENT_RANDOM ${random} zz`,
    `X ${random} ${'0'.repeat(130)}`,
  ]) {
    assert.equal(parseKeyLogLine(wrong).kind, 'malformed', wrong);
  }
});

test('secrets are found by label and random, and bad lines are counted', () => {
  const log = new KeyLog();
  log.add(`# made by a test\nCLIENT_RANDOM ${random} ${secret}\n\nRSA 0011223344556677 ${secret}\n`);
  assert.equal(log.size, 1);
  assert.equal(log.malformedLines, 1);
  const key = new Uint8Array(32).fill(0x11);
  assert.equal(log.secret('CLIENT_RANDOM', key)?.length, 48);
  assert.equal(log.secret('CLIENT_RANDOM', new Uint8Array(32)), undefined);
  assert.equal(log.secret('EXPORTER_SECRET', key), undefined);
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => new KeyLog().add(text)));
});
