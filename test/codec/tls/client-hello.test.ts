import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { offeredVersions, parseClientHello } from '../../../src/codec/tls/client-hello.ts';
import type { DecodeErrorCode } from '../../../src/codec/tls/decode-error.ts';
import { clientHello, extension, fullHello, serverNameExtension, uint16, vector16, vector8 } from './hello-bytes.ts';

function parsed(message: Uint8Array) {
  const result = parseClientHello(message);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function errorOf(message: Uint8Array): { code: DecodeErrorCode; field: string; offset: number } {
  const result = parseClientHello(message);
  assert.ok(!result.ok, 'should be refused');
  return result.error;
}

test('a hello with every known extension is read whole', () => {
  const hello = parsed(fullHello());
  assert.equal(hello.legacyVersion, 0x0303);
  assert.deepEqual([...hello.random.subarray(0, 3)], [0, 1, 2]);
  assert.equal(hello.sessionId.length, 32);
  assert.deepEqual(hello.cipherSuites, [0x2a2a, 0x1301, 0x1302, 0xc02b, 0xc02f]);
  assert.deepEqual(hello.compressionMethods, [0]);
  assert.deepEqual(hello.serverName, { kind: 'name', name: 'app.example.com' });
  assert.deepEqual(hello.supportedVersions, [0x0304, 0x0303]);
  assert.deepEqual(hello.alpn, ['h2', 'http/1.1']);
  assert.deepEqual(hello.supportedGroups, [0x11ec, 0x001d, 0x0017]);
  assert.deepEqual(hello.keyShareGroups, [0x11ec]);
  assert.deepEqual(hello.signatureSchemes, [0x0403, 0x0804, 0x0401]);
  assert.equal(Buffer.from(hello.sessionTicket!).toString(), '0123456789abcdef and the rest of a ticket');
  assert.equal(hello.pskIdentities!.length, 1);
  assert.equal(Buffer.from(hello.pskIdentities![0]!.identity).toString(), 'fedcba9876543210 identity');
  assert.equal(hello.pskIdentities![0]!.obfuscatedTicketAge, 0x0102);
  assert.deepEqual(hello.pskModes, [1]);
  assert.deepEqual(hello.compressCertificate, [2]);
  assert.equal(hello.statusRequest, 1);
  assert.equal(hello.renegotiationInfo!.length, 0);
  assert.ok(hello.earlyData && hello.extendedMasterSecret && hello.encryptedClientHello);
  assert.deepEqual(
    hello.extensions.map(({ type }) => type),
    [0x1a1a, 0, 5, 10, 13, 16, 23, 27, 35, 42, 43, 45, 51, 0xfe0d, 0xff01, 41],
  );
  assert.deepEqual([...hello.extensions[13]!.bytes], [0, 1, 2, 3]);
});

test('a hello without an extension list is one of TLS 1.2 or older', () => {
  const hello = parsed(clientHello({ version: 0x0301 }));
  assert.equal(hello.serverName, undefined);
  assert.equal(hello.sessionTicket, undefined);
  assert.deepEqual(offeredVersions(hello), [0x0301]);
  assert.deepEqual(offeredVersions(parsed(fullHello())), [0x0304, 0x0303]);
});

test('a hello cut at any octet is truncated, never half read', () => {
  const message = fullHello(64);
  for (let length = 0; length < message.length; length += 1) {
    assert.equal(errorOf(message.subarray(0, length)).code, 'truncated', `cut after ${length} octets`);
  }
});

test('octets after the hello are refused', () => {
  const message = fullHello(64);
  const error = errorOf(Uint8Array.from([...message, 0]));
  assert.deepEqual(error, { code: 'trailing-bytes', field: 'ClientHello', offset: message.length });
});

test('octets after the extension list are refused', () => {
  const message = clientHello({ extensions: [] });
  const longer = Uint8Array.from([...message, 0]);
  longer[3]! += 1;
  assert.equal(errorOf(longer).code, 'trailing-bytes');
});

const refused: readonly [string, Uint8Array, DecodeErrorCode, string][] = [
  ['another message', Uint8Array.of(2, 0, 0, 0), 'unexpected-type', 'msg_type'],
  [
    'a session id of 33 octets',
    clientHello({ sessionId: Array.from({ length: 33 }, () => 1) }),
    'bad-length',
    'ClientHello.legacy_session_id',
  ],
  ['no cipher suites', clientHello({ suites: [] }), 'bad-length', 'ClientHello.cipher_suites'],
  ['no compression method', clientHello({ compression: [] }), 'bad-length', 'ClientHello.compression_methods'],
  [
    'an extension twice',
    clientHello({ extensions: [extension(23, []), extension(23, [])] }),
    'duplicate-extension',
    'extension_type',
  ],
  [
    'an extension behind pre_shared_key',
    clientHello({ extensions: [extension(41, []), extension(23, [])] }),
    'pre-shared-key-not-last',
    'pre_shared_key',
  ],
  [
    'a name of another type',
    clientHello({ extensions: [extension(0, vector16([1, ...vector16([97])]))] }),
    'illegal-value',
    'server_name.name_type',
  ],
  [
    'two names',
    clientHello({ extensions: [extension(0, vector16([0, 0, 1, 97, 0, 0, 1, 98]))] }),
    'trailing-bytes',
    'server_name_list',
  ],
  ['an empty name list', clientHello({ extensions: [extension(0, [0, 0])] }), 'bad-length', 'server_name_list'],
  ['an empty protocol name', clientHello({ extensions: [extension(16, [0, 2, 0, 0])] }), 'bad-length', 'protocol_name'],
  [
    'an odd number of octets in a list of groups',
    clientHello({ extensions: [extension(10, [0, 3, 0, 29, 0])] }),
    'bad-length',
    'supported_groups',
  ],
  ['content in early_data', clientHello({ extensions: [extension(42, [1])] }), 'trailing-bytes', 'extension_data'],
  [
    'a binder that is too short',
    clientHello({ extensions: [extension(41, [0, 7, 0, 1, 65, 0, 0, 0, 0, 0, 33, 3, ...Array(32).fill(0)])] }),
    'bad-length',
    'pre_shared_key.binder',
  ],
];
for (const [what, message, code, field] of refused) {
  test(`${what} is refused`, () => {
    const error = errorOf(message);
    assert.deepEqual([error.code, error.field], [code, field]);
  });
}

test('server names are lower-cased, and what is no host name is told apart', () => {
  const read = (name: string) => parsed(clientHello({ extensions: [serverNameExtension(name)] })).serverName;
  assert.deepEqual(read('WWW.Example.com'), { kind: 'name', name: 'www.example.com' });
  assert.deepEqual(read('localhost'), { kind: 'name', name: 'localhost' });
  assert.deepEqual(read('a_b.example.com.'), { kind: 'name', name: 'a_b.example.com' });
  assert.deepEqual(read('xn--fiq228c.example'), { kind: 'name', name: 'xn--fiq228c.example' });
  assert.deepEqual(read('127.0.0.1'), { kind: 'ip-literal', name: '127.0.0.1' });
  assert.deepEqual(read('::1'), { kind: 'ip-literal', name: '::1' });
  assert.deepEqual(read('2001:DB8::7'), { kind: 'ip-literal', name: '2001:db8::7' });
  const label = 'a'.repeat(63);
  assert.equal(read(`${label}.example`)?.kind, 'name');
  const invalid = ['.', '..', 'a..b', '.a', 'a b', 'a/b', 'é.example', '-a.example', 'a-.example', 'a.example-'];
  invalid.push('256.1.1.1', '1.2.3', 'a.1', 'example.com:443', 'a\0b', '[::1]', `${label}a.example`, '*.example.com');
  invalid.push(Array.from({ length: 64 }, () => 'abc').join('.'));
  for (const name of invalid) assert.equal(read(name)?.kind, 'invalid', name);
  assert.deepEqual(read('a\u001b[2J é'), { kind: 'invalid', name: 'a?[2J??' });
});

test('no octets whatever make the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      const result = parseClientHello(octets);
      assert.equal(typeof result.ok, 'boolean');
    }),
  );
  const whole = fullHello(40);
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), (at, octet) => {
      const changed = whole.slice();
      changed[at] = octet;
      const result = parseClientHello(changed);
      if (!result.ok) assert.ok(result.error.offset <= changed.length && result.error.field !== '');
    }),
    { numRuns: 2_000 },
  );
});

test('any hello that is built is read back', () => {
  const uint16s = fc.array(fc.nat({ max: 0xffff }), { minLength: 1, maxLength: 40 });
  const unknown = fc.tuple(fc.integer({ min: 1_000, max: 10_000 }), fc.uint8Array({ maxLength: 40 }));
  const extra = fc.uniqueArray(unknown, { selector: ([type]) => type, maxLength: 8 });
  fc.assert(
    fc.property(uint16s, uint16s, uint16s, extra, (suites, groups, versions, others) => {
      const hello = parsed(
        clientHello({
          suites,
          extensions: [
            extension(10, vector16(groups.flatMap(uint16))),
            ...others.map(([type, content]) => extension(type, [...content])),
            extension(43, vector8(versions.flatMap(uint16))),
          ],
        }),
      );
      assert.deepEqual(hello.cipherSuites, suites);
      assert.deepEqual(hello.supportedGroups, groups);
      assert.deepEqual(hello.supportedVersions, versions);
      for (const [index, [type, content]] of others.entries()) {
        assert.equal(hello.extensions[index + 1]!.type, type);
        assert.deepEqual([...hello.extensions[index + 1]!.bytes], [...content]);
      }
    }),
  );
});
