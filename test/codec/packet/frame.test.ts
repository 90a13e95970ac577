import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTcpFrame } from '../../../src/codec/packet/frame.ts';
import { parseIp } from '../../../src/codec/packet/ip-packet.ts';
import { LinkType, parseLink } from '../../../src/codec/packet/link-layer.ts';
import { checksum, encodeTcpPacket } from '../../../src/codec/packet/tcp-encoder.ts';
import { flagNames, parseTcp, sequenceDistance } from '../../../src/codec/packet/tcp-segment.ts';

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

const common = {
  sourcePort: 443,
  destinationPort: 50_000,
  sequence: 0xffff_fff0,
  acknowledgement: 7,
  window: 1_000,
  data: Uint8Array.of(0x16, 3, 3),
};
const four = encodeTcpPacket({
  ...common,
  source: Uint8Array.of(192, 0, 2, 1),
  destination: Uint8Array.of(10, 0, 0, 2),
  ack: true,
  psh: true,
});
const six = encodeTcpPacket({
  ...common,
  source: octets('20010db8 00000000 00000000 00000001'),
  destination: octets('fe800000 00000000 00010000 00000002'),
  syn: true,
});

test('a SYN, ACK of Linux with all its options', () => {
  const bytes = octets(`
    4500003c 00004000 40063cba 7f000001 7f000001
    01bbc350 11223344 00000001 a012ffcb fe300000 0204ffd7 0402080a 0000000a 0000000b 0103030a`);
  const parsed = parseTcpFrame(LinkType.RAW, bytes);
  assert.ok(parsed.ok);
  const { ip, segment, data } = parsed.value;
  assert.deepEqual([ip.source, ip.destination, ip.timeToLive], ['127.0.0.1', '127.0.0.1', 64]);
  assert.deepEqual(flagNames(segment), ['SYN', 'ACK']);
  assert.deepEqual([segment.sequence, segment.acknowledgement, segment.window], [0x11223344, 1, 0xffcb]);
  assert.deepEqual(segment.options, {
    maximumSegmentSize: 0xffd7,
    windowScale: 10,
    selectiveAcknowledgementPermitted: true,
    timestamps: { value: 10, echo: 11 },
    acknowledgedBlocks: [],
  });
  assert.equal(data.length, 0);
});

test('what is encoded is read again, IPv4 and IPv6, with right checksums', () => {
  for (const [bytes, addresses] of [
    [four, ['192.0.2.1', '10.0.0.2']],
    [six, ['2001:db8::1', 'fe80::1:0:0:2']],
  ] as const) {
    const parsed = parseTcpFrame(LinkType.RAW, bytes);
    assert.ok(parsed.ok);
    const { ip, segment, data } = parsed.value;
    assert.deepEqual([ip.source, ip.destination], addresses);
    assert.deepEqual([segment.sourcePort, segment.destinationPort, segment.sequence], [443, 50_000, 0xffff_fff0]);
    assert.deepEqual([...data], [0x16, 3, 3]);
  }
  assert.equal(checksum(four.subarray(0, 20)), 0);
});

test('every kind of link leads to the same packet', () => {
  const ethernet = (tags: string): Uint8Array =>
    Uint8Array.from([...octets(`020000000001 020000000002 ${tags} 0800`), ...four]);
  const cooked = octets('0004 0304 0006 000000000000 0000 0800');
  const cooked2 = octets('0800 0000 00000001 0304 04 06 0000000000000000');
  const frames: readonly (readonly [number, Uint8Array])[] = [
    [LinkType.ETHERNET, ethernet('')],
    [LinkType.ETHERNET, ethernet('81000001')],
    [LinkType.ETHERNET, ethernet('88a80001 81000002')],
    [LinkType.LINUX_SLL, Uint8Array.from([...cooked, ...four])],
    [LinkType.LINUX_SLL2, Uint8Array.from([...cooked2, ...four])],
    [LinkType.NULL, Uint8Array.from([2, 0, 0, 0, ...four])],
    [LinkType.IPV4, four],
  ];
  for (const [linkType, bytes] of frames) {
    const parsed = parseTcpFrame(linkType, bytes);
    assert.ok(parsed.ok, String(linkType));
    assert.equal(parsed.value.ip.source, '192.0.2.1');
    for (let length = 0; length < bytes.length - 3; length += 1)
      assert.ok(!parseTcpFrame(linkType, bytes.subarray(0, length)).ok, `${linkType} cut at ${length}`);
    const padded = parseTcpFrame(linkType, Uint8Array.from([...bytes, 0, 0, 0, 0]));
    assert.ok(padded.ok && padded.value.data.length === 3, 'padding is no data');
  }
  assert.ok(!parseLink(4_242, four).ok);
  const many = ethernet('81000001'.repeat(6));
  assert.deepEqual(parseLink(LinkType.ETHERNET, many), {
    ok: false,
    error: { code: 'too-large', field: 'VLAN tags', offset: 28 },
  });
});

test('extension headers of IPv6 are gone through, and bounded', () => {
  const header = six.slice(0, 40);
  const body = six.subarray(40);
  const extended = (count: number): Uint8Array => {
    const out = new Uint8Array(40 + count * 8 + body.length);
    out.set(header);
    out[6] = 60;
    new DataView(out.buffer).setUint16(4, count * 8 + body.length);
    for (let i = 0; i < count; i += 1) out[40 + i * 8] = i === count - 1 ? 6 : 60;
    out.set(body, 40 + count * 8);
    return out;
  };
  assert.ok(parseTcpFrame(LinkType.RAW, extended(3)).ok);
  const refused = parseTcpFrame(LinkType.RAW, extended(20));
  assert.ok(!refused.ok && refused.error.code === 'too-large');
});

test('fragments are told from whole packets', () => {
  const piece = Uint8Array.from(four);
  piece[6] = 0x20;
  assert.deepEqual(parseTcpFrame(LinkType.RAW, piece), {
    ok: false,
    error: { code: 'unsupported', field: 'IP fragment', offset: 0 },
  });
  const ip = parseIp(piece, 0);
  assert.ok(ip.ok && ip.value.moreFragments);
});

test('sequence numbers wrap', () => {
  assert.equal(sequenceDistance(0xffff_fff0, 0x10), 0x20);
  assert.equal(sequenceDistance(0x10, 0xffff_fff0), -0x20);
});

test('fuzz: no octets throw, and what is read lies inside of them', () => {
  const types = Object.values(LinkType);
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 120 }), fc.boolean(), (linkType, noise, keep) => {
      const bytes = keep ? Uint8Array.from([...four.subarray(0, 24), ...noise]) : noise;
      const parsed = parseTcpFrame(linkType, bytes);
      if (!parsed.ok) return;
      const { dataStart, dataEnd } = parsed.value.segment;
      assert.ok(dataStart <= bytes.length && dataEnd <= bytes.length);
      parseTcp(bytes, 0, bytes.length, bytes.length);
    }),
    { numRuns: 2_000 },
  );
});
