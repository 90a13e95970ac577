import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextPrimitive } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import type { PathPolicy } from '../../../src/pki/path/path-policy.ts';
import { certificatePolicies, extension, oid, sequence } from '../issue.ts';
import { caBase, leafBase, refusals, strict } from './judging.ts';

describe('certificate policies', () => {
  const constraints = (explicit?: number, mapping?: number) =>
    extension(
      Oid.policyConstraints,
      sequence(
        ...(explicit === undefined ? [] : [encodeElement(contextPrimitive(0), Buffer.of(explicit))]),
        ...(mapping === undefined ? [] : [encodeElement(contextPrimitive(1), Buffer.of(mapping))]),
      ),
      true,
    );
  const mappings = (...pairs: [string, string][]) =>
    extension(Oid.policyMappings, sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to)))), true);
  const A = '1.2.3.1';
  const B = '1.2.3.2';
  const settings = {
    acceptable: undefined,
    requireExplicitPolicy: true,
    inhibitPolicyMapping: false,
    inhibitAnyPolicy: false,
  };
  const held = (
    upper: ReturnType<typeof extension>[],
    lower: ReturnType<typeof extension>[],
    policies = settings as PathPolicy['policies'],
  ): string[] =>
    refusals(
      { intermediate: { extensions: [...caBase, ...upper] }, leaf: { extensions: [...leafBase, ...lower] } },
      { policies },
    );
  const missing = ['certificate-policy-missing'];

  it('have to hold from the root to the leaf where one is asked for', () => {
    assert.deepEqual(held([certificatePolicies([A])], [certificatePolicies([A])]), []);
    assert.deepEqual(held([certificatePolicies([A])], [certificatePolicies([B])]), missing);
    assert.deepEqual(held([certificatePolicies([A])], []), missing);
    assert.deepEqual(held([], [certificatePolicies([A])]), missing);
    assert.deepEqual(held([certificatePolicies([Oid.anyPolicy])], [certificatePolicies([A])]), []);
    assert.deepEqual(held([certificatePolicies([A])], [certificatePolicies([Oid.anyPolicy])]), []);
    assert.deepEqual(
      held([certificatePolicies([A])], [certificatePolicies([A])], { ...settings, acceptable: [A] }),
      [],
    );
    assert.deepEqual(
      held([certificatePolicies([A])], [certificatePolicies([A])], { ...settings, acceptable: [B] }),
      missing,
    );
    assert.deepEqual(
      held([certificatePolicies([Oid.anyPolicy])], [certificatePolicies([A])], { ...settings, inhibitAnyPolicy: true }),
      missing,
    );
  });

  it('are asked for by an issuer', () => {
    const relaxed = { ...settings, requireExplicitPolicy: false };
    assert.deepEqual(held([], [], relaxed), []);
    assert.deepEqual(held([constraints(0)], [], relaxed), missing);
    assert.deepEqual(held([certificatePolicies([A]), constraints(0)], [certificatePolicies([A])], relaxed), []);
    const uncritical = { ...constraints(0), critical: false };
    const change = {
      intermediate: { extensions: [...caBase, certificatePolicies([A]), uncritical] },
      leaf: { extensions: [...leafBase, certificatePolicies([A])] },
    };
    assert.deepEqual(refusals(change, strict), ['certificate-extension-must-be-critical']);
  });

  it('are mapped by an issuer from its domain to another', () => {
    const upper = [certificatePolicies([A]), mappings([A, B])];
    assert.deepEqual(held(upper, [certificatePolicies([B])]), []);
    assert.deepEqual(held(upper, [certificatePolicies([B])], { ...settings, acceptable: [A] }), []);
    assert.deepEqual(held(upper, [certificatePolicies([B])], { ...settings, acceptable: [B] }), missing);
    assert.deepEqual(held(upper, [certificatePolicies([A])]), missing);
    assert.deepEqual(held(upper, [certificatePolicies([B])], { ...settings, inhibitPolicyMapping: true }), missing);
    assert.deepEqual(
      held([certificatePolicies([Oid.anyPolicy]), mappings([A, B])], [certificatePolicies([B])], {
        ...settings,
        acceptable: [A],
      }),
      [],
    );
    assert.deepEqual(held([certificatePolicies([A]), mappings([A, Oid.anyPolicy])], [certificatePolicies([A])]), [
      'certificate-policy-mapping-any',
    ]);
  });
});
