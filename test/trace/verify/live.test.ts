import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Oid } from '../../../src/codec/x509/oid.ts';
import type { VerifyFlags } from '../../../src/cli/commands/verify.ts';
import {
  authorityInfoAccess,
  type Chain,
  caExtensions,
  extKeyUsage,
  intermediateKey,
  issue,
  leafExtensions,
  leafKey,
  nameConstraints,
  oid,
  pooledKey,
  rootKey,
  rsaKey,
  sequence,
  type KeyPair,
} from '../../pki/issue.ts';
import {
  crlPoint,
  HOST,
  type Lab,
  lacksNginx,
  lacksOpenssl,
  leafWith,
  mustStaple,
  type Outcome,
  present,
  presentChain,
  verified,
  withLab,
} from './lab.ts';

const DAY = 86_400_000;

/** Serves leaf and intermediate of a chain and judges them with its root trusted. */
async function judged(
  lab: Lab,
  made: Chain,
  flags: Partial<VerifyFlags> = {},
  key: KeyPair = leafKey(),
  more: readonly string[] = [],
): Promise<Outcome> {
  const port = await lab.serve([made.leaf, made.intermediate], key, ...more);
  return verified(`${HOST}:${port}`, { trust: [lab.certificates('root.pem', [made.root])], ...flags });
}

const live = (name: string, use: (lab: Lab, t: TestContext) => Promise<void>): void => {
  it(name, async (t) => {
    if (lacksOpenssl !== undefined) return t.skip(lacksOpenssl);
    await withLab((lab) => use(lab, t));
  });
};

describe('live servers', () => {
  live('a good chain is trusted, in TLS 1.2 and 1.3, and OpenSSL agrees', async (lab) => {
    for (const version of ['-tls1_2', '-tls1_3']) {
      const outcome = await judged(lab, presentChain(), {}, leafKey(), [version]);
      assert.equal(outcome.exitCode, 0, outcome.sentences);
      assert.deepEqual(outcome.bad, []);
      assert.ok(outcome.codes.includes('openssl-agrees') && outcome.codes.includes('check-sent-right'));
      assert.equal(outcome.sent.length, 2);
      assert.equal(outcome.protocol, version === '-tls1_2' ? 'TLSv1.2' : 'TLSv1.3');
    }
  });

  live('expired, and not yet valid', async (lab) => {
    const old = await judged(
      lab,
      presentChain({ leaf: { notBefore: present.notBefore - 90 * DAY, notAfter: Date.now() - DAY } }),
    );
    assert.deepEqual([old.exitCode, old.cause, old.bad], [10, 'expired', ['certificate-expired']]);
    assert.match(old.sentences, /"host\.example" expired on \d{4}-/);
    const early = await judged(
      lab,
      presentChain({ leaf: { notBefore: Date.now() + DAY, notAfter: Date.now() + 9 * DAY } }),
    );
    assert.deepEqual([early.exitCode, early.bad], [11, ['certificate-not-yet-valid']]);
    assert.ok(early.codes.includes('openssl-agrees'));
  });

  live('another name', async (lab) => {
    const port = await lab.serve([presentChain().leaf, presentChain().intermediate], leafKey());
    const trust = [lab.certificates('root.pem', [presentChain().root])];
    const outcome = await verified(`127.0.0.1:${port}`, { trust, name: 'other.example' });
    assert.deepEqual([outcome.exitCode, outcome.bad], [15, ['certificate-name-mismatch']]);
    const byAddress = await verified(`127.0.0.1:${port}`, { trust });
    assert.equal(byAddress.exitCode, 0, byAddress.sentences);
  });

  live('self-signed, and a root that is not trusted', async (lab) => {
    const own = issue({
      ...present,
      subject: { CN: HOST },
      issuer: { CN: HOST },
      key: leafKey(),
      signer: leafKey(),
      extensions: leafExtensions(leafKey(), [`dns:${HOST}`]),
    });
    const port = await lab.serve([own], leafKey());
    const outcome = await verified(`${HOST}:${port}`, { trust: [lab.certificates('root.pem', [presentChain().root])] });
    assert.deepEqual([outcome.exitCode, outcome.bad], [14, ['certificate-self-signed']]);
    assert.match(outcome.sentences, /is self-signed/);
    // Whoever names it trusts it, and nothing else.
    const named = await verified(`${HOST}:${port}`, { trust: [lab.certificates('own.pem', [own])] });
    assert.deepEqual([named.exitCode, named.bad], [0, []]);
    const stranger = issue({
      ...present,
      subject: { CN: 'Stranger' },
      issuer: { CN: 'Stranger' },
      key: pooledKey(5),
      signer: pooledKey(5),
      extensions: caExtensions(pooledKey(5)),
    });
    const other = await judged(lab, presentChain(), { trust: [lab.certificates('stranger.pem', [stranger])] });
    assert.deepEqual([other.exitCode, other.bad], [14, ['certificate-root-unknown']]);
    assert.match(other.sentences, /"Test Root" is not in the trust store/);
    const all = await judged(lab, presentChain(), { trustEverything: true });
    assert.equal(all.exitCode, 0);
    assert.ok(all.codes.includes('trust-everything'));
  });

  live('a missing intermediate: incomplete, and found through AIA where that is there', async (lab) => {
    const made = presentChain();
    const trust = [lab.certificates('root.pem', [made.root])];
    const alone = await verified(`${HOST}:${await lab.serve([made.leaf], leafKey())}`, { trust });
    assert.deepEqual([alone.exitCode, alone.bad], [16, ['certificate-chain-incomplete']]);
    const web = await lab.web(() => made.intermediate.bytes);
    const extensions = leafWith(authorityInfoAccess(Oid.accessCaIssuers, `${web.url}/ca.der`));
    const port = await lab.serve([presentChain({ leaf: { extensions } }).leaf], leafKey());
    const fetched = await verified(`${HOST}:${port}`, { trust });
    assert.equal(fetched.exitCode, 0, fetched.sentences);
    assert.ok(fetched.codes.includes('chain-fetched') && fetched.codes.includes('openssl-does-not-fetch'));
    const unfetched = await verified(`${HOST}:${port}`, { trust, fetch: false });
    assert.equal(unfetched.exitCode, 16);
    assert.deepEqual(web.requests, ['/ca.der']);
  });

  live('what was sent is told as it was sent: out of order, with the root, with what no path needs', async (lab) => {
    const { root, intermediate, leaf } = presentChain();
    const trust = [lab.certificates('root.pem', [root])];
    const stray = presentChain({ intermediate: { subject: { CN: 'Stray' } } }).intermediate;
    for (const version of ['-tls1_2', '-tls1_3']) {
      const port = await lab.serve([leaf, root, stray, intermediate], leafKey(), version);
      const outcome = await verified(`${HOST}:${port}`, { trust });
      assert.equal(outcome.exitCode, 0, outcome.sentences);
      assert.deepEqual(
        outcome.sent.map(({ label }) => label),
        ['host.example', 'Test Root', 'Stray', 'Test Intermediate'],
      );
      assert.ok(outcome.codes.includes('chain-holds-root') && outcome.codes.includes('chain-holds-unused'));
    }
  });

  live('revoked by CRL, made by openssl ca', async (lab) => {
    const web = await lab.web((asked) =>
      asked === '/crl.der' ? readFileSync(path.join(lab.folder, 'crl.der')) : undefined,
    );
    const made = presentChain({ leaf: { extensions: leafWith(crlPoint(`${web.url}/crl.der`)) } });
    lab.authority(made.intermediate, intermediateKey(), [made.leaf.serialNumber.hex], []);
    lab.makeCrl();
    const outcome = await judged(lab, made);
    assert.deepEqual([outcome.exitCode, outcome.bad], [12, ['certificate-revoked']]);
    assert.match(
      outcome.sentences,
      /revoked "host\.example" on 2026-01-02T03:04:05Z \(reason: keyCompromise\), says its CRL/,
    );
    assert.ok(outcome.codes.includes('openssl-blind-revocation'));
    lab.authority(made.intermediate, intermediateKey(), [], [made.leaf.serialNumber.hex]);
    lab.makeCrl();
    const good = await judged(lab, made, { revocation: 'hard' });
    assert.ok(good.codes.includes('check-not-revoked'));
    // The intermediate names no place to ask at.
    assert.deepEqual([good.exitCode, good.bad], [13, ['certificate-revocation-unknown']]);
    const off = await judged(lab, made, { revocation: 'off' });
    assert.ok(off.codes.includes('check-revocation-unasked'));
  });

  live('revoked by OCSP, by a live responder', async (lab) => {
    lab.authority(presentChain().intermediate, intermediateKey(), [], []);
    const made = presentChain();
    lab.authority(made.intermediate, intermediateKey(), ['7001'], ['7002']);
    const port = await lab.responder();
    const extensions = leafWith(authorityInfoAccess(Oid.accessOcsp, `http://127.0.0.1:${port}`));
    const bad = presentChain({ leaf: { serial: 0x7001, extensions } });
    const outcome = await judged(lab, { ...bad, intermediate: made.intermediate });
    assert.deepEqual([outcome.exitCode, outcome.bad], [12, ['certificate-revoked']]);
    assert.match(outcome.sentences, /says its OCSP/);
    const fine = presentChain({ leaf: { serial: 0x7002, extensions } });
    const good = await judged(lab, { ...fine, intermediate: made.intermediate });
    assert.equal(good.exitCode, 0, good.sentences);
    assert.ok(good.codes.includes('check-not-revoked'));
  });

  live('must-staple: missing, fresh, and stale', async (lab) => {
    const made = presentChain({ leaf: { extensions: leafWith(mustStaple) } });
    const missing = await judged(lab, made);
    assert.deepEqual([missing.exitCode, missing.bad], [21, ['certificate-staple-missing']]);
    assert.equal(missing.stapled, false);
    lab.authority(made.intermediate, intermediateKey(), [], [made.leaf.serialNumber.hex]);
    lab.makeStaple(made.leaf, 10);
    for (const version of ['-tls1_2', '-tls1_3']) {
      const stapling = ['-status_file', 'staple.der', version];
      const fresh = await judged(lab, made, {}, leafKey(), stapling);
      assert.equal(fresh.exitCode, 0, fresh.sentences);
      assert.equal(fresh.stapled, true);
      assert.ok(fresh.codes.includes('check-not-revoked'));
      // The responder has stopped: an hour later the answer of ten minutes is old.
      const at = new Date(Date.now() + 3_600_000).toISOString();
      const stale = await judged(lab, made, { at }, leafKey(), stapling);
      assert.ok(stale.codes.includes('revocation-stale'), stale.sentences);
      assert.equal(stale.exitCode, 0);
      const insisting = await judged(lab, made, { at, revocation: 'hard' }, leafKey(), stapling);
      assert.equal(insisting.exitCode, 13);
    }
  });

  live(
    'a responder that cannot be reached is told of, and decides only where an answer is insisted on',
    async (lab) => {
      const web = await lab.web(() => undefined);
      const made = presentChain({ leaf: { extensions: leafWith(authorityInfoAccess(Oid.accessOcsp, web.url)) } });
      const soft = await judged(lab, made);
      assert.equal(soft.exitCode, 0);
      assert.ok(soft.codes.includes('fetch-failed') && soft.codes.includes('check-revocation-unknown'));
      assert.match(soft.sentences, /status 404/);
      assert.equal((await judged(lab, made, { revocation: 'hard' })).exitCode, 13);
    },
  );

  live('SHA-1 signature, and a short RSA key', async (lab) => {
    const sha1: KeyPair = { ...intermediateKey(), algorithm: sequence(oid('1.2.840.10045.4.1')), hash: 'sha1' };
    const forged = await judged(lab, presentChain({ leaf: { signer: sha1 } }));
    assert.deepEqual([forged.exitCode, forged.bad], [18, ['certificate-signature-weak']]);
    const short = rsaKey(1024);
    const weak = await judged(lab, presentChain({ leaf: { key: short } }), {}, short);
    assert.deepEqual([weak.exitCode, weak.bad], [18, ['certificate-key-weak']]);
    assert.match(weak.sentences, /too weak: RSA/);
  });

  live('a name constraint violated, and a purpose that is another', async (lab) => {
    const extensions = [...caExtensions(intermediateKey(), rootKey()), nameConstraints(['dns:else.example'])];
    const outcome = await judged(lab, presentChain({ intermediate: { extensions } }));
    assert.deepEqual([outcome.exitCode, outcome.bad], [17, ['certificate-name-not-permitted']]);
    const leaf = {
      extensions: [...leafWith().filter((one) => one.oid !== Oid.extKeyUsage), extKeyUsage([Oid.clientAuth])],
    };
    const client = await judged(lab, presentChain({ leaf }));
    assert.deepEqual([client.exitCode, client.bad], [17, ['certificate-purpose-wrong']]);
  });

  live('client certificates: asked for, required, refused, accepted', async (lab) => {
    const made = presentChain();
    const roots = lab.certificates('clients.pem', [made.root]);
    const mine = issue({
      ...present,
      subject: { CN: 'me' },
      issuer: { CN: 'Test Root' },
      key: pooledKey(6),
      signer: rootKey(),
      extensions: [extKeyUsage([Oid.clientAuth])],
    });
    const clientCert = lab.certificates('me.pem', [mine]);
    const clientKey = lab.key('me.key', pooledKey(6));
    const theirs = issue({
      ...present,
      subject: { CN: 'stranger' },
      issuer: { CN: 'stranger' },
      key: pooledKey(6),
      signer: pooledKey(6),
      extensions: [],
    });
    const strangerCert = lab.certificates('stranger.pem', [theirs]);
    for (const version of ['-tls1_2', '-tls1_3']) {
      const insisting = ['-CAfile', roots, '-Verify', '3', '-verify_return_error', version];
      const asked = await judged(lab, made, {}, leafKey(), ['-CAfile', roots, '-verify', '3', version]);
      assert.equal(asked.exitCode, 0, asked.sentences);
      assert.ok(asked.codes.includes('verify-client-certificate-asked'));
      const required = await judged(lab, made, {}, leafKey(), insisting);
      assert.deepEqual(
        [required.exitCode, required.bad],
        [22, ['verify-client-certificate-required']],
        required.sentences,
      );
      const refused = await judged(lab, made, { clientCert: strangerCert, clientKey }, leafKey(), insisting);
      assert.deepEqual([refused.exitCode, refused.bad], [22, ['verify-client-certificate-refused']], refused.sentences);
      const accepted = await judged(lab, made, { clientCert, clientKey }, leafKey(), insisting);
      assert.equal(accepted.exitCode, 0, accepted.sentences);
    }
  });

  live('nobody listens, and somebody who does not speak TLS', async (lab) => {
    const web = await lab.web(() => undefined);
    const { port } = new URL(web.url);
    const plain = await verified(`127.0.0.1:${port}`, {});
    assert.deepEqual([plain.exitCode, plain.bad], [19, ['verify-not-tls']]);
    const unheard = await lab.web(() => undefined);
    await lab.close();
    const refused = await verified(`127.0.0.1:${new URL(unheard.url).port}`, {});
    assert.deepEqual([refused.exitCode, refused.bad], [19, ['verify-refused']]);
  });
});

describe('nginx', () => {
  it('good, expired, and stapling', async (t) => {
    if (lacksNginx !== undefined || lacksOpenssl !== undefined) return t.skip(lacksNginx ?? lacksOpenssl);
    await withLab(async (lab) => {
      const made = presentChain({ leaf: { extensions: leafWith(mustStaple) } });
      const trust = [lab.certificates('root.pem', [made.root])];
      lab.authority(made.intermediate, intermediateKey(), [], [made.leaf.serialNumber.hex]);
      lab.makeStaple(made.leaf, 10);
      const staple = path.join(lab.folder, 'staple.der');
      const sent = [made.leaf, made.intermediate];
      const port = await lab.nginx(sent, leafKey(), `ssl_stapling on; ssl_stapling_file ${staple};`);
      const good = await verified(`${HOST}:${port}`, { trust });
      assert.equal(good.exitCode, 0, good.sentences);
      assert.equal(good.stapled, true);
    });
    await withLab(async (lab) => {
      const made = presentChain({ leaf: { notAfter: Date.now() - DAY } });
      const port = await lab.nginx([made.leaf], leafKey(), 'ssl_protocols TLSv1.2;');
      const outcome = await verified(`${HOST}:${port}`, { trust: [lab.certificates('ca.pem', [made.intermediate])] });
      assert.deepEqual([outcome.exitCode, outcome.bad], [10, ['certificate-expired']]);
    });
  });
});
