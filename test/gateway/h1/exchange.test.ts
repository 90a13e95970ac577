import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHarness } from '../engine-harness.ts';
import { startPlainApp, type SeenRequest } from '../../apps/plain-app.ts';
import { quiet } from '../quiet.ts';
import { RawClient } from '../raw-client.ts';
import { fieldsOf, valuesOf } from '../scripted-app.ts';
import { GET, HELLO, setStage } from '../stage.ts';

const POST =
  'POST /form?a=1 HTTP/1.1\r\nHost: app.test\r\nX-Kept: yes\r\nTransfer-Encoding: chunked\r\nConnection: x-gone\r\nX-Gone: 1\r\n\r\n' +
  '5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\nContent-Length: 4\r\n\r\n';

test('a request that comes octet by octet reaches the app whole and once', async (t) => {
  const { app, client, settled, harness } = await setStage(t);
  const one = await client();
  for (const octet of POST) {
    one.write(octet);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const connection = await app.connection(0);
  const head = await connection.head();
  await connection.through('0\r\n');
  await settled();
  assert.match(head, /^POST \/form\?a=1 HTTP\/1\.1\r\n/);
  assert.deepEqual(valuesOf(head, 'x-kept'), ['yes']);
  assert.deepEqual(valuesOf(head, 'x-gone'), []);
  assert.deepEqual(valuesOf(head, 'connection'), []);
  assert.deepEqual(valuesOf(head, 'transfer-encoding'), ['chunked']);
  const chunks = connection.received.slice(head.length).replace(/[1-9a-f][0-9a-f]*\r\n([^\r]+)\r\n/g, '$1');
  assert.equal(chunks, 'hello world0\r\nX-Sum: 1\r\n\r\n');
  connection.write(HELLO);
  const [response] = await one.responses(1);
  assert.equal(response!.content, 'hello');
  assert.equal(harness.records.length, 1);
  assert.equal(harness.records[0]!.bytesReceived, 11);
});

test('requests that repeat their fields reach app and log as the first one did, whatever else changes', async (t) => {
  const { app, client, settled, harness } = await setStage(t);
  const one = await client();
  const fields = (agent: string): string =>
    `User-Agent: ${agent}\r\nReferer: https://app.test/before\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-Kept: yes\r\n` +
    'X-Forwarded-For: 6.6.6.6\r\nContent-Length: 4\r\n\r\nbody';
  const requests = [
    ...['/', '/a', '/bc'].map((target) => [`POST ${target}`, 'app.test', 'first/1'] as const),
    ['PUT /d', 'app.test', 'first/1'],
    ['POST https://other.test/absolute', 'app.test', 'first/1'],
    ['POST /', 'app.test', 'first/1'],
    ['POST /', 'app.test', 'other/2'],
    ['POST /', 'app.test', 'first/1'],
  ] as const;
  for (const [at, [line, host, agent]] of requests.entries()) {
    one.write(`${line} HTTP/1.1\r\nHost: ${host}\r\n${fields(agent)}`);
    const connection = await app.connection(0);
    const head = await connection.head();
    await connection.through('body');
    const authority = at === 4 ? 'other.test' : 'app.test';
    assert.equal(head.split(' HTTP/1.1\r\n')[0], line.replace('https://other.test', ''));
    assert.deepEqual(valuesOf(head, 'host'), [authority]);
    assert.deepEqual(valuesOf(head, 'user-agent'), [agent]);
    assert.deepEqual(valuesOf(head, 'x-kept'), ['yes']);
    assert.deepEqual(valuesOf(head, 'content-length'), ['4']);
    assert.deepEqual(valuesOf(head, 'x-forwarded-for'), ['127.0.0.1']);
    assert.deepEqual(valuesOf(head, 'x-forwarded-host'), [authority]);
    for (const gone of ['connection', 'x-hop']) assert.deepEqual(valuesOf(head, gone), [], gone);
    connection.write(HELLO);
    await one.responses(1);
    one.received = '';
    await settled();
    const record = harness.records.at(-1)!;
    assert.deepEqual(
      [record.authority, record.userAgent, record.referer, record.bytesReceived],
      [authority, agent, 'https://app.test/before', 4],
    );
  }
  assert.equal(harness.records.length, requests.length);
});

test('a request cut in two at every octet is answered alike', async (t) => {
  const app = await startPlainApp();
  const harness = await startHarness({ upstreams: [app.port] });
  t.after(async () => {
    await harness.close();
    await app.close();
  });
  const request = `\r\n${POST}`;
  for (let cut = 0; cut < request.length; cut += 1) {
    const client = new RawClient(await harness.connect());
    client.write(request.slice(0, cut));
    await quiet(() => client.received.length);
    client.write(request.slice(cut));
    const [response] = await client.responses(1);
    assert.equal(response?.status, 200, `cut at ${cut}: ${client.received}`);
    const seen = JSON.parse(response.content) as SeenRequest;
    assert.equal(seen.content, 'hello world', `cut at ${cut}`);
    assert.equal(seen.target, '/form?a=1');
    client.destroy();
  }
});

test('a response cut in two at every octet reaches the client alike', async (t) => {
  const { app, client, settled } = await setStage(t);
  const one = await client();
  const response =
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: x-b\r\nX-A: 1\r\nX-B: 2\r\n\r\n' +
    '5\r\nhello\r\na\r\n, you all!\r\n0\r\nX-T: 1\r\n\r\n';
  for (let cut = 0; cut <= response.length; cut += 1) {
    one.received = '';
    one.write(GET);
    // While the answer is cut within its framing, the connection stays clean and is used again.
    const connection = await app.connection(0);
    await connection.head();
    connection.write(response.slice(0, cut));
    await settled();
    connection.write(response.slice(cut));
    const [got] = await one.responses(1);
    assert.equal(got?.content, 'hello, you all!', `cut at ${cut}`);
    assert.equal(got.trailers, 'X-T: 1\r\n', `cut at ${cut}`);
    assert.match(got.head, /X-A: 1\r\n/);
    assert.doesNotMatch(got.head, /X-B|Connection/);
    assert.match(one.received, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\n/);
  }
  assert.equal(app.connections.length, 1);
});

test('pipelined requests of all kinds are answered in order', async (t) => {
  const { app, client, harness } = await setStage(t);
  const one = await client();
  const requests = [
    ['GET', 'GET /0 HTTP/1.1\r\nHost: app.test\r\n\r\n'],
    ['POST', 'POST /1 HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\nabc'],
    ['HEAD', 'HEAD /2 HTTP/1.1\r\nHost: app.test\r\n\r\n\r\n'],
    ['PUT', 'PUT /3 HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'],
    ['DELETE', 'DELETE /4 HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\n\r\n'],
    ['OPTIONS', 'OPTIONS * HTTP/1.1\r\nHost: app.test\r\n\r\n'],
  ] as const;
  const methods = requests.map(([method]) => method);
  one.write(requests.map(([, text]) => text).join(''));
  const connection = await app.connection(0);
  for (const [index, method] of methods.entries()) {
    const head = await connection.head();
    assert.ok(head.startsWith(`${method} `), head);
    if (method === 'POST') await connection.through('abc');
    if (method === 'PUT') await connection.through('2\r\nhi\r\n0\r\n\r\n');
    assert.equal(connection.rest, '', 'the next request waits for this answer');
    const content = method === 'HEAD' ? '' : `answer ${index}`;
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n${content}`);
  }
  const responses = await one.responses(methods.length, methods);
  assert.deepEqual(
    responses.map(({ content }) => content),
    ['answer 0', 'answer 1', '', 'answer 3', 'answer 4', 'answer 5'],
  );
  assert.equal(app.connections.length, 1);
  assert.equal(harness.records.length, 6);
});

test('HEAD, 204 and 304 have no content whatever their fields say, and the connection goes on', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  const methods = ['HEAD', 'HEAD', 'GET', 'GET', 'GET', 'GET'];
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nX-A: 1\r\nContent-Length: 0\r\nX-B: 2\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\nETag: "a"\r\n\r\n',
    HELLO,
  ];
  for (const [index, method] of methods.entries()) {
    one.write(`${method} / HTTP/1.1\r\nHost: app.test\r\n\r\n`);
    const connection = await app.connection(0);
    await connection.head();
    connection.write(answers[index]!);
    await one.responses(index + 1, methods);
  }
  const responses = await one.responses(6, methods);
  assert.deepEqual(
    responses.map(({ status, content }) => `${status} ${content}`),
    ['200 ', '200 ', '204 ', '204 ', '304 ', '200 hello'],
  );
  assert.match(responses[0]!.head, /Content-Length: 100\r\n/);
  assert.doesNotMatch(responses[2]!.head, /Content-Length|Transfer-Encoding/);
  assert.match(responses[3]!.head, /^HTTP\/1\.1 204 No Content\r\nX-A: 1\r\nX-B: 2\r\n\r\n$/);
  assert.match(responses[4]!.head, /Content-Length: 100\r\n/);
  assert.equal(app.connections.length, 1);
});

test('100-continue: the app decides, and the client sees what it says', async (t) => {
  const { app, client, settled } = await setStage(t);
  const one = await client();
  one.write('POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  const connection = await app.connection(0);
  assert.deepEqual(valuesOf(await connection.head(), 'expect'), ['100-continue']);
  await settled();
  assert.equal(one.received, '', 'the gateway promises nothing by itself');
  connection.write('HTTP/1.1 100 Continue\r\n\r\n');
  await one.through('HTTP/1.1 100 Continue\r\n\r\n');
  one.write('hello');
  await connection.through('hello');
  connection.write(HELLO);
  assert.equal((await one.responses(1))[0]!.content, 'hello');
  one.write(GET);
  await connection.head();
  connection.write(HELLO);
  assert.equal((await one.responses(2)).length, 2, 'both connections go on');
  assert.equal(app.connections.length, 1);
});

test('100-continue: a final answer instead ends both connections, since the content may or may not come', async (t) => {
  const { app, client, harness } = await setStage(t);
  const one = await client();
  one.write('POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  const connection = await app.connection(0);
  await connection.head();
  connection.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n');
  await one.over();
  const [response] = await one.responses(1);
  assert.equal(response!.status, 417);
  assert.match(response!.head, /Connection: close\r\n/);
  one.write(`hello${GET}`);
  one.destroy();
  assert.equal(harness.records.length, 1);
  assert.equal(app.connections.length, 1);
});

test('100-continue: an app that never says 100 gets the content of a client that does not wait', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  one.write('POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  const connection = await app.connection(0);
  await connection.head();
  one.write('hello');
  await connection.through('hello');
  connection.write(HELLO);
  assert.equal((await one.responses(1))[0]!.status, 200);
});

test('interim answers pass to HTTP/1.1 clients and not to HTTP/1.0 ones', async (t) => {
  const { app, client } = await setStage(t);
  const hints = 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';
  for (const version of ['1.1', '1.0']) {
    const one = await client();
    one.write(`GET / HTTP/${version}\r\nHost: app.test\r\n\r\n`);
    const connection = await app.connection(0);
    await connection.head();
    connection.write(hints + HELLO);
    await one.responses(1);
    if (version === '1.1') assert.ok(one.received.startsWith(hints), one.received);
    else assert.doesNotMatch(one.received, /HTTP\/1\.1 10[23]/);
  }
});

test('an HTTP/1.0 client gets chunked content as it is, ended by the end of the connection', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  one.write('GET / HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n');
  const connection = await app.connection(0);
  assert.match(await connection.head(), /^GET \/ HTTP\/1\.1\r\n/);
  connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n');
  await one.over();
  assert.match(one.received, /Connection: close\r\n\r\nhello$/);
  assert.doesNotMatch(one.received, /Transfer-Encoding|X-T/);
});

test('an HTTP/1.0 app is read to its end, chunked on for the client, and not used again', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.write('HTTP/1.0 200 OK\r\n\r\nhel');
  await one.through('hel');
  connection.write('lo');
  connection.socket.end();
  const [response] = await one.responses(1);
  assert.equal(response!.content, 'hello');
  assert.match(response!.head, /Transfer-Encoding: chunked\r\n/);
  one.write(GET);
  const second = await app.connection(1);
  await second.head();
  second.write('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok');
  assert.equal((await one.responses(2))[1]!.content, 'ok');
  one.write(GET);
  await app.connection(2);
});

test('what says who the client is comes from the gateway alone', async (t) => {
  const { app, client } = await setStage(t, { forwarded: true });
  const one = await client();
  const claims = [
    'X-Forwarded-For: 6.6.6.6',
    'x-forwarded-proto: gopher',
    'X-Forwarded-Host: evil.test',
    'X-Forwarded-Prefix: /evil',
    'X_Forwarded_For: 6.6.6.6',
    'X-Forwarded_For: 6.6.6.6',
    'Forwarded: for=6.6.6.6',
    'X-Real-IP: 6.6.6.6',
    'X_Real_Ip: 6.6.6.6',
    'True-Client-IP: 6.6.6.6',
    'Client-Cert: :AAAA:',
    'Client_Cert: :AAAA:',
    'Client-Cert-Chain: :AAAA:',
    'X-SSL-Client-Verify: SUCCESS',
    'Proxy: http://evil.test',
  ];
  one.write(`GET / HTTP/1.1\r\n${claims.join('\r\n')}\r\nHost: APP.test:443\r\nAccept: */*\r\n\r\n`);
  const connection = await app.connection(0);
  const head = await connection.head();
  const scheme = valuesOf(head, 'x-forwarded-proto')[0];
  assert.deepEqual(fieldsOf(head), [
    ['host', 'APP.test:443'],
    ['accept', '*/*'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-proto', scheme],
    ['x-forwarded-host', 'app.test:443'],
    ['forwarded', `for=127.0.0.1;proto=${scheme};host="app.test:443"`],
    ['via', '1.1 menshen'],
  ]);
  connection.write(HELLO);
  await one.responses(1);
});

test('Connection cannot take away what frames, routes, authenticates or identifies', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  const named =
    'close, Host, Content-Length, Authorization, Cookie, X-Forwarded-For, x-forwarded-proto, Client-Cert, X-Own';
  one.write(
    `POST / HTTP/1.1\r\nHost: app.test\r\nAuthorization: a\r\nCookie: b\r\nX-Own: c\r\nContent-Length: 2\r\nConnection: ${named}\r\n\r\nok`,
  );
  const connection = await app.connection(0);
  const head = await connection.head();
  assert.deepEqual(
    fieldsOf(head).map(([name]) => name),
    [
      'host',
      'authorization',
      'cookie',
      'content-length',
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-forwarded-host',
      'via',
    ],
  );
  await connection.through('ok');
  connection.write(HELLO);
  await one.over();
});

test('a trusted proxy is believed and continued, and cannot be made to forget by Connection', async (t) => {
  const { app, client } = await setStage(t, { trustedPeer: true, forwarded: true });
  const one = await client();
  one.write(
    'GET / HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 9.9.9.9, 8.8.8.8\r\nX-Forwarded-For: 7.7.7.7\r\n' +
      'X-Forwarded-Proto: https\r\nX-Forwarded-Host: outside.test\r\nForwarded: for=9.9.9.9\r\n' +
      'X_Forwarded_For: 6.6.6.6\r\nClient-Cert: :AAAA:\r\nConnection: X-Forwarded-For, X-Forwarded-Proto, Forwarded\r\n\r\n',
  );
  const connection = await app.connection(0);
  const head = await connection.head();
  assert.deepEqual(valuesOf(head, 'x-forwarded-for'), ['9.9.9.9, 8.8.8.8, 7.7.7.7, 127.0.0.1']);
  assert.deepEqual(valuesOf(head, 'x-forwarded-proto'), ['https']);
  assert.deepEqual(valuesOf(head, 'x-forwarded-host'), ['outside.test']);
  assert.equal(valuesOf(head, 'forwarded').length, 1);
  assert.match(valuesOf(head, 'forwarded')[0]!, /^for=9\.9\.9\.9, for=127\.0\.0\.1;proto=https?;host=app\.test$/);
  assert.deepEqual(valuesOf(head, 'x_forwarded_for'), []);
  assert.deepEqual(valuesOf(head, 'client-cert'), []);
  connection.write(HELLO);
  await one.responses(1);
});

test('the authority of an absolute-form target replaces Host', async (t) => {
  const { app, client, harness } = await setStage(t);
  const one = await client();
  const forms = [
    ['GET', 'http://Other.test/a?b', '/a?b', 'other.test'],
    ['GET', 'https://other.test:8443', '/', 'other.test:8443'],
    ['GET', 'http://other.test?q=1', '/?q=1', 'other.test'],
    ['OPTIONS', 'http://other.test', '*', 'other.test'],
    ['GET', 'http://[::1]:80/', '/', '[::1]:80'],
  ] as const;
  for (const [method, target, origin, host] of forms) {
    one.write(`${method} ${target} HTTP/1.1\r\nHost: app.test\r\nX-A: 1\r\n\r\n`);
    const connection = await app.connection(0);
    const head = await connection.head();
    assert.ok(head.startsWith(`${method} ${origin} HTTP/1.1\r\n`), head);
    assert.deepEqual(valuesOf(head, 'host'), [host]);
    assert.deepEqual(valuesOf(head, 'x-forwarded-host'), [host]);
    assert.deepEqual(valuesOf(head, 'x-a'), ['1']);
    connection.write(HELLO);
  }
  await one.responses(forms.length);
  assert.equal(harness.records.at(-1)!.authority, '[::1]:80');
});

test('empty lines before a request are skipped, however they come', async (t) => {
  const { app, client, settled } = await setStage(t);
  const one = await client();
  for (const lines of ['\r\n', '\r\n\r\n', '\r', '\n\r\n', '\r\n\r', '\n']) {
    one.write(lines);
    await settled();
  }
  assert.equal(one.received, '');
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.write(HELLO);
  await one.responses(1);
  one.write('\r');
  await settled();
  one.write('X');
  await one.over();
  assert.match(one.received, /HTTP\/1\.1 400 /);
});

test('a client that leaves takes its request along, at once', async (t) => {
  const { app, client, harness } = await setStage(t);
  for (const leave of ['end', 'destroy'] as const) {
    const one = await client();
    const index = app.connections.length;
    one.write(GET);
    const connection = await app.connection(index);
    await connection.head();
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
    await one.through('hello');
    one.socket[leave]();
    await quiet(() => Number(connection.closed) + Number(connection.ended) + harness.records.length);
    assert.ok(connection.closed || connection.ended, leave);
    assert.equal(harness.records.at(-1)!.error, 'client-gone');
    assert.equal(harness.records.length, index + 1, 'one line a request');
  }
});

test('a client that leaves before the answer has begun is no failure of the gateway', async (t) => {
  const { app, client, harness, settled } = await setStage(t);
  const one = await client();
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  one.socket.end();
  await settled();
  assert.ok(connection.closed || connection.ended);
  assert.deepEqual(
    harness.records.map(({ error, status }) => [error, status]),
    [['client-gone', 0]],
  );
});

test('draining says close with the answer in flight and ends what is idle', async (t) => {
  const { app, client, harness } = await setStage(t);
  const [busy, idle] = [await client(), await client()];
  busy.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  harness.drain();
  harness.advance(2000);
  assert.equal(await idle.over(), '');
  connection.write(HELLO);
  await busy.over();
  assert.match(busy.received, /Connection: close\r\n\r\nhello$/);
});
