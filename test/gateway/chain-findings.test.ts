import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Certificate } from '../../src/codec/x509/certificate.ts';
import { chainFindings, newChainFindings } from '../../src/gateway/chain-findings.ts';
import { thisMachine } from '../../src/pki/trust-store/trust-places.ts';
import { openTrustStore } from '../../src/pki/trust-store/trust-store.ts';
import { finding, tellFinding } from '../../src/story/finding.ts';
import { chain, leafExtensions, leafKey, NOW, pem } from '../pki/issue.ts';

const DAY = 86_400_000;
const { root, intermediate, leaf } = chain();

/** What is said of a file with these certificates, where the system trusts `trusted`. */
async function told(
  list: readonly Certificate[],
  trusted: readonly Certificate[] = [root],
  nowMs = NOW,
): Promise<string[]> {
  const certPem = list.map(({ bytes }) => pem(bytes)).join('');
  const bundle = Buffer.from(trusted.map(({ bytes }) => pem(bytes)).join(''));
  const places = { ...thisMachine, environment: { SSL_CERT_FILE: '/roots' }, read: () => Promise.resolve(bundle) };
  const found = await chainFindings({ site: 'host.example', file: 'site.pem', certPem }, nowMs, () =>
    openTrustStore(['system'], places),
  );
  return found.map((one) => `${one.code}: ${tellFinding(one, 'en').cause}`);
}

it('a chain that leads to a root says nothing, with the root and without', async () => {
  assert.deepEqual(await told([leaf, intermediate]), []);
  assert.deepEqual(await told([leaf, intermediate, root]), []);
});

it('a missing intermediate is named', async () => {
  const [one, ...rest] = await told([leaf]);
  assert.match(one!, /^site-chain-incomplete: .*ends at "host\.example"; "Test Intermediate", which issued it/);
  assert.deepEqual(rest, []);
});

it('a private root that this system does not know is told of, unless it is in the file', async () => {
  const stranger = chain({ root: { subject: { CN: 'Else' }, issuer: { CN: 'Else' } } }).root;
  assert.match((await told([leaf, intermediate], [stranger])).join(), /^site-chain-incomplete/);
  assert.deepEqual(await told([leaf, intermediate, root], [stranger]), []);
});

it('a wrong order is told of', async () => {
  assert.match((await told([leaf, root, intermediate])).join(), /^site-chain-disorder: .*"Test Intermediate" does not/);
});

it('a certificate of one\u2019s own needs nothing', async () => {
  const own = chain({
    leaf: {
      issuer: { CN: 'host.example' },
      signer: leafKey(),
      extensions: leafExtensions(leafKey(), ['dns:host.example']),
    },
  }).leaf;
  assert.deepEqual(await told([own]), []);
});

it('the end is told of in the last sixth of a life, and once it is over by the configuration alone', async () => {
  // Valid from 30 days before to 60 days after NOW: the last sixth are 15 days.
  assert.deepEqual(await told([leaf, intermediate], [root], NOW + 44 * DAY), []);
  assert.match(
    (await told([leaf, intermediate], [root], NOW + 46 * DAY)).join(),
    /^site-certificate-expiring: .* 14 d left/,
  );
  assert.deepEqual(await told([leaf, intermediate], [root], NOW + 61 * DAY), []);
});

it('is told once, and again when something about it has changed', () => {
  const expiring = (left: string, notAfter: string) =>
    finding('site-certificate-expiring', { site: 'a.example', file: 'a.pem', notAfter, left });
  const first = [
    expiring('14 d', '2026-12-01'),
    finding('site-chain-incomplete', { site: 'a.example', file: 'a.pem' }),
  ];
  assert.deepEqual(newChainFindings(first, []), first);
  assert.deepEqual(newChainFindings([expiring('13 d', '2026-12-01'), first[1]!], first), []);
  const renewed = expiring('13 d', '2026-12-02');
  assert.deepEqual(newChainFindings([renewed], first), [renewed]);
});
