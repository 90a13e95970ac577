import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCertificateMessage, parseCertificateStatus } from '../../../src/codec/tls/certificate-message.ts';
import { parseCertificate } from '../../../src/codec/x509/certificate.ts';
import { readServerFlight } from '../../../src/trace/verify/server-flight.ts';

interface Vector {
  readonly section: string;
  readonly op: string;
  readonly label: string;
  readonly hex: string;
}

const file = path.resolve('../shared/corpora/tls-rfc8448/rfc8448-vectors.json');
const absent = existsSync(file) ? false : 'the RFC 8448 vectors are not here';
const vectors: readonly Vector[] = absent ? [] : (JSON.parse(readFileSync(file, 'utf8')) as Vector[]);

/** What the server sends in a section of the RFC, and the secret of its handshake. */
function trace(section: string): { readonly received: Buffer; readonly keyLog: readonly string[] } {
  const own = vectors.filter((vector) => vector.section.startsWith(section));
  const records = own.filter(({ op, label }) => /^server send .* record/.test(op) && label === 'complete record');
  const secret = own.find(({ op, label }) => op.includes('"tls13 s hs traffic"') && label === 'expanded');
  assert.ok(secret !== undefined && records.length > 1);
  const received = Buffer.from(records.map(({ hex }) => hex).join(''), 'hex');
  return { received, keyLog: [`SERVER_HANDSHAKE_TRAFFIC_SECRET 00 ${secret.hex}`] };
}

test('the certificates of RFC 8448 are read out of its encrypted records', { skip: absent }, () => {
  for (const section of ['3.', '5.', '6.', '7.']) {
    const { received, keyLog } = trace(section);
    const flight = readServerFlight(received, keyLog);
    assert.equal(flight.unread, undefined, section);
    assert.equal(flight.certificates.length, 1);
    assert.ok(parseCertificate(flight.certificates[0]!.der).ok);
    assert.equal(flight.asksClient, section === '6.');
  }
});

test('a resumed handshake, a wrong secret and none at all give no certificates and say why', { skip: absent }, () => {
  const resumed = trace('4.');
  assert.equal(readServerFlight(resumed.received, resumed.keyLog).unread, 'no Certificate');
  const { received, keyLog } = trace('3.');
  const other = [`${keyLog[0]!.slice(0, -2)}00`];
  assert.equal(readServerFlight(received, other).unread, 'a record that does not decrypt');
  assert.equal(readServerFlight(received, []).unread, 'no key');
  assert.equal(
    readServerFlight(Buffer.from('HTTP/1.1 400 Bad Request\r\n'), []).unread,
    'illegal-value in TLSPlaintext.type',
  );
});

test('a flight that is cut anywhere, or changed anywhere, never throws', { skip: absent }, () => {
  const { received, keyLog } = trace('3.');
  const whole = readServerFlight(received, keyLog).certificates.length;
  for (let length = 0; length < received.length; length++) {
    const { certificates, unread } = readServerFlight(received.subarray(0, length), keyLog);
    assert.ok(certificates.length === whole || unread !== undefined);
  }
  fc.assert(
    fc.property(fc.nat(received.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
      const changed = Buffer.from(received);
      changed[at]! ^= bits;
      readServerFlight(changed, keyLog);
    }),
  );
});

const octets = (...parts: readonly string[]): Buffer => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');

/** Certificate with two entries; the first has a stapled answer of two octets, in TLS 1.3, and an unknown extension. */
const message13 = octets('0b000020 00 00001c', '000002aaaa 000f 00050006 01 000002bbbb ffee0001 00', '000001cc 0000');
const message12 = octets('0b00000c 000009 000002aaaa 000001cc');

test('Certificate messages: whole, cut at every octet, with octets after them', () => {
  for (const [message, isTls13, staple] of [
    [message13, true, 'bbbb'],
    [message12, false, undefined],
  ] as const) {
    const parsed = parseCertificateMessage(message, isTls13);
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
    assert.deepEqual(
      parsed.value.map(({ der, ocspResponse }) => [hex(der), hex(ocspResponse)]),
      [
        ['aaaa', staple],
        ['cc', undefined],
      ],
    );
    for (let length = 0; length < message.length; length++)
      assert.ok(!parseCertificateMessage(message.subarray(0, length), isTls13).ok);
    assert.ok(!parseCertificateMessage(Buffer.concat([message, Buffer.of(0)]), isTls13).ok);
    assert.ok(!parseCertificateMessage(message, !isTls13).ok);
  }
  const empty = parseCertificateMessage(Buffer.from('0b000006000003000000', 'hex'), false);
  assert.ok(!empty.ok && empty.error.code === 'bad-length');
});

test('CertificateStatus: whole, cut at every octet, with octets after it, of another type', () => {
  const status = octets('16000006 01 000002 bbbb');
  const parsed = parseCertificateStatus(status);
  assert.deepEqual(parsed.ok && Buffer.from(parsed.value!).toString('hex'), 'bbbb');
  for (let length = 0; length < status.length; length++)
    assert.ok(!parseCertificateStatus(status.subarray(0, length)).ok);
  assert.ok(!parseCertificateStatus(Buffer.concat([status, Buffer.of(0)])).ok);
  assert.deepEqual(parseCertificateStatus(Buffer.from('1600000202ff', 'hex')), { ok: true, value: undefined });
});
