import test from 'node:test';
import assert from 'node:assert/strict';
import { readDnsEnvironment } from '../../src/dns/dns-environment.ts';
import { dnsWorldOf } from '../../src/gateway/certificates/dns-world.ts';
import { FindingError } from '../../src/story/finding-error.ts';

test('without variables the root servers of the Internet are asked, on their port', () => {
  assert.deepEqual(readDnsEnvironment({}), { rootHints: undefined, port: 53 });
  assert.deepEqual(readDnsEnvironment({ MENSHEN_ROOT_HINTS: '', MENSHEN_DNS_PORT: '' }), readDnsEnvironment({}));
});

test('a world of its own has its root servers and its port', () => {
  const read = readDnsEnvironment({ MENSHEN_ROOT_HINTS: 'a.root=127.0.0.1,b.root.=::1', MENSHEN_DNS_PORT: '5300' });
  assert.deepEqual(read, {
    rootHints: [
      { name: 'a.root.', addresses: ['127.0.0.1'] },
      { name: 'b.root.', addresses: ['::1'] },
    ],
    port: 5300,
  });
});

test('what cannot be meant is told, and nobody is sent to the Internet for it', () => {
  for (const [variable, value, told = value] of [
    ['MENSHEN_ROOT_HINTS', 'a.root.=localhost'],
    ['MENSHEN_ROOT_HINTS', '=127.0.0.1'],
    ['MENSHEN_ROOT_HINTS', 'a.root.=127.0.0.1,b..root=127.0.0.2', 'b..root=127.0.0.2'],
    ['MENSHEN_DNS_PORT', '0'],
    ['MENSHEN_DNS_PORT', '65536'],
    ['MENSHEN_DNS_PORT', 'x'],
  ] as const)
    for (const read of [readDnsEnvironment, dnsWorldOf])
      assert.throws(
        () => read({ [variable]: value }),
        (error) => {
          assert.ok(error instanceof FindingError);
          assert.equal(error.finding.code, 'dns-environment-unclear');
          assert.deepEqual(error.finding.values, { variable, value: told });
          return true;
        },
      );
});
