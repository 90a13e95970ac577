import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { ClientJudgement } from '../../../src/gateway/tls/client-judgement.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import { pemOf } from '../../../src/trace/verify/openssl-verdict.ts';
import {
  chain,
  type Chain,
  type ChainChanges,
  ecKey,
  extKeyUsage,
  extension,
  intermediateKey,
  leafExtensions,
  NOW,
  replacing,
  rsaKey,
  sequence,
} from '../../pki/issue.ts';
import { crlPem, issue, revocationList } from './certificates.ts';

const forClients = replacing(leafExtensions(intermediateKey(), ['dns:host.example']), extKeyUsage([Oid.clientAuth]));

/** The usual chain with a leaf for clients, changed. */
const clientChain = (change: ChainChanges = {}): Chain =>
  chain({ ...change, leaf: { extensions: forClients, ...change.leaf } });

function explain({ root, intermediate, leaf }: Chain, opensslCode: string, ca = [root], sent = [intermediate]) {
  const judgement = new ClientJudgement(ca.map(pemOf), []);
  return judgement.explain({ leaf: leaf.bytes, others: sent.map(({ bytes }) => bytes), opensslCode }, NOW);
}

const DAY_MS = 86_400_000;

test('what decides is what the certificates say, whichever of several mistakes OpenSSL met', () => {
  const expired = { notBefore: NOW - 9 * DAY_MS, notAfter: NOW - DAY_MS };
  const found = explain(clientChain({ intermediate: expired }), 'UNSPECIFIED');
  assert.equal(found.code, 'client-certificate-expired');
  assert.equal(found.values['reason'], 'certificate-expired');
  assert.match(tellFinding(found, 'en').cause, new RegExp(String(found.values['subject'])));
  const both = clientChain({
    leaf: { extensions: replacing(forClients, extKeyUsage([Oid.serverAuth])), ...expired },
  });
  assert.equal(explain(both, 'INVALID_PURPOSE').code, 'client-certificate-expired');
});

test('a rule on certificates is told by its own name', () => {
  const weak = explain(clientChain({ leaf: { key: rsaKey(1024) } }), 'EE_KEY_TOO_SMALL');
  assert.equal(weak.code, 'certificate-key-weak');
  const unknown = extension('1.3.6.1.4.1.99999.1', sequence(), true);
  const critical = explain(
    clientChain({ leaf: { extensions: [...forClients, unknown] } }),
    'UNHANDLED_CRITICAL_EXTENSION',
  );
  assert.equal(critical.code, 'certificate-critical-extension-unknown');
  const { root, intermediate } = clientChain();
  const judgement = new ClientJudgement([pemOf(root)], []);
  const broken = { leaf: intermediate.bytes.subarray(0, 99), others: [], opensslCode: 'UNSPECIFIED' };
  assert.equal(judgement.explain(broken, NOW).code, 'certificate-malformed');
});

test('a bundle that lacks the root of its own authority is the configuration’s fault', () => {
  const sent = clientChain();
  const found = explain(sent, 'UNABLE_TO_GET_ISSUER_CERT', [sent.intermediate], []);
  assert.equal(found.code, 'client-certificate-root-missing');
  assert.equal(found.fault, 'config');
  const stranger = chain({ root: { subject: { CN: 'Elsewhere' }, issuer: { CN: 'Elsewhere' } } });
  assert.equal(explain(sent, 'UNABLE_TO_GET_ISSUER_CERT', [stranger.root]).code, 'client-certificate-untrusted');
});

test('where OpenSSL alone refuses, that is said', () => {
  const found = explain(clientChain(), 'SUITE_B_INVALID_CURVE');
  assert.equal(found.code, 'client-certificate-refused-by-openssl');
  assert.match(tellFinding(found, 'en').cause, /SUITE_B_INVALID_CURVE/);
  const any = clientChain({ leaf: { extensions: replacing(forClients, extKeyUsage([Oid.anyExtendedKeyUsage])) } });
  assert.equal(explain(any, 'INVALID_PURPOSE').code, 'client-certificate-wrong-usage');
});

test('where Node keeps back what the client sent, OpenSSL’s word on it counts', () => {
  const sent = clientChain();
  assert.equal(explain(sent, 'CERT_HAS_EXPIRED', [sent.root], []).code, 'client-certificate-expired');
  assert.equal(explain(sent, 'UNABLE_TO_GET_CRL', [sent.root], []).code, 'client-certificate-untrusted');
});

test('a list that cannot be read leaves revocation to OpenSSL', () => {
  const root = issue({ name: 'partner root', isCa: true });
  const client = issue({ name: 'client', issuer: root, purpose: 'client' });
  const der = Buffer.from(client.certPem.replaceAll(/-----.*-----|\n/g, ''), 'base64');
  const sent = { leaf: der, others: [], opensslCode: 'CRL_HAS_EXPIRED' };
  const unreadable = crlPem(revocationList(root, []).subarray(0, 40));
  const withUnreadable = new ClientJudgement([root.certPem], [unreadable]);
  assert.equal(withUnreadable.explain(sent, Date.now()).code, 'client-certificate-crl-expired');
  const revoked = new ClientJudgement([root.certPem], [crlPem(revocationList(root, [client]))]);
  assert.equal(revoked.explain(sent, Date.now()).code, 'client-certificate-revoked');
});

test('a client that sends a maze of authorities is given up soon', () => {
  const { root, leaf } = clientChain();
  // Each has the name of the leaf's issuer, and none made the leaf's signature.
  const maze = Array.from({ length: 40 }, () => clientChain({ intermediate: { key: ecKey(), extensions: [] } }));
  const judgement = new ClientJudgement([pemOf(root)], []);
  const others = maze.map(({ intermediate }) => intermediate.bytes);
  const sent = { leaf: leaf.bytes, others, opensslCode: 'CERT_SIGNATURE_FAILURE' };
  const found = judgement.explain(sent, NOW);
  assert.equal(found.code, 'certificate-work-limit');
  assert.equal(found.values['limit'], 16);
});
