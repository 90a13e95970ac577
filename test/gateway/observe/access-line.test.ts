import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { accessCombined, accessCommon, accessJson } from '../../../src/gateway/observe/access-line.ts';
import { actsOnTerminal, HOSTILE_TEXTS, hostileText } from './hostile-text.ts';
import { sampleRecord } from './sample-record.ts';

const TEXT_FIELDS = [
  'site',
  'peer',
  'method',
  'target',
  'authority',
  'protocol',
  'cipherSuite',
  'upstream',
  'error',
  'referer',
  'userAgent',
] as const;

/** The line as JSON; fails where it is not exactly one line without a character that acts. */
function parseLine(line: string): Record<string, unknown> {
  assert.equal(line.indexOf('\n'), line.length - 1, 'one line');
  assert.ok(!actsOnTerminal(line.slice(0, -1)), 'no control character');
  assert.doesNotMatch(line, /\p{Cs}/u, 'no lone surrogate');
  return JSON.parse(Buffer.from(line).toString()) as Record<string, unknown>;
}

test('a JSON access line holds every value of the record', () => {
  const record = sampleRecord({
    tlsMs: 12.5,
    error: 'no-such-site',
    referer: 'https://a.example/',
    userAgent: 'curl/8',
  });
  assert.deepEqual(parseLine(accessJson(record)), {
    level: 'info',
    time: '2026-11-22T00:58:03.120Z',
    event: 'request',
    site: 'app.example.com',
    authority: 'app.example.com',
    protocol: 'HTTP/1.1',
    tlsVersion: 'TLSv1.3',
    cipherSuite: 'TLS_AES_128_GCM_SHA256',
    resumed: false,
    peer: '192.0.2.17',
    method: 'GET',
    target: '/articles?page=3',
    status: 200,
    bytesSent: 4312,
    bytesReceived: 0,
    totalMs: 2.125,
    upstream: 'http://127.0.0.1:8000',
    upstreamMs: 1.7,
    tlsMs: 12.5,
    error: 'no-such-site',
    referer: 'https://a.example/',
    userAgent: 'curl/8',
  });
});

test('a JSON access line leaves out what does not apply', () => {
  const line = parseLine(accessJson(sampleRecord({ upstream: '', upstreamMs: -1, tlsVersion: '', cipherSuite: '' })));
  for (const name of ['upstream', 'upstreamMs', 'tlsMs', 'tlsVersion', 'resumed', 'error', 'referer', 'userAgent']) {
    assert.ok(!(name in line), name);
  }
});

test('no text in any field breaks or forges a JSON access line', () => {
  for (const field of TEXT_FIELDS) {
    for (const text of HOSTILE_TEXTS) {
      if (field === 'referer' && text.includes('@')) continue;
      // Twice: the second time the text is recognised instead of escaped.
      for (let time = 0; time < 2; time += 1) {
        const line = parseLine(accessJson(sampleRecord({ [field]: text })));
        assert.equal(line[field] ?? '', text, `${field} ${JSON.stringify(text)}`);
      }
    }
  }
});

test('fuzz: a JSON access line parses back to the values of the record', () => {
  const texts = Object.fromEntries(TEXT_FIELDS.map((name) => [name, hostileText]));
  const numbers = {
    status: fc.integer({ min: 0, max: 999 }),
    bytesSent: fc.nat(Number.MAX_SAFE_INTEGER),
    bytesReceived: fc.nat(),
    totalMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    resumed: fc.boolean(),
  };
  fc.assert(
    fc.property(fc.record({ ...texts, ...numbers }), (values) => {
      const record = sampleRecord(values);
      const line = parseLine(accessJson(record));
      for (const name of [...TEXT_FIELDS, 'status', 'bytesSent', 'bytesReceived', 'resumed'] as const) {
        if (name === 'referer' && record.referer.includes('@')) continue;
        assert.equal(line[name] ?? '', record[name], name);
      }
      assert.ok(Math.abs(Number(line['totalMs']) - record.totalMs) <= 0.000_51 + record.totalMs * 1e-12);
    }),
    { numRuns: 500 },
  );
});

test('lines of different sites, versions and resumptions are never mixed up', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          site: fc.constantFrom('a.example', 'b.example', ''),
          authority: fc.constantFrom('a.example', 'b.example', 'a.example:1'),
          protocol: fc.constantFrom('HTTP/1.1', 'HTTP/2.0', 'HTTP/1.0'),
          tlsVersion: fc.constantFrom('TLSv1.2', 'TLSv1.3'),
          cipherSuite: fc.constantFrom('TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'),
          resumed: fc.boolean(),
          peer: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'),
          userAgent: fc.constantFrom('abc', 'bbc', 'xyc', 'abd'),
        }),
        { minLength: 2, maxLength: 40 },
      ),
      (records) => {
        for (const values of records) {
          const line = parseLine(accessJson(sampleRecord(values)));
          for (const [name, value] of Object.entries(values)) assert.equal(line[name], value);
        }
      },
    ),
  );
});

test('a password in a referer is not logged', () => {
  const cases = [
    ['https://user:pass@a.example/x?q=1', 'https://a.example/x?q=1'],
    ['//user@a.example/', '//a.example/'],
    ['https://u:p@ss@a.example', 'https://a.example'],
    ['https:\\\\u:p@a.example/', 'https:\\\\a.example/'],
    ['https://a.example/mail?to=b@c.example', 'https://a.example/mail?to=b@c.example'],
    ['https://a.example/@user', 'https://a.example/@user'],
    ['https://a.example#x@y', 'https://a.example#x@y'],
  ] as const;
  for (const [referer, shown] of cases) {
    assert.equal(parseLine(accessJson(sampleRecord({ referer })))['referer'], shown);
    assert.ok(accessCombined(sampleRecord({ referer })).includes(`"${shown.replaceAll('\\', '\\x5C')}"`));
  }
});

/** `%h %l %u %t "%r" %>s %b` of the Apache documentation, time as `[day/month/year:hour:minute:second zone]`. */
const COMMON =
  /^(\S+) (\S+) (\S+) \[(\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "([^"]*)" (\d{3}) (\d+|-)$/;
const COMBINED = new RegExp(`${COMMON.source.slice(0, -1)} "([^"]*)" "([^"]*)"$`);

/** nginx's escapes undone, octet by octet. */
function unescapeClf(text: string): Buffer {
  const latin1 = text.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}

test('fuzz: Common and Combined lines match the format and give the values back', () => {
  fc.assert(
    fc.property(
      hostileText,
      hostileText,
      hostileText,
      fc.nat(999),
      fc.nat(),
      (target, userAgent, peer, status, bytes) => {
        const record = sampleRecord({ target, userAgent, peer, status, bytesSent: bytes });
        const common = COMMON.exec(accessCommon(record).slice(0, -1));
        const combined = COMBINED.exec(accessCombined(record).slice(0, -1));
        assert.ok(common && combined);
        assert.equal(common[7], bytes === 0 ? '-' : String(bytes));
        assert.equal(combined[7], String(bytes));
        assert.equal(Number(common[6]), status >= 100 ? status : 0);
        const octets = (text: string): Buffer => Buffer.from(text, /[^\u0000-\u00ff]/.test(text) ? 'utf8' : 'latin1');
        assert.deepEqual(unescapeClf(combined[9] ?? ''), userAgent === '' ? Buffer.from('-') : octets(userAgent));
        const [method, ...rest] = (combined[5] ?? '').split(' ');
        assert.equal(method, 'GET');
        assert.deepEqual(unescapeClf(rest.slice(0, -1).join(' ')), octets(target));
      },
    ),
    { numRuns: 500 },
  );
});

test('the time of a Common line is the local time with its distance from UTC', () => {
  const timeMs = Date.UTC(2026, 0, 5, 23, 4, 9, 5);
  const match = COMMON.exec(accessCommon(sampleRecord({ timeMs })).slice(0, -1));
  const [, day, month, year, clock, zone] = /^(\d+)\/(\w+)\/(\d+):(\S+) (\S+)$/.exec(match?.[4] ?? '') ?? [];
  assert.equal(Date.parse(`${month} ${day} ${year} ${clock} GMT${zone}`), timeMs - 5);
});
