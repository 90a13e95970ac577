import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { HpackDecoder, type DecoderLimits } from '../../../src/codec/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../src/codec/http2/hpack/encoder.ts';
import { writeInteger } from '../../../src/codec/http2/hpack/integer.ts';
import { checkContentLength, statusOfViolation, UNKNOWN_LENGTH } from '../../../src/codec/http2/message-fields.ts';
import { RequestFields } from '../../../src/codec/http2/request-fields.ts';
import { ResponseFields } from '../../../src/codec/http2/response-fields.ts';
import { TrailerFields } from '../../../src/codec/http2/trailer-fields.ts';
import { violation } from '../../../src/codec/http2/violation.ts';

type Fields = readonly (readonly [name: string, value: string])[];

const limits: DecoderLimits = { tableSize: 4096, listSize: 65_536, fieldCount: 100 };
const rules = { scheme: 'https', extendedConnect: true } as const;

/** Literals without index or Huffman code, so that any octets can be said. `into` puts them into the table. */
function literals(fields: Fields, into = false): Buffer {
  const string = (text: string) => {
    const head = Buffer.alloc(6);
    return [head.subarray(0, writeInteger(head, 0, text.length, 0x7f, 0)), Buffer.from(text, 'latin1')];
  };
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.of(into ? 0x40 : 0), ...string(name), ...string(value)]),
  );
}

function newRequest(changes: Partial<{ scheme: 'https' | 'http'; extendedConnect: boolean }> = {}): RequestFields {
  return new RequestFields(new HpackDecoder(limits, Buffer.alloc(16_384)), Buffer.alloc(65_536), {
    ...rules,
    ...changes,
  });
}

function block(reader: { fields: Buffer; fieldsEnd: number }): string {
  return reader.fields.toString('latin1', 0, reader.fieldsEnd);
}

/** The reason why a request is refused, or its field block. */
function told(request: RequestFields, fields: Fields, endStream = true): string {
  const wire = literals(fields);
  const refused = request.read(wire, 0, wire.length, endStream);
  return refused === null ? block(request) : refused.reason;
}

const base: Fields = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/'],
  [':authority', 'a.test'],
];
/** The base with pseudo-fields replaced, or left out (null). */
function pseudo(changes: Record<string, string | null>): Fields {
  const all = { ...Object.fromEntries(base), ...changes };
  return Object.entries(all).filter((field): field is [string, string] => field[1] !== null);
}

test('a request becomes method, target, authority and a block that begins with Host', () => {
  const request = newRequest();
  const result = told(request, [
    ...pseudo({ ':path': '/a?b=c', ':authority': 'A.Test:8443' }),
    ['accept', '*/*'],
    ['x', 'ÿ'],
  ]);
  assert.equal(result, 'host: A.Test:8443\r\naccept: */*\r\nx: ÿ\r\n');
  assert.deepEqual(
    [request.method, request.target, request.authority, request.protocol, request.hasContent, request.contentLength],
    ['GET', '/a?b=c', 'a.test:8443', '', false, 0],
  );
});

const refusedRequests: [what: string, fields: Fields, reason: string][] = [
  ['CRLF in a value', [...base, ['x-a', 'b\r\nx-smug: 1']], 'h2-field-value-invalid'],
  ['LF in a value', [...base, ['x-a', 'b\nc']], 'h2-field-value-invalid'],
  ['CR in a value', [...base, ['x-a', 'b\rc']], 'h2-field-value-invalid'],
  ['NUL in a value', [...base, ['x-a', 'b\0c']], 'h2-field-value-invalid'],
  ['DEL in a value', [...base, ['x-a', 'a\x7fb']], 'h2-field-value-invalid'],
  ['VT in a value', [...base, ['x-a', 'a\x0bb']], 'h2-field-value-invalid'],
  ['space before a value', [...base, ['x-a', ' b']], 'h2-field-value-invalid'],
  ['tab behind a value', [...base, ['x-a', 'b\t']], 'h2-field-value-invalid'],
  ['CRLF in a cookie', [...base, ['cookie', 'a=b\r\nx: y']], 'h2-field-value-invalid'],
  ['CRLF in an identity field', [...base, ['x-forwarded-for', 'a\r\nx: y']], 'h2-field-value-invalid'],
  ['upper-case name', [...base, ['X-A', 'b']], 'h2-field-name-invalid'],
  ['CRLF in a name', [...base, ['x-a\r\nx-b', 'b']], 'h2-field-name-invalid'],
  ['colon in a name', [...base, ['x-a: 1\r\ny', 'b']], 'h2-field-name-invalid'],
  ['space in a name', [...base, ['x a', 'b']], 'h2-field-name-invalid'],
  ['8-bit name', [...base, ['x-\xe9', 'b']], 'h2-field-name-invalid'],
  ['empty name', [...base, ['', 'b']], 'h2-field-name-invalid'],
  ['a colon for a name', [...base, [':', 'b']], 'h2-field-name-invalid'],
  ['path with a space', pseudo({ ':path': '/ HTTP/1.1' }), 'h2-path-invalid'],
  ['path with CRLF', pseudo({ ':path': '/ HTTP/1.1\r\nX: y' }), 'h2-path-invalid'],
  ['path with NUL', pseudo({ ':path': '/a\0b' }), 'h2-path-invalid'],
  ['path with a fragment', pseudo({ ':path': '/a#b' }), 'h2-path-invalid'],
  ['empty path', pseudo({ ':path': '' }), 'h2-path-invalid'],
  ['path without a slash', pseudo({ ':path': 'foo' }), 'h2-path-invalid'],
  ['path as a URL', pseudo({ ':path': 'http://evil.test/' }), 'h2-path-invalid'],
  ['path * for GET', pseudo({ ':path': '*' }), 'h2-path-invalid'],
  ['8-bit path', pseudo({ ':path': '/\xff' }), 'h2-path-invalid'],
  ['method with a space', pseudo({ ':method': 'GET / HTTP/1.1' }), 'h2-method-invalid'],
  ['method with CRLF', pseudo({ ':method': 'GET\r\nX: y' }), 'h2-method-invalid'],
  ['empty method', pseudo({ ':method': '' }), 'h2-method-invalid'],
  ['scheme with a URL', pseudo({ ':scheme': 'http://x/?' }), 'h2-scheme-invalid'],
  ['scheme http over TLS', pseudo({ ':scheme': 'http' }), 'h2-scheme-invalid'],
  ['authority with CRLF', pseudo({ ':authority': 'a.test\r\nx: y' }), 'h2-authority-invalid'],
  ['authority with userinfo', pseudo({ ':authority': 'u@a.test' }), 'h2-authority-invalid'],
  ['authority with a path', pseudo({ ':authority': 'a.test/x?' }), 'h2-authority-invalid'],
  ['empty authority', pseudo({ ':authority': '' }), 'h2-authority-invalid'],
  ['neither authority nor Host', pseudo({ ':authority': null }), 'h2-authority-missing'],
  ['Host unlike authority', [...base, ['host', 'b.test']], 'h2-host-differs'],
  ['Host of another port', [...base, ['host', 'a.test:8443']], 'h2-host-differs'],
  ['two Hosts', [...pseudo({ ':authority': null }), ['host', 'a.test'], ['host', 'a.test']], 'h2-host-differs'],
  ['empty Host', [...base, ['host', '']], 'h2-authority-invalid'],
  ['path twice', [...base, [':path', '/2']], 'h2-pseudo-repeated'],
  ['method twice', [...base, [':method', 'GET']], 'h2-pseudo-repeated'],
  ['pseudo-field behind others', [...base.slice(0, 3), ['x-a', 'b'], [':authority', 'a.test']], 'h2-pseudo-late'],
  ['pseudo-field behind a cookie', [...base.slice(0, 3), ['cookie', 'b'], [':authority', 'a.test']], 'h2-pseudo-late'],
  ['unknown pseudo-field', [...base, [':foo', 'x']], 'h2-pseudo-unknown'],
  ['pseudo-field of responses', [...base, [':status', '200']], 'h2-pseudo-unknown'],
  ['no method', pseudo({ ':method': null }), 'h2-pseudo-missing'],
  ['no scheme', pseudo({ ':scheme': null }), 'h2-pseudo-missing'],
  ['no path', pseudo({ ':path': null }), 'h2-pseudo-missing'],
  ['nothing', [], 'h2-pseudo-missing'],
  ['Connection', [...base, ['connection', 'close']], 'h2-connection-field'],
  ['Keep-Alive', [...base, ['keep-alive', 'timeout=5']], 'h2-connection-field'],
  ['Proxy-Connection', [...base, ['proxy-connection', 'close']], 'h2-connection-field'],
  ['Transfer-Encoding', [...base, ['transfer-encoding', 'chunked']], 'h2-connection-field'],
  ['Upgrade', [...base, ['upgrade', 'h2c']], 'h2-connection-field'],
  ['te: gzip', [...base, ['te', 'gzip']], 'h2-te-invalid'],
  ['te: trailers, gzip', [...base, ['te', 'trailers, gzip']], 'h2-te-invalid'],
  ['Content-Length twice', [...base, ['content-length', '0'], ['content-length', '0']], 'h2-content-length-invalid'],
  ['Content-Length +5', [...base, ['content-length', '+5']], 'h2-content-length-invalid'],
  ['Content-Length 5, 5', [...base, ['content-length', '5, 5']], 'h2-content-length-invalid'],
  ['Content-Length 05', [...base, ['content-length', '05']], 'h2-content-length-invalid'],
  ['empty Content-Length', [...base, ['content-length', '']], 'h2-content-length-invalid'],
  ['Content-Length beyond 2^53', [...base, ['content-length', '9007199254740993']], 'h2-content-length-invalid'],
  ['Content-Length without content', [...base, ['content-length', '5']], 'h2-content-length-differs'],
  ['an expectation that nobody knows', [...base, ['expect', 'tea']], 'h2-expectation-unknown'],
  ['CONNECT with a path', pseudo({ ':method': 'CONNECT' }), 'h2-connect-malformed'],
  [
    'CONNECT without a port',
    [
      [':method', 'CONNECT'],
      [':authority', 'a.test'],
    ],
    'h2-connect-malformed',
  ],
  [
    'CONNECT without authority',
    [
      [':method', 'CONNECT'],
      ['host', 'a.test:22'],
    ],
    'h2-connect-malformed',
  ],
  [':protocol with GET', [...base, [':protocol', 'websocket']], 'h2-protocol-unexpected'],
  [
    'extended CONNECT without a path',
    [...pseudo({ ':method': 'CONNECT', ':path': null }), [':protocol', 'websocket']],
    'h2-pseudo-missing',
  ],
];

for (const [what, fields, reason] of refusedRequests) {
  test(`a request is refused: ${what}`, () => {
    const request = newRequest();
    assert.equal(told(request, fields), reason);
    // The refusal is forgotten with the next request of the connection.
    assert.equal(told(request, base), 'host: a.test\r\n');
    // It is the same when the fields come out of the table.
    const wire = literals(fields, true);
    assert.equal(request.read(wire, 0, wire.length, true)?.reason, reason);
    const indexed = Buffer.from(Uint8Array.from(fields, (_, place) => 0x80 + 61 + fields.length - place));
    assert.equal(request.read(indexed, 0, indexed.length, true)?.reason, reason);
  });
}

test('a refusal says where in the block it stands', () => {
  const request = newRequest();
  const before = literals(base);
  const wire = literals([...base, ['x-a', 'b\0'], ['X-B', 'c']]);
  assert.equal(request.read(wire, 0, wire.length, true)?.reason, 'h2-field-value-invalid');
  assert.equal(request.errorOffset, before.length);
});

test('a request is accepted: * for OPTIONS, te: trailers, Host alone, Host like authority, odd but legal octets', () => {
  const request = newRequest();
  assert.equal(told(request, pseudo({ ':method': 'OPTIONS', ':path': '*' })), 'host: a.test\r\n');
  assert.equal(told(request, [...base, ['te', 'trailers']]), 'host: a.test\r\n');
  assert.equal(request.acceptsTrailers, true);
  assert.equal(
    told(request, [...pseudo({ ':authority': null }), ['a', 'b'], ['host', 'B.test']]),
    'a: b\r\nhost: B.test\r\n',
  );
  assert.equal(request.authority, 'b.test');
  assert.equal(request.acceptsTrailers, false);
  assert.equal(told(request, [...base, ['host', 'A.TEST']]), 'host: a.test\r\n');
  assert.equal(told(request, [...base, ['host', 'a.test:443']]), 'host: a.test\r\n');
  assert.equal(told(request, pseudo({ ':path': '/a|b^c{d}[e]`"<>\\\'?%zz' })), 'host: a.test\r\n');
  assert.equal(told(request, pseudo({ ':authority': '[::1]:8443' })), 'host: [::1]:8443\r\n');
  assert.equal(
    told(request, [...base, ['empty', ''], ['x', '\x80\xff\t!']]),
    'host: a.test\r\nempty: \r\nx: \x80\xff\t!\r\n',
  );
});

test('content: its length stands in the block, is unknown, or is none', () => {
  const request = newRequest();
  assert.equal(told(request, [...base, ['content-length', '5']], false), 'host: a.test\r\ncontent-length: 5\r\n');
  assert.deepEqual([request.hasContent, request.contentLength], [true, 5]);
  assert.equal(told(request, base, false), 'host: a.test\r\n');
  assert.deepEqual([request.hasContent, request.contentLength], [true, UNKNOWN_LENGTH]);
  told(request, [...base, ['content-length', '0']], false);
  assert.deepEqual([request.hasContent, request.contentLength], [false, 0]);
  told(request, [...base, ['expect', '100-Continue']], false);
  assert.equal(request.expectContinue, true);
});

test('content that is longer or shorter than it was said to be is told', () => {
  assert.equal(checkContentLength(UNKNOWN_LENGTH, 7, true), null);
  assert.equal(checkContentLength(5, 5, false), null);
  assert.equal(checkContentLength(5, 5, true), null);
  assert.equal(checkContentLength(5, 6, false)?.reason, 'h2-content-length-differs');
  assert.equal(checkContentLength(5, 4, true)?.reason, 'h2-content-length-differs');
  assert.equal(checkContentLength(5, 4, false), null);
});

test('CONNECT and extended CONNECT', () => {
  const request = newRequest();
  const connect: Fields = [
    [':method', 'CONNECT'],
    [':authority', 'a.test:22'],
  ];
  assert.equal(told(request, connect, false), 'host: a.test:22\r\n');
  assert.deepEqual([request.method, request.target], ['CONNECT', 'a.test:22']);
  const extended: Fields = [[':protocol', 'websocket'], ...pseudo({ ':method': 'CONNECT', ':path': '/chat' })];
  assert.equal(told(request, extended, false), 'host: a.test\r\n');
  assert.deepEqual([request.protocol, request.target], ['websocket', '/chat']);
  assert.equal(told(newRequest({ extendedConnect: false }), extended, false), 'h2-protocol-unexpected');
});

test('cookie crumbs become one line, wherever they stand', () => {
  const request = newRequest();
  const crumbs = (...places: number[]) =>
    [
      ...base,
      ...['a', 'b', 'c', 'd', 'e'].map((name, at): [string, string] => [
        places.includes(at) ? 'cookie' : name,
        `${at}=v`,
      ]),
    ] as Fields;
  assert.equal(told(request, crumbs(0, 1, 2)), 'host: a.test\r\ncookie: 0=v; 1=v; 2=v\r\nd: 3=v\r\ne: 4=v\r\n');
  assert.equal(told(request, crumbs(0, 2, 4)), 'host: a.test\r\nb: 1=v\r\nd: 3=v\r\ncookie: 0=v; 2=v; 4=v\r\n');
  assert.equal(told(request, crumbs(3)), 'host: a.test\r\na: 0=v\r\nb: 1=v\r\nc: 2=v\r\ncookie: 3=v\r\ne: 4=v\r\n');
});

test('identity fields are left out unless they are trusted; what is for this hop, or shadows framing, always is', () => {
  const fields: Fields = [
    ...base,
    ['x-forwarded-for', '1.2.3.4'],
    ['forwarded', 'for=1.2.3.4'],
    ['x_forwarded_for', '1.2.3.4'],
    ['client-cert', ':AAAA:'],
    ['proxy-authorization', 'Basic x'],
    ['http2-settings', 'AAAA'],
    ['proxy', 'http://evil.test'],
    ['content_length', '7'],
    ['transfer_encoding', 'chunked'],
    ['x', 'y'],
  ];
  const request = newRequest();
  assert.equal(told(request, fields), 'host: a.test\r\nx: y\r\n');
  request.trustIdentityFields = true;
  assert.equal(told(request, fields), 'host: a.test\r\nx-forwarded-for: 1.2.3.4\r\nforwarded: for=1.2.3.4\r\nx: y\r\n');
});

test('too many fields, too large a list: the message is refused with 431, the connection goes on', () => {
  const small = new HpackDecoder({ tableSize: 4096, listSize: 300, fieldCount: 6 }, Buffer.alloc(8192));
  const request = new RequestFields(small, Buffer.alloc(1024), rules);
  const many: Fields = [...base, ...Array.from({ length: 3 }, (): [string, string] => ['a', 'b'])];
  assert.equal(told(request, many), 'h2-too-many-fields');
  const long: Fields = [...base, ['a', 'b'.repeat(200)]];
  assert.equal(told(request, long), 'h2-field-list-too-large');
  assert.equal(statusOfViolation(violation('h2-field-list-too-large')), 431);
  assert.equal(statusOfViolation(violation('h2-header-block-too-large')), 0);
  assert.equal(statusOfViolation(violation('h2-path-invalid')), 0);
  assert.equal(told(request, base), 'host: a.test\r\n');
});

test('a buffer smaller than the limit on lists is a mistake of the program', () => {
  const decoder = new HpackDecoder(limits, Buffer.alloc(16_384));
  assert.throws(() => new RequestFields(decoder, Buffer.alloc(65_535), rules), RangeError);
});

test('what an encoder sends over and over, table and all, gives the same block each time', () => {
  const encoder = new HpackEncoder(Buffer.alloc(16_384));
  const out = Buffer.alloc(16_384);
  const request = newRequest();
  const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
  const fields = fc.array(
    fc.tuple(fc.constantFrom('a', 'b', 'accept', 'user-agent', 'cookie', 'x-long-name', 'date'), value),
    {
      maxLength: 10,
    },
  );
  fc.assert(
    fc.property(fields, fc.constantFrom('/', '/a', '/b?c'), fc.integer({ min: 1, max: 4 }), (fields, path, times) => {
      const crumbs = fields.filter(([name]) => name === 'cookie').map(([, one]) => one);
      const firstCookie = fields.findIndex(([name]) => name === 'cookie');
      const lastCookie = fields.findLastIndex(([name]) => name === 'cookie');
      const adjacent = fields.slice(firstCookie, lastCookie + 1).every(([name]) => name === 'cookie');
      const lines = fields.filter(([name], at) => name !== 'cookie' || at === (adjacent ? firstCookie : lastCookie));
      const expected = lines.map(([n, v]) => `${n}: ${n === 'cookie' ? crumbs.join('; ') : v}\r\n`).join('');
      for (let time = 0; time < times; time += 1) {
        let end = encoder.beginBlock(out, 0);
        for (const [name, value] of [...pseudo({ ':path': path }), ...fields])
          end = encoder.encodeField(name, value, out, end);
        assert.equal(request.read(out, 0, end, true), null);
        assert.equal(block(request), `host: a.test\r\n${expected}`);
        assert.equal(request.target, path);
        assert.equal(request.authority, 'a.test');
      }
    }),
    { numRuns: 400 },
  );
});

/** Any octets as text, those that matter to HTTP often. */
const octets = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', ':', ' ', '\r', '\n', '\0', 'A'),
    fc.nat(255).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 6,
});

test('no octets whatever make a reader throw or put a bare CR or LF into a block', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(octets, octets), { maxLength: 5 }), (more) => {
      const result = told(newRequest(), [...base, ...more]);
      if (!result.startsWith('h2-')) assert.match(result, /^(?:[^\r\n:]+: [^\r\n]*\r\n)+$/);
    }),
    { numRuns: 1000 },
  );
});

function newResponse(): ResponseFields {
  return new ResponseFields(new HpackDecoder(limits, Buffer.alloc(16_384)), Buffer.alloc(65_536));
}

function readResponse(response: ResponseFields, fields: Fields, endStream = false, head = false): string {
  const wire = literals(fields);
  return response.read(wire, 0, wire.length, endStream, head)?.reason ?? block(response);
}

test('a response becomes a status and a block', () => {
  const response = newResponse();
  assert.equal(
    readResponse(response, [
      [':status', '200'],
      ['content-length', '5'],
      ['set-cookie', 'a=b'],
      ['set-cookie', 'c=d'],
    ]),
    'content-length: 5\r\nset-cookie: a=b\r\nset-cookie: c=d\r\n',
  );
  assert.deepEqual([response.status, response.contentLength, response.hasContent], [200, 5, true]);
  readResponse(response, [[':status', '204']], true);
  assert.deepEqual([response.status, response.contentLength, response.hasContent], [204, UNKNOWN_LENGTH, false]);
  readResponse(
    response,
    [
      [':status', '200'],
      ['content-length', '5'],
    ],
    true,
    true,
  );
  assert.deepEqual([response.contentLength, response.hasContent], [5, false]);
  readResponse(response, [[':status', '200']], true);
  assert.deepEqual([response.contentLength, response.hasContent], [0, false]);
  assert.equal(
    readResponse(response, [
      [':status', '103'],
      ['link', '</a>; rel=preload'],
    ]),
    'link: </a>; rel=preload\r\n',
  );
  assert.equal(
    readResponse(response, [
      [':status', '200'],
      ['proxy-authenticate', 'Basic'],
      ['te', 'trailers'],
      ['host', '@'],
    ]),
    '',
  );
});

test('a response is refused', () => {
  const cases: [Fields, string, boolean?][] = [
    [[], 'h2-pseudo-missing'],
    [[['a', 'b']], 'h2-pseudo-missing'],
    [[[':status', '20']], 'h2-status-invalid'],
    [[[':status', '2000']], 'h2-status-invalid'],
    [[[':status', '600']], 'h2-status-invalid'],
    [[[':status', '099']], 'h2-status-invalid'],
    [[[':status', 'abc']], 'h2-status-invalid'],
    [[[':status', '101']], 'h2-status-invalid'],
    [[[':status', '100']], 'h2-status-invalid', true],
    [
      [
        [':status', '200'],
        [':status', '200'],
      ],
      'h2-pseudo-repeated',
    ],
    [
      [
        ['a', 'b'],
        [':status', '200'],
      ],
      'h2-pseudo-late',
    ],
    [
      [
        [':status', '200'],
        [':path', '/'],
      ],
      'h2-pseudo-unknown',
    ],
    [
      [
        [':status', '200'],
        [':x', '/'],
      ],
      'h2-pseudo-unknown',
    ],
    [
      [
        [':status', '200'],
        ['Server', 'x'],
      ],
      'h2-field-name-invalid',
    ],
    [
      [
        [':status', '200'],
        ['server', 'x\r\ny: z'],
      ],
      'h2-field-value-invalid',
    ],
    [
      [
        [':status', '200'],
        ['connection', 'close'],
      ],
      'h2-connection-field',
    ],
    [
      [
        [':status', '200'],
        ['content-length', '5'],
        ['content-length', '5'],
      ],
      'h2-content-length-invalid',
    ],
    [
      [
        [':status', '200'],
        ['content-length', '5'],
      ],
      'h2-content-length-differs',
      true,
    ],
  ];
  for (const [fields, reason, endStream] of cases) {
    assert.equal(readResponse(newResponse(), fields, endStream ?? false), reason, JSON.stringify(fields));
  }
});

function readTrailers(fields: Fields, endStream = true): string {
  const trailers = new TrailerFields(new HpackDecoder(limits, Buffer.alloc(16_384)), Buffer.alloc(65_536));
  const wire = literals(fields);
  return trailers.read(wire, 0, wire.length, endStream)?.reason ?? block(trailers);
}

test('trailers travel on without what frames, routes, authenticates or identifies', () => {
  assert.equal(
    readTrailers([
      ['grpc-status', '0'],
      ['content-length', '5'],
      ['host', 'b.test'],
      ['authorization', 'x'],
      ['set-cookie', 'a=b'],
      ['te', 'trailers'],
      ['x-forwarded-for', '1.2.3.4'],
      ['client-cert', 'x'],
      ['x-checksum', 'abc'],
    ]),
    'grpc-status: 0\r\nx-checksum: abc\r\n',
  );
});

test('trailers are refused', () => {
  assert.equal(readTrailers([[':status', '200']]), 'h2-pseudo-in-trailers');
  assert.equal(readTrailers([[':x', '200']]), 'h2-pseudo-in-trailers');
  assert.equal(readTrailers([['A', 'b']]), 'h2-field-name-invalid');
  assert.equal(readTrailers([['a', 'b\n']]), 'h2-field-value-invalid');
  assert.equal(readTrailers([['connection', 'close']]), 'h2-connection-field');
  assert.equal(readTrailers([['a', 'b']], false), 'h2-trailers-without-end');
});
