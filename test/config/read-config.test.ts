import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Config, SiteConfig } from '../../src/config/config.ts';
import { defaultLimits, defaultTimeouts } from '../../src/config/limits.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { tlsProfiles } from '../../src/config/tls-profiles.ts';
import { tellFinding } from '../../src/story/finding.ts';
import { contextOf, type PretendedFiles } from './context.ts';

const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const files: PretendedFiles = {
  '/srv/public': 'folder',
  '/srv/plain.txt': 'nothing',
  '/srv/broken.pem': pem,
  '/srv/pipe': 'other',
  '/srv/secret.pem': 'unreadable',
};

function configOf(input: unknown): Config {
  const { config, findings } = readConfig(input, contextOf(files));
  assert.deepEqual(
    findings.map((found) => tellFinding(found, 'en').cause),
    [],
  );
  assert.ok(config);
  return config;
}

function siteOf(input: unknown): SiteConfig {
  const site = configOf({ sites: { a: input } }).sites[0];
  assert.ok(site);
  return site;
}

/** `code path` of every finding. */
function mistakesOf(input: unknown): string[] {
  const { config, findings } = readConfig(input, contextOf(files));
  assert.equal(config, undefined);
  return findings.map((found) => `${found.code} ${found.values.path}`);
}

test('a small configuration becomes whole', () => {
  const config = configOf({ sites: { 'App.localhost': 3000 } });
  assert.deepEqual(config, {
    email: '',
    sites: [
      {
        name: 'app.localhost',
        upstreams: [
          { protocol: 'http', host: '127.0.0.1', port: 3000, socketPath: '', label: 'http://127.0.0.1:3000' },
        ],
        root: undefined,
        clientAuth: undefined,
        certificates: [],
        tls: tlsProfiles.intermediate,
        timeouts: defaultTimeouts,
        limits: defaultLimits,
      },
    ],
    defaultSite: '',
    hosts: [],
    httpsPort: 443,
    httpPort: 80,
    stateFolder: '/state',
    workers: 0,
    log: 'json',
    language: 'en',
    trustedProxies: [],
    forwarded: false,
    adminPort: 0,
    timeouts: defaultTimeouts,
    limits: defaultLimits,
  });
});

test('everything that can be set is set', () => {
  const config = configOf({
    email: 'mailto:ops@example.com',
    sites: { 'a.example.com': [3000, 'b:1'], '*.Example.com': { to: 'unix:t.sock', default: true } },
    listen: { host: ['127.0.0.1', '[::1]'], https: 8443, http: 0 },
    state: './state',
    workers: 2,
    log: 'common',
    lang: 'zh',
    tls: 'modern',
    trustedProxies: ['10.0.0.0/8', '::1', '192.0.2.1'],
    forwarded: true,
    admin: { port: 9100 },
    timeouts: { drain: '5s', requestHead: 1000 },
    limits: { connections: 10, requestHead: '32KiB' },
  });
  assert.equal(config.email, 'ops@example.com');
  assert.deepEqual(
    config.sites.map((site) => site.name),
    ['a.example.com', '*.example.com'],
  );
  assert.deepEqual(
    config.sites[0]?.upstreams.map(({ label }) => label),
    ['http://127.0.0.1:3000', 'http://b:1'],
  );
  assert.equal(config.sites[1]?.upstreams[0]?.socketPath, '/srv/t.sock');
  assert.equal(config.defaultSite, '*.example.com');
  assert.deepEqual(config.hosts, ['127.0.0.1', '::1']);
  assert.deepEqual([config.httpsPort, config.httpPort, config.adminPort], [8443, 0, 9100]);
  assert.equal(config.stateFolder, '/srv/state');
  assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '::1/128', '192.0.2.1/32']);
  assert.deepEqual([config.workers, config.log, config.language, config.forwarded], [2, 'common', 'zh', true]);
  assert.deepEqual(config.sites[0]?.tls, tlsProfiles.modern);
  assert.equal(config.timeouts.drainMs, 5000);
  assert.equal(config.sites[0]?.timeouts.requestHeadMs, 1000);
  assert.equal(config.limits.connections, 10);
  assert.equal(config.sites[0]?.limits.requestHeadBytes, 32_768);
});

test('a site of files takes its fallback as upstreams', () => {
  const site = siteOf({ root: './public', fallback: 3000 });
  assert.deepEqual(site.root, { folder: '/srv/public', index: ['index.html'] });
  assert.equal(site.upstreams[0]?.port, 3000);
  assert.deepEqual(siteOf({ root: 'public', index: 'start.html' }).root?.index, ['start.html']);
});

test("a site's own values go over those of all sites", () => {
  const config = configOf({
    tls: { minVersion: 'TLSv1.3', ticketLifetime: '1h' },
    timeouts: { requestHead: '1s', tunnelIdle: '1m' },
    sites: {
      a: { to: 1, tls: { ticketLifetime: 0 }, timeouts: { requestHead: '2s' } },
      b: { to: 1, tls: 'intermediate' },
      c: 1,
    },
  });
  const [a, b, c] = config.sites;
  assert.deepEqual(a?.tls, { ...tlsProfiles.intermediate, minVersion: 'TLSv1.3', ticketLifetimeSeconds: 0 });
  assert.deepEqual([a?.timeouts.requestHeadMs, a?.timeouts.tunnelIdleMs], [2000, 60_000]);
  assert.deepEqual(b?.tls, tlsProfiles.intermediate);
  assert.deepEqual([c?.tls.minVersion, c?.tls.ticketLifetimeSeconds], ['TLSv1.3', 3600]);
});

test('custom TLS overrides single values of a profile', () => {
  const { tls } = siteOf({
    to: 1,
    tls: { profile: 'modern', ciphers: ['TLS_AES_256_GCM_SHA384'], groups: 'X25519:P-256' },
  });
  assert.deepEqual(tls, { ...tlsProfiles.modern, ciphers: 'TLS_AES_256_GCM_SHA384', groups: 'X25519:P-256' });
  assert.equal(siteOf({ to: 1, tls: { groups: ['X25519MLKEM768', 'X25519'] } }).tls.groups, 'X25519MLKEM768:X25519');
});

test('the result survives being sent to a worker', () => {
  const config = configOf({ sites: { a: { root: 'public', fallback: [1, 2] } } });
  assert.deepEqual(structuredClone(config), config);
});

const wrong: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['no object', 42, ['config-not-an-object ']],
  ['a list', [], ['config-not-an-object ']],
  ['nothing', {}, ['config-missing sites']],
  ['no sites', { sites: {} }, ['config-no-sites sites']],
  ['sites as a list', { sites: [] }, ['config-type sites']],
  ['a function', { sites: { a: () => 1 } }, ['config-not-plain sites.a']],
  ['an instance', { sites: { a: { to: new URL('http://a') } } }, ['config-not-plain sites.a.to']],
  ['unknown keys', { sites: { a: 1 }, zzzzz: 1 }, ['config-key-unknown zzzzz']],
  ['misspelled keys', { sites: { a: { to: 1, clientauth: 1 } } }, ['config-key-misspelled sites.a.clientauth']],
  ['misplaced keys', { sites: { a: 1 }, clientAuth: {} }, ['config-key-misplaced clientAuth']],
  ['a group that is none', { sites: { a: 1 }, listen: 443 }, ['config-type listen']],
  ['null', { sites: { a: null } }, ['config-type sites.a']],
  ['an empty list', { sites: { a: [] } }, ['config-empty-list sites.a']],
  ['an empty word', { sites: { a: { root: ' ' } } }, ['config-empty sites.a.root']],
  ['a part of a list', { sites: { a: { to: [1, 'x'] } } }, ['config-upstream-no-port sites.a.to[1]']],
  ['names with odd characters', { sites: { 'a.b': [0] } }, ['config-upstream-port sites["a.b"][0]']],
  ['site names', { sites: { 'a:1': 1 } }, ['config-site-name-port sites["a:1"]']],
  ['names twice', { sites: { a: 1, 'A.': 1 } }, ['config-site-twice sites["A."]']],
  ['mail', { sites: { a: 1 }, email: 'x' }, ['config-email email']],
  ['ports', { sites: { a: 1 }, listen: { https: '443' } }, ['config-port listen.https']],
  ['a host', { sites: { a: 1 }, listen: { host: 'a.b' } }, ['config-listen-host listen.host']],
  [
    'networks',
    { sites: { a: 1 }, trustedProxies: ['::/129', '1.2.3.4/8/9'] },
    ['config-network trustedProxies[0]', 'config-network trustedProxies[1]'],
  ],
  ['a network that is no list', { sites: { a: 1 }, trustedProxies: '::1' }, ['config-type trustedProxies']],
  ['choices', { sites: { a: 1 }, log: 'xml' }, ['config-choice log']],
  ['near choices', { sites: { a: 1 }, log: 'jsno' }, ['config-choice-misspelled log']],
  ['counts', { sites: { a: 1 }, workers: 257 }, ['config-range workers']],
  [
    'halves',
    { sites: { a: 1 }, workers: 1.5, timeouts: { drain: 0.5 } },
    ['config-not-whole workers', 'config-not-whole timeouts.drain'],
  ],
  ['types', { sites: { a: 1 }, workers: '2', forwarded: 1 }, ['config-type workers', 'config-type forwarded']],
  ['durations', { sites: { a: 1 }, timeouts: { drain: '5' } }, ['config-duration timeouts.drain']],
  ['sizes', { sites: { a: 1 }, limits: { requestHead: '5' } }, ['config-size limits.requestHead']],
  ['counts with a unit', { sites: { a: 1 }, limits: { connections: '5k' } }, ['config-type limits.connections']],
  ['measures beyond bounds', { sites: { a: 1 }, timeouts: { handshake: '1h' } }, ['config-range timeouts.handshake']],
  [
    'what a site cannot set',
    { sites: { a: { to: 1, limits: { connections: 1 } } } },
    ['config-gateway-wide sites.a.limits.connections'],
  ],
  ['old TLS', { sites: { a: 1 }, tls: { minVersion: 'TLSv1' } }, ['config-tls-version-old tls.minVersion']],
  [
    'crossed versions',
    { sites: { a: 1 }, tls: { profile: 'modern', maxVersion: 'TLSv1.2' } },
    ['config-tls-versions-crossed tls.maxVersion'],
  ],
  [
    'versions crossed by what all sites have',
    { sites: { a: { to: 1, tls: { minVersion: 'TLSv1.3' } } }, tls: { maxVersion: 'TLSv1.2' } },
    ['config-tls-versions-crossed sites.a.tls.minVersion'],
  ],
  ['ciphers', { sites: { a: 1 }, tls: { ciphers: 'RC4' } }, ['config-tls-cipher tls.ciphers']],
  ['groups', { sites: { a: 1 }, tls: { groups: 'P-1' } }, ['config-tls-group tls.groups']],
  ['lists that are none', { sites: { a: 1 }, tls: { groups: [] } }, ['config-type tls.groups']],
  [
    'ports that clash',
    { sites: { a: 1 }, listen: { https: 80 }, admin: { port: 80 } },
    ['config-ports-clash listen.http', 'config-ports-clash admin.port'],
  ],
  ['an empty site', { sites: { a: {} } }, ['config-site-without-answer sites.a']],
  ['to beside root', { sites: { a: { to: 1, root: 'public' } } }, ['config-to-beside-root sites.a.to']],
  ['to beside fallback', { sites: { a: { to: 1, fallback: 2 } } }, ['config-fallback-beside-to sites.a.fallback']],
  ['fallback without root', { sites: { a: { fallback: 1 } } }, ['config-fallback-without-root sites.a.fallback']],
  ['index without root', { sites: { a: { to: 1, index: 'a' } } }, ['config-index-without-root sites.a.index']],
  [
    'an index elsewhere',
    { sites: { a: { root: 'public', index: ['../a', '.env'] } } },
    ['config-index-name sites.a.index[0]', 'config-index-name sites.a.index[1]'],
  ],
  [
    'two defaults',
    { sites: { a: { to: 1, default: true }, b: { to: 1, default: true } } },
    ['config-default-twice sites.b.default'],
  ],
  [
    'a default beside another',
    { sites: { a: { to: 1, default: true }, b: 1 }, defaultSite: 'b' },
    ['config-default-conflict defaultSite'],
  ],
  ['an unknown default', { sites: { a: 1 }, defaultSite: 'b' }, ['config-default-unknown defaultSite']],
  ['a folder that is not there', { sites: { a: { root: 'nowhere' } } }, ['config-folder-missing sites.a.root']],
  [
    'a folder that is a file',
    { sites: { a: { root: 'plain.txt' } }, state: 'plain.txt' },
    ['config-not-a-folder sites.a.root', 'config-not-a-folder state'],
  ],
  ['a NUL', { sites: { a: { root: 'a\0' } } }, ['config-path-characters sites.a.root']],
  [
    'clientAuth without parts',
    { sites: { a: { to: 1, clientAuth: {} } } },
    ['config-missing sites.a.clientAuth.mode', 'config-missing sites.a.clientAuth.ca'],
  ],
  [
    'a CA that is not there',
    { sites: { a: { to: 1, clientAuth: { mode: 'require', ca: 'x' } } } },
    ['config-file-missing sites.a.clientAuth.ca'],
  ],
  [
    'a CA that is none',
    { sites: { a: { to: 1, clientAuth: { mode: 'require', ca: 'plain.txt', crl: 'plain.txt' } } } },
    ['config-certificate-content sites.a.clientAuth.ca', 'config-crl-content sites.a.clientAuth.crl'],
  ],
  [
    'a certificate word',
    { sites: { a: { to: 1, certificate: 'loca' } } },
    ['config-choice-misspelled sites.a.certificate'],
  ],
  ['a certificate number', { sites: { a: { to: 1, certificate: 1 } } }, ['config-type sites.a.certificate']],
  [
    'certificate files',
    { sites: { a: { to: 1, certificate: [{ cert: 'pipe', key: 'secret.pem' }] } } },
    ['config-not-a-file sites.a.certificate[0].cert', 'config-file-unreadable sites.a.certificate[0].key'],
  ],
  [
    'a certificate that does not parse',
    { sites: { a: { to: 1, certificate: { cert: 'broken.pem', key: 'plain.txt' } } } },
    ['config-certificate-content sites.a.certificate'],
  ],
];

for (const [name, input, expected] of wrong) {
  test(`refused by its place: ${name}`, () => {
    assert.deepEqual(mistakesOf(input), expected);
  });
}

test('all mistakes are told at once, those of values and those of their sum', () => {
  const mistakes = mistakesOf({
    emial: 'x',
    sites: { 'a:1': { to: 0, root: 'public' }, b: { clientAuth: { mode: 'requier' } } },
    listen: { https: 80 },
  });
  assert.deepEqual(mistakes.toSorted(), [
    'config-choice-misspelled sites.b.clientAuth.mode',
    'config-key-misspelled emial',
    'config-missing sites.b.clientAuth.ca',
    'config-ports-clash listen.http',
    'config-site-name-port sites["a:1"]',
    'config-site-without-answer sites.b',
    'config-to-beside-root sites["a:1"].to',
    'config-upstream-port sites["a:1"].to',
  ]);
});

test('cycles and getters are told, not followed', () => {
  const cyclic: Record<string, unknown> = { sites: {} };
  cyclic.self = cyclic;
  assert.deepEqual(mistakesOf(cyclic), ['config-cycle self']);
  const calls: string[] = [];
  const lazy = Object.defineProperty({}, 'sites', { enumerable: true, get: () => calls.push('called') });
  assert.deepEqual(mistakesOf(lazy), ['config-not-plain sites']);
  assert.deepEqual(calls, []);
});

test('a key from JSON that looks like the prototype is an unknown key', () => {
  assert.deepEqual(mistakesOf(JSON.parse('{"sites": {"a": 1}, "__proto__": {"email": "a@b.c"}}')), [
    'config-key-unknown __proto__',
  ]);
});

test('sentences in both languages have every placeholder filled', () => {
  for (const [, input] of wrong) {
    for (const found of readConfig(input, contextOf(files)).findings) {
      for (const language of ['en', 'zh'] as const) {
        const { cause, mend } = tellFinding(found, language);
        assert.doesNotMatch(cause + mend, /\{\w+\}|undefined/, found.code);
        assert.notEqual(mend, '', found.code);
      }
    }
  }
});

test('nothing that can be written makes it throw', () => {
  const keys = [
    'sites',
    'listen',
    'tls',
    'timeouts',
    'limits',
    'admin',
    'a',
    'to',
    'root',
    'clientAuth',
    'certificate',
  ];
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.anything({ maxDepth: 1 }), fc.string(), fc.integer(), tie('group')),
    group: fc.dictionary(fc.constantFrom(...keys), tie('value')),
  }));
  fc.assert(
    fc.property(tree.group, (input) => {
      const { config, findings } = readConfig(input, contextOf(files));
      assert.equal(
        config === undefined,
        findings.some((found) => found.severity === 'error'),
      );
    }),
    { numRuns: 500 },
  );
});
