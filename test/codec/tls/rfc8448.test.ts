import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseAlert } from '../../../src/codec/tls/alert.ts';
import { parseClientHello } from '../../../src/codec/tls/client-hello.ts';
import { HelloAccumulator } from '../../../src/codec/tls/hello-accumulator.ts';
import { cipherSuiteName } from '../../../src/codec/tls/registry/cipher-suites.ts';
import { namedGroupName } from '../../../src/codec/tls/registry/named-groups.ts';
import { parseServerHello } from '../../../src/codec/tls/server-hello.ts';

interface Vector {
  readonly section: string;
  readonly op: string;
  readonly label: string;
  readonly hex: string;
}

const file = path.resolve('../shared/corpora/tls-rfc8448/rfc8448-vectors.json');
const absent = existsSync(file) ? false : 'the RFC 8448 vectors are not here';
const vectors: readonly Vector[] = absent ? [] : (JSON.parse(readFileSync(file, 'utf8')) as Vector[]);

function bytesOf(wanted: (vector: Vector) => boolean): { section: string; bytes: Uint8Array }[] {
  return vectors.filter(wanted).map(({ section, hex }) => ({ section, bytes: Buffer.from(hex, 'hex') }));
}

test('every ClientHello of RFC 8448 is read', { skip: absent }, () => {
  const hellos = bytesOf(({ label, hex }) => label === 'ClientHello' && hex.startsWith('01'));
  assert.ok(hellos.length >= 5, `${hellos.length} hellos`);
  for (const { section, bytes } of hellos) {
    const result = parseClientHello(bytes);
    // Section 4 also prints the hello without its binders, which is no whole hello.
    if (!result.ok) {
      assert.equal(result.error.code, 'truncated', section);
      continue;
    }
    assert.deepEqual(result.value.cipherSuites.map(cipherSuiteName)[0], 'TLS_AES_128_GCM_SHA256');
    assert.deepEqual(result.value.serverName, { kind: 'name', name: 'server' });
    assert.ok(result.value.supportedVersions!.includes(0x0304));
  }
});

test('the hello of a resumed session names its ticket and offers early data', { skip: absent }, () => {
  const [resumed] = bytesOf(
    ({ section, label, op }) =>
      section.startsWith('4.') &&
      label === 'complete record' &&
      op.includes('client') &&
      op.includes('handshake record'),
  );
  const progress = new HelloAccumulator().feed(resumed!.bytes);
  assert.ok(progress.kind === 'hello', JSON.stringify(progress));
  assert.ok(progress.hello.earlyData);
  assert.equal(progress.hello.pskIdentities!.length, 1);
  const ticket = vectors.find(({ op, label }) => op.includes('NewSessionTicket') && label === 'NewSessionTicket');
  assert.ok(ticket!.hex.includes(Buffer.from(progress.hello.pskIdentities![0]!.identity).toString('hex')));
});

test('every ServerHello of RFC 8448 is read, and a HelloRetryRequest is told from it', { skip: absent }, () => {
  const hellos = bytesOf(({ label, hex }) => /ServerHello|HelloRetryRequest/.test(label) && hex.startsWith('02'));
  assert.ok(hellos.length >= 6);
  let retries = 0;
  for (const { section, bytes } of hellos) {
    const result = parseServerHello(bytes);
    assert.ok(result.ok, `${section}: ${JSON.stringify(result)}`);
    const hello = result.value;
    assert.equal(hello.version, 0x0304);
    assert.equal(cipherSuiteName(hello.cipherSuite), 'TLS_AES_128_GCM_SHA256');
    if (hello.isHelloRetryRequest) {
      retries += 1;
      assert.equal(namedGroupName(hello.keyShareGroup!), 'secp256r1');
      assert.equal(hello.keyExchange, undefined);
      assert.ok(hello.cookie!.length > 0);
    } else {
      assert.ok(hello.keyExchange!.length === 32 || hello.keyExchange!.length === 65);
    }
    if (section.startsWith('4.')) assert.equal(hello.selectedIdentity, 0);
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = parseServerHello(bytes.subarray(0, length));
      assert.ok(!cut.ok && cut.error.code === 'truncated', `${section} cut after ${length}`);
    }
    const longer = parseServerHello(Buffer.concat([bytes, Buffer.of(0)]));
    assert.ok(!longer.ok && longer.error.code === 'trailing-bytes');
  }
  assert.equal(retries, 1);
});

test('the close_notify of RFC 8448 is an alert of level warning', { skip: absent }, () => {
  const alerts = bytesOf(({ op, label }) => op.includes('alert') && label === 'payload');
  assert.ok(alerts.length > 0);
  for (const { bytes } of alerts) {
    assert.deepEqual(parseAlert(bytes), { ok: true, value: { level: 1, description: 0 } });
  }
});
