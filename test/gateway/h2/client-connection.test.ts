import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import { FrameFlag, FrameType } from '../../../src/codec/http2/frames.ts';
import { SettingId } from '../../../src/codec/http2/settings.ts';
import type { UserSite } from '../../../src/config/user-config.ts';
import { quiet, until } from '../quiet.ts';
import { ask, connection as reach, type Answer } from '../upstream/ask.ts';
import { serveSite, type WholeGateway } from '../upstream/whole-gateway.ts';
import {
  data,
  endsStream,
  errorCodeOf,
  frame,
  goaway,
  reset,
  settings,
  startScriptedH2App,
  windowUpdate,
  type H2AppConnection,
  type ScriptedH2App,
} from './scripted-h2-app.ts';

const limit = { timeout: 60_000 };
const { HEADERS, DATA, RST_STREAM, GOAWAY, SETTINGS, PING, WINDOW_UPDATE } = FrameType;
const OK = [[':status', '200']] as const;

interface Stage {
  readonly app: ScriptedH2App;
  readonly gateway: WholeGateway;
}

async function stage(
  t: TestContext,
  site: UserSite = {},
  greet?: (connection: H2AppConnection, index: number) => void,
): Promise<Stage> {
  const app = await startScriptedH2App(t, greet);
  return { app, gateway: await serveSite(t, { to: app.target, ...site }) };
}

test('a request arrives as HTTP/2 says it, and only after the SETTINGS of the app', limit, async (t) => {
  const { app, gateway } = await stage(t, {}, () => {});
  const answer = ask(gateway, {
    method: 'POST',
    path: '/x?y=1',
    headers: { 'X-Mixed': 'Case', TE: 'trailers', Connection: 'close, X-Hop', 'X-Hop': '1', Cookie: 'a=1; b=2' },
    content: 'hello',
  });
  const connection = await app.connection(0);
  const greeting = await connection.next(SETTINGS);
  assert.equal(greeting.flags, 0);
  await quiet(() => connection.frames.length);
  assert.ok(connection.frames.every(({ streamId }) => streamId === 0));
  connection.send(settings([SettingId.MAX_CONCURRENT_STREAMS, 10]));
  const head = await connection.next(HEADERS);
  assert.equal(head.streamId, 1);
  const names = head.fields.map(([name]) => name);
  assert.deepEqual(head.fields.slice(0, 4), [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/x?y=1'],
    [':authority', 'app.test'],
  ]);
  const of = (wanted: string) => head.fields.filter(([name]) => name === wanted).map(([, value]) => value);
  assert.deepEqual(of('x-mixed'), ['Case']);
  assert.deepEqual(of('te'), ['trailers']);
  assert.deepEqual(of('cookie'), ['a=1; b=2']);
  assert.deepEqual(of('content-length'), ['5']);
  assert.deepEqual(of('x-forwarded-proto'), ['https']);
  for (const name of ['host', 'connection', 'x-hop', 'transfer-encoding']) assert.ok(!names.includes(name), name);
  assert.ok(names.every((name) => name === name.toLowerCase()));
  const content = await connection.next(DATA);
  assert.equal(content.payload.toString(), 'hello');
  assert.ok(endsStream(content), 'the end comes with the content');
  assert.ok(connection.frames.some(({ type, flags }) => type === SETTINGS && flags === FrameFlag.ACK));
  connection.send(connection.headers(1, OK, true));
  assert.equal((await answer).status, 200);
});

test('a client that says nothing of trailers has nothing said of them', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const answer = ask(gateway);
  const connection = await app.connection(0);
  const head = await connection.next(HEADERS);
  assert.ok(endsStream(head));
  assert.ok(!head.fields.some(([name]) => name === 'te'));
  connection.send(connection.headers(1, OK, true));
  const { headers, content } = await answer;
  // The end of the stream says it in HTTP/2; in HTTP/1.1 a field has to.
  assert.equal(headers['content-length'], '0');
  assert.equal(content, '');
});

test('interim answers, content and trailers come through', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const answer = ask(gateway);
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  connection.send(
    connection.headers(1, [
      [':status', '103'],
      ['link', '</a>'],
    ]),
    connection.headers(1, [
      [':status', '200'],
      ['x-a', '1'],
    ]),
    data(1, 'one '),
    data(1, 'two'),
    connection.headers(
      1,
      [
        ['grpc-status', '0'],
        ['content-length', '9'],
      ],
      true,
    ),
  );
  const { status, headers, content, trailers, interims } = await answer;
  assert.deepEqual([status, headers['x-a'], content, interims], [200, '1', 'one two', [103]]);
  // What frames a message is no trailer.
  assert.deepEqual({ ...trailers }, { 'grpc-status': '0' });
});

for (const method of ['HEAD', 'GET'] as const) {
  test(`an answer without content to ${method} keeps its length`, limit, async (t) => {
    const { app, gateway } = await stage(t);
    const answer = ask(gateway, { method });
    const connection = await app.connection(0);
    await connection.next(HEADERS);
    const status = method === 'HEAD' ? '200' : '304';
    connection.send(
      connection.headers(
        1,
        [
          [':status', status],
          ['content-length', '1234'],
        ],
        true,
      ),
    );
    const { headers, cut } = await answer;
    assert.equal(headers['content-length'], '1234');
    assert.equal(cut, false);
  });
}

test(
  'requests share a connection up to what the app allows; the others wait for room or get a new one',
  limit,
  async (t) => {
    const { app, gateway } = await stage(t, {}, (connection) =>
      connection.send(settings([SettingId.MAX_CONCURRENT_STREAMS, 2])),
    );
    const answers = Array.from({ length: 6 }, (_, k) => ask(gateway, { path: `/${k}` }));
    const heads = () => app.connections.flatMap(({ frames }) => frames.filter(({ type }) => type === HEADERS));
    await until(() => heads().length === 6, 'all requests at the app');
    for (const connection of app.connections) {
      const ids = connection.frames.filter(({ type }) => type === HEADERS).map(({ streamId }) => streamId);
      assert.ok(ids.length <= 2);
      assert.deepEqual(ids, [1, 3].slice(0, ids.length));
      for (const id of ids) connection.send(connection.headers(id, OK, true));
    }
    assert.ok((await Promise.all(answers)).every(({ status }) => status === 200));
  },
);

for (const how of ['REFUSED_STREAM', 'GOAWAY'] as const) {
  test(`a POST that the app refused unread (${how}) is sent again, content and all`, limit, async (t) => {
    const { app, gateway } = await stage(t);
    const answer = ask(gateway, { method: 'POST', content: 'once' });
    const first = await app.connection(0);
    await first.next(DATA);
    first.send(how === 'GOAWAY' ? goaway(0, ErrorCode.NO_ERROR) : reset(1, ErrorCode.REFUSED_STREAM));
    const second = await app.connection(1);
    const again = await second.next(DATA);
    assert.equal(again.payload.toString(), 'once');
    second.send(second.headers(1, OK), data(1, 'done', true));
    assert.equal((await answer).content, 'done');
    if (how === 'GOAWAY') await until(() => first.closed, 'the end of the drained connection');
  });
}

test('streams that GOAWAY leaves in place end well, and nothing new goes there', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const answer = ask(gateway, { path: '/long' });
  const first = await app.connection(0);
  await first.next(HEADERS);
  first.send(goaway(1, ErrorCode.NO_ERROR), first.headers(1, OK), data(1, 'begun '));
  await quiet(() => first.frames.length);
  const other = ask(gateway, { path: '/new' });
  const second = await app.connection(1);
  await second.next(HEADERS);
  second.send(second.headers(1, OK), data(1, 'new', true));
  assert.equal((await other).content, 'new');
  first.send(data(1, 'and ended', true));
  assert.equal((await answer).content, 'begun and ended');
  await until(() => first.closed, 'the end of the drained connection');
});

test('an app that refuses every time is asked a few times only', limit, async (t) => {
  const { app, gateway } = await stage(t);
  let done: Answer | undefined;
  void ask(gateway).then((answer) => (done = answer));
  let refused = 0;
  await until(() => {
    for (const connection of app.connections) {
      const asked = connection.frames.filter(({ type }) => type === HEADERS).length;
      const told = (connection as { told?: number }).told ?? 0;
      for (let k = told; k < asked; k += 1) {
        connection.send(reset(1 + 2 * k, ErrorCode.REFUSED_STREAM));
        refused += 1;
      }
      (connection as { told?: number }).told = asked;
    }
    return done !== undefined;
  }, 'the answer');
  assert.equal(done!.status, 503);
  assert.equal(refused, 4);
  assert.equal(gateway.records[0]?.error, 'upstream-stream-refused');
});

const broken: readonly (readonly [string, (c: H2AppConnection, id: number) => Buffer[], string, number | 'cut'])[] = [
  [
    'resets the stream before it answers',
    (_, id) => [reset(id, ErrorCode.INTERNAL_ERROR)],
    'upstream-stream-reset',
    502,
  ],
  [
    'resets the stream in the middle',
    (c, id) => [c.headers(id, OK), data(id, 'half'), reset(id, ErrorCode.INTERNAL_ERROR)],
    'upstream-response-truncated',
    'cut',
  ],
  [
    'ends before its length',
    (c, id) => [c.headers(id, [...OK, ['content-length', '9']]), data(id, 'half', true)],
    'upstream-response-truncated',
    'cut',
  ],
  [
    'sends more than its length',
    (c, id) => [c.headers(id, [...OK, ['content-length', '3']]), data(id, 'half', true)],
    'upstream-response-truncated',
    'cut',
  ],
  ['sends no status', (c, id) => [c.headers(id, [['x-a', '1']], true)], 'upstream-response-malformed', 502],
  [
    'sends a pseudo-field of requests',
    (c, id) => [c.headers(id, [...OK, [':path', '/']], true)],
    'upstream-response-malformed',
    502,
  ],
  [
    'sends a field of the connection',
    (c, id) => [c.headers(id, [...OK, ['connection', 'close']], true)],
    'upstream-response-malformed',
    502,
  ],
  ['sends content without a head', (_, id) => [data(id, 'x', true)], 'upstream-response-malformed', 502],
  ['switches protocols', (c, id) => [c.headers(id, [[':status', '101']])], 'upstream-response-malformed', 502],
  [
    'ends with an interim answer',
    (c, id) => [c.headers(id, [[':status', '103']], true)],
    'upstream-response-malformed',
    502,
  ],
  [
    'sends interim answers without end',
    (c, id) => Array.from({ length: 30 }, () => c.headers(id, [[':status', '103']])),
    'upstream-interim-flood',
    502,
  ],
  [
    'sends a head beyond all measure',
    (c, id) => [c.headers(id, [...OK, ['x-a', 'a'.repeat(150_000)]], true)],
    'upstream-head-too-large',
    502,
  ],
  [
    'widens a window beyond what it may be',
    (_, id) => [windowUpdate(id, 0x7fffffff)],
    'upstream-response-malformed',
    502,
  ],
];
for (const [what, script, code, outcome] of broken) {
  test(`an app that ${what} fails its own request only`, limit, async (t) => {
    const { app, gateway } = await stage(t);
    const other = ask(gateway, { path: '/other' });
    const connection = await app.connection(0);
    await connection.next(HEADERS);
    connection.send(connection.headers(1, OK), data(1, 'still '));
    const answer = ask(gateway);
    const asked = await connection.next(HEADERS);
    assert.equal(asked.streamId, 3);
    connection.send(...script(connection, asked.streamId));
    const { status, cut } = await answer;
    if (outcome === 'cut') assert.ok(cut);
    else assert.equal(status, outcome);
    await until(() => gateway.records.length === 1, 'the record');
    assert.equal(gateway.records[0]?.error, code);
    connection.send(data(1, 'here', true));
    assert.equal((await other).content, 'still here');
    assert.equal(app.connections.length, 1);
  });
}

const fatal: readonly (readonly [string, () => Buffer, number])[] = [
  [
    'promises a push',
    () => frame(FrameType.PUSH_PROMISE, FrameFlag.END_HEADERS, 1, Buffer.from([0, 0, 0, 2, 0x88])),
    ErrorCode.PROTOCOL_ERROR,
  ],
  ['opens a stream', () => frame(HEADERS, FrameFlag.END_HEADERS, 2, Buffer.from([0x88])), ErrorCode.PROTOCOL_ERROR],
  ['answers a stream that was never opened', () => data(99, 'x'), ErrorCode.PROTOCOL_ERROR],
  [
    'breaks the compression',
    () => frame(HEADERS, FrameFlag.END_HEADERS, 1, Buffer.from([0xff, 0xff, 0xff])),
    ErrorCode.COMPRESSION_ERROR,
  ],
  ['sends a frame beyond the limit', () => frame(DATA, 0, 1, Buffer.alloc(16_385)), ErrorCode.FRAME_SIZE_ERROR],
  ['widens the connection beyond what it may be', () => windowUpdate(0, 0x7fffffff), ErrorCode.FLOW_CONTROL_ERROR],
  ['enables push', () => settings([SettingId.ENABLE_PUSH, 1]), ErrorCode.PROTOCOL_ERROR],
  [
    'interrupts a head',
    () => Buffer.concat([frame(HEADERS, 0, 1, Buffer.from([0x88])), frame(PING, 0, 0, Buffer.alloc(8))]),
    ErrorCode.PROTOCOL_ERROR,
  ],
  [
    'never ends a head',
    () =>
      Buffer.concat([
        frame(HEADERS, 0, 1, Buffer.alloc(0)),
        ...Array.from({ length: 100 }, () => frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(0))),
      ]),
    ErrorCode.ENHANCE_YOUR_CALM,
  ],
];
for (const [what, bytes, code] of fatal) {
  test(`an app that ${what} is told so and loses the connection`, limit, async (t) => {
    const { app, gateway } = await stage(t);
    const answer = ask(gateway);
    const connection = await app.connection(0);
    await connection.next(HEADERS);
    connection.send(bytes());
    assert.equal((await answer).status, 502);
    assert.equal(gateway.records[0]?.error, 'upstream-response-malformed');
    assert.equal(errorCodeOf(await connection.next(GOAWAY)), code);
    await until(() => connection.closed, 'the end of the connection');
    assert.equal(gateway.findings[0]?.code, 'upstream-response-malformed');
    const next = ask(gateway);
    const fresh = await app.connection(1);
    await fresh.next(HEADERS);
    fresh.send(fresh.headers(1, OK, true));
    assert.equal((await next).status, 200);
  });
}

test('content waits for the windows of stream and connection, and goes on where it stopped', limit, async (t) => {
  const { app, gateway } = await stage(t, {}, (connection) =>
    connection.send(settings([SettingId.INITIAL_WINDOW_SIZE, 1000])),
  );
  const size = 200_000;
  const answer = ask(gateway, { method: 'POST', content: Buffer.alloc(size, 'u') });
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  const arrived = () => connection.contentLength(1);
  await quiet(arrived);
  assert.equal(arrived(), 1000);
  // RFC 9113 section 6.9.2: a smaller initial window makes the one of the stream negative.
  connection.send(settings([SettingId.INITIAL_WINDOW_SIZE, 0]), windowUpdate(1, 999));
  await quiet(arrived);
  assert.equal(arrived(), 1000);
  connection.send(windowUpdate(1, 11));
  await quiet(arrived);
  assert.equal(arrived(), 1010);
  // The stream is open wide now, the connection is not.
  connection.send(windowUpdate(1, 1_000_000));
  await quiet(arrived);
  assert.equal(arrived(), 65_535);
  connection.send(windowUpdate(0, 1_000_000));
  await until(() => connection.frames.some((each) => each.type === DATA && endsStream(each)), 'the end');
  assert.equal(arrived(), size);
  connection.send(connection.headers(1, OK, true));
  assert.equal((await answer).status, 200);
});

test('an app gets credit for what the client has taken, and none beyond it', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const request = https.request({ ...reach(gateway), headers: { host: 'app.test' } });
  t.after(() => request.destroy());
  request.end();
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  const granted = (streamId: number) =>
    connection.frames
      .filter((each) => each.type === WINDOW_UPDATE && each.streamId === streamId)
      .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
  connection.send(connection.headers(1, OK));
  const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
  response.pause();
  // Sent as fast as credit allows, to a client that does not read.
  let sent = 0;
  const fill = () => {
    while (sent + 16_384 <= 262_144 + granted(1)) {
      connection.send(data(1, Buffer.alloc(16_384, 'd')));
      sent += 16_384;
    }
    return sent;
  };
  await quiet(fill);
  await quiet(fill);
  assert.ok(sent < 16_000_000, `the gateway took ${sent}`);
  const stuck = sent;
  let read = 0;
  response.on('data', (piece: Buffer) => (read += piece.length));
  response.resume();
  await until(() => fill() > stuck + 4_000_000, 'more credit');
  connection.send(data(1, '', true));
  await until(() => read === sent, 'all of it');
});

test('a client that leaves takes its stream along, and a PING is answered', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const request = https.request({ ...reach(gateway), headers: { host: 'app.test' } });
  request.on('error', () => {});
  request.end();
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  request.destroy();
  assert.equal(errorCodeOf(await connection.next(RST_STREAM)), ErrorCode.CANCEL);
  // What was on its way is no fault.
  connection.send(connection.headers(1, OK), data(1, 'too late', true), windowUpdate(1, 5), reset(1, 0));
  connection.send(frame(PING, 0, 0, Buffer.from('12345678')));
  const pong = await connection.next(PING);
  assert.deepEqual([pong.flags, pong.payload.toString()], [FrameFlag.ACK, '12345678']);
  assert.equal(connection.closed, false);
});

test('an answer that comes before the request has ended is passed on, and the rest is called off', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const request = https.request({ ...reach(gateway), method: 'POST', headers: { host: 'app.test' } });
  request.on('error', () => {});
  t.after(() => request.destroy());
  request.write('begun');
  const connection = await app.connection(0);
  await connection.next(DATA);
  const responded = new Promise<number | undefined>((resolve) =>
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }),
  );
  connection.send(connection.headers(1, [[':status', '403']]), data(1, 'no', true));
  assert.equal(await responded, 403);
  assert.equal(errorCodeOf(await connection.next(RST_STREAM)), ErrorCode.CANCEL);
});

test('request trailers go along', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const request = https.request({
    ...reach(gateway),
    method: 'POST',
    headers: { host: 'app.test', trailer: 'x-sum' },
  });
  const status = new Promise((resolve) => request.on('response', (response) => resolve(response.statusCode)));
  request.write('content');
  request.addTrailers({ 'X-Sum': '42' });
  request.end();
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  const trailers = await connection.next(HEADERS);
  assert.deepEqual(trailers.fields, [['x-sum', '42']]);
  assert.ok(endsStream(trailers));
  connection.send(connection.headers(1, OK, true));
  assert.equal(await status, 200);
});

test('an idle connection ends with GOAWAY; one that died is replaced for the next request', limit, async (t) => {
  const { app, gateway } = await stage(t, { timeouts: { upstreamPoolIdle: '700ms' } });
  const serve = async (index: number): Promise<H2AppConnection> => {
    const answer = ask(gateway);
    const connection = await app.connection(index);
    const { streamId } = await connection.next(HEADERS);
    connection.send(connection.headers(streamId, OK, true));
    assert.equal((await answer).status, 200);
    return connection;
  };
  const first = await serve(0);
  assert.equal(await serve(0), first);
  assert.equal(errorCodeOf(await first.next(GOAWAY)), ErrorCode.NO_ERROR);
  await until(() => first.closed, 'the end of the idle connection');
  const second = await serve(1);
  // A kept connection that dies under a GET: asked again, once.
  const answer = ask(gateway);
  await second.next(HEADERS);
  second.socket.destroy();
  const third = await app.connection(2);
  await third.next(HEADERS);
  third.send(third.headers(1, OK, true));
  assert.equal((await answer).status, 200);
  // Under a POST: it may have been acted upon.
  const post = ask(gateway, { method: 'POST', content: 'x' });
  await third.next(DATA);
  third.socket.destroy();
  assert.equal((await post).status, 502);
  await until(() => gateway.records.length === 5, 'all records');
  assert.equal(gateway.records.at(-1)?.error, 'upstream-closed-early');
});

test('an app that never answers, or falls silent, is given up in time', limit, async (t) => {
  const { app, gateway } = await stage(t, {
    timeouts: { upstreamResponseHead: '300ms', upstreamContentIdle: '300ms' },
  });
  const never = ask(gateway);
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  assert.equal((await never).status, 504);
  assert.equal(errorCodeOf(await connection.next(RST_STREAM)), ErrorCode.CANCEL);
  const silent = ask(gateway);
  const { streamId } = await connection.next(HEADERS);
  connection.send(connection.headers(streamId, OK), data(streamId, 'half'));
  assert.ok((await silent).cut);
  await until(() => gateway.records.length === 2, 'both records');
  assert.deepEqual(
    gateway.records.map(({ error }) => error),
    ['upstream-response-timeout', 'upstream-content-timeout'],
  );
});

/** A whole answer as the app sends it: SETTINGS, an interim head, a head in two pieces, content, trailers. */
function wholeAnswer(connection: H2AppConnection): Buffer {
  const head = connection.headers(1, [...OK, ['x-a', 'abc']]);
  const block = head.subarray(9);
  return Buffer.concat([
    connection.headers(1, [[':status', '103']]),
    frame(HEADERS, 0, 1, block.subarray(0, 3)),
    frame(FrameType.CONTINUATION, FrameFlag.END_HEADERS, 1, block.subarray(3)),
    frame(DATA, FrameFlag.PADDED, 1, Buffer.from('\x03one\0\0\0', 'latin1')),
    frame(0xbe, 0xff, 1, Buffer.from('nobody knows this')),
    data(1, ' two'),
    connection.headers(1, [['x-t', 'end']], true),
  ]);
}

test('an answer that drips in octet by octet is the same answer', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const answer = ask(gateway);
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  for (const octet of wholeAnswer(connection)) {
    connection.socket.write(Buffer.of(octet));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { status, headers, content, trailers, cut } = await answer;
  assert.deepEqual([status, headers['x-a'], content, cut], [200, 'abc', 'one two', false]);
  assert.deepEqual({ ...trailers }, { 'x-t': 'end' });
});

test('an answer that is cut after any of its octets is never taken for a whole one', limit, async (t) => {
  const { app, gateway } = await stage(t);
  let length = 1;
  for (let index = 0; index < length; index += 1) {
    const answer = ask(gateway, { method: 'POST', content: 'x' });
    const connection = await app.connection(index);
    await connection.next(DATA);
    const bytes = wholeAnswer(connection);
    length = bytes.length;
    connection.socket.end(bytes.subarray(0, index));
    const { status, cut } = await answer;
    assert.ok(status === 502 || cut, `after ${index} octets: ${status}`);
  }
  assert.ok(length > 100);
});

test('whatever an app sends, the request ends and the gateway goes on', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const piece = fc.oneof(
    fc
      .tuple(
        fc.integer({ min: 0, max: 0x10 }),
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(0, 1, 2, 3),
        fc.uint8Array({ maxLength: 40 }),
      )
      .map(([type, flags, streamId, payload]) => frame(type, flags, streamId, Buffer.from(payload))),
    fc.uint8Array({ minLength: 1, maxLength: 30 }).map((octets) => Buffer.from(octets)),
  );
  let index = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
      const outcome: { answer?: Answer } = {};
      void ask(gateway, { method: 'POST', content: 'x' }).then((answer) => (outcome.answer = answer));
      const connection = await app.connection(index);
      index += 1;
      await connection.next(DATA);
      connection.send(...pieces);
      connection.socket.end();
      // A GOAWAY or a refusal among the frames brings the request back over another connection.
      await until(() => outcome.answer !== undefined || app.connections.length > index, 'an answer or another try');
      for (; outcome.answer === undefined; index += 1) {
        const again = await app.connection(index);
        await again.next(DATA);
        again.send(again.headers(1, OK, true));
        again.socket.end();
        await until(
          () => outcome.answer !== undefined || app.connections.length > index + 1,
          'an answer or another try',
        );
      }
      const { status, cut } = outcome.answer;
      assert.ok(cut || (status >= 200 && status < 600));
    }),
    { numRuns: 60 },
  );
  const last = ask(gateway);
  const connection = await app.connection(index);
  await connection.next(HEADERS);
  connection.send(connection.headers(1, OK, true));
  assert.equal((await last).status, 200);
});
