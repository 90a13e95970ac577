import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHostsFile } from '../../src/dns/hosts-file.ts';
import { namesToTry, parseResolvConf } from '../../src/dns/resolv-conf.ts';
import { reverseName } from '../../src/dns/reverse-name.ts';

test('resolv.conf as the C library reads it', () => {
  const config = parseResolvConf(`# comment
; comment
domain one.example
search corp.example Example.
nameserver 192.0.2.1
nameserver not-an-address
nameserver fe80::1%eth0
nameserver 192.0.2.3
nameserver 192.0.2.4
options ndots:2 timeout:90 attempts:0 rotate use-vc edns0
`);
  assert.deepEqual(config, {
    servers: ['192.0.2.1', 'fe80::1%eth0', '192.0.2.3'].map((address) => ({ address, port: 53 })),
    search: ['corp.example.', 'Example.'],
    ndots: 2,
    timeoutMs: 30_000,
    attempts: 1,
    rotate: true,
    tcpOnly: true,
  });
  const empty = parseResolvConf('');
  assert.deepEqual(empty.servers, [{ address: '127.0.0.1', port: 53 }]);
  assert.deepEqual([empty.ndots, empty.timeoutMs, empty.attempts, empty.search], [1, 5_000, 2, []]);
  assert.deepEqual(parseResolvConf('search a b\ndomain c').search, ['c.']);
});

test('the names to try depend on the dots', () => {
  const config = { search: ['corp.example.', '.'], ndots: 2 };
  assert.deepEqual(namesToTry('www', config), ['www.corp.example.', 'www.']);
  assert.deepEqual(namesToTry('www.a', config), ['www.a.corp.example.', 'www.a.']);
  assert.deepEqual(namesToTry('www.a.b', config), ['www.a.b.', 'www.a.b.corp.example.']);
  assert.deepEqual(namesToTry('www.', config), ['www.']);
  assert.deepEqual(namesToTry('www\\.', config), ['www\\..corp.example.', 'www\\..']);
  assert.deepEqual(namesToTry('.', config), ['.']);
  assert.deepEqual(namesToTry('a..b', config), []);
});

test('the hosts file by name and by address', () => {
  const hosts = parseHostsFile(
    '127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\nrubbish here\n192.0.2.1 A.example a # c\n',
  );
  assert.deepEqual(
    hosts.entriesOf('LOCALHOST.').map(({ address }) => address),
    ['127.0.0.1', '::1'],
  );
  assert.deepEqual(hosts.entriesOf('a.example.')[0]!.names, ['a.example.', 'a.']);
  assert.deepEqual(hosts.entriesAt('0:0:0:0:0:0:0:1')[0]!.names, ['localhost.', 'ip6-localhost.']);
  assert.deepEqual(hosts.entriesOf('here.'), []);
});

test('files of any content are read without an error', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      parseHostsFile(text);
      const config = parseResolvConf(text);
      assert.ok(config.servers.length > 0);
      assert.ok(namesToTry(text, config).every((name) => name.endsWith('.')));
    }),
  );
});

test('the reverse name of an address', () => {
  assert.equal(reverseName('192.0.2.1'), '1.2.0.192.in-addr.arpa.');
  assert.equal(reverseName('2001:db8::1'), `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa.`);
  assert.equal(reverseName('example'), undefined);
});
