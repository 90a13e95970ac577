import assert from 'node:assert/strict';
import test from 'node:test';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import { FrameType } from '../../../src/codec/http2/frames.ts';
import { until } from '../quiet.ts';
import { block, data, frame, PREFACE, reset, settings } from './frame-client.ts';
import { setH2Stage } from './h2-stage.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK';

test('a request reaches the app as HTTP/1.1, with what the gateway says of the client behind it', async (t) => {
  const stage = await setH2Stage(t, { secure: false });
  const client = await stage.client();
  client.send(
    client.headers(1, {
      ':path': '/a?b=c',
      'user-agent': 'test/1',
      cookie: 'a=1',
      te: 'trailers',
      'x-forwarded-for': '6.6.6.6',
      'x-real-ip': '6.6.6.6',
      'client-cert': ':AAAA:',
      proxy: 'evil',
      'proxy-authorization': 'Basic x',
      priority: 'u=1, i',
      referer: 'http://a.test/',
    }),
  );
  const app = await stage.app.connection(0);
  assert.equal(
    await app.head(),
    'GET /a?b=c HTTP/1.1\r\nhost: app.test\r\nuser-agent: test/1\r\ncookie: a=1\r\npriority: u=1, i\r\n' +
      'referer: http://a.test/\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n' +
      'X-Forwarded-Host: app.test\r\nVia: 2.0 menshen\r\n\r\n',
  );
  app.write(
    'HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\nX-A: b \r\nContent-Length: 2\r\n\r\nOK',
  );
  const answer = await client.answered(1);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.fields, [
    ['content-type', 'text/plain'],
    ['x-a', 'b'],
    ['content-length', '2'],
  ]);
  assert.equal(String(Buffer.concat(answer.content)), 'OK');
  assert.equal(client.frames.filter(({ type }) => type === FrameType.DATA).length, 1, 'END_STREAM with the content');
  const [record] = stage.harness.records;
  assert.equal(record?.protocol, 'HTTP/2.0');
  assert.equal(record?.target, '/a?b=c');
  assert.equal(record?.status, 200);
  assert.equal(record?.bytesSent, 2);
  assert.equal(record?.userAgent, 'test/1');
  assert.equal(record?.referer, 'http://a.test/');
  assert.equal(record?.error, '');
});

test('cookies that come as a field each are one line; trusted proxies are believed', async (t) => {
  const stage = await setH2Stage(t, { trustedPeer: true });
  const client = await stage.client();
  client.send(
    client.headersOf(1, [
      [':method', 'GET'],
      [':scheme', client.scheme],
      [':path', '/'],
      [':authority', 'app.test'],
      ['cookie', 'a=1'],
      ['x-forwarded-for', '10.1.1.1'],
      ['cookie', 'b=2'],
    ]),
  );
  const app = await stage.app.connection(0);
  const head = await app.head();
  assert.match(head, /\r\ncookie: a=1; b=2\r\n/);
  assert.match(head, /\r\nX-Forwarded-For: 10\.1\.1\.1, 127\.0\.0\.1\r\n/);
  app.write(OK);
  await client.answered(1);
  assert.equal(stage.harness.records[0]?.peer, '10.1.1.1');
});

test('many requests of one connection are with the app at the same time and answered as the answers come', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  const ids = [1, 3, 5, 7, 9];
  client.send(...ids.map((id) => client.headers(id, { ':path': `/${id}` })));
  const connections = await Promise.all(ids.map((_, index) => stage.app.connection(index)));
  const paths = await Promise.all(connections.map(async (each) => (await each.head()).split(' ')[1]!));
  for (const index of [3, 0, 4, 1, 2]) {
    const content = `for ${paths[index]}`;
    connections[index]!.write(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`);
    const id = Number(paths[index]!.slice(1));
    assert.equal(String(Buffer.concat((await client.answered(id)).content)), content);
  }
});

test('content goes to the app with its length or in chunks, and trailers with it', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(
    client.headers(1, { ':method': 'POST', 'content-length': '5' }, false),
    data(1, 'he'),
    data(1, 'llo'),
    data(1, '', true),
  );
  const app = await stage.app.connection(0);
  assert.match(await app.through('hello'), /\r\ncontent-length: 5\r\n[^]*\r\n\r\nhello$/);
  app.write(OK);
  await client.answered(1);
  client.send(
    client.headers(3, { ':method': 'POST' }, false),
    data(3, 'hello'),
    client.headersOf(3, [
      ['x-sum', '5'],
      ['content-length', '9'],
    ]),
  );
  assert.match(
    await app.through('0\r\nx-sum: 5\r\n\r\n'),
    /Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 5\r\n\r\n$/,
  );
  app.write(OK);
  assert.equal((await client.answered(3)).status, 200);
  assert.deepEqual(
    stage.harness.records.map(({ bytesReceived }) => bytesReceived),
    [5, 5],
  );
});

test('interim answers, chunked content and trailers come through', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1, { ':method': 'POST', expect: '100-continue' }, false));
  const app = await stage.app.connection(0);
  assert.match(await app.head(), /\r\nexpect: 100-continue\r\n/);
  app.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
  await until(() => client.answer(1).interims.length === 2, 'two interim answers');
  client.send(data(1, 'x', true));
  await app.through('0\r\n\r\n');
  app.write(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n',
  );
  const answer = await client.answered(1);
  assert.deepEqual(answer.interims, [100, 103]);
  assert.equal(String(Buffer.concat(answer.content)), 'abcde');
  assert.deepEqual(answer.trailers, [['x-sum', '5']]);
  assert.deepEqual(answer.fields, [['trailer', 'X-Sum']]);
});

test('answers without content end with their head, whatever length they tell', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  const answers: [string, string, number][] = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n', 200],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n', 304],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200],
  ];
  const app = stage.app.connection(0);
  for (const [index, [method, text, status]] of answers.entries()) {
    const id = 1 + index * 2;
    client.send(client.headers(id, { ':method': method }));
    await (await app).head();
    (await app).write(text);
    const answer = await client.answered(id);
    assert.equal(answer.status, status);
    assert.equal(answer.content.length, 0, 'no DATA frame');
    assert.equal(answer.ended, true);
  }
});

test('a connection is understood wherever its octets are cut', async (t) => {
  const stage = await setH2Stage(t);
  const octetsOf = (client: { scheme: string }): Buffer =>
    Buffer.concat([
      PREFACE,
      settings([4, 70_000]),
      frame(
        FrameType.HEADERS,
        0x0,
        1,
        block([
          [':method', 'POST'],
          [':scheme', client.scheme],
        ]),
      ),
      frame(
        FrameType.CONTINUATION,
        0x4,
        1,
        block([
          [':path', '/cut'],
          [':authority', 'app.test'],
        ]),
      ),
      frame(FrameType.DATA, 0x9, 1, Buffer.concat([Buffer.from([2]), Buffer.from('content'), Buffer.alloc(2)])),
      frame(FrameType.PING, 0, 0, '12345678'),
    ]);
  const served = async (cuts: (octets: Buffer) => Buffer[]): Promise<void> => {
    const before = stage.app.connections.length;
    const client = await stage.connect();
    // Its acknowledgement would come between the pieces.
    client.acknowledges = false;
    for (const piece of cuts(octetsOf(client))) {
      client.send(piece);
      await new Promise(setImmediate);
    }
    // The app keeps its connection between rounds: it is the one that got octets last.
    await until(() => stage.app.connections.some((each) => each.rest.includes('0\r\n\r\n')), 'the request at the app');
    const app = stage.app.connections.find((each) => each.rest.includes('0\r\n\r\n'))!;
    assert.match(await app.through('0\r\n\r\n'), /^POST \/cut HTTP\/1\.1\r\n[^]*\r\n\r\n7\r\ncontent\r\n0\r\n\r\n$/);
    app.write(OK);
    assert.equal((await client.answered(1)).status, 200);
    client.destroy();
    assert.ok(stage.app.connections.length <= before + 1);
  };
  const { length } = octetsOf({ scheme: (await stage.connect()).scheme });
  await served((octets) => Array.from({ length }, (_, index) => octets.subarray(index, index + 1)));
  for (let cut = 1; cut < length; cut += 1) await served((octets) => [octets.subarray(0, cut), octets.subarray(cut)]);
});

test('whatever the octets are cut off at, an app gets no request that was not whole', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.connect();
  const head = client.headers(1, { ':method': 'POST', 'content-length': '3' }, false);
  const octets = Buffer.concat([PREFACE, settings(), head]);
  for (let end = 0; end < octets.length; end += 1) {
    const each = await stage.connect();
    each.send(octets.subarray(0, end));
    await new Promise(setImmediate);
    each.socket.end();
    await each.over();
  }
  await stage.settled();
  assert.equal(stage.app.connections.length, 0);
});

test('requests that no site takes here are answered by the gateway, and no octet reaches the app', async (t) => {
  const stage = await setH2Stage(t, {
    limits: { requestTargetBytes: 300, requestContentBytes: 10, requestHeadBytes: 4096 },
  });
  const client = await stage.client();
  const cases: [Readonly<Record<string, string>>, number, string][] = [
    [{ ':path': `/${'x'.repeat(300)}` }, 414, 'target-too-long'],
    [{ ':method': 'POST', 'content-length': '11' }, 413, 'content-too-large'],
    // Each field counts 32 octets more than it has: the block is below the limit, the list above.
    [Object.fromEntries(Array.from({ length: 110 }, (_, index) => [`x-${index}`, 'y'])), 431, 'head-too-large'],
  ];
  for (const [index, [fields, status, code]] of cases.entries()) {
    const id = 1 + index * 2;
    client.send(client.headers(id, fields, !('content-length' in fields)));
    const answer = await client.answered(id);
    assert.equal(answer.status, status);
    assert.match(String(Buffer.concat(answer.content)), /^\d{3} [A-Z]/);
    assert.equal(stage.harness.records.at(-1)?.error, code);
    await client.ping();
  }
  assert.deepEqual(stage.harness.defences, ['h2-field-list-too-large']);
  assert.equal(stage.app.connections.length, 0);
});

test('content that turns out larger than the site takes is answered with 413, and the app is rid of the request', async (t) => {
  const stage = await setH2Stage(t, { limits: { requestContentBytes: 10 } });
  const client = await stage.client();
  client.send(client.headers(1, { ':method': 'POST' }, false), data(1, '12345'));
  const app = await stage.app.connection(0);
  await app.through('12345');
  client.send(data(1, '1234567'));
  assert.equal((await client.answered(1)).status, 413);
  assert.equal(await client.resetOf(1), ErrorCode.NO_ERROR);
  await until(() => app.ended || app.closed, 'the end of the connection to the app');
  await client.ping();
});

test('a response that is whole before its request ends the stream without an error', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1, { ':method': 'POST', 'content-length': '100' }, false), data(1, 'some'));
  const app = await stage.app.connection(0);
  await app.through('some');
  app.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  const answer = await client.answered(1);
  assert.equal(answer.status, 403);
  assert.equal(String(Buffer.concat(answer.content)), 'no');
  assert.equal(await client.resetOf(1), ErrorCode.NO_ERROR);
  client.send(data(1, 'late'), reset(1));
  await client.ping();
});

test('an app that cannot be reached is told as 502, in the form that the client accepts', async (t) => {
  const stage = await setH2Stage(t, { timeouts: { upstreamConnectRetryMs: 0 }, upstreams: [1] });
  const client = await stage.client();
  client.send(client.headers(1, { accept: 'text/html' }), client.headers(3, { accept: 'application/json' }));
  const [page, document] = [await client.answered(1), await client.answered(3)];
  const type = (fields: [string, string][]): string => fields.find(([name]) => name === 'content-type')?.[1] ?? '';
  assert.equal(page.status, 502);
  assert.match(type(page.fields), /^text\/html/);
  assert.equal(document.status, 502);
  assert.match(type(document.fields), /^application\/problem\+json/);
  assert.equal(stage.harness.records.length, 2);
  assert.equal(stage.harness.records[0]?.error, 'upstream-refused');
});
