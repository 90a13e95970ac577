import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET, HELLO, setStage } from '../stage.ts';

interface Refusal {
  readonly what: string;
  readonly bytes: string;
  readonly status: number;
  readonly code: string;
}

const HOST = 'Host: app.test\r\n';
const refusal = (status: number, code: string, what: string, bytes: string): Refusal => ({ what, bytes, status, code });
const line = (text: string): string => `${text}\r\n${HOST}\r\n`;
const field = (text: string): string => `GET / HTTP/1.1\r\n${HOST}${text}\r\n\r\n`;
const post = (fields: string, content = 'hello'): string => `POST / HTTP/1.1\r\n${HOST}${fields}\r\n\r\n${content}`;

const framing: Refusal[] = [
  ['framing-conflict', 'Content-Length and Transfer-Encoding', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
  ['framing-conflict', 'the same the other way round', 'Transfer-Encoding: chunked\r\nContent-Length: 5'],
  ['framing-conflict', 'with a length of 0', 'Transfer-Encoding: chunked\r\nContent-Length: 0'],
  ['content-length-invalid', 'two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
  ['content-length-invalid', 'the same length twice', 'Content-Length: 5\r\nContent-Length: 5'],
  ['content-length-invalid', 'a list of lengths', 'Content-Length: 5, 5'],
  ['content-length-invalid', 'a positive length', 'Content-Length: +5'],
  ['content-length-invalid', 'a negative length', 'Content-Length: -5'],
  ['content-length-invalid', 'an empty length', 'Content-Length:'],
  ['content-length-invalid', 'a leading zero', 'Content-Length: 05'],
  ['content-length-invalid', 'a hexadecimal length', 'Content-Length: 0x5'],
  ['content-length-invalid', 'a fraction', 'Content-Length: 5.0'],
  ['content-length-invalid', 'an exponent', 'Content-Length: 5e0'],
  ['content-length-invalid', 'a space within', 'Content-Length: 1 5'],
  ['content-length-invalid', 'more than 2^53', 'Content-Length: 9007199254740993'],
  ['transfer-encoding-malformed', 'chunked twice in one line', 'Transfer-Encoding: chunked, chunked'],
  [
    'transfer-encoding-malformed',
    'chunked twice in two lines',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  ],
  ['transfer-encoding-malformed', 'a list that ends in chunked', 'Transfer-Encoding: gzip, chunked'],
  [
    'transfer-encoding-malformed',
    'chunked and another line',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  ],
  ['transfer-encoding-malformed', 'an empty coding', 'Transfer-Encoding:'],
  ['transfer-encoding-malformed', 'a quoted coding', 'Transfer-Encoding: "chunked"'],
  ['transfer-encoding-malformed', 'a parameter', 'Transfer-Encoding: chunked;a=b'],
  ['transfer-encoding-malformed', 'a comma alone', 'Transfer-Encoding: ,chunked'],
].map(([code, what, fields]) => refusal(400, code!, what!, post(fields!)));

const refusals: Refusal[] = [
  ...framing,
  refusal(501, 'transfer-encoding-unsupported', 'another coding', post('Transfer-Encoding: gzip')),
  refusal(501, 'transfer-encoding-unsupported', 'identity', post('Transfer-Encoding: identity')),
  refusal(501, 'transfer-encoding-unsupported', 'nearly chunked', post('Transfer-Encoding: xchunked')),
  refusal(
    400,
    'transfer-encoding-in-http10',
    'chunked in HTTP/1.0',
    `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  refusal(400, 'space-before-colon', 'a space before the colon', post('Content-Length : 5')),
  refusal(400, 'space-before-colon', 'a tab before the colon', post('Transfer-Encoding\t: chunked')),
  refusal(400, 'control-byte-in-value', 'a vertical tab before chunked', post('Transfer-Encoding: \vchunked')),
  refusal(400, 'obs-fold', 'a folded value', field('X-A: 1\r\n 2')),
  refusal(400, 'obs-fold', 'a folded framing field', post('Transfer-Encoding: chunked\r\n , identity')),
  refusal(400, 'obs-fold', 'white space before the first field', `GET / HTTP/1.1\r\n ${HOST}\r\n`),
  refusal(400, 'bare-cr-or-lf', 'a bare LF behind the request line', `GET / HTTP/1.1\n${HOST}\r\n`),
  refusal(400, 'bare-cr-or-lf', 'a bare LF behind a field', `GET / HTTP/1.1\r\nHost: app.test\nX-A: 1\r\n\r\n`),
  refusal(400, 'bare-cr-or-lf', 'a bare LF at the end', `GET / HTTP/1.1\r\n${HOST}\n`),
  refusal(400, 'bare-cr-or-lf', 'a bare CR in a value', field('X-A: 1\rContent-Length: 5')),
  refusal(400, 'bare-cr-or-lf', 'a bare CR at the end', `GET / HTTP/1.1\r\n${HOST}\r\r\n`),
  refusal(400, 'control-byte-in-value', 'NUL in a value', field('X-A: a\0b')),
  refusal(400, 'control-byte-in-value', 'ESC in a value', field('X-A: \x1b[31m')),
  refusal(400, 'control-byte-in-value', 'DEL in a value', field('X-A: \x7f')),
  refusal(400, 'field-name-invalid', 'NUL in a name', field('X\0A: a')),
  refusal(400, 'field-name-invalid', 'an empty name', field(': a')),
  refusal(400, 'field-name-invalid', 'an 8-bit name', field('X-\xe9: a')),
  refusal(400, 'field-name-invalid', 'a name with a parenthesis', field('X(a): a')),
  refusal(400, 'field-line-malformed', 'a line without a colon', field('X-A')),
  refusal(400, 'host-missing', 'no Host', 'GET / HTTP/1.1\r\n\r\n'),
  refusal(400, 'host-missing', 'no Host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'),
  refusal(400, 'host-repeated', 'two Hosts', field('Host: other.test')),
  refusal(400, 'host-repeated', 'the same Host twice', field('host: app.test')),
  ...[
    '',
    'a, b',
    'a b',
    'user@app.test',
    'app.test/path',
    'app.test#f',
    'app.test:port',
    'app.test:99999',
    'app.test:1:2',
    '[::1',
    '[zz]',
    'a%20b',
    'caf\xe9',
  ].map((host) => refusal(400, 'host-invalid', `Host: ${host}`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)),
  refusal(400, 'target-invalid', 'a fragment', line('GET /a#b HTTP/1.1')),
  refusal(400, 'target-invalid', 'a control octet in the target', line('GET /a\x01b HTTP/1.1')),
  refusal(400, 'target-invalid', 'an 8-bit target', line('GET /caf\xe9 HTTP/1.1')),
  refusal(400, 'target-invalid', 'a relative target', line('GET a HTTP/1.1')),
  refusal(400, 'target-invalid', 'an authority alone', line('GET app.test:80 HTTP/1.1')),
  refusal(400, 'target-invalid', 'userinfo in the target', line('GET http://user@app.test/ HTTP/1.1')),
  refusal(400, 'target-invalid', 'user and password in the target', line('GET http://u:p@app.test/ HTTP/1.1')),
  refusal(400, 'target-invalid', 'an absolute target without an authority', line('GET http:///a HTTP/1.1')),
  refusal(400, 'target-invalid', 'another scheme', line('GET ftp://app.test/ HTTP/1.1')),
  refusal(400, 'asterisk-target', 'an asterisk with GET', line('GET * HTTP/1.1')),
  refusal(405, 'connect-refused', 'CONNECT', line('CONNECT app.test:443 HTTP/1.1')),
  refusal(400, 'request-line-malformed', 'two spaces', line('GET  / HTTP/1.1')),
  refusal(400, 'request-line-malformed', 'a tab', line('GET /\tHTTP/1.1')),
  refusal(400, 'request-line-malformed', 'a space at the end', line('GET / HTTP/1.1 ')),
  refusal(400, 'request-line-malformed', 'a space in front', line(' GET / HTTP/1.1')),
  refusal(400, 'request-line-malformed', 'a space within the target', line('GET /a b HTTP/1.1')),
  refusal(400, 'request-line-malformed', 'HTTP/0.9', 'GET /\r\n'),
  refusal(400, 'request-line-malformed', 'a lower-case version', line('GET / http/1.1')),
  refusal(400, 'request-line-malformed', 'a version of three digits', line('GET / HTTP/1.10')),
  refusal(400, 'method-invalid', 'a method with a colon', line('G:T / HTTP/1.1')),
  refusal(400, 'method-invalid', 'an endless method', `${'A'.repeat(100)} / HTTP/1.1\r\n`),
  refusal(505, 'version-unsupported', 'HTTP/2.0', line('GET / HTTP/2.0')),
  refusal(505, 'version-unsupported', 'HTTP/1.2', line('GET / HTTP/1.2')),
  refusal(505, 'version-unsupported', 'the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refusal(417, 'expectation-unknown', 'another expectation', field('Expect: 200-maybe')),
  refusal(400, 'request-line-malformed', 'a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
];

test('whatever can be read in two ways is refused, closed and never shown to the app', async (t) => {
  const { app, client, harness } = await setStage(t);
  for (const { what, bytes, status, code } of refusals) {
    const before = harness.records.length;
    const one = await client();
    // What follows in the same segment must not be taken for a request either.
    one.write(bytes + GET);
    await one.over();
    const responses = await one.responses(1);
    assert.equal(responses.length, 1, `${what}: one answer`);
    assert.equal(responses[0]!.status, status, what);
    assert.match(responses[0]!.head, /Connection: close\r\n/, what);
    assert.deepEqual(
      harness.records.slice(before).map(({ error }) => error),
      [code],
      what,
    );
  }
  assert.equal(app.connections.length, 0, 'the app was not even connected to');
});

test('a refused request behind a good one is refused after the good one is answered', async (t) => {
  const { app, client, harness } = await setStage(t);
  for (const { what, bytes, status } of refusals) {
    const one = await client();
    one.write(GET + bytes);
    const connection = await app.connection(0);
    await connection.head();
    connection.write(HELLO);
    const responses = await one.responses(2);
    assert.deepEqual(
      responses.map((response) => response.status),
      [200, status],
      what,
    );
    assert.equal(connection.rest, '', what);
    one.destroy();
  }
  assert.equal(app.connections.length, 1, 'the connection to the app stays clean');
  assert.equal(harness.records.length, 2 * refusals.length);
});

test('a head that is refused midway leaves nothing behind for other connections', async (t) => {
  const { app, client } = await setStage(t);
  const [good, bad] = [await client(), await client()];
  good.write('GET /good HTTP/1.1\r\nHost: app.test\r\nX-Go');
  bad.write('POST / HTTP/1.1\r\nHost: app.test\r\nConnection: x-good\r\nContent-Length: 5\r\nX-Fold: 1\r\n 2\r\n\r\n');
  await bad.over();
  good.write('od: 1\r\n\r\n');
  const connection = await app.connection(0);
  assert.match(await connection.head(), /^GET \/good HTTP\/1\.1\r\nHost: app\.test\r\nX-Good: 1\r\n/);
  connection.write(HELLO);
  await good.responses(1);
});

const badChunks: readonly [what: string, content: string][] = [
  ['no digit', '\r\nhello'],
  ['a sign', '+5\r\nhello\r\n0\r\n\r\n'],
  ['0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['letters', 'xyz\r\nhello\r\n0\r\n\r\n'],
  ['nine digits', '000000005\r\nhello\r\n0\r\n\r\n'],
  ['more than 32 bits', 'fffffffff\r\nhello'],
  ['white space before', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['white space behind', '5 \r\nhello\r\n0\r\n\r\n'],
  ['a tab behind', '5\t\r\nhello\r\n0\r\n\r\n'],
  ['a bare LF', '5\nhello\r\n0\r\n\r\n'],
  ['a bare CR', '5\rhello\r\n0\r\n\r\n'],
  ['no CRLF behind the data', '5\r\nhelloX\r\n0\r\n\r\n'],
  ['a bare LF behind the data', '5\r\nhello\n0\r\n\r\n'],
  ['data that goes on', '5\r\nhello5\r\nhello\r\n0\r\n\r\n'],
  ['an empty extension', '5;\r\nhello\r\n0\r\n\r\n'],
  ['an extension with a space', '5; a\r\nhello\r\n0\r\n\r\n'],
  ['an extension without a value', '5;a=\r\nhello\r\n0\r\n\r\n'],
  ['an extension with LF', '5;a\nhello\r\n0\r\n\r\n'],
  ['an extension with a quoted CR', '5;a="\r\n"\r\nhello\r\n0\r\n\r\n'],
  ['an endless extension', `5;${'a'.repeat(2000)}\r\nhello\r\n0\r\n\r\n`],
  ['a comma', '5,5\r\nhello\r\n0\r\n\r\n'],
  ['a trailer with a bare LF', '0\r\nX-A: 1\n\r\n'],
  ['a folded trailer', '0\r\nX-A: 1\r\n 2\r\n\r\n'],
  ['a trailer without a colon', '0\r\nX-A\r\n\r\n'],
  ['a trailer with a space before the colon', '0\r\nX-A : 1\r\n\r\n'],
  ['an endless trailer', `0\r\nX-A: ${'a'.repeat(10_000)}\r\n\r\n`],
  ['a bare LF at the end', '0\r\n\n'],
];

test('broken chunks are refused, and the app never gets an end of the message', async (t) => {
  const { app, client, harness, settled } = await setStage(t);
  for (const [index, [what, content]] of badChunks.entries()) {
    const one = await client();
    one.write(`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
    const connection = await app.connection(index);
    await connection.head();
    one.write(`3\r\nabc\r\n${content}${GET}`);
    await one.over();
    await settled();
    const responses = await one.responses(1);
    assert.equal(responses.length, 1, what);
    assert.equal(responses[0]!.status, 400, what);
    assert.ok(connection.closed || connection.ended, `${what}: the app learns of it`);
    assert.doesNotMatch(connection.received, /(?:^|\r\n)0\r\n/, `${what}: no last chunk`);
    assert.match(harness.records.at(-1)!.error, /^(?:chunk|trailer)-malformed$/, what);
  }
  assert.equal(harness.records.length, badChunks.length);
});

test('extensions that keep to the grammar are checked and dropped', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  one.write(post('Transfer-Encoding: chunked', '5;a;b=c;d="e;\\"f\\r"\r\nhello\r\n0;z\r\n\r\n'));
  const connection = await app.connection(0);
  await connection.head();
  assert.equal(await connection.through('0\r\n\r\n'), '5\r\nhello\r\n0\r\n\r\n');
  connection.write(HELLO);
  await one.responses(1);
});
