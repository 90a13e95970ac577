import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type net from 'node:net';
import path from 'node:path';
import { before, test } from 'node:test';
import tls from 'node:tls';
import type { ClientAuthInput } from '../../../src/gateway/tls/site-input.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import { crlPem, issue, revocationList, type Issued } from './certificates.ts';
import { FrontHarness, hasCommand, run, site, temporaryFolder } from './front-harness.ts';

let root: Issued;
let server: Issued;
let good: Issued;

before(() => {
  root = issue({ name: 'partner root', isCa: true });
  server = issue({ name: 'a.example', issuer: root });
  good = issue({ name: 'good client', issuer: root, purpose: 'client' });
});

const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const noOpenssl = hasCommand('openssl') ? false : 'openssl is not here';

function snapshot(clientAuth: Partial<ClientAuthInput> = {}) {
  const auth: ClientAuthInput = { mode: 'require', caPem: root.certPem, ...clientAuth };
  return { sites: [site('a.example', [server], { clientAuth: auth })], defaultSite: '' };
}

function client(issued: Issued | undefined, version: (typeof versions)[number] = 'TLSv1.3', chain = '') {
  return {
    servername: 'a.example',
    minVersion: version,
    maxVersion: version,
    ...(issued === undefined ? {} : { cert: issued.certPem + chain, key: issued.keyPem }),
  };
}

/** Whether this Node tells a server what a client sent besides its leaf (some do not: nodejs/node issue 65579). */
async function tellsChains(): Promise<boolean> {
  const intermediate = issue({ name: 'probe intermediate', isCa: true, issuer: root });
  const leaf = issue({ name: 'probe', issuer: intermediate, purpose: 'client' });
  const options = { cert: server.certPem, key: server.keyPem, ca: root.certPem };
  const listener = tls.createServer({ ...options, requestCert: true, rejectUnauthorized: false });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const cert = leaf.certPem + intermediate.certPem;
  const { port } = listener.address() as net.AddressInfo;
  const probe = tls.connect({ port, cert, key: leaf.keyPem, rejectUnauthorized: false });
  probe.on('error', () => undefined);
  const [socket] = (await once(listener, 'secureConnection')) as [tls.TLSSocket];
  const tells = socket.getPeerX509Certificate()?.issuerCertificate !== undefined;
  probe.destroy();
  socket.destroy();
  listener.close();
  return tells;
}

/** How the gateway judged a client: the finding's code, or the names in the chain. */
async function judged(harness: FrontHarness, options: ReturnType<typeof client> & { session?: Buffer | undefined }) {
  const { session, ...rest } = options;
  const result = await harness.connect(session === undefined ? rest : { ...rest, session });
  const { clientCertificate, resumed } = harness.secured.at(-1)!;
  const names = (chain: readonly Buffer[]) => chain.map((der) => new X509Certificate(der).subject.replace('CN=', ''));
  const verdict =
    clientCertificate.status === 'refused'
      ? clientCertificate.finding.code
      : clientCertificate.status === 'verified'
        ? names(clientCertificate.chain)
        : 'none';
  return { verdict, resumed, session: result.session };
}

for (const version of versions) {
  test(`a client is verified, and known again on a resumed session (${version})`, async (t) => {
    const intermediate = issue({ name: 'partner intermediate', isCa: true, issuer: root });
    const leaf = issue({ name: 'deep client', issuer: intermediate, purpose: 'client' });
    const harness = await new FrontHarness().start(t, snapshot());
    const simple = await judged(harness, client(good, version));
    assert.deepEqual([simple.verdict, simple.resumed], [['good client'], false]);
    const options = client(leaf, version, intermediate.certPem);
    const first = await judged(harness, options);
    const chain = (await tellsChains()) ? ['deep client', 'partner intermediate'] : ['deep client'];
    assert.deepEqual(first.verdict, chain);
    const again = await judged(harness, { ...options, session: first.session });
    assert.deepEqual([again.verdict, again.resumed], [chain, true]);
    const renewed = issue({ name: 'a.example', issuer: root });
    const auth = snapshot().sites[0]!;
    assert.ok(harness.front.apply({ sites: [{ ...auth, certificates: [renewed] }], defaultSite: '' }).ok);
    const afterSwap = await judged(harness, { ...options, session: first.session });
    assert.deepEqual([afterSwap.verdict, afterSwap.resumed], [chain, true]);
  });

  test(`a client without a certificate is refused, also on a resumed session (${version})`, async (t) => {
    const harness = await new FrontHarness().start(t, snapshot());
    const first = await judged(harness, client(undefined, version));
    assert.equal(first.verdict, 'client-certificate-required');
    const again = await judged(harness, { ...client(undefined, version), session: first.session });
    assert.deepEqual([again.verdict, again.resumed], ['client-certificate-required', true]);
  });

  test(`where a certificate is optional, none is fine but a bad one is not (${version})`, async (t) => {
    const harness = await new FrontHarness().start(t, snapshot({ mode: 'optional' }));
    const first = await judged(harness, client(undefined, version));
    assert.equal(first.verdict, 'none');
    const again = await judged(harness, { ...client(undefined, version), session: first.session });
    assert.deepEqual([again.verdict, again.resumed], ['none', true]);
    const stranger = issue({ name: 'stranger', purpose: 'client' });
    assert.equal((await judged(harness, client(stranger, version))).verdict, 'client-certificate-untrusted');
  });

  test(`a session of a certificate that has expired since is refused (${version})`, async (t) => {
    const harness = await new FrontHarness().start(t, snapshot());
    const brief = issue({ name: 'brief client', issuer: root, purpose: 'client', toDay: 0.05 });
    const first = await judged(harness, client(brief, version));
    assert.deepEqual(first.verdict, ['brief client']);
    harness.aheadMs = 0.06 * 86_400_000;
    const again = await judged(harness, { ...client(brief, version), session: first.session });
    assert.deepEqual([again.verdict, again.resumed], ['client-certificate-expired', true]);
  });
}

test('each reason for a refusal has its finding', async (t) => {
  const harness = await new FrontHarness().start(t, snapshot());
  const verdictOf = async (issued: Issued) => (await judged(harness, client(issued))).verdict;
  const wish = { name: 'client', issuer: root, purpose: 'client' } as const;
  assert.equal(await verdictOf(issue({ ...wish, fromDay: -9, toDay: -1 })), 'client-certificate-expired');
  assert.equal(await verdictOf(issue({ ...wish, fromDay: 1 })), 'client-certificate-not-yet-valid');
  assert.equal(await verdictOf(issue({ ...wish, purpose: 'server' })), 'client-certificate-wrong-usage');
  assert.equal(await verdictOf(issue({ name: 'alone', purpose: 'client' })), 'client-certificate-untrusted');
  const impostor = issue({ name: 'partner root', isCa: true });
  assert.equal(await verdictOf(issue({ ...wish, issuer: impostor })), 'client-certificate-untrusted');
  const hidden = issue({ name: 'hidden intermediate', isCa: true, issuer: root });
  assert.equal(await verdictOf(issue({ ...wish, issuer: hidden })), 'client-certificate-untrusted');
});

test('a revoked certificate is told from one whose list fails', async (t) => {
  const revoked = issue({ name: 'revoked client', issuer: root, purpose: 'client' });
  const crl = crlPem(revocationList(root, [revoked]));
  const harness = await new FrontHarness().start(t, snapshot({ crl }));
  assert.deepEqual((await judged(harness, client(good))).verdict, ['good client']);
  assert.equal((await judged(harness, client(revoked))).verdict, 'client-certificate-revoked');

  assert.ok(harness.front.apply(snapshot({ crl: revocationList(root, [revoked]) })).ok, 'DER is taken too');
  assert.equal((await judged(harness, client(revoked))).verdict, 'client-certificate-revoked');

  assert.ok(harness.front.apply(snapshot({ crl: crlPem(revocationList(root, [], -1)) })).ok);
  assert.equal((await judged(harness, client(good))).verdict, 'client-certificate-crl-expired');

  const other = issue({ name: 'other root', isCa: true });
  assert.ok(harness.front.apply(snapshot({ crl: crlPem(revocationList(other, [])) })).ok);
  const { verdict } = await judged(harness, client(good));
  assert.equal(verdict, 'client-certificate-crl-missing');
  const state = harness.secured.at(-1)!.clientCertificate;
  assert.ok(state.status === 'refused');
  assert.equal(state.finding.fault, 'config');
  assert.match(tellFinding(state.finding, 'en').mend, /CRL/);
});

test('several lists in one file count', async (t) => {
  const other = issue({ name: 'other root', isCa: true });
  const otherClient = issue({ name: 'other client', issuer: other, purpose: 'client' });
  const crl = crlPem(revocationList(root, [])) + crlPem(revocationList(other, [otherClient]));
  const auth = { caPem: root.certPem + other.certPem, crl };
  const harness = await new FrontHarness().start(t, snapshot(auth));
  assert.deepEqual((await judged(harness, client(good))).verdict, ['good client']);
  assert.equal((await judged(harness, client(otherClient))).verdict, 'client-certificate-revoked');
});

test('openssl s_client is accepted with a certificate and refused without', { skip: noOpenssl }, async (t) => {
  const harness = await new FrontHarness().start(t, snapshot());
  const folder = temporaryFolder(t);
  const [cert, key] = [path.join(folder, 'c.pem'), path.join(folder, 'k.pem')];
  writeFileSync(cert, good.certPem);
  writeFileSync(key, good.keyPem);
  for (const flag of ['-tls1_2', '-tls1_3']) {
    const args = ['s_client', '-connect', `127.0.0.1:${harness.port}`, '-servername', 'a.example', '-ign_eof', flag];
    assert.match((await run('openssl', args)).out, /Acceptable client certificate CA names/);
    await run('openssl', [...args, '-cert', cert, '-key', key]);
  }
  assert.deepEqual(
    harness.secured.map(({ clientCertificate }) => clientCertificate.status),
    ['refused', 'verified', 'refused', 'verified'],
  );
});
