import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordType } from '../../src/codec/dns/registry.ts';
import { explainFailure, explainResolution, tellServer, withoutDot } from '../../src/dns/explain.ts';
import type { Resolution, ResolutionFailure } from '../../src/dns/resolution.ts';
import { tellFinding } from '../../src/story/finding.ts';

const server = { address: '192.0.2.53', port: 53 };
const failures: readonly (readonly [ResolutionFailure, string])[] = [
  [{ cause: 'server-failure', server, serverName: 'ns.a.', rcode: 2, extendedErrors: [] }, 'dns-server-failure'],
  [{ cause: 'refused', server, serverName: '', rcode: 5, extendedErrors: [] }, 'dns-refused'],
  [{ cause: 'timeout', servers: [server], detail: '' }, 'dns-timeout'],
  [{ cause: 'unreachable', servers: [server], detail: 'ENETUNREACH' }, 'dns-unreachable'],
  [{ cause: 'lame', zone: 'a.', servers: [server] }, 'dns-lame-delegation'],
  [{ cause: 'no-server-address', zone: 'a.', nameServers: [] }, 'dns-no-server-address'],
  [{ cause: 'alias-loop', name: 'a.' }, 'dns-alias-loop'],
  [{ cause: 'alias-chain-too-long', limit: 16 }, 'dns-alias-chain-too-long'],
  [{ cause: 'truncated', server }, 'dns-truncated'],
  [{ cause: 'malformed', server, error: { problem: 'truncated', field: 'header.id', offset: 0 } }, 'dns-malformed'],
  [{ cause: 'work-limit', limit: 100 }, 'dns-work-limit'],
  [{ cause: 'aborted' }, 'dns-aborted'],
];

test('every failure is told in both languages with nothing left to fill in', () => {
  for (const [failure, code] of failures) {
    const found = explainFailure(failure, 'www.example');
    assert.equal(found.code, code);
    for (const language of ['en', 'zh'] as const) {
      const { cause, mend } = tellFinding(found, language);
      assert.doesNotMatch(cause + mend, /\{\w+\}|undefined/, code);
    }
  }
});

test('a name that is set aside is told as such, and nobody waits for it to appear', () => {
  for (const [name, domain] of [
    ['www.nothing.invalid.', 'invalid'],
    ['onion.', 'onion'],
  ] as const) {
    const found = explainResolution({
      kind: 'no-such-name',
      soa: undefined,
      name,
      type: RecordType.A,
      aliases: [],
      canonicalName: name,
      steps: [],
      source: 'special-name',
    });
    assert.equal(found?.code, 'dns-name-reserved');
    assert.match(
      tellFinding(found, 'en').cause,
      new RegExp(`^The name ${withoutDot(name)} can .* under ${domain} are`),
    );
    assert.doesNotMatch(tellFinding(found, 'zh').cause, /\{/);
  }
});

test('denials name the zone that denies and how long that holds', () => {
  const soa = {
    name: 'example.',
    type: RecordType.SOA,
    class: 1,
    ttl: 300,
    data: { kind: 'SOA', mname: 'a.', rname: 'b.', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 },
  } as const;
  const common = {
    name: 'x.example.',
    type: RecordType.A,
    aliases: [],
    canonicalName: 'x.example.',
    steps: [],
    source: 'server',
  } as const;
  const denied: Resolution = { ...common, kind: 'no-such-name', soa };
  assert.match(
    tellFinding(explainResolution(denied)!, 'en').cause,
    /^The name x\.example does not exist: example says so/,
  );
  assert.equal(explainResolution(denied)!.values['seconds'], 60);
  assert.equal(explainResolution({ ...common, kind: 'no-data', soa: undefined })!.values['authority'], 'server');
  assert.equal(explainResolution({ ...common, kind: 'found', records: [] }), undefined);
});

test('servers and names as people write them', () => {
  assert.equal(tellServer(server), '192.0.2.53');
  assert.equal(tellServer({ address: '2001:db8::1', port: 5353 }, 'ns.a.'), 'ns.a ([2001:db8::1]:5353)');
  assert.equal(withoutDot('.'), '.');
  assert.equal(withoutDot('a.'), 'a');
});
