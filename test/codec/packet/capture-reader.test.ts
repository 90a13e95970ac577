import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CaptureReader, isItem, TLS_KEY_LOG, type CaptureItem } from '../../../src/codec/packet/capture-reader.ts';
import type { PacketError } from '../../../src/codec/packet/packet-error.ts';
import {
  concatenate,
  encodeInterface,
  encodePacket,
  encodeSection,
  encodeTlsSecrets,
} from '../../../src/codec/packet/pcapng-writer.ts';

const TIME = Date.UTC(2026, 0, 2, 3, 4, 5) + 678.125;
const data = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);

const pcapng = concatenate([
  encodeSection('test', 'a comment'),
  encodeInterface(101, 'any'),
  encodeTlsSecrets(['CLIENT_RANDOM 00 11']),
  encodePacket(0, TIME, data(61)),
  encodePacket(0, TIME + 1, data(0), 9, 'cut'),
]);

/** Classic pcap, in either order of octets, with microseconds or nanoseconds. */
function pcap(little: boolean, nano: boolean): Uint8Array {
  const out = new Uint8Array(24 + 16 + 3);
  const view = new DataView(out.buffer);
  view.setUint32(0, nano ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint32(16, 65_535, little);
  view.setUint32(20, 1, little);
  view.setUint32(24, Math.floor(TIME / 1_000), little);
  view.setUint32(28, nano ? 678_125_000 : 678_125, little);
  view.setUint32(32, 3, little);
  view.setUint32(36, 60, little);
  out.set([1, 2, 3], 40);
  return out;
}

function readAll(pieces: readonly Uint8Array[]): {
  items: CaptureItem[];
  error: PacketError | undefined;
  left: number;
} {
  const reader = new CaptureReader();
  const items: CaptureItem[] = [];
  for (const piece of pieces) {
    reader.feed(piece);
    for (let item = reader.next(); item !== undefined; item = reader.next()) {
      if (!isItem(item)) return { items, error: item, left: reader.pendingLength };
      items.push(item);
    }
  }
  return { items, error: undefined, left: reader.pendingLength };
}

test('pcapng is read as it was written: secrets, packets, times, comments', () => {
  const { items, error, left } = readAll([pcapng]);
  assert.equal(error, undefined);
  assert.equal(left, 0);
  assert.equal(items.length, 3);
  const [secrets, first, second] = items;
  assert.ok(secrets?.kind === 'secrets' && secrets.secretsType === TLS_KEY_LOG);
  assert.equal(new TextDecoder().decode(secrets.bytes), 'CLIENT_RANDOM 00 11\n');
  assert.ok(first?.kind === 'packet' && second?.kind === 'packet');
  assert.deepEqual(first.bytes, data(61));
  assert.equal(first.linkType, 101);
  assert.ok(Math.abs(first.timeMs - TIME) < 0.002);
  assert.deepEqual([second.originalLength, second.bytes.length, second.comment], [9, 0, 'cut']);
});

test('pcap is read in both orders of octets, with microseconds and nanoseconds', () => {
  for (const little of [true, false])
    for (const nano of [true, false]) {
      const { items, error } = readAll([pcap(little, nano)]);
      assert.equal(error, undefined);
      const [packet] = items;
      assert.ok(packet?.kind === 'packet');
      assert.deepEqual([...packet.bytes], [1, 2, 3]);
      assert.equal(packet.originalLength, 60);
      assert.ok(Math.abs(packet.timeMs - TIME) < 0.002);
    }
});

test('split at every octet the result is the same; truncated at every octet nothing is invented', () => {
  for (const file of [pcapng, pcap(true, false), pcap(false, true)]) {
    const whole = readAll([file]);
    for (let at = 0; at <= file.length; at += 1) {
      assert.deepEqual(readAll([file.subarray(0, at), file.subarray(at)]).items, whole.items);
      const cut = readAll([file.subarray(0, at)]);
      assert.equal(cut.error, undefined);
      assert.deepEqual(cut.items, whole.items.slice(0, cut.items.length));
    }
  }
});

test('trailing octets wait; what cannot be is refused with its place', () => {
  assert.equal(readAll([pcapng, Uint8Array.of(6, 0, 0)]).left, 3);
  const { error } = readAll([Uint8Array.of(1, 2, 3, 4, 5)]);
  assert.deepEqual(error, { code: 'invalid', field: 'magic number', offset: 0 });
  const huge = pcap(true, false);
  new DataView(huge.buffer).setUint32(32, 0x7fff_ffff, true);
  assert.deepEqual(readAll([huge]).error, { code: 'too-large', field: 'pcap captured length', offset: 32 });
  const broken = Uint8Array.from(pcapng);
  broken[4] = 13;
  assert.equal(readAll([broken]).error?.code, 'invalid');
});

test('fuzz: any octets give items or one error, and never throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(pcapng, pcap(true, false)),
      fc.nat(),
      (noise, file, at) => {
        const mixed = Uint8Array.from(file);
        mixed.set(noise.subarray(0, Math.max(0, mixed.length - (at % mixed.length))), at % mixed.length);
        const { error } = readAll([mixed]);
        if (error !== undefined) assert.ok(error.offset >= 0 && error.offset <= mixed.length + 4);
        readAll([noise]);
      },
    ),
    { numRuns: 400 },
  );
});

test('the corpus is read packet for packet as tshark reads it', (t) => {
  const folder = path.join(process.cwd(), '..', 'shared', 'corpora', 'captures', 'zeek', 'Traces');
  let files: string[];
  try {
    files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:pcap|pcapng|trace)$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name));
  } catch {
    t.skip('the corpus is absent');
    return;
  }
  const hasTshark = spawnSync('capinfos', ['-v']).status === 0;
  let packets = 0;
  for (const file of files) {
    const { items, error } = readAll([readFileSync(file)]);
    const count = items.filter(({ kind }) => kind === 'packet').length;
    packets += count;
    if (!hasTshark) continue;
    const told = spawnSync('capinfos', ['-cMTrm', file], { encoding: 'utf8' });
    const expected = Number(/,?(\d+)\s*$/.exec(told.stdout)?.[1]);
    if (told.status === 0 && error === undefined) assert.equal(count, expected, file);
  }
  t.diagnostic(`${files.length} files, ${packets} packets${hasTshark ? ', counted by capinfos as well' : ''}`);
  assert.ok(packets > 0);
});
