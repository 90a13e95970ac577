import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClientHello, type ClientHello } from '../../src/codec/tls/client-hello.ts';
import { catalog } from '../../src/story/catalog/index.ts';
import { tellFinding } from '../../src/story/finding.ts';
import {
  explainHandshakeFailure,
  type HandshakeEnd,
  type HandshakeEvidence,
  type OfferedPolicy,
} from '../../src/story/rules/handshake-failure.ts';
import { alertSentFor, lateHandshakeAlert, readOpensslFailure } from '../../src/story/rules/handshake-openssl.ts';
import {
  clientHello,
  extension,
  serverNameExtension,
  uint16,
  vector16,
  vector8,
  type HelloParts,
} from '../codec/tls/hello-bytes.ts';

const policy: OfferedPolicy = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
  groups: 'X25519:P-256',
  alpn: ['http/1.1'],
  keyTypes: ['ECDSA'],
  localCa: false,
};

function hello(parts: HelloParts = {}): ClientHello {
  const parsed = parseClientHello(clientHello(parts));
  assert.ok(parsed.ok);
  return parsed.value;
}

function explained(end: HandshakeEnd, more: Partial<HandshakeEvidence> = {}) {
  const evidence = { end, hello: hello(), serverName: 'a.example', site: 'a.example', policy, ...more };
  const found = explainHandshakeFailure(evidence);
  for (const language of ['en', 'zh'] as const) {
    const { cause, mend } = tellFinding(found, language);
    assert.doesNotMatch(cause + mend, /[{}]|undefined/, found.code);
  }
  return found;
}

const openssl = (code: string): HandshakeEnd => ({
  kind: 'openssl',
  failure: { code: `ERR_SSL_${code}`, reason: code.toLowerCase(), alertReceived: undefined },
});
const alert = (alertReceived: number): HandshakeEnd => ({
  kind: 'openssl',
  failure: { code: 'ERR_SSL_TLSV1_ALERT', reason: 'alert', alertReceived },
});

const groups = (...codes: number[]) => extension(10, vector16(codes.flatMap(uint16)));
const schemes = (...codes: number[]) => extension(13, vector16(codes.flatMap(uint16)));
const versions = (...codes: number[]) => extension(43, vector8(codes.flatMap(uint16)));

test('versions: too old is for the client to mend, a site set narrower for the configuration', () => {
  const old = explained(openssl('UNSUPPORTED_PROTOCOL'), { hello: hello({ version: 0x0301 }) });
  assert.deepEqual([old.code, old.fault, old.values.offered], ['handshake-old-version', 'client', 'TLSv1']);
  const narrow = explained(openssl('UNSUPPORTED_PROTOCOL'), { policy: { ...policy, minVersion: 'TLSv1.3' } });
  assert.deepEqual([narrow.code, narrow.fault], ['handshake-version-not-enabled', 'config']);
  const greased = explained(openssl('UNSUPPORTED_PROTOCOL'), {
    hello: hello({ extensions: [versions(0x2a2a, 0x0302)] }),
  });
  assert.deepEqual([greased.code, greased.values.offered], ['handshake-old-version', 'TLSv1.1']);
});

test('"no shared cipher" is told apart by what is really missing', () => {
  const sound = [groups(0x1d), schemes(0x0403)];
  const code = (parts: HelloParts, given = policy) =>
    explained(openssl('NO_SHARED_CIPHER'), { hello: hello(parts), policy: given }).code;
  assert.equal(code({ suites: [0xc00a], extensions: sound }), 'handshake-no-shared-cipher');
  assert.equal(code({ suites: [0xc02f], extensions: sound }), 'handshake-certificate-type');
  assert.equal(code({ suites: [0xc02b], extensions: [groups(0x1d), schemes(0x0804)] }), 'handshake-certificate-type');
  assert.equal(code({ suites: [0xc02b], extensions: [groups(0x19), schemes(0x0403)] }), 'handshake-no-shared-group');
  const both: OfferedPolicy = { ...policy, keyTypes: ['ECDSA', 'RSA'] };
  assert.equal(
    code({ suites: [0xc014], extensions: [groups(0x1d), schemes(0x0401)] }, both),
    'handshake-no-shared-cipher',
  );
});

test('what OpenSSL says about groups, signatures and protocols is taken as it is', () => {
  const modern = hello({ suites: [0x1301], extensions: [groups(0x1d), schemes(0x0804), versions(0x0304)] });
  assert.equal(
    explained(openssl('NO_SUITABLE_SIGNATURE_ALGORITHM'), { hello: modern }).code,
    'handshake-certificate-type',
  );
  const share = explained(openssl('NO_SUITABLE_KEY_SHARE'), { hello: hello({ extensions: [groups(0x3a3a, 0x0100)] }) });
  assert.deepEqual([share.code, share.values.offered], ['handshake-no-shared-group', 'ffdhe2048']);
  const protocol = explained(openssl('NO_APPLICATION_PROTOCOL'), {
    hello: hello({ extensions: [extension(16, vector16(vector8([0x68, 0x33])))] }),
  });
  assert.deepEqual([protocol.values.offered, protocol.values.allowed], ['h3', 'http/1.1']);
  assert.equal(explained(openssl('INAPPROPRIATE_FALLBACK')).code, 'handshake-fallback');
  assert.equal(explained(openssl('BAD_SIGNATURE')).code, 'handshake-broken-message');
  assert.equal(explained(openssl('SOMETHING_NEW')).code, 'handshake-failed');
});

test("a client's alert is read by what it holds against the certificate", () => {
  const code = (number: number, localCa = false) => explained(alert(number), { policy: { ...policy, localCa } }).code;
  assert.equal(code(48), 'handshake-unknown-ca');
  assert.equal(code(42), 'handshake-certificate-refused');
  assert.equal(code(46), 'handshake-certificate-refused');
  for (const number of [42, 46, 48]) assert.equal(code(number, true), 'handshake-local-ca-untrusted');
  assert.equal(code(43), 'handshake-certificate-unsupported');
  assert.equal(code(44), 'handshake-certificate-revoked');
  assert.equal(code(45, true), 'handshake-certificate-expired');
  assert.equal(code(90), 'handshake-client-alert');
});

test('a hello that leads to no site says whether it named one', () => {
  const named = hello({ extensions: [serverNameExtension('x.example')] });
  const byAddress = hello({ extensions: [serverNameExtension('192.0.2.1')] });
  const end = { kind: 'no-site' } as const;
  assert.equal(explained(end, { hello: named, serverName: 'x.example' }).code, 'handshake-unknown-name');
  assert.equal(explained(end, { hello: byAddress, serverName: '192.0.2.1' }).code, 'handshake-no-name');
  assert.equal(explained(end, { serverName: '' }).code, 'handshake-no-name');
});

test('errors of both OpenSSL generations are read by their numbers', () => {
  const three =
    '80CC7FF8057F0000:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:ssl/record/rec_layer_s3.c:1601:SSL alert number 48\n';
  const failure = readOpensslFailure({ code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', message: three });
  assert.deepEqual(failure, {
    code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    reason: 'tlsv1 alert unknown ca',
    alertReceived: 48,
  });
  const renamed = three
    .replace('0A000418', '0A000412')
    .replace('tlsv1 alert unknown ca', 'ssl/tls alert bad certificate');
  const bad = readOpensslFailure({ code: 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', message: renamed });
  assert.equal(bad?.alertReceived, 42);
  const version = readOpensslFailure({
    code: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
    message: '40E3:error:0A000102:SSL routines:tls_early_post_process_client_hello:unsupported protocol:x.c:1:\n',
  });
  assert.equal(version?.alertReceived, undefined);
  assert.equal(alertSentFor(version!), 70);
  assert.equal(readOpensslFailure({ code: 'ERR_SSL_NO_SHARED_CIPHER' })?.reason, 'no shared cipher');
  assert.equal(readOpensslFailure({ code: 'ECONNRESET', message: 'read ECONNRESET' }), undefined);
});

test('an alert on a secure socket counts as a failed handshake only if it judges the handshake', () => {
  const withAlert = (number: number) => ({
    code: 'ERR_SSL_ALERT',
    message: `1:error:0A${(1_000 + number).toString(16).padStart(6, '0')}:SSL routines:f:text:x.c:1:\n`,
  });
  assert.equal(lateHandshakeAlert(withAlert(46)), 46);
  assert.equal(lateHandshakeAlert(withAlert(48)), 48);
  assert.equal(lateHandshakeAlert(withAlert(0)), undefined);
  assert.equal(lateHandshakeAlert(withAlert(20)), undefined);
  assert.equal(lateHandshakeAlert({ code: 'ECONNRESET', message: 'read ECONNRESET' }), undefined);
});

test('every phrase about handshakes fills its placeholders alike in both languages', () => {
  for (const [code, entry] of Object.entries(catalog)) {
    if (!code.startsWith('handshake-')) continue;
    const names = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    assert.deepEqual(names(entry.en.cause + entry.en.mend), names(entry.zh.cause + entry.zh.mend), code);
    assert.ok(entry.en.mend !== '' && entry.zh.mend !== '', code);
  }
});
