/** WebSockets to apps that speak HTTP/2 (RFC 8441), frame by frame. Real apps are asked in websocket-peers.test.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import test, { type TestContext } from 'node:test';
import tls from 'node:tls';
import fc from 'fast-check';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import { FrameType } from '../../../src/codec/http2/frames.ts';
import { SettingId } from '../../../src/codec/http2/settings.ts';
import type { UserSite } from '../../../src/config/user-config.ts';
import { quiet, until } from '../quiet.ts';
import { ask } from '../upstream/ask.ts';
import { openSession } from './h2-session.ts';
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
  type SeenFrame,
} from './scripted-h2-app.ts';

const limit = { timeout: 60_000 };
const { HEADERS, DATA, RST_STREAM, WINDOW_UPDATE } = FrameType;
const OFFER = settings([SettingId.ENABLE_CONNECT_PROTOCOL, 1]);
const OK = [[':status', '200']] as const;
/** The key and the accept of RFC 6455 section 1.3. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': KEY,
};

interface Stage {
  readonly app: ScriptedH2App;
  readonly gateway: WholeGateway;
}

/** By default an app that offers extended CONNECT. */
async function stage(
  t: TestContext,
  site: UserSite = {},
  greet: (connection: H2AppConnection, index: number) => void = (connection) => connection.send(OFFER),
): Promise<Stage> {
  const app = await startScriptedH2App(t, greet);
  return { app, gateway: await serveSite(t, { to: app.target, ...site }) };
}

/** A WebSocket client over HTTP/1.1, octet by octet. */
class Http1Client {
  readonly socket: tls.TLSSocket;
  readonly #raw: net.Socket;
  #received: Buffer = Buffer.alloc(0);
  ended = false;
  closed = false;

  constructor(t: TestContext, gateway: WholeGateway) {
    this.#raw = net.connect({ host: '127.0.0.1', port: gateway.port, allowHalfOpen: true });
    this.socket = tls.connect({
      socket: this.#raw,
      servername: 'app.test',
      ca: gateway.ca,
      ALPNProtocols: ['http/1.1'],
    });
    this.#raw.on('error', () => {});
    this.socket.on('data', (chunk: Buffer) => (this.#received = Buffer.concat([this.#received, chunk])));
    this.socket.on('end', () => (this.ended = true));
    this.#raw.on('close', () => (this.closed = true));
    this.socket.on('error', () => {});
    t.after(() => this.socket.destroy());
  }

  /** Asks for the upgrade; with `behind` in the same write. */
  ask(fields: Readonly<Record<string, string>> = handshake, behind = ''): void {
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET /chat?room=1 HTTP/1.1\r\nHost: app.test\r\n${lines.join('')}\r\n${behind}`);
  }

  get over(): boolean {
    return this.ended || this.closed;
  }

  /** Is gone without a word: RST. */
  vanish(): void {
    this.#raw.resetAndDestroy();
  }

  get text(): string {
    return this.#received.toString('latin1');
  }

  /** Head of the answer, once it is whole. */
  async head(): Promise<string> {
    await until(() => this.text.includes('\r\n\r\n'), 'a head');
    return this.text.slice(0, this.text.indexOf('\r\n\r\n') + 4);
  }

  /** What came behind the head. */
  get rest(): string {
    const { text } = this;
    return text.slice(text.indexOf('\r\n\r\n') + 4);
  }
}

interface Tunnel {
  readonly client: Http1Client;
  readonly app: H2AppConnection;
  readonly connect: SeenFrame;
}

async function openTunnel(t: TestContext, { app, gateway }: Stage, index = 0): Promise<Tunnel> {
  const client = new Http1Client(t, gateway);
  client.ask();
  const connection = await app.connection(index);
  const connect = await connection.next(HEADERS);
  connection.send(connection.headers(connect.streamId, OK));
  assert.match(await client.head(), /^HTTP\/1\.1 101 /);
  return { client, app: connection, connect };
}

const contentOf = (app: H2AppConnection, streamId: number): string =>
  app.frames
    .filter((each) => each.type === DATA && each.streamId === streamId)
    .map(({ payload }) => payload.toString('latin1'))
    .join('');
const hasEnd = (app: H2AppConnection, streamId: number): boolean =>
  app.frames.some((each) => each.type === DATA && each.streamId === streamId && endsStream(each));

test('an Upgrade becomes an extended CONNECT once the app has offered it, and the 200 a 101', limit, async (t) => {
  const { app, gateway } = await stage(t, {}, () => {});
  const client = new Http1Client(t, gateway);
  client.ask({
    ...handshake,
    origin: 'https://app.test',
    'sec-websocket-protocol': 'chat, talk',
    'sec-websocket-extensions': 'permessage-deflate',
    'content-length': '0',
  });
  const connection = await app.connection(0);
  await connection.next(FrameType.SETTINGS);
  await quiet(() => connection.frames.length);
  assert.ok(
    connection.frames.every(({ streamId }) => streamId === 0),
    'nothing is asked before the SETTINGS',
  );
  connection.send(OFFER);
  const { fields, streamId, ...head } = await connection.next(HEADERS);
  assert.ok(!endsStream({ fields, streamId, ...head }));
  assert.deepEqual(
    fields.filter(([name]) => name.startsWith(':')).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    [
      [':authority', 'app.test'],
      [':method', 'CONNECT'],
      [':path', '/chat?room=1'],
      [':protocol', 'websocket'],
      [':scheme', 'http'],
    ],
  );
  const of = (wanted: string) => fields.filter(([name]) => name === wanted).map(([, value]) => value);
  assert.deepEqual(of('sec-websocket-version'), ['13']);
  assert.deepEqual(of('sec-websocket-protocol'), ['chat, talk']);
  assert.deepEqual(of('sec-websocket-extensions'), ['permessage-deflate']);
  assert.deepEqual(of('origin'), ['https://app.test']);
  assert.deepEqual(of('x-forwarded-proto'), ['https']);
  for (const name of ['sec-websocket-key', 'connection', 'upgrade', 'host', 'content-length', 'te']) {
    assert.deepEqual(of(name), [], name);
  }
  connection.send(
    connection.headers(streamId, [...OK, ['sec-websocket-protocol', 'talk'], ['content-length', '7']]),
    data(streamId, 'hello'),
  );
  const answer = (await client.head()).toLowerCase();
  assert.match(answer, /^http\/1\.1 101 /);
  assert.match(answer, /\r\nconnection: upgrade\r\n/);
  assert.match(answer, /\r\nupgrade: websocket\r\n/);
  assert.match(answer, /\r\nsec-websocket-protocol: talk\r\n/);
  assert.ok(answer.includes(`\r\nsec-websocket-accept: ${ACCEPT.toLowerCase()}\r\n`));
  assert.doesNotMatch(answer, /content-length|transfer-encoding/);
  await until(() => client.rest === 'hello', 'what came with the answer');
});

test('octets go both ways, and each side ends its direction for itself', limit, async (t) => {
  for (const first of ['client', 'app'] as const) {
    const set = await stage(t);
    const { client, app, connect } = await openTunnel(t, set);
    const { streamId } = connect;
    client.socket.write('from the client');
    await until(() => contentOf(app, streamId) === 'from the client', 'the octets of the client');
    app.send(data(streamId, 'from the app'));
    await until(() => client.rest === 'from the app', 'the octets of the app');
    if (first === 'client') {
      client.socket.end(', last');
      await until(() => hasEnd(app, streamId), 'the end of the client');
      app.send(data(streamId, ', and more'));
      await until(() => client.rest === 'from the app, and more', 'what follows the end of the client');
      app.send(data(streamId, '', true));
      await until(() => client.ended, 'the end of the app');
    } else {
      app.send(data(streamId, ', and more', true));
      await until(() => client.ended, 'the end of the app');
      client.socket.write(', last');
      await until(() => contentOf(app, streamId) === 'from the client, last', 'what follows the end of the app');
      client.socket.end();
      await until(() => hasEnd(app, streamId), 'the end of the client');
    }
    await until(() => set.gateway.records.length === 1, 'the record');
    const [record] = set.gateway.records;
    assert.deepEqual(
      [record?.status, record?.bytesReceived, record?.bytesSent, record?.error],
      [101, 'from the client, last'.length, 'from the app, and more'.length, ''],
    );
    assert.ok(!app.frames.some(({ type }) => type === RST_STREAM), 'ended in order');
    // The connection stands, and the next request goes over it.
    const next = ask(set.gateway);
    const head = await app.next(HEADERS);
    assert.equal(head.streamId, streamId + 2);
    app.send(app.headers(head.streamId, OK, true));
    assert.equal((await next).status, 200);
  }
});

test('octets that the client sends ahead wait until the app has agreed', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const client = new Http1Client(t, gateway);
  client.ask(handshake, 'early');
  const connection = await app.connection(0);
  const { streamId } = await connection.next(HEADERS);
  await quiet(() => connection.frames.length);
  assert.equal(contentOf(connection, streamId), '');
  connection.send(connection.headers(streamId, OK));
  await until(() => contentOf(connection, streamId) === 'early', 'the early octets');
});

test('an HTTP/2 client gets through to an HTTP/2 app, both without key and accept', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const session = await openSession(t, gateway);
  const stream = session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/chat',
      ':authority': 'app.test',
      'sec-websocket-protocol': 'chat',
    },
    { endStream: false },
  );
  let text = '';
  stream.on('data', (piece: Buffer) => (text += piece.toString()));
  const answered = once(stream, 'response') as Promise<[http2.IncomingHttpHeaders]>;
  const connection = await app.connection(0);
  const { streamId, fields } = await connection.next(HEADERS);
  assert.deepEqual(
    fields
      .filter(([name]) => name.startsWith(':') || name.startsWith('sec-'))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
    [
      [':authority', 'app.test'],
      [':method', 'CONNECT'],
      [':path', '/chat'],
      [':protocol', 'websocket'],
      [':scheme', 'http'],
      ['sec-websocket-protocol', 'chat'],
      ['sec-websocket-version', '13'],
    ],
  );
  connection.send(
    connection.headers(streamId, [
      [':status', '201'],
      ['sec-websocket-protocol', 'chat'],
    ]),
  );
  const [headers] = await answered;
  assert.equal(headers[':status'], 200);
  assert.equal(headers['sec-websocket-protocol'], 'chat');
  assert.equal(headers['sec-websocket-accept'], undefined);
  stream.write('ping');
  await until(() => contentOf(connection, streamId) === 'ping', 'the octets of the client');
  connection.send(data(streamId, 'pong', true));
  await until(() => text === 'pong', 'the octets of the app');
  stream.end();
  await until(() => hasEnd(connection, streamId), 'the end of the client');
  // And a reset of the client is CANCEL at the app.
  const second = session.request(
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/' },
    { endStream: false },
  );
  second.on('error', () => {});
  const again = await connection.next(HEADERS);
  connection.send(connection.headers(again.streamId, OK));
  await once(second, 'response');
  second.close(http2.constants.NGHTTP2_CANCEL);
  assert.equal(errorCodeOf(await connection.next(RST_STREAM)), ErrorCode.CANCEL);
  // And the app's is CANCEL at the client.
  const third = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/' }, { endStream: false });
  third.on('error', () => {});
  const last = await connection.next(HEADERS);
  connection.send(connection.headers(last.streamId, OK));
  await once(third, 'response');
  const closed = once(third, 'close');
  connection.send(reset(last.streamId, ErrorCode.INTERNAL_ERROR));
  await closed;
  assert.equal(third.rstCode, ErrorCode.CANCEL);
});

test('an h2c:// app that does not offer it: 502 with the reason, and its other requests go well', limit, async (t) => {
  const { app, gateway } = await stage(t, {}, (connection) => connection.send(settings()));
  const refused = await ask(gateway, { headers: { ...handshake, accept: 'text/plain' } });
  assert.equal(refused.status, 502);
  assert.match(String(refused.headers['proxy-status']), /menshen; error=/);
  const connection = await app.connection(0);
  assert.ok(
    connection.frames.every(({ streamId }) => streamId === 0),
    'the app was asked nothing',
  );
  for (let more = 0; more < 3; more += 1) assert.equal((await ask(gateway, { headers: handshake })).status, 502);
  assert.deepEqual(
    gateway.records.map(({ error }) => error),
    [
      'upstream-upgrade-unsupported',
      'upstream-upgrade-unsupported',
      'upstream-upgrade-unsupported',
      'upstream-upgrade-unsupported',
    ],
  );
  assert.deepEqual(
    gateway.findings.map(({ code }) => code),
    ['upstream-upgrade-unsupported'],
    'told once, not for each request',
  );
  const other = ask(gateway);
  const { streamId } = await connection.next(HEADERS);
  connection.send(connection.headers(streamId, OK, true));
  assert.equal((await other).status, 200);
  // What it offers later counts from then on (RFC 8441 section 3).
  connection.send(OFFER);
  await until(
    () => connection.frames.filter(({ type, flags }) => type === FrameType.SETTINGS && flags === 1).length === 2,
    'the ACK',
  );
  const client = new Http1Client(t, gateway);
  client.ask();
  const late = await connection.next(HEADERS);
  connection.send(connection.headers(late.streamId, OK));
  assert.match(await client.head(), /^HTTP\/1\.1 101 /);
});

test('where one app of two takes WebSockets, they go there', limit, async (t) => {
  const without = await startScriptedH2App(t);
  const offering = await startScriptedH2App(t, (connection) => connection.send(OFFER));
  const gateway = await serveSite(t, { to: [without.target, offering.target] });
  for (let round = 0; round < 4; round += 1) {
    const client = new Http1Client(t, gateway);
    client.ask();
    const connection = await offering.connection(0);
    const { streamId } = await connection.next(HEADERS);
    connection.send(connection.headers(streamId, OK));
    assert.match(await client.head(), /^HTTP\/1\.1 101 /);
  }
});

test('an app that says no is passed on, and its stream ends in order', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const refused = ask(gateway, { headers: handshake });
  const connection = await app.connection(0);
  const { streamId } = await connection.next(HEADERS);
  connection.send(
    connection.headers(streamId, [
      [':status', '403'],
      ['content-length', '2'],
    ]),
    data(streamId, 'no', true),
  );
  const { status, content, cut } = await refused;
  assert.deepEqual([status, content, cut], [403, 'no', false]);
  await until(() => hasEnd(connection, streamId), 'the end of our direction');
  assert.ok(!connection.frames.some(({ type }) => type === RST_STREAM));
});

test('a handshake without a key that could be answered is refused here', limit, async (t) => {
  for (const key of ['', 'c2hvcnQ=', 'not base64 at all!!!!!!!']) {
    const { app, gateway } = await stage(t);
    const { 'sec-websocket-key': _, ...rest } = handshake;
    const refused = await ask(gateway, { headers: key === '' ? rest : { ...rest, 'sec-websocket-key': key } });
    assert.equal(refused.status, 400, key);
    assert.equal(gateway.records[0]?.error, 'upgrade-malformed');
    assert.ok(app.connections[0]?.frames.every(({ streamId }) => streamId === 0));
  }
});

test('a client that is gone cancels the stream; an app that cancels cuts the client off', limit, async (t) => {
  const set = await stage(t);
  const one = await openTunnel(t, set);
  one.client.socket.write('some');
  await one.app.next(DATA);
  one.client.vanish();
  const cancelled = await one.app.next(RST_STREAM);
  assert.deepEqual([cancelled.streamId, errorCodeOf(cancelled)], [1, ErrorCode.CANCEL]);

  const two = await openTunnel(t, set);
  assert.equal(two.connect.streamId, 3);
  two.app.send(data(3, 'begun'), reset(3, ErrorCode.CANCEL));
  await until(() => two.client.over, 'the end at the client');
  await until(() => set.gateway.records.length === 2, 'the records');
  assert.equal(set.gateway.records[1]?.error, 'upstream-response-truncated');

  // An app that has ended its side may drop the rest of ours.
  const three = await openTunnel(t, set);
  three.app.send(data(5, 'bye', true), reset(5, ErrorCode.NO_ERROR));
  await until(() => three.client.ended, 'the end of the app');
  three.client.socket.write('nobody reads this');
  three.client.socket.end();
  await until(() => set.gateway.records.length === 3, 'the record');
  assert.equal(set.gateway.records[2]?.error, '');
  assert.equal(set.app.connections.length, 1);

  // After the app's end, a client that is gone still cancels.
  const four = await openTunnel(t, set);
  four.app.send(data(7, 'bye', true));
  await until(() => four.client.ended, 'the end of the app');
  four.client.vanish();
  const last = await four.app.next(RST_STREAM);
  assert.deepEqual([last.streamId, errorCodeOf(last)], [7, ErrorCode.CANCEL]);
});

test('an app that gives no credit slows the client down; a slow client gets the app none', limit, async (t) => {
  const set = await stage(t, {}, (connection) =>
    connection.send(settings([SettingId.ENABLE_CONNECT_PROTOCOL, 1], [SettingId.INITIAL_WINDOW_SIZE, 1000])),
  );
  const { client, app, connect } = await openTunnel(t, set);
  const { streamId } = connect;
  const block = Buffer.alloc(65_536, 'u');
  let written = 0;
  while (client.socket.writableLength < 1_048_576 && written < 64 * 1_048_576) {
    client.socket.write(block);
    written += block.length;
    await quiet(() => client.socket.writableLength);
  }
  assert.ok(client.socket.writableLength >= 1_048_576, 'the client is held up');
  assert.equal(app.contentLength(streamId), 1000);
  app.send(windowUpdate(streamId, 500));
  await until(() => app.contentLength(streamId) === 1500, 'as much as there is credit for');
  app.send(windowUpdate(0, 0x3fffffff), windowUpdate(streamId, 0x3fffffff));
  await until(() => app.contentLength(streamId) === written, 'all of it');

  client.socket.pause();
  const grantedOn = () =>
    app.frames
      .filter((each) => each.type === WINDOW_UPDATE && each.streamId === streamId)
      .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
  let sent = 0;
  for (let left = 262_144; left > 0; left = 262_144 + grantedOn() - sent) {
    assert.ok(sent < 64 * 1_048_576, 'a client that reads nothing does not hold the app up');
    const length = Math.min(left, 16_384);
    app.send(data(streamId, Buffer.alloc(length, 'd')));
    sent += length;
    await quiet(() => app.frames.length + app.socket.writableLength);
  }
  client.socket.resume();
  await until(() => client.rest.length === sent, 'what has been sent');
  await until(() => grantedOn() > sent - 262_144, 'credit again');
});

test('what may not come in a tunnel ends it', limit, async (t) => {
  const wrong: readonly [string, (app: H2AppConnection) => Buffer][] = [
    ['trailers', (app) => app.headers(1, [['x-late', '1']], true)],
    ['content after the end', () => Buffer.concat([data(1, 'x', true), data(1, 'y')])],
  ];
  for (const [what, octets] of wrong) {
    const set = await stage(t);
    const { client, app } = await openTunnel(t, set);
    app.send(octets(app));
    assert.equal((await app.next(RST_STREAM)).streamId, 1, what);
    await until(() => client.over, 'the end at the client');
    assert.equal(set.gateway.records[0]?.error, 'upstream-response-truncated', what);
  }
});

test('a connection that is to go ends with its last tunnel, after the last octet of it', limit, async (t) => {
  const set = await stage(t);
  const { client, app } = await openTunnel(t, set);
  app.send(goaway(1, ErrorCode.NO_ERROR));
  app.send(data(1, 'bye', true));
  await until(() => client.ended, 'the end of the app');
  const last = Buffer.alloc(60_000, 'l');
  client.socket.end(last);
  await until(() => hasEnd(app, 1), 'the end of the client');
  assert.equal(contentOf(app, 1), last.toString());
  await until(() => app.closed, 'the end of the connection');
  const next = await openTunnel(t, set, 1);
  assert.equal(next.connect.streamId, 1);
});

test('a GOAWAY that leaves the handshake out sends it over another connection', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const client = new Http1Client(t, gateway);
  client.ask();
  const first = await app.connection(0);
  await first.next(HEADERS);
  first.send(goaway(0, ErrorCode.NO_ERROR));
  const second = await app.connection(1);
  const { streamId } = await second.next(HEADERS);
  second.send(second.headers(streamId, OK));
  assert.match(await client.head(), /^HTTP\/1\.1 101 /);
});

test('an app that does not answer the handshake is given up in time; a silent tunnel ends', limit, async (t) => {
  const { app, gateway } = await stage(t, {
    timeouts: { upstreamResponseHead: 200, upstreamContentIdle: 200, tunnelIdle: 1500 },
  });
  const refused = ask(gateway, { headers: handshake });
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  assert.equal((await refused).status, 504);
  assert.equal(gateway.records[0]?.error, 'upstream-response-timeout');
  assert.equal((await connection.next(RST_STREAM)).streamId, 1);
  await openTunnel(t, { app, gateway });
  await until(() => gateway.records.length === 2, 'the end of the tunnel');
  assert.equal(gateway.records[1]?.error, 'tunnel-idle', 'the times of requests do not count for it');
  assert.equal(errorCodeOf(await connection.next(RST_STREAM)), ErrorCode.CANCEL);
});

test('a handshake and a tunnel that drip in octet by octet are the same', limit, async (t) => {
  const { app, gateway } = await stage(t);
  const client = new Http1Client(t, gateway);
  client.ask();
  const connection = await app.connection(0);
  await connection.next(HEADERS);
  const octets = Buffer.concat([
    connection.headers(1, [[':status', '103']]),
    connection.headers(1, [...OK, ['x-a', 'abc']]),
    data(1, 'one'),
    frame(0xbe, 0xff, 1, Buffer.from('nobody knows this')),
    data(1, ' two', true),
  ]);
  for (const octet of octets) {
    connection.socket.write(Buffer.of(octet));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => client.ended, 'the end');
  assert.match(client.text, /^HTTP\/1\.1 103 [^]*\r\n\r\nHTTP\/1\.1 101 [^]*x-a: abc\r\n[^]*\r\n\r\none two$/);
});

test('whatever an app answers, the WebSocket ends and the gateway goes on', limit, async (t) => {
  const { app, gateway } = await stage(t, { timeouts: { upstreamResponseHead: 2000 } });
  const piece = fc.oneof(
    fc.constantFrom('head', 'end', 'content', 'reset', 'goaway', 'refuse', 'trailers', 'interim'),
    fc
      .tuple(
        fc.integer({ min: 0, max: 0x10 }),
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(0, 1, 2, 3),
        fc.uint8Array({ maxLength: 40 }),
      )
      .map(([type, flags, streamId, payload]) => frame(type, flags, streamId, Buffer.from(payload))),
  );
  const octetsOf = (connection: H2AppConnection, what: string): Buffer => {
    switch (what) {
      case 'head':
        return connection.headers(1, OK);
      case 'interim':
        return connection.headers(1, [[':status', '103']]);
      case 'refuse':
        return connection.headers(1, [[':status', '403']], true);
      case 'trailers':
        return connection.headers(1, [['x-t', '1']], true);
      case 'content':
        return data(1, 'content');
      case 'end':
        return data(1, '', true);
      case 'reset':
        return reset(1, ErrorCode.REFUSED_STREAM);
      default:
        return goaway(0, ErrorCode.NO_ERROR);
    }
  };
  let index = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
      const client = new Http1Client(t, gateway);
      client.ask(handshake, 'early');
      const isOver = () => client.over || /HTTP\/1\.1 [2-5]\d\d /.test(client.text);
      // A refusal or GOAWAY brings the handshake back over another connection, a few times at most.
      while (!isOver()) {
        await until(() => isOver() || app.connections.length > index, 'an end or another try');
        const connection = app.connections[index];
        if (connection === undefined) break;
        index += 1;
        await until(() => isOver() || connection.frames.some(({ type }) => type === HEADERS), 'the handshake');
        connection.send(...pieces.map((each) => (typeof each === 'string' ? octetsOf(connection, each) : each)));
        connection.socket.end();
      }
      client.vanish();
    }),
    { numRuns: 60 },
  );
  for (const { socket } of app.connections) socket.destroy();
  await until(() => app.connections.every(({ closed }) => closed), 'the end of all connections');
  index = app.connections.length;
  const answer = ask(gateway);
  const connection = await app.connection(index);
  const { streamId } = await connection.next(HEADERS);
  connection.send(connection.headers(streamId, OK, true));
  assert.equal((await answer).status, 200);
});
