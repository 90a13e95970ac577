import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dnsNameProblem, matchesDnsName, normalizeHostName } from '../../../src/pki/names/dns-name.ts';
import { formatIpAddress, looksLikeIpAddress, parseIpAddress } from '../../../src/pki/names/ip-address.ts';
import { parseHost, parseMailbox } from '../../../src/pki/names/peer-name.ts';
import { publicSuffixKind } from '../../../src/pki/names/public-suffix.ts';

describe('IP addresses', () => {
  it('have one text form', () => {
    const again = (text: string): string => formatIpAddress(parseIpAddress(text) ?? new Uint8Array(0));
    for (const [text, canonical] of [
      ['192.0.2.1', '192.0.2.1'],
      ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['::', '::'],
      ['::1', '::1'],
      ['1::', '1::'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
      ['fe80::0204:61ff:fe9d:f156', 'fe80::204:61ff:fe9d:f156'],
    ] as const)
      assert.equal(again(text), canonical, text);
  });

  it('are read back from the form that they are written in', () => {
    const octets = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    const sparse = octets.map((bytes) => bytes.map((octet) => (octet < 170 ? 0 : octet)));
    fc.assert(
      fc.property(fc.oneof(octets, sparse), (bytes) => {
        const text = formatIpAddress(bytes);
        assert.ok(isIP(text) !== 0, text);
        assert.deepEqual(parseIpAddress(text), bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('are nothing else', () => {
    for (const text of ['', '1.2.3', '256.1.1.1', '01.2.3.4', 'fe80::1%eth0', '1::2::3', 'host', '[::1]'])
      assert.equal(parseIpAddress(text), undefined, text);
    assert.ok(
      looksLikeIpAddress('0xC0A80101') && looksLikeIpAddress('192.168.001.001') && looksLikeIpAddress('2001:DB8::1'),
    );
    assert.ok(!looksLikeIpAddress('a.example') && !looksLikeIpAddress('1.2.3.4.5'));
  });
});

describe('host names', () => {
  it('match label for label, with a wildcard for one whole left-most label', () => {
    const matching: [string, string][] = [
      ['example.com', 'example.com'],
      ['EXAMPLE.com', 'example.com'],
      ['*.example.com', 'foo.example.com'],
      ['*.xn--bcher-kva.example', 'www.xn--bcher-kva.example'],
    ];
    for (const [presented, reference] of matching) assert.ok(matchesDnsName(presented, reference), presented);
    const others: [string, string][] = [
      ['example.com', 'www.example.com'],
      ['www.example.com', 'example.com'],
      ['*.example.com', 'example.com'],
      ['*.example.com', 'a.b.example.com'],
      ['ba*.example.com', 'baz.example.com'],
      ['*z.example.com', 'baz.example.com'],
      ['foo.*.example.com', 'foo.bar.example.com'],
      ['*.*.example.com', 'a.b.example.com'],
      ['*', 'com'],
      ['*.', 'com.'],
      ['xn--*-1b3c148a.example.com', 'xn--bliss-1b3c148a.example.com'],
      ['.example.com', 'example.com'],
      ['.example.com', 'www.example.com'],
    ];
    for (const [presented, reference] of others) assert.ok(!matchesDnsName(presented, reference), presented);
  });

  it('are looked for as A-labels in lower case without the root’s dot', () => {
    assert.equal(normalizeHostName('WWW.Example.COM.'), 'www.example.com');
    assert.equal(normalizeHostName('bücher.example'), 'xn--bcher-kva.example');
    assert.equal(normalizeHostName('_dmarc.example'), '_dmarc.example');
    for (const wrong of [
      '',
      '.',
      'a..b',
      '-a.example',
      'a b.example',
      `${'a'.repeat(64)}.example`,
      `${'a.'.repeat(127)}aa`,
    ])
      assert.equal(normalizeHostName(wrong), undefined, wrong);
  });

  it('are checked as certificates hold them', () => {
    for (const good of ['a.example', '*.example.com', 'xn--bcher-kva.example', '1a.example', 'localhost', '3.example'])
      assert.equal(dnsNameProblem(good), undefined, good);
    assert.equal(dnsNameProblem('a_b.example'), 'underscore');
    assert.equal(dnsNameProblem('8.8.8.8'), 'address');
    for (const wrong of [
      '',
      '*',
      '.example.com',
      'a.example.',
      'a..b',
      '*.*.example',
      'ba*.example',
      'a b',
      'a.example:443',
      '*.',
    ])
      assert.equal(dnsNameProblem(wrong), 'malformed', wrong);
  });

  it('are told from addresses and mailboxes', () => {
    assert.deepEqual(parseHost('[::1]')?.kind, 'ip');
    assert.deepEqual(parseHost('127.0.0.1')?.kind, 'ip');
    assert.deepEqual(parseHost('Straße.example'), { kind: 'dns', name: 'xn--strae-oqa.example' });
    assert.deepEqual(parseMailbox('User*@Host.Example'), { kind: 'email', localPart: 'User*', host: 'host.example' });
    for (const wrong of ['user', '@host', 'user@', 'a@b@c', 'a b@host'])
      assert.equal(parseMailbox(wrong), undefined, wrong);
  });

  it('end in public suffixes of registries, of owners, or in none', () => {
    assert.equal(publicSuffixKind('com'), 'icann');
    assert.equal(publicSuffixKind('co.uk'), 'icann');
    assert.equal(publicSuffixKind('localhost'), 'icann');
    assert.equal(publicSuffixKind('s3.amazonaws.com'), 'private');
    assert.equal(publicSuffixKind('example.com'), undefined);
    assert.equal(publicSuffixKind('a.example.co.uk'), undefined);
  });
});
