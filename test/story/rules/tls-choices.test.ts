import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyFacts, type HandshakeFacts } from '../../../src/codec/tls/conversation/facts.ts';
import type { CheckResult } from '../../../src/codec/tls/conversation/check-result.ts';
import { decodeHandshake } from '../../../src/codec/tls/message/decode-handshake.ts';
import type { ClientHelloBody, ServerHelloBody } from '../../../src/codec/tls/message/handshake-body.ts';
import { tellFinding, type Finding } from '../../../src/story/finding.ts';
import { judgeHeartbeat, judgeTlsChecks } from '../../../src/story/rules/tls-checks.ts';
import { judgeTlsChoices } from '../../../src/story/rules/tls-choices.ts';
import { clientHello, extension, serverNameExtension, uint16, vector16, vector8 } from '../../codec/tls/hello-bytes.ts';
import { message, run } from '../../codec/tls/message/handshake-octets.ts';

type Extensions = readonly (readonly number[])[];

function offer(...extensions: Extensions): ClientHelloBody {
  const { body } = decodeHandshake(clientHello({ extensions }), { version: 0x0303, cipherSuite: 0 });
  assert.ok(body.kind === 'client-hello');
  return body;
}

function answer(suite: number, extensions: Extensions, { version = 0x0303, compression = 0 } = {}): ServerHelloBody {
  const octets = message(2, [
    ...uint16(version),
    ...run(32, 1),
    ...vector8(run(32, 7)),
    ...uint16(suite),
    compression,
    ...vector16(extensions.flat()),
  ]);
  const { body } = decodeHandshake(octets, { version, cipherSuite: 0 });
  assert.ok(body.kind === 'server-hello');
  return body;
}

const SAFE: Extensions = [extension(0xff01, vector8([])), extension(23, []), extension(0, [])];

function facts(suite: number, extensions: Extensions, more: Partial<HandshakeFacts> = {}, how = {}): HandshakeFacts {
  const serverHello = answer(suite, extensions, how);
  const { version } = serverHello;
  return {
    ...emptyFacts(),
    clientHello: offer(serverNameExtension('a.example')),
    serverHello,
    version,
    cipherSuite: suite,
    ...more,
  };
}

const codes = (found: readonly Finding[]): string[] => found.map(({ code }) => code);
const judge = (...given: Parameters<typeof facts>): string[] => codes(judgeTlsChoices(facts(...given)));

const ticket = (lifetimeSeconds: number): HandshakeFacts['tickets'] => [
  {
    kind: 'new-session-ticket',
    lifetimeSeconds,
    ageAdd: undefined,
    nonce: undefined,
    ticket: new Uint8Array(8),
    extensions: [],
  },
];
const dhe = (p: readonly number[]): Partial<HandshakeFacts> => ({
  serverKeyExchange: {
    kind: 'server-key-exchange',
    parameters: { kind: 'dhe', p: Uint8Array.from(p), g: Uint8Array.of(2), ys: Uint8Array.of(3) },
    pskIdentityHint: undefined,
    signed: { start: 0, end: 0 },
    signature: undefined,
  },
});

test('nothing is said before the server has answered', () => {
  assert.deepEqual(judgeTlsChoices(emptyFacts()), []);
});

test('a sound handshake of TLS 1.2 has no warning', () => {
  const found = judgeTlsChoices(facts(0xc02f, SAFE, { group: 0x001d }));
  assert.deepEqual(
    found.filter(({ severity }) => severity !== 'info'),
    [],
  );
  assert.deepEqual(codes(found), ['tls-version-capped', 'tls-key-exchange-ephemeral', 'tls-cipher-sound']);
});

test('each weakness is told, and only where it is', () => {
  const cases: readonly (readonly [code: string, facts: HandshakeFacts])[] = [
    ['tls-renegotiation-insecure', facts(0xc02f, [extension(23, [])])],
    ['tls-extended-master-secret-missing', facts(0xc02f, [extension(0xff01, vector8([]))])],
    ['tls-compression', facts(0xc02f, SAFE, {}, { compression: 1 })],
    ['tls-key-exchange-static', facts(0x009c, SAFE)],
    ['tls-key-exchange-anonymous', facts(0x00a6, SAFE)],
    ['tls-key-exchange-small-prime', facts(0x009e, SAFE, dhe(run(128, 0xff)))],
    ['tls-key-exchange-weak-curve', facts(0xc02f, SAFE, { group: 0x0013 })],
    ['tls-key-exchange-post-quantum', facts(0x1301, SAFE, { group: 0x11ec, version: 0x0304 })],
    ['tls-cipher-broken', facts(0x0005, SAFE)],
    ['tls-cipher-broken', facts(0xc012, SAFE)],
    ['tls-cipher-broken', facts(0x0003, SAFE)],
    ['tls-cipher-short-tag', facts(0xc0ae, SAFE)],
    ['tls-cipher-cbc', facts(0xc013, SAFE)],
    ['tls-cipher-cbc-encrypt-then-mac', facts(0xc013, [...SAFE, extension(22, [])])],
    ['tls-signature-weak', facts(0xc02f, SAFE, { serverSignature: { scheme: 0x0201, signature: new Uint8Array(0) } })],
    ['tls-session-ticket-too-long', facts(0xc02f, SAFE, { tickets: ticket(8 * 86_400) })],
    ['tls-session-saved', facts(0xc02f, SAFE, { tickets: ticket(7 * 86_400) })],
    ['tls-session-resumed', facts(0xc02f, SAFE, { isResumed: true })],
    ['tls-early-data-accepted', facts(0x1301, SAFE, { earlyData: 'accepted' })],
    ['tls-early-data-rejected', facts(0x1301, SAFE, { earlyData: 'rejected' })],
    ['tls-version-obsolete', facts(0xc013, SAFE, {}, { version: 0x0301 })],
    ['tls-server-name-unacknowledged', facts(0xc02f, SAFE.slice(0, 2))],
    ['tls-server-name-absent', facts(0xc02f, SAFE, { clientHello: offer() })],
    ['tls-session-refused', facts(0xc02f, SAFE, { clientHello: offer(extension(35, run(20, 1))) })],
    [
      'tls-protocol-ignored',
      facts(0xc02f, SAFE, { clientHello: offer(extension(16, vector16(vector8([0x68, 0x32])))) }),
    ],
    ['tls-protocol-agreed', facts(0xc02f, SAFE, { alpn: 'h2' })],
  ];
  const sound = judge(0xc02f, SAFE, { group: 0x001d });
  for (const [code, given] of cases) {
    const found = judgeTlsChoices(given);
    assert.ok(codes(found).includes(code), `${code}: ${codes(found).join(' ')}`);
    assert.ok(!sound.includes(code), code);
    // Every placeholder is filled, in both languages.
    for (const one of found) {
      for (const language of ['en', 'zh'] as const)
        assert.doesNotMatch(tellFinding(one, language).cause, /\{\w+\}/, one.code);
    }
  }
});

test('the bits of a prime are counted without zeros before it', () => {
  const bits = (p: readonly number[]): unknown =>
    judgeTlsChoices(facts(0x009e, SAFE, dhe(p))).find(({ code }) => code === 'tls-key-exchange-small-prime')?.values[
      'bits'
    ];
  assert.equal(bits([0, 0, ...run(128, 0xff)]), 1_024);
  assert.equal(bits([1, ...run(128, 0xff)]), 1_025);
  assert.equal(bits(run(256, 0xff)), undefined);
});

test('a retry without a group is for its cookie', () => {
  const retry: ServerHelloBody = { ...answer(0x1301, [extension(44, vector16([1, 2]))]), kind: 'hello-retry-request' };
  assert.ok(judge(0x1301, SAFE, { retry, version: 0x0304 }).includes('tls-hello-retry-cookie'));
});

test('what is encrypted and was not opened is not called missing', () => {
  const sealed = judge(0x1301, [extension(43, uint16(0x0304))], {});
  assert.ok(!sealed.includes('tls-server-name-unacknowledged') && !sealed.includes('tls-renegotiation-insecure'));
  const opened = judge(0x1301, [extension(43, uint16(0x0304))], { isFinished: { client: true, server: true } });
  assert.ok(opened.includes('tls-server-name-unacknowledged'));
});

test('every outcome of every check has its words', () => {
  const names: readonly CheckResult['check'][] = [
    'server-key-exchange',
    'certificate-verify',
    'finished',
    'record-keys',
    'derived-secret',
    'psk-binder',
    'negotiation',
    'downgrade',
    'sct',
  ];
  const whys: readonly CheckResult['why'][] = [
    'no-secret',
    'no-certificate',
    'certificate-unreadable',
    'scheme-unknown',
    'unsigned',
    'transcript-incomplete',
  ];
  const result = (check: CheckResult['check'], more: Partial<CheckResult>): CheckResult => ({
    check,
    sender: 'server',
    checked: true,
    ok: true,
    why: 'matches',
    detail: '1',
    ...more,
  });
  const told = [
    ...names.map((check) => result(check, {})),
    ...names.map((check) => result(check, { ok: false, why: 'differs' })),
    ...whys.map((why) => result('finished', { checked: false, ok: false, why })),
  ];
  const found = judgeTlsChecks(told);
  assert.equal(found.length, told.length - 2);
  assert.equal(new Set(codes(found)).size, found.length);
  for (const one of found) {
    for (const language of ['en', 'zh'] as const)
      assert.doesNotMatch(tellFinding(one, language).cause, /\{\w+\}/, one.code);
  }
  const wrong = found.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  assert.equal(wrong.length, 8);
});

test('a heartbeat is told only where it claims too much', () => {
  const heartbeat = {
    kind: 'heartbeat',
    name: 'heartbeat_request',
    payloadLength: 16_384,
    index: 0,
    sender: 'client',
    atMs: 0,
    start: 0,
    end: 8,
    known: { how: 'seen' },
  } as const;
  assert.equal(judgeHeartbeat({ ...heartbeat, isOverlong: true })?.code, 'tls-heartbeat-overlong');
  assert.equal(judgeHeartbeat({ ...heartbeat, isOverlong: false }), undefined);
});
