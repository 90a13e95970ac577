import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeHandshake } from '../../../../src/codec/tls/message/decode-handshake.ts';
import { extensionOfType, extensionValue } from '../../../../src/codec/tls/message/extension-value.ts';
import { fieldText } from '../../../../src/codec/tls/message/field-text.ts';
import type { DecodedHandshake } from '../../../../src/codec/tls/message/handshake-body.ts';
import { parseClientHello } from '../../../../src/codec/tls/client-hello.ts';
import { parseSctList } from '../../../../src/codec/tls/sct.ts';
import { clientHello, extension, fullHello, vector16 } from '../hello-bytes.ts';
import { message, samples, sctList, TLS13, type Sample } from './handshake-octets.ts';

const decode = ({ octets, version, cipherSuite }: Sample): DecodedHandshake =>
  decodeHandshake(octets, { version, cipherSuite });

/** Fields lie within the message, in order, and inside the field that they are part of. */
function assertFields({ fields, octets }: DecodedHandshake): void {
  for (const [index, field] of fields.entries()) {
    assert.ok(field.start <= field.end && field.end <= octets.length, field.name);
    assert.ok(field.start + field.prefix <= field.end, field.name);
    const next = fields[index + 1];
    if (next !== undefined) assert.ok(next.start >= field.start && next.depth <= field.depth + 1, next.name);
    assert.equal(typeof fieldText(field, octets), 'string');
  }
}

for (const sample of samples) {
  test(`${sample.name} is read whole, every extension with it`, () => {
    const decoded = decode(sample);
    assert.equal(decoded.error, undefined);
    assert.equal(decoded.body.kind, sample.kind);
    assertFields(decoded);
    if ('extensions' in decoded.body) {
      for (const { name, error, octets } of decoded.body.extensions) {
        // The hello that is shared with the gateway's tests has a sealed hello of four octets, which is none.
        if (name !== 'encrypted_client_hello' || octets.length > 4) assert.equal(error, undefined, name);
      }
    }
  });

  test(`${sample.name} cut at any octet is truncated, and one octet more is too many`, () => {
    for (let length = 0; length < sample.octets.length; length += 1) {
      const cut = decode({ ...sample, octets: sample.octets.subarray(0, length) });
      assert.equal(cut.error?.code, 'truncated', `after ${length}`);
      assert.equal(cut.body.kind, 'undecoded');
      assertFields(cut);
    }
    const longer = decode({ ...sample, octets: Uint8Array.from([...sample.octets, 0]) });
    assert.equal(longer.error?.code, 'trailing-bytes');
  });

  test(`${sample.name} with a body cut short never throws, nor with any octet changed`, () => {
    for (let length = 4; length < sample.octets.length; length += 1) {
      assertFields(decode({ ...sample, octets: message(sample.octets[0]!, [...sample.octets.subarray(4, length)]) }));
    }
    for (let at = 4; at < sample.octets.length; at += 1) {
      const changed = Uint8Array.from(sample.octets);
      changed[at]! ^= 0xff;
      assertFields(decode({ ...sample, octets: changed }));
    }
  });
}

test('no octets whatever make the decoder throw', () => {
  const version = fc.constantFrom(0x0301, 0x0303, 0x0304);
  const suite = fc.constantFrom(0x1301, 0xc02f, 0x009e, 0x009c, 0xc035, 0x0005, 0xffff);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 255 }),
      fc.uint8Array({ maxLength: 300 }),
      version,
      suite,
      (type, body, v, s) => {
        for (const octets of [body, message(type, [...body])]) {
          assertFields(decodeHandshake(octets, { version: v, cipherSuite: s }));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a hello reads the same here and in the gateway', () => {
  const octets = fullHello();
  const ours = decodeHandshake(octets, { version: TLS13, cipherSuite: 0 }).body;
  const gateway = parseClientHello(octets);
  assert.ok(ours.kind === 'client-hello' && gateway.ok);
  const { value } = gateway;
  assert.deepEqual(ours.cipherSuites, value.cipherSuites);
  assert.deepEqual(ours.random, value.random);
  assert.deepEqual(
    ours.extensions.map(({ type, octets: bytes }) => ({ type, bytes })),
    value.extensions,
  );
  assert.deepEqual(extensionValue(ours.extensions, 'server-name')?.host, value.serverName);
  assert.deepEqual(extensionValue(ours.extensions, 'protocols')?.protocols, value.alpn);
  assert.deepEqual(extensionValue(ours.extensions, 'groups')?.groups, value.supportedGroups);
  assert.deepEqual(extensionValue(ours.extensions, 'versions')?.versions, value.supportedVersions);
  assert.deepEqual(
    extensionValue(ours.extensions, 'key-shares')?.shares.map(({ group }) => group),
    value.keyShareGroups,
  );
  assert.deepEqual(extensionValue(ours.extensions, 'offered-psks')?.identities, value.pskIdentities);
});

test('one broken extension does not take the hello with it', () => {
  const octets = clientHello({
    extensions: [extension(16, vector16([9, 1])), extension(10, vector16([0, 29])), extension(10, vector16([0, 23]))],
  });
  const { body, error } = decodeHandshake(octets, { version: TLS13, cipherSuite: 0 });
  assert.equal(error, undefined);
  assert.ok(body.kind === 'client-hello');
  assert.deepEqual(
    body.extensions.map(({ error: own }) => own?.code),
    ['truncated', undefined, 'duplicate-extension'],
  );
  assert.deepEqual(extensionOfType(body.extensions, 10), { kind: 'groups', groups: [0x001d] });
});

test('fields say what they hold in the words of the registries', () => {
  const texts = (sample: Sample): string[] => {
    const decoded = decode(sample);
    return decoded.fields.map((field) => `${field.name}=${fieldText(field, sample.octets, 4)}`);
  };
  const find = (name: string): Sample => samples.find((sample) => sample.name === name)!;
  const exchange = texts(find('ServerKeyExchange ECDHE'));
  assert.ok(exchange.includes('curve_type=named_curve'));
  assert.ok(exchange.includes('named_group=x25519'));
  assert.ok(exchange.includes('ecdh_public=08080808… (32)'), exchange.join('\n'));
  assert.ok(exchange.includes('signature_scheme=rsa_pss_rsae_sha256'));
  const hello = texts(find('ServerHello 1.3'));
  assert.ok(hello.includes('cipher_suite=TLS_AES_128_GCM_SHA256'));
  assert.ok(hello.includes('version=TLSv1.3'));
  assert.ok(texts(find('KeyUpdate')).includes('request_update=update_requested'));
  assert.ok(texts(find('NewSessionTicket 1.3')).includes('ticket_lifetime=7200'));
});

test('a list of SCTs is read with its time and scheme', () => {
  const parsed = parseSctList(Uint8Array.from(sctList));
  assert.ok(parsed.ok);
  const [sct] = parsed.value;
  assert.equal(sct?.timestampMs, 0x018c_251f_0400);
  assert.equal(sct.signatureScheme, 0x0403);
  assert.equal(sct.logId.length, 32);
  assert.deepEqual([sct.start, sct.end], [2, sctList.length]);
  for (let length = 0; length < sctList.length; length += 1) {
    assert.equal(parseSctList(Uint8Array.from(sctList.slice(0, length))).ok, false);
  }
  assert.equal(parseSctList(Uint8Array.from([...sctList, 0])).ok, false);
  const later = parseSctList(Uint8Array.from(vector16(vector16([1, 2, 3]))));
  assert.ok(later.ok && later.value[0]?.version === 1);
});
