/** `check --live` in a small world on loopback: BIND from the root down, Pebble as the authority, ports of this machine. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemContext } from '../../../src/config/files.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { checkLive } from '../../../src/gateway/certificates/live-check.ts';
import { dnsWorldOf } from '../../../src/gateway/certificates/dns-world.ts';
import { createFolderStore } from '../../../src/store/folder-store.ts';
import { openFolder } from '../../../src/store/folder.ts';
import type { Finding } from '../../../src/story/finding.ts';
import { freePorts, startLive, testFolder, type Ports } from '../../acme/e2e/live-gateway.ts';
import { startFaultProxy, type FaultProxy } from '../../acme/fault-proxy.ts';
import { pebblePrograms, startPebble } from '../../acme/pebble.ts';
import { startNamed, whyNoBind } from '../../dns/named.ts';
import { run } from '../serve-process.ts';

const limit = { timeout: 60_000 };
const [program] = pebblePrograms;
const why = program === undefined ? 'pebble and pebble-challtestsrv are not installed' : whyNoBind();
const ROOT = '127.53.1.1';
const ZONE = '127.53.1.2';

/** An authority that names its domain for CAA, as public ones do and Pebble does not. */
async function openAuthority(t: TestContext, folder: string, ports: Ports): Promise<FaultProxy> {
  const config = { httpPort: ports.httpPort, tlsPort: ports.httpsPort };
  const pebble = await startPebble(program!, { config });
  t.after(() => pebble.stop());
  const proxy = await startFaultProxy(pebble);
  t.after(() => proxy.stop());
  proxy.fault = ({ path: asked }) => (asked === '/dir' ? { kind: 'rewrite', rewrite: withDomain } : undefined);
  writeFileSync(path.join(folder, 'pebble-root.pem'), pebble.serverRoot);
  return proxy;
}

function withDomain(directory: string): string {
  const { meta, ...rest } = JSON.parse(directory) as { readonly meta?: object };
  return JSON.stringify({ ...rest, meta: { ...meta, caaIdentities: ['ca.test'] } });
}

/** A root and a zone `site.test`; `records` stand in it. Environment of a gateway in that world. */
async function openDns(t: TestContext, records: string): Promise<Readonly<Record<string, string>>> {
  const soa = (name: string): string => `@ 60 IN SOA ${name} hostmaster.${name} 1 3600 600 86400 60\n`;
  const named = await startNamed({
    port: 0,
    views: [
      {
        address: ROOT,
        zones: {
          '.': `$TTL 60\n${soa('a.root.')}@ NS a.root.\na.root. A ${ROOT}\nsite.test. NS ns.site.test.\nns.site.test. A ${ZONE}\n`,
        },
      },
      {
        address: ZONE,
        zones: { 'site.test': `$TTL 60\n${soa('ns.site.test.')}@ NS ns.site.test.\nns A ${ZONE}\n${records}\n` },
      },
    ],
  });
  t.after(() => named.stop());
  return { MENSHEN_ROOT_HINTS: `a.root.=${ROOT}`, MENSHEN_DNS_PORT: String(named.port) };
}

interface Question {
  readonly folder: string;
  readonly ports: Ports;
  readonly authority: FaultProxy;
  readonly environment: Readonly<Record<string, string>>;
  readonly sites: object;
  readonly more?: object;
}

const settings = ({ authority, sites, more }: Question): object => ({
  issuers: { directory: authority.directoryUrl, name: 'pebble', ca: 'pebble-root.pem', internal: true },
  sites,
  ...more,
});

/** Without a gateway: the check opens the ports itself. */
async function check(question: Question): Promise<readonly Finding[]> {
  const { folder, ports, environment } = question;
  const { httpPort: http, httpsPort: https } = ports;
  const user = { ...settings(question), listen: { host: '127.0.0.1', http, https }, state: path.join(folder, 'state') };
  const { config, findings } = readConfig(user, systemContext(folder));
  if (config?.issuance === undefined) assert.fail(JSON.stringify(findings));
  const { issuance, stateFolder } = config;
  const world = dnsWorldOf(environment);
  return checkLive({ config, issuance, folder: await openFolder(stateFolder), world, ports: { http, https } });
}

const codes = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code);
const only = (findings: readonly Finding[], start: string): Finding[] =>
  findings.filter(({ code }) => code.startsWith(start));

test(
  'where all is right, each thing is said to be, with no gateway and with one',
  { ...limit, skip: why },
  async (t) => {
    const [folder, ports] = [testFolder(), await freePorts()];
    const authority = await openAuthority(t, folder, ports);
    const environment = await openDns(t, 'www A 127.0.0.1\n@ CAA 0 issue "ca.test"');
    const question = { folder, ports, authority, environment, sites: { 'www.site.test': 1 } };
    const good = [
      'live-clock-good',
      'live-dns-good',
      'live-port-good',
      'live-port-good',
      'live-caa-good',
      'live-account-good',
    ];
    assert.deepEqual(codes(await check(question)), good);
    // Nothing is ordered, and the account is there to stay.
    assert.equal(authority.ordersMade, 0);
    assert.deepEqual(codes(await check(question)), good);
    assert.equal(authority.requests.filter(({ path: asked }) => asked === '/sign-me-up').length, 1);

    const gateway = await startLive(t, settings(question), { folder, ports, environment });
    await gateway.line(({ code }) => code === 'certificate-obtained');
    const shown = Object.entries({ ...environment, MENSHEN_WORLD_PORTS: `${ports.httpPort},${ports.httpsPort}` });
    const words = [process.execPath, path.resolve('bin', 'menshen.js'), 'check', '--live', '--lang', 'en'];
    const { status, stdout, stderr } = await run(
      'env',
      ...shown.map(([name, value]) => `${name}=${value}`),
      ...words,
      '--config',
      gateway.configFile,
    );
    assert.equal(status, 0, stdout + stderr);
    const said = [
      /The clock agrees with that of pebble\./,
      /every authoritative server \(1\) leads here \(127\.0\.0\.1\)/,
      /127\.0\.0\.1 port \d+ reaches this machine\.[^]*127\.0\.0\.1 port \d+ reaches this machine\./,
      /the DNS allows pebble to issue/,
      /pebble takes our account/,
    ];
    for (const sentence of said) assert.match(stdout, sentence);
  },
);

test('CAA: who else is listed, another way of proof, another account', { ...limit, skip: why }, async (t) => {
  const [folder, ports] = [testFolder(), await freePorts()];
  const authority = await openAuthority(t, folder, ports);
  const state = path.join(folder, 'state');
  const names = ['forbidden', 'method', 'account', 'both', 'wild'];
  const sites = Object.fromEntries(names.map((name) => [`${name}.site.test`, 1]));
  const judged = async (records: string): Promise<Record<string, string>> => {
    const environment = await openDns(t, records);
    const findings = await check({ folder, ports, authority, environment, sites });
    return Object.fromEntries(only(findings, 'live-caa-').map(({ code, values }) => [String(values['name']), code]));
  };
  const addresses = names.map((name) => `${name} A 127.0.0.1`).join('\n');
  // The first check makes the account.
  await judged(addresses);
  const store = createFolderStore({ folder: await openFolder(state), clock: Date.now });
  const url = (await store.account('pebble').load())?.url;
  assert.ok(url);
  const found = await judged(`${addresses}
forbidden CAA 0 issue "other.test"
method CAA 0 issue "ca.test; validationmethods=dns-01"
account CAA 0 issue "ca.test; accounturi=https://ca.test/acct/1"
both CAA 0 issue "ca.test; accounturi=https://ca.test/acct/1"
both CAA 0 issue "ca.test; accounturi=${url}; validationmethods=dns-01,http-01"
wild CAA 0 issuewild ";"`);
  assert.deepEqual(found, {
    'forbidden.site.test': 'live-caa-forbids',
    'method.site.test': 'live-caa-other-method',
    'account.site.test': 'live-caa-other-account',
    'both.site.test': 'live-caa-good',
    'wild.site.test': 'live-caa-good',
  });
});

test('a clock that is off, and a name that leads to nothing that listens', { ...limit, skip: why }, async (t) => {
  const [folder, ports] = [testFolder(), await freePorts()];
  const authority = await openAuthority(t, folder, ports);
  authority.fault = ({ path: asked }) =>
    asked === '/dir'
      ? { kind: 'rewrite', rewrite: withDomain, headers: { date: new Date(Date.now() - 3_600_000).toUTCString() } }
      : undefined;
  const environment = await openDns(t, 'www A 127.53.1.9');
  const findings = await check({ folder, ports, authority, environment, sites: { 'www.site.test': 1 } });
  assert.deepEqual(codes(findings), [
    'live-clock-wrong',
    'live-dns-elsewhere',
    'live-port-closed',
    'live-port-closed',
    'live-caa-good',
    'live-account-good',
  ]);
  const seconds = Number(findings[0]?.values['seconds']);
  assert.ok(seconds >= 3_599 && seconds <= 3_660, String(seconds));
});
