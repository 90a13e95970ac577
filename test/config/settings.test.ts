import test from 'node:test';
import assert from 'node:assert/strict';
import type * as z from 'zod';
import { limitEntries, timeoutEntries } from '../../src/config/limits.ts';
import { createSchema } from '../../src/config/schema.ts';
import { settingEntries } from '../../src/config/settings.ts';
import type {
  GatewayLimits,
  GatewayTimeouts,
  ListenSettings,
  UserConfig,
  UserTls,
} from '../../src/config/user-config.ts';
import { contextOf } from './context.ts';

const schema = createSchema(contextOf());

// What the schema takes at the top is what the type promises, both ways: a line here does not compile otherwise.
type Written = z.input<typeof schema>;
const topKeys: Readonly<Record<keyof UserConfig, true>> & Readonly<Record<keyof Written, true>> = {
  email: true,
  issuers: true,
  dns: true,
  onDemand: true,
  webhook: true,
  sites: true,
  defaultSite: true,
  listen: true,
  state: true,
  workers: true,
  log: true,
  lang: true,
  tls: true,
  trustedProxies: true,
  forwarded: true,
  admin: true,
  timeouts: true,
  limits: true,
};

/** The keys that the schema knows in an object, as the finding about an unknown key lists them. */
function keysAt(input: (wrong: object) => unknown): string[] {
  const result = schema.safeParse(input({ zzz: 1 }), { reportInput: true });
  const issue = result.error?.issues.find((one) => one.code === 'unrecognized_keys');
  assert.ok(issue, 'the schema took an unknown key');
  return issue.message.split(' ').toSorted();
}

/** The keys that the documentation has below a path. */
function documented(prefix: string): string[] {
  return settingEntries
    .filter(({ path }) => path.startsWith(prefix) && !/[.]/.test(path.slice(prefix.length)))
    .map(({ path }) => path.slice(prefix.length))
    .toSorted();
}

test('every setting of the schema is documented, and nothing else', () => {
  assert.deepEqual(Object.keys(schema.shape).toSorted(), documented(''));
  assert.deepEqual(Object.keys(topKeys).toSorted(), documented(''));
  const places: readonly (readonly [string, (wrong: object) => unknown])[] = [
    ['sites.*.', (wrong) => ({ sites: { a: wrong } })],
    ['sites.*.clientAuth.', (wrong) => ({ sites: { a: { clientAuth: wrong } } })],
    ['sites.*.certificate.', (wrong) => ({ sites: { a: { certificate: wrong } } })],
    ['sites.*.to.', (wrong) => ({ sites: { a: { to: wrong } } })],
    ['sites.*.to.clientCertificate.', (wrong) => ({ sites: { a: { to: { clientCertificate: wrong } } } })],
    ['listen.', (wrong) => ({ listen: wrong })],
    ['tls.', (wrong) => ({ tls: wrong })],
    ['admin.', (wrong) => ({ admin: wrong })],
    ['issuers.', (wrong) => ({ issuers: wrong })],
    ['dns.', (wrong) => ({ dns: wrong })],
    ['dns.responder.', (wrong) => ({ dns: { responder: wrong } })],
    ['dns.rfc2136.', (wrong) => ({ dns: { rfc2136: wrong } })],
    ['dns.cloudflare.', (wrong) => ({ dns: { cloudflare: wrong } })],
    ['dns.exec.', (wrong) => ({ dns: { exec: wrong } })],
    ['onDemand.', (wrong) => ({ onDemand: wrong })],
    ['webhook.', (wrong) => ({ webhook: wrong })],
  ];
  for (const [prefix, input] of places) assert.deepEqual(keysAt(input), documented(prefix), prefix);
});

test('timeouts and limits are those of their tables, in a site without the gateway-wide ones', () => {
  const names = (entries: typeof timeoutEntries | typeof limitEntries, scope?: string) =>
    entries
      .filter((entry) => scope === undefined || entry.scope === scope)
      .map((entry) => entry.setting)
      .toSorted();
  assert.deepEqual(
    keysAt((timeouts) => ({ timeouts })),
    names(timeoutEntries),
  );
  assert.deepEqual(
    keysAt((limits) => ({ limits })),
    names(limitEntries),
  );
  assert.deepEqual(
    keysAt((timeouts) => ({ sites: { a: { timeouts } } })),
    names(timeoutEntries, 'site'),
  );
  assert.deepEqual(
    keysAt((limits) => ({ sites: { a: { limits } } })),
    names(limitEntries, 'site'),
  );
});

test('the types that people write against name the same keys', () => {
  const timeouts: Readonly<Record<keyof GatewayTimeouts, true>> = {
    handshake: true,
    requestHead: true,
    requestContentIdle: true,
    keepAliveIdle: true,
    responseWriteStall: true,
    upstreamConnect: true,
    upstreamConnectRetry: true,
    upstreamResponseHead: true,
    upstreamContentIdle: true,
    upstreamPoolIdle: true,
    tunnelIdle: true,
    drain: true,
  };
  const limits: Readonly<Record<keyof GatewayLimits, true>> = {
    requestHead: true,
    requestTarget: true,
    requestFieldCount: true,
    requestContent: true,
    trailers: true,
    chunkExtension: true,
    responseHead: true,
    interimResponses: true,
    pipelined: true,
    clientHello: true,
    connections: true,
    upstreamConnections: true,
    upstreamPoolSize: true,
    minimumContentRate: true,
  };
  const listen: Readonly<Record<keyof ListenSettings, true>> = { host: true, https: true, http: true };
  const tls: Readonly<Record<keyof UserTls, true>> = {
    profile: true,
    minVersion: true,
    maxVersion: true,
    ciphers: true,
    groups: true,
    honorCipherOrder: true,
    ticketLifetime: true,
  };
  assert.deepEqual(Object.keys(timeouts).toSorted(), timeoutEntries.map((entry) => entry.setting).toSorted());
  assert.deepEqual(Object.keys(limits).toSorted(), limitEntries.map((entry) => entry.setting).toSorted());
  assert.deepEqual(Object.keys(listen).toSorted(), documented('listen.'));
  assert.deepEqual(Object.keys(tls).toSorted(), documented('tls.'));
});
