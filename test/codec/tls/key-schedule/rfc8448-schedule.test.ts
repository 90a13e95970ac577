import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandLabel, hkdfExpand, hkdfExtract, hkdfLabel } from '../../../../src/codec/tls/key-schedule/hkdf.ts';
import { Tls13Schedule } from '../../../../src/codec/tls/key-schedule/tls13.ts';
import { nodeTlsCrypto } from '../../../../src/pki/tls-crypto.ts';
import { octets, sections, stepsOf, valueOf, vectorsAbsent, type Step } from '../rfc8448-vectors.ts';

const skip = vectorsAbsent;
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const schedule = new Tls13Schedule(nodeTlsCrypto, 'sha256');
const steps: readonly (Step & { section: string })[] = sections.flatMap((section) =>
  stepsOf(section).map((step) => ({ ...step, section })),
);

test('every Derive-Secret of RFC 8448: the label’s octets and what comes out', { skip }, () => {
  let count = 0;
  for (const { op, values, section } of steps) {
    const label = /"tls13 ([^"]+)"/.exec(op)?.[1];
    const [prk, info, expanded] = [values.get('PRK'), values.get('info'), values.get('expanded')];
    if (label === undefined || prk === undefined || info === undefined || expanded === undefined) continue;
    const context = values.get('hash') ?? octets('');
    assert.equal(hex(hkdfLabel(label, context, expanded.length)), hex(info), `${section} ${op}`);
    assert.equal(hex(hkdfExpand(nodeTlsCrypto, 'sha256', prk, info, expanded.length)), hex(expanded), op);
    assert.equal(hex(expandLabel(nodeTlsCrypto, 'sha256', prk, label, context, expanded.length)), hex(expanded), op);
    count += 1;
  }
  assert.ok(count >= 50, `${count}`);
});

test('every HKDF-Extract of RFC 8448, and the ladder from one to the next', { skip }, () => {
  let count = 0;
  for (const { op, values } of steps) {
    const [ikm, secret] = [values.get('IKM'), values.get('secret')];
    if (ikm === undefined || secret === undefined) continue;
    const salt = values.get('salt') ?? new Uint8Array(32);
    assert.equal(hex(hkdfExtract(nodeTlsCrypto, 'sha256', salt, ikm)), hex(secret), op);
    count += 1;
  }
  assert.ok(count >= 14, `${count}`);
  for (const section of sections) {
    const of = (name: string, label: string): Uint8Array | undefined =>
      valueOf(section, new RegExp(`extract secret "${name}"`), label);
    const early = schedule.earlySecret(of('early', 'IKM'));
    const handshake = schedule.handshakeSecret(early, of('handshake', 'IKM'));
    assert.equal(hex(early), hex(of('early', 'secret')), section);
    assert.equal(hex(handshake), hex(of('handshake', 'secret')), section);
    assert.equal(hex(schedule.masterSecret(handshake)), hex(of('master', 'secret')), section);
  }
});

test('every pair of traffic keys of RFC 8448', { skip }, () => {
  let count = 0;
  for (const { op, values } of steps) {
    const [prk, key, iv] = [values.get('PRK'), values.get('key expanded'), values.get('iv expanded')];
    if (prk === undefined || key === undefined) continue;
    const keys = schedule.trafficKeys(prk, key.length);
    assert.deepEqual([hex(keys.key), hex(keys.iv)], [hex(key), hex(iv)], op);
    count += 1;
  }
  assert.ok(count >= 20, `${count}`);
});

test('the binder, the early exporter and the ticket’s key of RFC 8448', { skip }, () => {
  const [first, resumed] = sections;
  const binder = stepsOf(resumed!).find(({ op }) => op.includes('calculate PSK binder'))!.values;
  const psk = valueOf(first!, /generate resumption secret/, 'expanded')!;
  const master = valueOf(first!, /"tls13 res master"/, 'expanded')!;
  const nonce = valueOf(first!, /generate resumption secret/, 'hash')!;
  assert.equal(hex(schedule.resumptionPsk(master, nonce)), hex(psk));
  const early = schedule.earlySecret(psk);
  const key = schedule.binderKey(early, 'res');
  assert.equal(hex(key), hex(binder.get('PRK')));
  assert.equal(hex(schedule.hashOf(binder.get('ClientHello prefix')!)), hex(binder.get('binder hash')));
  assert.equal(hex(schedule.verifyData(key, binder.get('binder hash')!)), hex(binder.get('finished')));
  assert.notEqual(hex(schedule.binderKey(early, 'ext')), hex(key));
});
