import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaaData } from '../../src/codec/dns/record.ts';
import { judgeCaa, lookUpCaa, readCaaIssuer } from '../../src/dns/caa.ts';
import { createIterativeResolver } from '../../src/dns/iterative-resolver.ts';
import { script, serveZones } from './scripted.ts';

const caa = (tag: string, value: string, flags = 0): CaaData => ({
  kind: 'CAA',
  flags,
  critical: flags >= 128,
  tag,
  value,
});
const because = (records: readonly CaaData[], wildcard = false): string => {
  const verdict = judgeCaa(records, ['CA.example'], wildcard);
  return `${verdict.allowed} ${verdict.because}`;
};

test('who may issue', () => {
  assert.equal(because([]), 'true no-records');
  assert.equal(because([caa('iodef', 'mailto:x@y')]), 'true not-restricted');
  assert.equal(because([caa('ISSUE', ' ca.example ; validationmethods=dns-01')]), 'true listed');
  assert.equal(because([caa('issue', 'other.example'), caa('issue', 'ca.example')]), 'true listed');
  assert.equal(because([caa('issue', ';')]), 'false not-listed');
  assert.equal(because([caa('issue', '%%%%%')]), 'false not-listed');
  assert.equal(because([caa('issue', 'ca.example'), caa('future', 'x', 128)]), 'false unknown-critical');
  assert.equal(because([caa('issue', 'ca.example'), caa('future', 'x')]), 'true listed');
});

test('wildcards look at issuewild first', () => {
  const both = [caa('issue', 'ca.example'), caa('issuewild', ';')];
  assert.equal(because(both, true), 'false not-listed');
  assert.equal(because(both, false), 'true listed');
  assert.equal(because([caa('issue', 'ca.example')], true), 'true listed');
  assert.equal(because([caa('issuewild', 'ca.example')], false), 'true not-restricted');
});

test('parameters of an issuer', () => {
  const issuer = readCaaIssuer('CA.example; accounturi=https://ca.example/1;validationmethods=dns-01,http-01');
  assert.equal(issuer?.domain, 'ca.example.');
  assert.deepEqual(
    [...issuer.parameters],
    [
      ['accounturi', 'https://ca.example/1'],
      ['validationmethods', 'dns-01,http-01'],
    ],
  );
  assert.equal(readCaaIssuer('ca.example; no value'), undefined);
  assert.equal(readCaaIssuer(';')?.domain, '');
});

test('the set next above counts, an alias is followed, and what cannot be read forbids', async () => {
  const zone = [
    'sub.test. CAA 0 issue "sub.example"',
    'www.sub.test. CNAME other.test.',
    'mail.sub.test. CNAME plain.test.',
    'other.test. CAA 0 issue "other.example"',
    'plain.test. A 192.0.2.1',
  ];
  const world = script((query, exchange) =>
    query.questions[0]!.name.startsWith('broken')
      ? { rcode: 2 }
      : serveZones({ '198.51.100.1': { '.': [], 'test.': zone } })(query, exchange),
  );
  const resolver = createIterativeResolver(world.surroundings, {
    hints: [{ name: 'a.', addresses: ['198.51.100.1'] }],
  });
  const at = async (name: string): Promise<string> => {
    const found = await lookUpCaa(name, resolver);
    return found.ok ? `${found.at} ${found.records.map(({ value }) => value).join()}` : `failed at ${found.at}`;
  };
  assert.equal(await at('a.b.sub.test.'), 'sub.test. sub.example');
  assert.equal(await at('www.sub.test.'), 'www.sub.test. other.example');
  // RFC 8659 section 3: an alias without a set does not lead to its target's parents.
  assert.equal(await at('mail.sub.test.'), 'sub.test. sub.example');
  assert.equal(await at('none.test.'), ' ');
  assert.equal(await at('broken.test.'), 'failed at broken.test.');
});
