import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { encodeMessage } from '../../src/codec/dns/encode-message.ts';
import { Opcode, RecordType } from '../../src/codec/dns/registry.ts';
import { signMessage, verifyAnswer, type TsigKey } from '../../src/dns/tsig.ts';
import { parseTsigKey } from '../../src/dns/tsig-key.ts';
import { tellFinding } from '../../src/story/finding.ts';
import { parsed } from '../codec/dns/messages.ts';

const key: TsigKey = { name: 'Acme-Key.', algorithm: 'hmac-sha256', secret: Buffer.from('secret of the key') };
const TIME_S = 1_700_000_000;
const message = encodeMessage({
  id: 0x1234,
  opcode: Opcode.UPDATE,
  questions: [{ name: 'example.', type: RecordType.SOA }],
});

test('the MAC covers the message and the variables, names in lower case (RFC 8945 section 4.3)', () => {
  const { octets, mac } = signMessage(message, key, TIME_S + 0.9);
  const variables = Buffer.concat([
    Buffer.from('\x08acme-key\0', 'latin1'),
    Buffer.from('00ff00000000', 'hex'),
    Buffer.from('\x0bhmac-sha256\0', 'latin1'),
    Buffer.from(`0000${TIME_S.toString(16).padStart(8, '0')}012c00000000`, 'hex'),
  ]);
  assert.deepEqual(mac, createHmac('sha256', key.secret).update(message).update(variables).digest());
  const signed = parsed(octets);
  assert.ok(signed.tsig?.data.kind === 'TSIG');
  assert.deepEqual([signed.tsig.name, signed.tsig.data.originalId, signed.tsig.data.fudge], ['Acme-Key.', 0x1234, 300]);
  assert.equal(signed.additionals.length, 1);
});

/** Signs as a server does: over the request's MAC first. */
function signAnswer(answer: Uint8Array, requestMac: Uint8Array, with_: TsigKey, timeS: number): Uint8Array {
  const prefix = Uint8Array.of(requestMac.length >> 8, requestMac.length & 0xff, ...requestMac);
  const { octets } = signMessage(answer, with_, timeS);
  const placed = parsed(octets).tsig!;
  const data = placed.data;
  if (data.kind !== 'TSIG') throw new Error('no TSIG');
  const lower = Buffer.from(`\x08acme-key\0`, 'latin1');
  const algorithm = Buffer.from(`\x0b${with_.algorithm}\0`, 'latin1');
  const rest = Buffer.alloc(12);
  rest.writeUIntBE(data.timeSigned, 0, 6);
  rest.writeUInt16BE(data.fudge, 6);
  const mac = createHmac('sha256', with_.secret)
    .update(prefix)
    .update(answer)
    .update(lower)
    .update(Buffer.from('00ff00000000', 'hex'))
    .update(algorithm)
    .update(rest)
    .digest();
  const at = Buffer.from(octets).indexOf(Buffer.from(data.mac));
  const signed = octets.slice();
  signed.set(mac, at);
  return signed;
}

test('an answer is valid under the same key, over the request\u2019s MAC, and in time', () => {
  const { mac } = signMessage(message, key, TIME_S);
  const answer = encodeMessage({ id: 0x1234, response: true, opcode: Opcode.UPDATE });
  const signed = signAnswer(answer, mac, key, TIME_S);
  const verdict = (octets: Uint8Array, requestMac = mac, timeS = TIME_S, by = key): string =>
    verifyAnswer(octets, parsed(octets), by, requestMac, timeS).kind;
  assert.equal(verdict(signed), 'valid');
  assert.equal(verdict(signed, mac, TIME_S + 300), 'valid');
  assert.equal(verdict(signed, mac, TIME_S + 301), 'out-of-time');
  assert.equal(verdict(signed, mac, TIME_S - 301), 'out-of-time');
  assert.equal(verdict(signed, Uint8Array.of(1, 2)), 'forged');
  assert.equal(verdict(signed, mac, TIME_S, { ...key, secret: Buffer.from('other') }), 'forged');
  assert.equal(verdict(signed, mac, TIME_S, { ...key, name: 'other.' }), 'forged');
  assert.equal(verdict(signed, mac, TIME_S, { ...key, algorithm: 'hmac-sha512' }), 'forged');
  assert.equal(verdict(answer), 'unsigned');
  // A relay may change the id; the original one is what was signed (RFC 8945 section 5.3).
  const renumbered = signed.slice();
  renumbered[0] = 0x99;
  assert.equal(verdict(renumbered), 'valid');
  // The RCODE, and an octet of the MAC.
  for (const at of [3, signed.length - 20]) {
    const changed = signed.slice();
    changed[at]! ^= 1;
    assert.equal(verdict(changed), 'forged', String(at));
  }
});

test('a server that could not sign says why', () => {
  const refusal = encodeMessage({
    id: 1,
    response: true,
    rcode: 9,
    additionals: [
      {
        name: key.name,
        type: RecordType.TSIG,
        class: 255,
        ttl: 0,
        data: {
          kind: 'TSIG',
          algorithm: 'hmac-sha256.',
          timeSigned: TIME_S,
          fudge: 300,
          mac: new Uint8Array(0),
          originalId: 1,
          error: 17,
          otherData: new Uint8Array(0),
        },
      },
    ],
  });
  assert.deepEqual(verifyAnswer(refusal, parsed(refusal), key, new Uint8Array(0), TIME_S), {
    kind: 'error',
    error: 17,
    serverTimeS: undefined,
  });
});

test('keys are read in both forms, and a wrong one says why without its secret', () => {
  const secret = Buffer.from('0123456789').toString('base64');
  const expected = { name: 'acme.example.', algorithm: 'hmac-sha512', secret: Buffer.from('0123456789') };
  assert.deepEqual(parseTsigKey(`hmac-sha512:acme.example:${secret}`), { key: expected });
  const file = `key "acme.example" {\n\talgorithm hmac-sha512;\n\tsecret "${secret}";\n};\n`;
  assert.deepEqual(parseTsigKey(file), { key: expected });
  for (const bad of [
    '',
    'hmac-md5:a:eA==',
    'hmac-sha256:a..b:eA==',
    'hmac-sha256:a:top secret',
    'hmac-sha256:a:eA==:x',
    'key a { };',
  ]) {
    const result = parseTsigKey(bad);
    assert.ok('problem' in result && result.problem.code === 'dns-key-unclear', bad);
    assert.doesNotMatch(tellFinding(result.problem, 'en').cause, /top secret/);
  }
});
