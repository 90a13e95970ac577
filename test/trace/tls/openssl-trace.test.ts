import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { MessageItem } from '../../../src/codec/tls/conversation/items.ts';
import {
  extensionOfType,
  extensionValue,
  type DecodedExtension,
} from '../../../src/codec/tls/message/extension-value.ts';
import type { DecodedHandshake } from '../../../src/codec/tls/message/handshake-body.ts';
import { cipherSuiteName } from '../../../src/codec/tls/registry/cipher-suites.ts';
import { signatureSchemeName } from '../../../src/codec/tls/registry/signature-schemes.ts';
import { exchange, lacksOpenssl, OpensslLab, secured } from './openssl-server.ts';

/**
 * What `openssl s_server -trace` decodes, as tokens in the order of the wire, and the same from our values. OpenSSL calls
 * messages, suites and schemes by the names of the RFCs.
 */
const tokenPattern = new RegExp(
  [
    // `ServerHello, Length=118`
    String.raw`^    ([A-Z]\w+), Length=(\d+)$`,
    // `{0x13, 0x02} TLS_AES_256_GCM_SHA384`
    String.raw`\{0x([0-9A-F]{2}), 0x([0-9A-F]{2})\} (\S+)`,
    // `extension_type=key_share(51), length=36`
    String.raw`extension_type=\w+\((\d+)\), length=(\d+)`,
    // `rsa_pss_rsae_sha256 (0x0804)`
    String.raw`(\w+) \((0x[0-9a-f]{4})\)`,
    // `ecdh_x25519 (29)` as a group of a list, of a key share or of a key exchange
    String.raw`(?:NamedGroup|named_curve): .*\((\d+)\)`,
    // `random_bytes (len=28): 38…`
    String.raw`(random_bytes|session_id|key_exchange: |point|dh_p|dh_Ys|ecdh_Yc|EncryptedPreMasterSecret|Signature|verify_data|context|ticket_nonce|ticket) \(len=\d+\): ([0-9A-F]*)`,
  ].join('|'),
  'gm',
);

function tokensOfTrace(said: string): string[] {
  // Certificates are shown at length in between, with words that look like ours.
  const text = said.replaceAll(/------details-----[\s\S]*?------------------\n/g, '');
  return [...text.matchAll(tokenPattern)].map((found) => {
    const [, message, length, high, low, suite, type, size, scheme, code, group, field, value] = found;
    if (message !== undefined) return `${message} ${length}`;
    if (suite !== undefined) return `${high}${low} ${suite}`;
    if (type !== undefined) return `extension ${type} ${size}`;
    // An s_server that is older than the client's OpenSSL does not know the names of the newest schemes.
    if (scheme === 'UNKNOWN') return schemeToken(Number(code));
    if (scheme !== undefined) return `${scheme} ${code}`;
    if (group !== undefined) return `group ${group}`;
    return `${field!.replace(': ', '')} ${value}`;
  });
}

const names: Readonly<Record<string, string>> = {
  client_hello: 'ClientHello',
  server_hello: 'ServerHello',
  hello_retry_request: 'ServerHello',
  encrypted_extensions: 'EncryptedExtensions',
  certificate: 'Certificate',
  certificate_request: 'CertificateRequest',
  certificate_verify: 'CertificateVerify',
  server_key_exchange: 'ServerKeyExchange',
  server_hello_done: 'ServerHelloDone',
  client_key_exchange: 'ClientKeyExchange',
  finished: 'Finished',
  new_session_ticket: 'NewSessionTicket',
};

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex').toUpperCase();
const suiteToken = (code: number): string =>
  `${code.toString(16).toUpperCase().padStart(4, '0')} ${cipherSuiteName(code)}`;
const schemeToken = (code: number): string => `${signatureSchemeName(code)} 0x${code.toString(16).padStart(4, '0')}`;

function extensionTokens(extensions: readonly DecodedExtension[]): string[] {
  return extensions.flatMap(({ type, octets, value }) => {
    const tokens = [`extension ${type} ${octets.length}`];
    if (value.kind === 'signature-schemes') tokens.push(...value.schemes.map(schemeToken));
    const shares = value.kind === 'key-shares' ? value.shares : value.kind === 'key-share' ? [value.share] : [];
    for (const { group, keyExchange } of shares) tokens.push(`group ${group}`, `key_exchange ${hex(keyExchange)}`);
    if (value.kind === 'wanted-group') tokens.push(`group ${value.group}`);
    return tokens;
  });
}

function tokensOf({ name, octets, body }: DecodedHandshake, isTls13: boolean): string[] {
  const tokens = [`${names[name] ?? name} ${octets.length - 4}`];
  switch (body.kind) {
    case 'client-hello':
      tokens.push(`random_bytes ${hex(body.random.subarray(4))}`, `session_id ${hex(body.sessionId)}`);
      tokens.push(...body.cipherSuites.map(suiteToken), ...extensionTokens(body.extensions));
      break;
    case 'server-hello':
    case 'hello-retry-request':
      tokens.push(`random_bytes ${hex(body.random.subarray(4))}`, `session_id ${hex(body.sessionId)}`);
      tokens.push(suiteToken(body.cipherSuite), ...extensionTokens(body.extensions));
      break;
    case 'encrypted-extensions':
      tokens.push(...extensionTokens(body.extensions));
      break;
    case 'certificate':
      if (isTls13) tokens.push(`context ${hex(body.context)}`);
      for (const entry of body.entries) tokens.push(...extensionTokens(entry.extensions));
      break;
    case 'certificate-verify':
      if (body.scheme !== undefined) tokens.push(schemeToken(body.scheme));
      tokens.push(`Signature ${hex(body.signature)}`);
      break;
    case 'server-key-exchange':
      if (body.parameters.kind === 'ecdhe') {
        tokens.push(`group ${body.parameters.group}`, `point ${hex(body.parameters.publicKey)}`);
      }
      if (body.signature?.scheme !== undefined) tokens.push(schemeToken(body.signature.scheme));
      if (body.signature !== undefined) tokens.push(`Signature ${hex(body.signature.signature)}`);
      break;
    case 'client-key-exchange':
      tokens.push(`${body.exchange === 'rsa' ? 'EncryptedPreMasterSecret' : 'ecdh_Yc'} ${hex(body.publicValue)}`);
      break;
    case 'finished':
      tokens.push(`verify_data ${hex(body.verifyData)}`);
      break;
    case 'new-session-ticket':
      if (body.nonce !== undefined) tokens.push(`ticket_nonce ${hex(body.nonce)}`);
      tokens.push(`ticket ${hex(body.ticket)}`);
      if (isTls13) tokens.push(...extensionTokens(body.extensions));
      break;
    case 'certificate-request':
    case 'certificate-status':
    case 'compressed-certificate':
    case 'end-of-early-data':
    case 'hello-request':
    case 'key-update':
    case 'server-hello-done':
    case 'undecoded':
      break;
  }
  return tokens;
}

describe('field by field with what OpenSSL decodes', { skip: lacksOpenssl }, () => {
  let lab: OpensslLab;
  before(() => {
    lab = new OpensslLab();
  });
  after(() => lab.close());

  for (const [name, more, groups] of [
    ['TLS 1.3', ['-tls1_3'], 'X25519'],
    ['TLS 1.3 with a retry', ['-tls1_3', '-groups', 'P-256'], 'X25519:P-256'],
    ['TLS 1.2', ['-tls1_2'], 'X25519'],
    ['TLS 1.2 with RSA key exchange', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256'], 'X25519'],
  ] as const) {
    test(`${name}: messages, lengths, suites, extensions, schemes, keys, signatures, Finished, tickets`, async (t) => {
      const server = await lab.serve('rsa', '-www', '-trace', ...more);
      const tapped = await lab.tap(server.port, { groups, ciphers: 'DEFAULT', alpn: ['http/1.1'] });
      await secured(tapped);
      await exchange(tapped, 'GET / HTTP/1.0\r\n\r\n', /<\/HTML>/i);
      const { items, handshake } = tapped.conversation;
      const messages = items.filter((item): item is MessageItem => item.kind === 'message');
      const ours = messages.flatMap(({ message }) => tokensOf(message, handshake.version === 0x0304));
      // What s_server says stays in its buffer until more comes: another connection pushes it out.
      const other = await lab.tap(server.port, { groups, ciphers: 'DEFAULT' });
      await secured(other);
      await exchange(other, 'GET / HTTP/1.0\r\n\r\n', /<\/HTML>/i);
      const told = (): string[] => tokensOfTrace(server.said()).slice(0, ours.length);
      for (let tries = 0; tries < 250 && told().length < ours.length; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      if (told().length === 0) {
        t.skip('this OpenSSL was built without -trace');
        return;
      }
      assert.deepEqual(told(), ours);
      assert.ok(ours.length > 60, `${ours.length}`);
      assert.equal(extensionValue(handshake.clientHello!.extensions, 'server-name')?.host.name, 'localhost');
      assert.ok(extensionOfType(handshake.clientHello!.extensions, 16) !== undefined);
    });
  }
});
