import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { exitCodes, verifyExitCodes } from '../../../src/cli/exit-codes.ts';
import { certificateFacts } from '../../../src/cli/certificate-facts.ts';
import { finding, type Finding } from '../../../src/story/finding.ts';
import { causeOf, checkOf, verifyCauses } from '../../../src/trace/verify/cause.ts';
import { askOpenssl, compareVerdicts, pemOf } from '../../../src/trace/verify/openssl-verdict.ts';
import { readChainFile, readSent } from '../../../src/trace/verify/read-chain.ts';
import { chain, NOW, pem } from '../../pki/issue.ts';
import { parseHost } from '../../../src/pki/names/peer-name.ts';

const of = (...codes: Finding['code'][]) => codes.map((code) => finding(code, { subject: 'x' }));

describe('causeOf', () => {
  it('names the one that weighs most, and nothing for warnings', () => {
    assert.equal(causeOf(of('certificate-name-mismatch', 'certificate-expired')), 'expired');
    assert.equal(causeOf(of('certificate-expired', 'certificate-revoked')), 'revoked');
    assert.equal(causeOf(of('revocation-stale', 'chain-out-of-order')), undefined);
    assert.equal(causeOf(of('revocation-malformed')), 'revocation-unknown');
    assert.equal(causeOf(of('certificate-serial-invalid')), 'malformed');
    assert.equal(checkOf('fetch-failed'), 'revocation');
    assert.equal(checkOf('chain-holds-root'), 'sent');
  });

  it('has one exit code each, apart from those of all commands, and all are documented in both languages', () => {
    const codes = verifyCauses.map((cause) => verifyExitCodes[cause]);
    assert.equal(new Set([...codes, ...Object.values(exitCodes)]).size, codes.length + 3);
    for (const name of ['verify.md', 'verify.zh-CN.md']) {
      const page = readFileSync(path.resolve('docs', name), 'utf8');
      for (const cause of verifyCauses) assert.ok(page.includes(`| ${verifyExitCodes[cause]} | \`${cause}\` |`), cause);
      assert.ok(page.includes(codes.join(', ')) || page.includes(codes.join('、')), name);
    }
  });
});

describe('OpenSSL beside', () => {
  const { root, intermediate, leaf } = chain();
  const accepted = { path: [leaf, intermediate, root], fetched: [] };
  const trusts = { asked: true, code: '' } as const;
  const refuses = { asked: true, code: 'unable to get local issuer certificate' } as const;
  const compare = (...args: Parameters<typeof compareVerdicts>) => compareVerdicts(...args).code;

  it('says why the two differ', () => {
    assert.equal(compare(trusts, [], accepted), 'openssl-agrees');
    assert.equal(compare(refuses, of('certificate-expired'), accepted), 'openssl-agrees');
    assert.equal(compare(trusts, of('certificate-revoked'), accepted), 'openssl-blind-revocation');
    assert.equal(compare(trusts, of('certificate-without-san'), accepted), 'openssl-blind-rules');
    const fetched = [{ certificate: intermediate, url: 'http://ca.example/' }];
    assert.equal(compare(refuses, [], { ...accepted, fetched }), 'openssl-does-not-fetch');
    assert.equal(compare(refuses, [], { path: [leaf, intermediate], fetched: [] }), 'openssl-wants-root');
    assert.equal(compare(refuses, [], accepted), 'openssl-differs');
    assert.equal(compare({ asked: false, reason: 'none' }, [], accepted), 'openssl-unasked');
  });

  it('the command judges the same chain for a name, a purpose and a moment', async (t) => {
    const ask = (more: object) =>
      askOpenssl({
        sent: [leaf, intermediate],
        anchors: [root],
        peer: parseHost('host.example'),
        timeMs: NOW,
        purpose: 'server',
        ...more,
      });
    const first = await ask({});
    if (!first.asked) return t.skip(first.reason);
    assert.deepEqual(first, trusts);
    assert.match(JSON.stringify(await ask({ peer: parseHost('other.example') })), /ostname mismatch/);
    assert.match(JSON.stringify(await ask({ timeMs: NOW + 90 * 86_400_000 })), /expired/);
    assert.match(JSON.stringify(await ask({ purpose: 'client' })), /purpose/);
    assert.equal((await ask({ anchors: [] })).asked, false);
  });
});

describe('files', () => {
  const { intermediate, leaf } = chain();

  it('are PEM with keys passed over, or one DER; what is wrong is named', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n';
    const both = readChainFile(Buffer.from(key + pem(leaf.bytes) + pemOf(intermediate)), 'f');
    assert.ok(!('code' in both) && both.length === 2);
    const der = readChainFile(leaf.bytes, 'f');
    assert.ok(!('code' in der) && der.length === 1);
    const code = (bytes: Uint8Array) => {
      const read = readChainFile(bytes, 'f');
      return 'code' in read ? read.code : read.length;
    };
    assert.equal(code(Buffer.from(key)), 'verify-file-empty');
    assert.equal(code(leaf.bytes.subarray(0, 100)), 'verify-file-malformed');
    assert.equal(code(Buffer.from('-----BEGIN CERTIFICATE-----\n')), 'verify-file-malformed');
  });

  it('of what a server sent, a broken leaf is an error and another one a warning', () => {
    const sent = (...ders: Uint8Array[]) => readSent(ders.map((der) => ({ der, ocspResponse: undefined })));
    const broken = sent(Uint8Array.of(1), intermediate.bytes);
    assert.deepEqual([broken.certificates.length, broken.malformed[0]?.severity], [0, 'error']);
    const rest = sent(leaf.bytes, Uint8Array.of(1));
    assert.deepEqual([rest.certificates.length, rest.malformed[0]?.severity], [1, 'warning']);
  });

  it('facts of a certificate', () => {
    const facts = certificateFacts(leaf);
    assert.deepEqual([facts.names, facts.key, facts.signature], [['host.example'], 'EC P-256', 'ECDSA with sha256']);
    assert.deepEqual(facts.usages, ['digitalSignature', 'serverAuth']);
  });
});
