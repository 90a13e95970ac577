import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { pemOf } from '../../../src/trace/verify/openssl-verdict.ts';
import { crlPem, issue as issueFor, revocationList, type Issued } from '../../gateway/tls/certificates.ts';
import {
  chain,
  chainSpecs,
  extKeyUsage,
  issue,
  keyUsage,
  replacing,
  ROOT,
  subjectAltName,
  type ChainChanges,
} from '../issue.ts';
import { leafBase } from './judging.ts';
import { readLimboFile, ruleBookOf, runLimboCase, type LimboCase } from './limbo-case.ts';

const folder = '../shared/corpora/x509-limbo';

describe('x509-limbo', () => {
  for (const [file, atLeast] of [
    ['limbo.json', 100],
    ['bettertls.json.gz', 500],
  ] as const) {
    it(`agrees on every case of ${file}`, (t) => {
      if (!existsSync(`${folder}/${file}`)) return t.skip('the x509-limbo corpus is absent');
      const cases = readLimboFile(`${folder}/${file}`);
      assert.ok(cases.length >= atLeast);
      const disagreements: string[] = [];
      for (const testcase of cases) {
        const { got, reason } = runLimboCase(testcase, Date.UTC(2026, 10, 22));
        if (got !== testcase.expected_result) disagreements.push(`${testcase.id}: got ${got}: ${reason}`);
      }
      assert.deepEqual(disagreements, []);
      return undefined;
    });
  }

  it('asks each namespace after its own rule book', () => {
    assert.deepEqual(ruleBookOf('webpki::san::no-san'), { profile: 'webpki', conformance: 'strict' });
    assert.deepEqual(ruleBookOf('rfc5280::ca-as-leaf'), { profile: 'rfc5280', conformance: 'strict' });
    assert.deepEqual(ruleBookOf('online::example.com'), { profile: 'webpki', conformance: 'common' });
  });
});

describe('the runner of x509-limbo cases', () => {
  /** A case of the usual chain; what the schema gives a default is left out. */
  const made = (change: ChainChanges = {}, more: Partial<LimboCase> = {}): LimboCase => {
    const { root, intermediate, leaf } = chain(change);
    return {
      id: 'rfc5280::made-here',
      validation_kind: 'SERVER',
      trusted_certs: [pemOf(root)],
      untrusted_intermediates: [pemOf(intermediate)],
      peer_certificate: pemOf(leaf),
      validation_time: '2026-06-01T00:00:00+00:00',
      signature_algorithms: [],
      key_usage: [],
      extended_key_usage: [],
      expected_result: 'SUCCESS',
      expected_peer_names: [],
      ...more,
    };
  };
  const got = (testcase: LimboCase): string => runLimboCase(testcase, Date.now()).got;
  const outcome = (change: ChainChanges, more: Partial<LimboCase> = {}): string => got(made(change, more));

  it('takes what the schema gives a default as left out', () => {
    const nulls = { expected_peer_name: null, max_chain_depth: null, crls: [] };
    assert.equal(outcome({}), 'SUCCESS');
    assert.equal(outcome({}, nulls), 'SUCCESS');
    const { validation_time: _, ...timeless } = made();
    assert.equal(runLimboCase(timeless, Date.UTC(2026, 5, 1)).got, 'SUCCESS');
    assert.equal(runLimboCase(timeless, Date.UTC(2036, 5, 1)).got, 'FAILURE');
  });

  it('asks for each kind of peer name, one for servers and all of several for clients', () => {
    const extensions = replacing(
      leafBase,
      extKeyUsage([Oid.serverAuth, Oid.clientAuth]),
      subjectAltName(['dns:host.example', 'ip:c0000201', `ip:20010db8${'00'.repeat(11)}01`, 'email:me@host.example']),
    );
    const named = (kind: 'DNS' | 'IP' | 'RFC822', value: string): string =>
      outcome({ leaf: { extensions } }, { expected_peer_name: { kind, value } });
    assert.equal(named('DNS', 'host.example'), 'SUCCESS');
    assert.equal(named('DNS', 'other.example'), 'FAILURE');
    assert.equal(named('IP', '192.0.2.1'), 'SUCCESS');
    assert.equal(named('IP', '2001:db8::1'), 'SUCCESS');
    assert.equal(named('IP', '192.0.2.2'), 'FAILURE');
    assert.equal(named('IP', 'host.example'), 'FAILURE');
    assert.equal(named('RFC822', 'me@host.example'), 'SUCCESS');
    assert.equal(named('RFC822', 'you@host.example'), 'FAILURE');
    const client = (...values: string[]): string =>
      outcome(
        { leaf: { extensions } },
        { validation_kind: 'CLIENT', expected_peer_names: values.map((value) => ({ kind: 'DNS', value })) },
      );
    assert.equal(client('host.example'), 'SUCCESS');
    assert.equal(client('host.example', 'other.example'), 'FAILURE');
  });

  it('holds the leaf against usages, purposes by name or identifier, algorithms and the depth', () => {
    assert.equal(outcome({}, { validation_kind: 'CLIENT' }), 'FAILURE');
    assert.equal(outcome({}, { validation_kind: 'CLIENT', extended_key_usage: ['serverAuth'] }), 'SUCCESS');
    assert.equal(outcome({}, { extended_key_usage: [Oid.serverAuth] }), 'SUCCESS');
    assert.equal(outcome({}, { extended_key_usage: ['serverAuth', 'codeSigning'] }), 'FAILURE');
    assert.equal(outcome({}, { key_usage: ['digitalSignature'] }), 'SUCCESS');
    assert.equal(outcome({}, { key_usage: ['contentCommitment'] }), 'FAILURE');
    const signs = { leaf: { extensions: replacing(leafBase, keyUsage(['digitalSignature', 'contentCommitment'])) } };
    assert.equal(outcome(signs, { key_usage: ['contentCommitment'] }), 'SUCCESS');
    assert.equal(outcome({}, { signature_algorithms: ['ECDSA_WITH_SHA256', 'ED25519'] }), 'SUCCESS');
    assert.equal(outcome({}, { signature_algorithms: ['RSA_WITH_SHA256', 'RSASSA_PSS'] }), 'FAILURE');
    assert.equal(outcome({}, { max_chain_depth: 1 }), 'SUCCESS');
    assert.equal(outcome({}, { max_chain_depth: 0 }), 'FAILURE');
    const [, , leaf] = chainSpecs();
    const self = issue({ ...leaf, issuer: ROOT });
    assert.equal(got({ ...made(), peer_certificate: pemOf(self) }), 'FAILURE');
  });

  it('believes lists of the issuer that are of their time, and passes over those of others', () => {
    const ca = issueFor({ name: 'root', isCa: true });
    const leaf = issueFor({ name: 'leaf.example', issuer: ca });
    const listed = (...lists: Buffer[]): string =>
      got({
        ...made(),
        id: 'online::made-here',
        trusted_certs: [ca.certPem],
        untrusted_intermediates: [],
        peer_certificate: leaf.certPem,
        validation_time: null,
        crls: lists.map(crlPem),
      });
    const namesake: Issued = { ...issueFor({ name: 'other', isCa: true }), name: 'root' };
    const other = issueFor({ name: 'other', isCa: true });
    assert.equal(listed(), 'SUCCESS');
    assert.equal(listed(revocationList(ca, [])), 'SUCCESS');
    assert.equal(listed(revocationList(ca, [leaf])), 'FAILURE');
    assert.equal(listed(revocationList(other, [leaf])), 'SUCCESS');
    assert.equal(listed(revocationList(namesake, [])), 'FAILURE');
    assert.equal(listed(revocationList(ca, [], -1)), 'FAILURE');
    assert.equal(listed(revocationList(ca, [], -1), revocationList(ca, [])), 'SUCCESS');
  });
});
