import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createAcmeIssuer, type AcmeIssuer, type AcmeIssuerSettings } from '../../src/acme/client/acme-issuer.ts';
import { certificateId } from '../../src/acme/client/certificate-id.ts';
import { readChain } from '../../src/acme/client/issued-chain.ts';
import type { Identifier, IssueRequest, OrderProgress } from '../../src/acme/issuer.ts';
import { tellFinding } from '../../src/story/finding.ts';
import { MemoryAccount, pebblePrograms, startPebble, type Pebble } from './pebble.ts';

const dns = (value: string): Identifier => ({ type: 'dns', value });
const ecKeyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const rsaKeyPem = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });

function issuerOf(pebble: Pebble, more: Partial<AcmeIssuerSettings> = {}): AcmeIssuer {
  return createAcmeIssuer({
    name: 'pebble',
    directoryUrl: pebble.directoryUrl,
    roots: pebble.serverRoot,
    contacts: ['mailto:admin@example.org'],
    termsAgreed: true,
    accounts: new MemoryAccount(),
    poll: { pauseMs: 50, longestPauseMs: 200, patienceMs: 60_000 },
    ...more,
  });
}

async function issued(issuer: AcmeIssuer, request: IssueRequest) {
  const result = await issuer.issue(request);
  if (!result.ok) {
    const { code, values } = result.failure.finding;
    assert.fail(`${code}: ${tellFinding(result.failure.finding, 'en').cause} ${JSON.stringify(values)}`);
  }
  const [leafPem = ''] = result.certificate.chainPem.split(/(?<=-----END CERTIFICATE-----\n)/);
  const leaf = new X509Certificate(leafPem);
  assert.ok(leaf.checkPrivateKey(createPrivateKey(request.privateKeyPem)), 'the certificate is for our key');
  return { ...result.certificate, leaf };
}

if (pebblePrograms.length === 0) {
  test('Pebble gives certificates', (t) => t.skip('needs pebble and pebble-challtestsrv'));
}

for (const [index, program] of pebblePrograms.entries()) {
  describe(`Pebble, copy ${index + 1} of ${pebblePrograms.length}, strict, with half of the nonces refused`, () => {
    let pebble: Pebble;
    let issuer: AcmeIssuer;
    const account = new MemoryAccount();
    before(async () => {
      const environment = {
        PEBBLE_WFE_NONCEREJECT: '50',
        PEBBLE_VA_NOSLEEP: '',
        PEBBLE_VA_SLEEPTIME: '1',
        PEBBLE_AUTHZREUSE: '0',
        PEBBLE_ALTERNATE_ROOTS: '2',
        PEBBLE_CHAIN_LENGTH: '2',
      };
      pebble = await startPebble(program, { environment });
      issuer = issuerOf(pebble, { accounts: account });
    });
    after(async () => {
      issuer.close();
      await pebble.stop();
    });

    test('http-01, tls-alpn-01 and dns-01 each prove a name', async () => {
      const before = { ...pebble.seen };
      for (const solver of [pebble.httpTokens, pebble.alpnCertificates, pebble.dns]) {
        const identifiers = [dns(`${solver.type}.example.test`)];
        const { leaf } = await issued(issuer, { identifiers, privateKeyPem: ecKeyPem(), solvers: [solver] });
        assert.equal(leaf.subjectAltName, `DNS:${solver.type}.example.test`);
      }
      assert.ok(pebble.seen.http > before.http && pebble.seen.alpn > before.alpn);
    });

    test('a wildcard, its own name and a third are one certificate', async () => {
      const identifiers = [dns('*.wild.test'), dns('wild.test'), dns('other.test')];
      const solvers = [pebble.httpTokens, pebble.dns];
      const steps: OrderProgress[] = [];
      const onProgress = async (progress: OrderProgress): Promise<void> => void steps.push(progress);
      const request = { identifiers, privateKeyPem: rsaKeyPem(), solvers, onProgress };
      const { leaf, orderUrl } = await issued(issuer, request);
      for (const { value } of identifiers)
        assert.match(leaf.subjectAltName ?? '', new RegExp(`DNS:${value.replace('*', '\\*')}(,|$)`));
      assert.deepEqual(
        steps.map(({ step }) => step),
        ['ordered', 'authorized', 'finalized', 'issued'],
      );
      assert.ok(steps.every((progress) => progress.orderUrl === orderUrl));
    });

    test('an IP address is proven over http-01 and over tls-alpn-01', async () => {
      for (const solver of [pebble.httpTokens, pebble.alpnCertificates]) {
        const identifiers: Identifier[] = [{ type: 'ip', value: '127.0.0.1' }];
        const { leaf } = await issued(issuer, { identifiers, privateKeyPem: ecKeyPem(), solvers: [solver] });
        assert.equal(leaf.subjectAltName, 'IP Address:127.0.0.1');
      }
    });

    test('one account serves all orders', async () => {
      assert.match(account.record?.url ?? '', /^https:/);
      const url = account.record?.url;
      assert.equal(await issuer.openAccount(), undefined);
      assert.equal(account.record?.url, url);
      // Another process with the same key finds the same account.
      const again = new MemoryAccount();
      again.record = { privateKeyPem: account.record?.privateKeyPem ?? '' };
      const other = issuerOf(pebble, { accounts: again });
      assert.equal(await other.openAccount(), undefined);
      assert.equal(again.record.url, url);
      other.close();
    });

    test('the account takes another key, new contacts, and an end', async () => {
      const store = new MemoryAccount();
      const other = issuerOf(pebble, { accounts: store, keyType: 'rsa' });
      assert.equal(await other.openAccount(), undefined);
      const first = store.record;
      assert.equal(await other.rollOverAccountKey(), undefined);
      assert.notEqual(store.record?.privateKeyPem, first?.privateKeyPem);
      assert.equal(store.record?.url, first?.url);
      assert.equal(store.record?.nextPrivateKeyPem, undefined);
      assert.equal(await other.updateContacts(), undefined);
      const identifiers = [dns('rolled.test')];
      await issued(other, { identifiers, privateKeyPem: ecKeyPem(), solvers: [pebble.httpTokens] });
      assert.equal(await other.deactivateAccount(), undefined);
      const result = await other.issue({ identifiers, privateKeyPem: ecKeyPem(), solvers: [pebble.httpTokens] });
      assert.ok(!result.ok);
      assert.equal(result.failure.finding.code, 'acme-account-deactivated');
      assert.equal(result.failure.permanent, true);
      other.close();
    });

    test('a process that was not told of a key change signs again with the key that the store has', async () => {
      const store = new MemoryAccount();
      const [one, two] = [issuerOf(pebble, { accounts: store }), issuerOf(pebble, { accounts: store })];
      assert.equal(await one.openAccount(), undefined);
      assert.equal(await two.openAccount(), undefined);
      assert.equal(await one.rollOverAccountKey(), undefined);
      const request = { identifiers: [dns('late.test')], privateKeyPem: ecKeyPem(), solvers: [pebble.httpTokens] };
      await issued(two, request);
      for (const each of [one, two]) each.close();
    });

    test('a key change whose answer was lost is settled by asking which key the account has', async () => {
      const store = new MemoryAccount();
      const other = issuerOf(pebble, { accounts: store });
      await other.openAccount();
      const old = store.record;
      await other.rollOverAccountKey();
      const rolled = store.record;
      assert.ok(old && rolled?.url);
      // As a process leaves it that dies before it hears of the change …
      store.record = { ...old, nextPrivateKeyPem: rolled.privateKeyPem };
      const second = issuerOf(pebble, { accounts: store });
      assert.equal(await second.openAccount(), undefined);
      assert.deepEqual(store.record, rolled);
      // … and before the CA does.
      store.record = { ...rolled, nextPrivateKeyPem: ecKeyPem() };
      const third = issuerOf(pebble, { accounts: store });
      assert.equal(await third.openAccount(), undefined);
      assert.deepEqual(store.record, rolled);
      for (const one of [other, second, third]) one.close();
    });

    test('a certificate is revoked by its account, and by its own key', async () => {
      for (const own of [false, true]) {
        const privateKeyPem = ecKeyPem();
        const identifiers = [dns(own ? 'own-key.test' : 'account.test')];
        const { leaf, chainPem } = await issued(issuer, { identifiers, privateKeyPem, solvers: [pebble.httpTokens] });
        assert.equal(await issuer.revoke(chainPem, own ? privateKeyPem : undefined, own ? 1 : 4), undefined);
        const status = await pebble.managed(`cert-status-by-serial/${leaf.serialNumber}`);
        assert.match(status, /"Revoked"/);
        // A second time is no failure.
        assert.equal(await issuer.revoke(chainPem, own ? privateKeyPem : undefined, 0), undefined);
      }
    });

    test('among alternate chains the one that ends in the preferred root is taken', async () => {
      const roots: string[] = [];
      for (const number of [0, 1, 2]) {
        roots.push(/CN=(.*)/.exec(new X509Certificate(await pebble.managed(`roots/${number}`)).subject)?.[1] ?? '');
      }
      assert.equal(new Set(roots).size, 3);
      for (const preferredChain of roots) {
        const identifiers = [dns('alternate.test')];
        const request = { identifiers, privateKeyPem: ecKeyPem(), solvers: [pebble.httpTokens], preferredChain };
        const { chainPem } = await issued(issuer, request);
        const certificates = chainPem.split(/(?<=-----END CERTIFICATE-----\n)/).filter((text) => text !== '');
        assert.ok(certificates.length >= 2);
        const top = new X509Certificate(certificates.at(-1) ?? '');
        assert.match(top.issuer, new RegExp(preferredChain));
      }
    });

    test('a name that the CA refuses is told by its name', async () => {
      const identifiers = [dns('fine.test'), dns('blocked-domain.example')];
      const result = await issuer.issue({ identifiers, privateKeyPem: ecKeyPem(), solvers: [pebble.httpTokens] });
      assert.ok(!result.ok);
      assert.equal(result.failure.finding.code, 'acme-name-refused');
      assert.match(String(result.failure.finding.values['name']), /blocked-domain\.example/);
      assert.equal(result.failure.permanent, true);
    });

    test('a way of proof that fails is followed by the next one', async () => {
      // The name leads to an address where nobody answers for http-01.
      await pebble.setAddress('elsewhere.test', '127.0.0.99');
      const identifiers = [dns('elsewhere.test')];
      const solvers = [pebble.httpTokens, pebble.dns];
      const { leaf } = await issued(issuer, { identifiers, privateKeyPem: ecKeyPem(), solvers });
      assert.equal(leaf.subjectAltName, 'DNS:elsewhere.test');
    });

    test('a failed challenge says which address the CA saw', async () => {
      await pebble.setAddress('unreachable.test', '127.0.0.98');
      const identifiers = [dns('unreachable.test')];
      const result = await issuer.issue({ identifiers, privateKeyPem: ecKeyPem(), solvers: [pebble.httpTokens] });
      assert.ok(!result.ok);
      const { finding, countedByAuthority, permanent } = result.failure;
      assert.equal(finding.code, 'acme-validation-unreachable');
      assert.equal(finding.values['address'], '127.0.0.98');
      assert.equal(countedByAuthority, true);
      assert.equal(permanent, false);
    });

    test('a wildcard without a solver for dns-01 is told before the CA tries anything', async () => {
      const identifiers = [dns('*.nobody.test')];
      const solvers = [pebble.httpTokens, pebble.alpnCertificates];
      const result = await issuer.issue({ identifiers, privateKeyPem: ecKeyPem(), solvers });
      assert.ok(!result.ok);
      assert.equal(result.failure.finding.code, 'acme-no-way-of-proof');
      assert.equal(result.failure.countedByAuthority, false);
    });

    test('renewal information, profiles and replaces, where the release has them', async (t) => {
      const privateKeyPem = ecKeyPem();
      const identifiers = [dns('short.test')];
      const solvers = [pebble.httpTokens];
      if (!pebble.current) {
        const plain = await issued(issuer, { identifiers, privateKeyPem, solvers, replaces: 'AAAA.BBBB' });
        assert.equal(await issuer.renewalWindow(plain.chainPem), undefined);
        const result = await issuer.issue({ identifiers, privateKeyPem, solvers, profile: 'shortlived' });
        assert.ok(!result.ok);
        assert.equal(result.failure.finding.code, 'acme-profile-unknown');
        t.diagnostic('this release has neither; their absence was tested');
        return;
      }
      const first = await issued(issuer, { identifiers, privateKeyPem, solvers, profile: 'shortlived' });
      const days = (Date.parse(first.leaf.validTo) - Date.parse(first.leaf.validFrom)) / 86_400_000;
      assert.ok(days > 5 && days < 7, `${days} days`);
      const window = await issuer.renewalWindow(first.chainPem);
      assert.ok(window && 'startMs' in window);
      assert.ok(window.startMs < window.endMs && window.endMs <= Date.parse(first.leaf.validTo));
      assert.ok(window.askAgainAtMs > Date.now());
      const [certificate] = readChain(first.chainPem) ?? [];
      assert.ok(certificate);
      const replaces = certificateId(certificate) ?? '';
      const request = { identifiers, privateKeyPem: ecKeyPem(), solvers, replaces };
      await issued(issuer, request);
      assert.match(pebble.log(), /is a replacement of/);
      // The same once more: the CA says alreadyReplaced, and the order is made without the mark.
      await issued(issuer, { ...request, privateKeyPem: ecKeyPem() });
      // A certificate that this CA never saw.
      const stranger = `${replaces.split('.')[0]}.AIdlQyE`;
      await issued(issuer, { ...request, privateKeyPem: ecKeyPem(), replaces: stranger });
      const unknown = await issuer.issue({ ...request, profile: 'nonesuch' });
      assert.ok(!unknown.ok);
      assert.equal(unknown.failure.finding.code, 'acme-profile-unknown');
      assert.match(String(unknown.failure.finding.values['offered']), /shortlived/);
    });

    test('twenty names are proven side by side', async () => {
      const identifiers = Array.from({ length: 20 }, (_, number) => dns(`n${number}.many.test`));
      const request = { identifiers, privateKeyPem: ecKeyPem(), solvers: [pebble.httpTokens] };
      const { leaf } = await issued(issuer, request);
      assert.equal(leaf.subjectAltName?.split(', ').length, 20);
    });

    test('the public key of the certificate is the one of the request', async () => {
      const privateKeyPem = rsaKeyPem();
      const identifiers = [dns('key.test')];
      const { leaf } = await issued(issuer, { identifiers, privateKeyPem, solvers: [pebble.alpnCertificates] });
      assert.ok(leaf.publicKey.equals(createPublicKey(privateKeyPem)));
    });
  });

  describe(`Pebble, copy ${index + 1}, that remembers who proved a name`, () => {
    test('what is proven already is not proven again', async () => {
      const pebble = await startPebble(program, { environment: { PEBBLE_AUTHZREUSE: '100' } });
      const issuer = issuerOf(pebble);
      try {
        const request = { identifiers: [dns('known.test')], solvers: [pebble.httpTokens] };
        await issued(issuer, { ...request, privateKeyPem: ecKeyPem() });
        const { http } = pebble.seen;
        assert.ok(http > 0);
        const steps: string[] = [];
        const onProgress = async ({ step }: OrderProgress): Promise<void> => void steps.push(step);
        await issued(issuer, { ...request, solvers: [], privateKeyPem: ecKeyPem(), onProgress });
        assert.equal(pebble.seen.http, http);
        assert.deepEqual(steps, ['ordered', 'authorized', 'finalized', 'issued']);
      } finally {
        issuer.close();
        await pebble.stop();
      }
    });
  });

  describe(`Pebble, copy ${index + 1}, that takes customers only`, () => {
    test('an external account binding opens the account; without it, or with a wrong one, the sentence says so', async () => {
      const hmacKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
      const pebble = await startPebble(program, {
        config: { externalAccountBindingRequired: true, externalAccountMACKeys: { 'kid-1': hmacKey } },
      });
      try {
        const accounts = new MemoryAccount();
        const without = issuerOf(pebble, { accounts });
        assert.equal((await without.openAccount())?.code, 'acme-external-account-required');
        const wrong = issuerOf(pebble, { accounts, externalAccount: { keyId: 'kid-7', hmacKey } });
        assert.equal((await wrong.openAccount())?.code, 'acme-external-account-refused');
        const right = issuerOf(pebble, { accounts, externalAccount: { keyId: 'kid-1', hmacKey } });
        assert.equal(await right.openAccount(), undefined);
        const privateKeyPem = ecKeyPem();
        await issued(right, { identifiers: [dns('customer.test')], privateKeyPem, solvers: [pebble.httpTokens] });
        const silent = issuerOf(pebble, { termsAgreed: false });
        assert.equal((await silent.openAccount())?.code, 'acme-terms-not-agreed');
        for (const one of [without, wrong, right, silent]) one.close();
      } finally {
        await pebble.stop();
      }
    });
  });
}
