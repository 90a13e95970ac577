import assert from 'node:assert/strict';
import path from 'node:path';
import { before, test } from 'node:test';
import type { ClientAuthInput } from '../../../src/gateway/tls/site-input.ts';
import { crlPem, issue, revocationList, type Issued } from './certificates.ts';
import { defaultSettings, FrontHarness, hasCommand, run, site, temporaryFolder } from './front-harness.ts';

let root: Issued;
let certA: Issued;
let certB: Issued;
let shared: Issued;

before(() => {
  root = issue({ name: 'test root', isCa: true });
  certA = issue({ name: 'a.example', issuer: root });
  certB = issue({ name: 'b.example', issuer: root });
  shared = issue({ name: '*.example', issuer: root });
});

const LIFETIME_MS = defaultSettings.ticketLifetimeSeconds * 1_000;
const noOpenssl = hasCommand('openssl') ? false : 'openssl is not here';
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

async function resumes(harness: FrontHarness, servername: string, version: (typeof versions)[number], session: Buffer) {
  const client = await harness.connect({ servername, session, minVersion: version, maxVersion: version });
  return { resumed: harness.secured.at(-1)!.resumed, text: client.text, session: client.session };
}

async function ticket(harness: FrontHarness, servername: string, version: (typeof versions)[number]): Promise<Buffer> {
  const { session } = await harness.connect({ servername, minVersion: version, maxVersion: version });
  assert.ok(session);
  return session;
}

for (const version of versions) {
  test(`a ticket resumes on its own site and on no other (${version})`, async (t) => {
    const sites = [site('a.example', [certA]), site('b.example', [certB])];
    const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
    const session = await ticket(harness, 'a.example', version);
    assert.equal((await resumes(harness, 'a.example', version, session)).resumed, true);
    const other = await resumes(harness, 'b.example', version, session);
    assert.deepEqual(JSON.parse(other.text), { site: 'b.example', resumed: false });
  });

  test(`also not between sites that share certificate and policy (${version})`, async (t) => {
    const sites = [site('a.example', [shared]), site('b.example', [shared])];
    const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
    const session = await ticket(harness, 'a.example', version);
    assert.equal((await resumes(harness, 'b.example', version, session)).resumed, false);
    assert.equal(harness.secured[0]!.policyId, harness.secured[1]!.policyId);
  });

  test(`a ticket of an open site does not get its holder into one with client authentication (${version})`, async (t) => {
    const clientAuth: ClientAuthInput = { mode: 'require', caPem: root.certPem };
    const sites = [site('a.example', [shared]), site('b.example', [shared], { clientAuth })];
    const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
    const session = await ticket(harness, 'a.example', version);
    assert.equal((await resumes(harness, 'b.example', version, session)).resumed, false);
    assert.equal(harness.secured.at(-1)!.clientCertificate.status, 'refused');
  });

  test(`a ticket outlives a reload and a new certificate (${version})`, async (t) => {
    const harness = await new FrontHarness().start(t, { sites: [site('a.example', [certA])], defaultSite: '' });
    const session = await ticket(harness, 'a.example', version);
    const renewed = issue({ name: 'a.example', issuer: root });
    assert.ok(harness.front.apply({ sites: [site('a.example', [renewed])], defaultSite: '' }).ok);
    assert.equal((await resumes(harness, 'a.example', version, session)).resumed, true);
    assert.equal((await harness.connect({ servername: 'a.example' })).subject, 'a.example');
  });

  test(`a ticket dies when client authentication changes (${version})`, async (t) => {
    const other = issue({ name: 'other root', isCa: true });
    const crl = crlPem(revocationList(root, []));
    const changes: (ClientAuthInput | undefined)[] = [
      { mode: 'optional', caPem: root.certPem },
      { mode: 'require', caPem: root.certPem },
      { mode: 'require', caPem: root.certPem + other.certPem },
      { mode: 'require', caPem: root.certPem + other.certPem, crl },
      undefined,
    ];
    const sites = (clientAuth: ClientAuthInput | undefined) => [site('a.example', [certA], { clientAuth })];
    const harness = await new FrontHarness().start(t, { sites: sites(undefined), defaultSite: '' });
    for (const clientAuth of changes) {
      const session = await ticket(harness, 'a.example', version);
      assert.ok(harness.front.apply({ sites: sites(clientAuth), defaultSite: '' }).ok);
      assert.equal((await resumes(harness, 'a.example', version, session)).resumed, false);
    }
  });

  test(`keys rotate, and a ticket of the previous key still resumes (${version})`, async (t) => {
    const harness = await new FrontHarness().start(t, { sites: [site('a.example', [certA])], defaultSite: '' });
    const first = await ticket(harness, 'a.example', version);
    const [before] = harness.front.exportTicketKeys();
    harness.aheadMs = LIFETIME_MS;
    const second = await ticket(harness, 'a.example', version);
    const [after] = harness.front.exportTicketKeys();
    assert.notDeepEqual(after!.keys.current, before!.keys.current);
    assert.deepEqual(after!.keys.previous, before!.keys.current);
    assert.equal((await resumes(harness, 'a.example', version, first)).resumed, true);
    assert.equal((await resumes(harness, 'a.example', version, second)).resumed, true);
    harness.aheadMs = 2 * LIFETIME_MS;
    assert.equal((await resumes(harness, 'a.example', version, first)).resumed, false);
    assert.equal((await resumes(harness, 'a.example', version, second)).resumed, true);
  });

  test(`after a rotation and a new certificate the previous key still opens (${version})`, async (t) => {
    const harness = await new FrontHarness().start(t, { sites: [site('a.example', [certA])], defaultSite: '' });
    const session = await ticket(harness, 'a.example', version);
    harness.aheadMs = LIFETIME_MS;
    harness.front.exportTicketKeys();
    const renewed = issue({ name: 'a.example', issuer: root });
    assert.ok(harness.front.apply({ sites: [site('a.example', [renewed])], defaultSite: '' }).ok);
    assert.equal((await resumes(harness, 'a.example', version, session)).resumed, true);
  });

  test(`a ticket resumes in another process that shares the keys (${version})`, async (t) => {
    const snapshot = { sites: [site('a.example', [certA])], defaultSite: '' };
    const one = await new FrontHarness().start(t, snapshot);
    const session = await ticket(one, 'a.example', version);
    const two = await new FrontHarness({ rotatesTicketKeys: false }).start(t, snapshot);
    assert.equal((await resumes(two, 'a.example', version, session)).resumed, false);
    two.front.importTicketKeys(one.front.exportTicketKeys());
    assert.equal((await resumes(two, 'a.example', version, session)).resumed, true);
    one.aheadMs = LIFETIME_MS;
    two.front.importTicketKeys(one.front.exportTicketKeys());
    assert.equal((await resumes(two, 'a.example', version, session)).resumed, true);
    const three = new FrontHarness({ rotatesTicketKeys: false });
    await three.start(t, { sites: [], defaultSite: '' });
    assert.ok(three.front.apply(snapshot, one.front.exportTicketKeys()).ok);
    assert.equal((await resumes(three, 'a.example', version, session)).resumed, true);
  });

  test(`openssl s_client resumes on its own site and on no other (${version})`, { skip: noOpenssl }, async (t) => {
    const sites = [site('a.example', [certA]), site('b.example', [certB])];
    const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
    const file = path.join(temporaryFolder(t), 'session.pem');
    const connect = (name: string, ...more: string[]) =>
      run('openssl', [
        's_client',
        '-connect',
        `127.0.0.1:${harness.port}`,
        '-servername',
        name,
        '-ign_eof',
        version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
        ...more,
      ]);
    await connect('a.example', '-sess_out', file);
    assert.match((await connect('a.example', '-sess_in', file)).out, /^Reused, /m);
    assert.match((await connect('b.example', '-sess_in', file)).out, /^New, /m);
    assert.deepEqual(
      harness.secured.map(({ site: name, resumed }) => [name, resumed]),
      [
        ['a.example', false],
        ['a.example', true],
        ['b.example', false],
      ],
    );
  });
}

test('keys that were made for another client-certificate policy are not taken over', async (t) => {
  const open = { sites: [site('a.example', [certA])], defaultSite: '' };
  const one = await new FrontHarness().start(t, open);
  const two = await new FrontHarness().start(t, {
    sites: [site('a.example', [certA], { clientAuth: { mode: 'optional', caPem: root.certPem } })],
    defaultSite: '',
  });
  const own = two.front.exportTicketKeys()[0]!.keys.current;
  two.front.importTicketKeys(one.front.exportTicketKeys());
  assert.deepEqual(two.front.exportTicketKeys()[0]!.keys.current, own);
});
