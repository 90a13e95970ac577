/** OCSP responses that are stapled: judged, kept, asked for anew, and seen by `openssl s_client -status`. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { X509Certificate } from 'node:crypto';
import { freePort } from '../../free-port.ts';
import { runCerts } from '../../../src/cli/commands/certs-run.ts';
import { Staples } from '../../../src/gateway/certificates/staples.ts';
import type { FetchOutcome } from '../../../src/pki/fetch/http-fetch.ts';
import type { CertificateStore, StoredCertificate } from '../../../src/store/certificate-store.ts';
import { FindingError } from '../../../src/story/finding-error.ts';
import { finding } from '../../../src/story/finding.ts';
import { createMemoryStore } from '../../acme/manager/memory-store.ts';
import { VirtualTime } from '../../acme/manager/virtual-time.ts';
import { freePorts, startLive, testFolder } from '../../acme/e2e/live-gateway.ts';
import { run } from '../serve-process.ts';
import { createOcspAuthority, hasOpenssl, type OcspAuthority } from './ocsp-authority.ts';

const NAME = 'a.menshen.test';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const skip = hasOpenssl ? false : 'openssl 3 is absent';

type Reply = (request: Uint8Array) => FetchOutcome;

/** Staples for one certificate, with a clock that a test moves and a responder that it plays. */
class Followed {
  readonly time = new VirtualTime(Date.now());
  readonly told: string[] = [];
  asked = 0;
  reply: Reply;
  readonly certificate: StoredCertificate;
  store: Pick<CertificateStore, 'ocsp' | 'putOcsp'> = createMemoryStore(this.time.clock);
  staples: Staples;

  constructor({ chainPem, keyPem }: OcspAuthority, reply: Reply) {
    this.reply = reply;
    const { validFrom, validTo } = new X509Certificate(chainPem);
    this.certificate = {
      id: NAME,
      version: '1',
      fence: 1,
      identifiers: [{ type: 'dns', value: NAME }],
      keyType: 'ecdsa',
      issuer: 'test',
      chainPem,
      privateKeyPem: keyPem,
      obtainedAtMs: Date.parse(validFrom),
      notBeforeMs: Date.parse(validFrom),
      notAfterMs: Date.parse(validTo),
    };
    this.staples = this.open();
  }

  /** As after a restart. */
  open(): Staples {
    return new Staples({
      store: this.store,
      fetch: (request) => {
        this.asked += 1;
        return Promise.resolve(this.reply(request.content!.bytes));
      },
      clock: this.time.clock,
      timers: this.time.timers,
      report: ({ code }) => this.told.push(code),
      onStaple: () => this.told.push('staple'),
      onRevoked: () => this.told.push('revoked'),
    });
  }

  get stapled(): boolean {
    return this.staples.of(this.certificate) !== undefined;
  }

  follow(): Promise<void> {
    return this.staples.follow(this.certificate);
  }

  runFor(ms: number): Promise<void> {
    return this.time.runUntil(this.time.nowMs + ms);
  }
}

const good = (bytes: Uint8Array): FetchOutcome => ({ ok: true, bytes });
const down: Reply = () => ({ ok: false, reason: 'ECONNREFUSED' });
const authorityOf = (t: TestContext): OcspAuthority => createOcspAuthority(t, NAME, 'http://127.0.0.1:1/');

test('an answer is stapled, and asked for anew at half of its life', { skip }, async (t) => {
  const authority = authorityOf(t);
  const one = new Followed(authority, (request) => good(authority.answer(request)));
  await one.follow();
  assert.deepEqual([one.told, one.asked, one.stapled], [['staple'], 1, true]);
  await one.runFor(4 * DAY_MS - HOUR_MS);
  assert.equal(one.asked, 1);
  await one.runFor(HOUR_MS);
  assert.equal(one.asked, 2);
  one.staples.stop();
});

test(
  'a responder that is down costs nothing until the answer ends, and is asked again and again',
  { skip },
  async (t) => {
    const authority = authorityOf(t);
    const one = new Followed(authority, (request) => good(authority.answer(request)));
    await one.follow();
    one.reply = down;
    await one.runFor(8 * DAY_MS - HOUR_MS);
    assert.deepEqual([one.told, one.stapled], [['staple', 'staple-unavailable'], true]);
    await one.runFor(2 * HOUR_MS);
    assert.equal(one.stapled, false);
    assert.ok(one.asked > 50 && one.asked < 120, `asked ${one.asked} times in four days`);
  },
);

test('the answer is kept over a restart with the responder down', { skip }, async (t) => {
  const authority = authorityOf(t);
  const one = new Followed(authority, (request) => good(authority.answer(request)));
  await one.follow();
  one.staples.stop();
  one.reply = down;
  one.staples = one.open();
  await one.follow();
  assert.deepEqual([one.asked, one.stapled, one.told], [1, true, ['staple', 'staple']]);
});

test('what a stranger signed, nonsense, and an answer of no use are never stapled', { skip }, async (t) => {
  const authority = authorityOf(t);
  const another = createOcspAuthority(t, NAME, 'http://127.0.0.1:1/');
  const replies: readonly Reply[] = [
    (request) => good(authority.answer(request, true)),
    () => good(Buffer.from('nonsense')),
    () => good(Buffer.from([0x30, 0x03, 0x0a, 0x01, 0x03])),
    (request) => good(another.answer(request)),
  ];
  for (const reply of replies) {
    const one = new Followed(authority, reply);
    await one.follow();
    assert.deepEqual([one.told, one.stapled], [['staple-unavailable'], false], String(reply));
  }
  // A good answer stays while forged ones come.
  const one = new Followed(authority, (request) => good(authority.answer(request)));
  await one.follow();
  one.reply = replies[0]!;
  await one.runFor(5 * DAY_MS);
  assert.equal(one.stapled, true);
  assert.deepEqual(one.told, ['staple', 'staple-unavailable']);
});

test('a revoked certificate is told of, its good answer is withdrawn and does not come back', { skip }, async (t) => {
  const authority = authorityOf(t);
  const one = new Followed(authority, (request) => good(authority.answer(request)));
  await one.follow();
  authority.say('revoked');
  await one.runFor(4 * DAY_MS + HOUR_MS);
  assert.deepEqual([one.told, one.stapled], [['staple', 'staple', 'revoked'], false]);
  one.staples.stop();
  one.reply = down;
  one.staples = one.open();
  await one.follow();
  assert.equal(one.stapled, false);
});

test('nothing is asked where the certificate names no responder', { skip }, async (t) => {
  const one = new Followed(createOcspAuthority(t, NAME, undefined), down);
  await one.follow();
  await one.runFor(DAY_MS);
  assert.deepEqual([one.asked, one.told, one.stapled], [0, [], false]);
});

test('a store that takes nothing costs only what a restart would need', { skip }, async (t) => {
  const authority = authorityOf(t);
  const one = new Followed(authority, (request) => good(authority.answer(request)));
  const refuse = (): Promise<never> =>
    Promise.reject(new FindingError(finding('store-lease-lost', { id: NAME, fence: 1 })));
  one.store = { ocsp: refuse, putOcsp: refuse };
  one.staples = one.open();
  await one.follow();
  assert.deepEqual([one.told, one.stapled], [['store-lease-lost', 'staple'], true]);
});

/** What `openssl s_client -status` says of a handshake. */
async function statusShown(port: number, authority: OcspAuthority): Promise<string> {
  const ca = path.join(authority.folder, 'ca.pem');
  const { stdout } = await run(
    'openssl',
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-servername',
    NAME,
    '-CAfile',
    ca,
    '-status',
  );
  return stdout;
}

/** Asks until it says so: the test's time is the limit. */
async function untilShown(port: number, authority: OcspAuthority, expected: RegExp): Promise<void> {
  while (!expected.test(await statusShown(port, authority))) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const STAPLED = /OCSP Response Status: successful[^]*Cert Status: good/;
const BARE = /OCSP response: no response sent/;

test(
  'served: stapled, kept over a restart without a responder, withdrawn and renewed when revoked',
  { skip, timeout: 60_000 },
  async (t) => {
    const folder = testFolder();
    const port = await freePort();
    const authority = createOcspAuthority(t, NAME, `http://127.0.0.1:${port}/`);
    writeFileSync(path.join(folder, 'chain.pem'), authority.chainPem);
    writeFileSync(path.join(folder, 'key.pem'), authority.keyPem);
    const state = path.join(folder, 'state');
    const files = { path: path.join(folder, 'chain.pem'), key: path.join(folder, 'key.pem') };
    const imported = await runCerts({ kind: 'import', ...files }, { state, json: false }, 'en', '/');
    assert.equal(imported.code, 0, imported.errors);
    // Nobody listens there: a renewal is tried, and no more.
    const issuers = { directory: 'https://localhost:1/dir', name: 'gone', internal: true };
    const start = async () =>
      startLive(t, { issuers, sites: { [NAME]: 1 } }, { folder, ports: await freePorts(), workers: 2 });

    const end = await authority.respond(port);
    const first = await start();
    await untilShown(first.httpsPort, authority, STAPLED);
    await first.end();
    await end();

    const second = await start();
    await untilShown(second.httpsPort, authority, STAPLED);
    await second.end();

    rmSync(path.join(state, 'ocsp'), { recursive: true });
    authority.say('revoked');
    await authority.respond(port);
    const third = await start();
    await third.line(({ code }) => code === 'managed-certificate-revoked');
    await third.line((line) => line['certificate'] === NAME && 'failures' in line);
    await untilShown(third.httpsPort, authority, BARE);
  },
);

test(
  'certificates from files are stapled too, other files after a reload, and a revocation is told',
  { skip, timeout: 60_000 },
  async (t) => {
    const folder = testFolder();
    const port = await freePort();
    const [one, other] = [1, 2].map(() => createOcspAuthority(t, NAME, `http://127.0.0.1:${port}/`));
    const put = ({ chainPem, keyPem }: OcspAuthority): void => {
      writeFileSync(path.join(folder, 'key.pem'), keyPem);
      writeFileSync(path.join(folder, 'chain.pem'), chainPem);
    };
    put(one!);
    const site = { to: 1, certificate: { cert: 'chain.pem', key: 'key.pem' } };
    const end = await one!.respond(port);
    const gateway = await startLive(t, { sites: { [NAME]: site } }, { folder, ports: await freePorts(), workers: 1 });
    await untilShown(gateway.httpsPort, one!, STAPLED);
    gateway.configure({ sites: { [NAME]: site, 'b.menshen.test': 2 } });
    await gateway.line(({ code }) => code === 'config-reloaded');
    await untilShown(gateway.httpsPort, one!, STAPLED);
    await end();
    other!.say('revoked');
    await other!.respond(port);
    put(other!);
    gateway.child.kill('SIGHUP');
    await gateway.line(({ code }) => code === 'certificate-file-revoked');
    await untilShown(gateway.httpsPort, other!, /Verify return code: 0[^]*/);
    assert.match(await statusShown(gateway.httpsPort, other!), BARE);
  },
);
