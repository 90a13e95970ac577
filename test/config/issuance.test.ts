import assert from 'node:assert/strict';
import test from 'node:test';
import type { ConfigContext } from '../../src/config/files.ts';
import { isPublicName } from '../../src/config/public-name.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { tellFinding } from '../../src/story/finding.ts';
import { contextOf } from './context.ts';

const secretKey = 'bWVuc2hlbi10ZXN0LWtleS1vZi0zMi1vY3RldHMtISE=';
const files = {
  '/srv/token': 'from-a-file\n',
  '/srv/empty': '\n',
  '/srv/hook.sh': '#!/bin/sh\n',
  '/srv/ddns.key': `key "ddns" {\n\talgorithm hmac-sha512;\n\tsecret "${secretKey}";\n};\n`,
};
const context: ConfigContext = { ...contextOf(files), environment: { TOKEN: 'from-the-environment' } };
const read = (input: object) => readConfig(input, context);

/** The configuration of an input without mistakes. */
function good(input: object) {
  const { config, findings } = read(input);
  assert.ok(config, JSON.stringify(findings));
  return config;
}

/** Code and place of every mistake, which must have words in both languages. */
function mistakes(input: object): string[] {
  const { findings } = read(input);
  for (const found of findings) {
    for (const language of ['en', 'zh'] as const) {
      const { cause, mend } = tellFinding(found, language);
      assert.doesNotMatch(cause + mend, /\{(?:path|found|name|suggestion|problem|variable|place)\}/, found.code);
    }
  }
  return findings.map(({ code, values }) => `${code} ${String(values['path'])}`);
}

test('what a public authority can certify is told from what it cannot', () => {
  for (const name of [
    'shop.menshen.dev',
    '*.menshen.dev',
    'menshen.co.uk',
    'someone.github.io',
    '9.9.9.9',
    '2620:fe::fe',
  ]) {
    assert.equal(isPublicName(name), true, name);
  }
  const others = [
    'localhost',
    'app.localhost',
    'a.test',
    'example.com',
    'www.example.org',
    '*.example.net',
    'a.example',
  ];
  const inner = [
    'nas',
    'nas.lan',
    'db.internal',
    'printer.local',
    'router.home.arpa',
    'a.onion',
    'com',
    'co.uk',
    '*.co.uk',
  ];
  const addresses = ['127.0.0.1', '10.1.2.3', '192.168.1.1', '::1', 'fd00::1', 'fe80::1', '192.0.2.7', '2001:db8::1'];
  for (const name of [...others, ...inner, ...addresses]) assert.equal(isPublicName(name), false, name);
});

test('a public name without files is certified by Let’s Encrypt, any other by the local CA', () => {
  const { sites, issuance } = good({
    sites: { 'app.menshen.dev': 3000, 'app.localhost': 3000, 'www.example.com': 3000, '192.168.1.1': 3000 },
  });
  assert.deepEqual(
    sites.map((site) => site.issuance),
    [{ issuers: ['letsencrypt'], keyTypes: ['ecdsa'], challenge: undefined }, undefined, undefined, undefined],
  );
  assert.equal(issuance?.issuers[0]?.directoryUrl, 'https://acme-v02.api.letsencrypt.org/directory');
});

test('a configuration whose names are not public orders nothing, whatever issuers it names', () => {
  const { sites, issuance } = good({ issuers: ['letsencrypt'], sites: { 'app.localhost': 3000, 'a.test': 1 } });
  assert.equal(issuance, undefined);
  assert.deepEqual(
    sites.flatMap((site) => site.issuance ?? []),
    [],
  );
});

test('a site says who certifies it, and with what', () => {
  const directory = 'https://ca.test/dir';
  const { sites, issuance } = good({
    issuers: [{ directory, name: 'own', internal: true }, 'letsencrypt', 'local'],
    sites: {
      'a.menshen.dev': 1,
      'b.menshen.dev': { to: 1, certificate: 'local' },
      'c.menshen.dev': {
        to: 1,
        issuers: ['letsencrypt-staging', 'own'],
        keyType: ['ecdsa', 'rsa'],
        challenge: 'http-01',
      },
      'd.menshen.dev': { to: 1, issuers: 'local' },
      'db.internal': 1,
      'app.localhost': 1,
      '127.0.0.1': 1,
      'e.localhost': { to: 1, issuers: 'own' },
    },
  });
  assert.deepEqual(
    sites.map((site) => site.issuance?.issuers),
    [
      ['own', 'letsencrypt'],
      undefined,
      ['letsencrypt-staging', 'own'],
      undefined,
      ['own'],
      undefined,
      undefined,
      ['own'],
    ],
  );
  assert.deepEqual(sites[2]?.issuance?.keyTypes, ['ecdsa', 'rsa']);
  assert.deepEqual(
    issuance?.issuers.map(({ name }) => name),
    ['own', 'letsencrypt', 'letsencrypt-staging'],
  );
});

test('a wildcard needs a way into the DNS', () => {
  assert.deepEqual(mistakes({ sites: { '*.menshen.dev': 1 } }), ['config-wildcard-needs-dns sites["*.menshen.dev"]']);
  const { sites, issuance } = good({
    dns: { responder: { zone: 'acme.menshen.dev', ns: 'ns.menshen.dev' } },
    sites: { '*.menshen.dev': 1 },
  });
  assert.equal(sites[0]?.issuance?.challenge, 'dns-01');
  assert.deepEqual(issuance?.dns?.responder?.zones, ['acme.menshen.dev.']);
  assert.deepEqual(
    issuance?.dns?.responder?.listen.map(({ port }) => port),
    [53, 53],
  );
  good({ sites: { '*.menshen.dev': { to: 1, certificate: 'local' } } });
});

test('secrets come from the configuration, a file or the environment', () => {
  const tokenOf = (token: unknown) =>
    good({ dns: { cloudflare: { token } }, sites: { 'a.menshen.dev': 1 } }).issuance?.dns?.cloudflare?.token;
  assert.equal(tokenOf('here'), 'here');
  assert.equal(tokenOf({ file: 'token' }), 'from-a-file');
  assert.equal(tokenOf({ env: 'TOKEN' }), 'from-the-environment');
  const watched = good({ dns: { cloudflare: { token: { file: 'token' } } }, sites: { 'a.menshen.dev': 1 } }).issuance
    ?.files;
  assert.deepEqual(watched, ['/srv/token']);
  const wrong = (token: unknown) => mistakes({ dns: { cloudflare: { token } }, sites: { 'a.menshen.dev': 1 } });
  assert.deepEqual(wrong({ file: 'empty' }), ['config-secret-empty dns.cloudflare.token']);
  assert.deepEqual(wrong({ file: 'nowhere' }), ['config-file-missing dns.cloudflare.token.file']);
  assert.deepEqual(wrong({ env: 'NOTHING' }), ['config-secret-env dns.cloudflare.token']);
  assert.deepEqual(wrong(42), ['config-type dns.cloudflare.token']);
});

test('a TSIG key is a file of tsig-keygen, or name, algorithm and secret', () => {
  const keyOf = (rfc2136: object) =>
    good({ dns: { rfc2136 }, sites: { 'a.menshen.dev': 1 } }).issuance?.dns?.rfc2136?.key;
  assert.deepEqual(keyOf({ secret: { file: 'ddns.key' } }), {
    name: 'ddns.',
    algorithm: 'hmac-sha512',
    secret: Buffer.from(secretKey, 'base64'),
  });
  assert.equal(keyOf({ keyName: 'ddns.', secret: secretKey })?.algorithm, 'hmac-sha256');
  assert.deepEqual(mistakes({ dns: { rfc2136: { secret: 'nothing' } }, sites: { 'a.menshen.dev': 1 } }), [
    'config-tsig-key dns.rfc2136',
  ]);
});

test('mistakes name their place', () => {
  const sites = { 'a.menshen.dev': 1 };
  assert.deepEqual(mistakes({ issuers: 'letsencript', sites }), ['config-issuer-unknown issuers[0]']);
  assert.deepEqual(mistakes({ issuers: ['zerossl'], sites }), ['config-issuer-eab issuers[0]']);
  assert.deepEqual(mistakes({ issuers: { directory: 'zerossl' }, sites }), ['config-issuer-eab issuers']);
  assert.deepEqual(mistakes({ issuers: [{ directory: 'http://ca.test/dir' }], sites }), [
    'config-directory issuers[0].directory',
  ]);
  assert.deepEqual(mistakes({ issuers: [{ directory: 'https://ca.test/', name: 'local' }], sites }), [
    'config-issuer-name issuers[0].name',
  ]);
  const twice = { 'a.menshen.dev': { to: 1, issuers: { directory: 'https://ca.test/other' } } };
  assert.deepEqual(mistakes({ issuers: { directory: 'https://ca.test/' }, sites: twice }), [
    'config-issuer-twice sites["a.menshen.dev"].issuers[0]',
  ]);
  const site = (more: object) => ({ sites: { 'a.menshen.dev': { to: 1, ...more } } });
  assert.deepEqual(mistakes(site({ challenge: 'dns-01' })), [
    'config-challenge-needs-dns sites["a.menshen.dev"].challenge',
  ]);
  assert.deepEqual(mistakes({ ...site({ challenge: 'http-01' }), listen: { http: 0 } }), [
    'config-challenge-needs-http sites["a.menshen.dev"].challenge',
  ]);
  assert.deepEqual(mistakes(site({ certificate: 'local', keyType: 'rsa' })), [
    'config-issuance-beside-certificate sites["a.menshen.dev"].keyType',
  ]);
  assert.deepEqual(mistakes({ sites: { 'a.test': { to: 1, keyType: 'rsa' } } }), [
    'config-issuance-local sites["a.test"].keyType',
  ]);
  assert.deepEqual(mistakes({ dns: {}, sites }), ['config-dns-empty dns']);
  assert.deepEqual(mistakes({ dns: { responder: { zone: 'a..b', ns: 'ns.test', listen: 'here' } }, sites }), [
    'config-dns-name dns.responder.zone',
    'config-dns-address dns.responder.listen',
  ]);
  assert.deepEqual(mistakes({ onDemand: { ask: 'ftp://a.test' }, sites }), ['config-url onDemand.ask']);
  assert.deepEqual(mistakes({ webhook: { url: 'http://127.0.0.1/' }, sites }), ['config-missing webhook.secret']);
  assert.deepEqual(mistakes({ webhok: {}, sites }), ['config-key-misspelled webhok']);
});

test('`ask` may be a function, and nothing else may', () => {
  const ask = (): boolean => true;
  assert.equal(good({ onDemand: { ask }, sites: { 'a.test': 1 } }).issuance?.onDemand?.ask, ask);
  assert.deepEqual(mistakes({ onDemand: { ask, burst: ask }, sites: { 'a.test': 1 } }), [
    'config-not-plain onDemand.burst',
  ]);
});
