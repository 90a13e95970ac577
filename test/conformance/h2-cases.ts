/**
 * What RFC 9113 and RFC 7541 demand of a server, each demand as octets that a client sends and what has to come of them.
 * docs/http2-conformance.md lists the same cases.
 */
import assert from 'node:assert/strict';
import { ErrorCode } from '../../src/codec/http2/error-codes.ts';
import { FrameFlag, FrameType } from '../../src/codec/http2/frames.ts';
import {
  block,
  data,
  frame,
  literal,
  PREFACE,
  reset,
  settings,
  uint32,
  windowUpdate,
  type FieldPairs,
  type FrameClient,
} from '../gateway/h2/frame-client.ts';

export interface H2Case {
  /** RFC and section: `9113 5.1`, `7541 4.2`. */
  readonly section: string;
  readonly name: string;
  /** The client has sent nothing yet. */
  run(client: FrameClient): Promise<void>;
  /** Whether the app gets a request in it; no octet may reach it otherwise. */
  readonly reachesApp: boolean;
}

const { END_STREAM, END_HEADERS, PADDED, PRIORITY, ACK } = FrameFlag;
const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, COMPRESSION_ERROR, STREAM_CLOSED } = ErrorCode;
const whole = END_STREAM | END_HEADERS;

type Octets = (client: FrameClient) => readonly Uint8Array[];

/** After the greeting, these octets end the connection with that code. */
function endsConnection(section: string, name: string, errorCode: number, octets: Octets, reachesApp = false): H2Case {
  return {
    section,
    name: `${name} ends the connection`,
    reachesApp,
    async run(client) {
      client.greet();
      client.send(...octets(client));
      assert.equal(await client.goaway(), errorCode, client.tell());
      await client.over();
    },
  };
}

/** After the greeting, these octets end stream 1 with that code, and the connection goes on. */
function endsStream(section: string, name: string, errorCode: number, octets: Octets, reachesApp = false): H2Case {
  return {
    section,
    name: `${name} ends the stream`,
    reachesApp,
    async run(client) {
      client.greet();
      client.send(...octets(client));
      assert.equal(await client.resetOf(1), errorCode, client.tell());
      await client.ping();
    },
  };
}

/** After the greeting, these octets do no harm: stream `id` is answered with 200, or a PING where there is none. */
function isTaken(section: string, name: string, octets: Octets, id = 1): H2Case {
  return {
    section,
    name: `${name} is taken`,
    reachesApp: id > 0,
    async run(client) {
      client.greet();
      client.send(...octets(client));
      if (id > 0) assert.equal((await client.answered(id)).status, 200, client.tell());
      await client.ping();
      assert.equal(client.goaways.length, 0, client.tell());
    },
  };
}

const priority = (dependency: number, weight: number): Buffer =>
  Buffer.concat([uint32(dependency), Buffer.from([weight])]);
const post = { ':method': 'POST' };

/** A request's block with fields before or behind the usual ones. */
function request(client: FrameClient, ...more: FieldPairs): Buffer {
  return client.headersOf(1, [
    [':method', 'GET'],
    [':scheme', client.scheme],
    [':path', '/'],
    [':authority', 'app.test'],
    ...more,
  ]);
}

function usualBlock(client: FrameClient): Buffer {
  return block([
    [':method', 'GET'],
    [':scheme', client.scheme],
    [':path', '/'],
    [':authority', 'app.test'],
  ]);
}

/** A request whose block has these octets behind the usual fields, as they are. */
function withOctets(client: FrameClient, octets: readonly number[]): Buffer {
  return frame(FrameType.HEADERS, whole, 1, Buffer.concat([usualBlock(client), Buffer.from(octets)]));
}

const starting: H2Case[] = [
  {
    section: '9113 3.4',
    name: 'the server preface comes first: SETTINGS, before anything else',
    reachesApp: false,
    async run(client) {
      client.greet();
      await client.ping();
      assert.equal(client.frames[0]?.type, FrameType.SETTINGS);
      assert.equal(client.frames[0]?.flags, 0);
    },
  },
  {
    section: '9113 3.4',
    name: 'a preface that is none ends the connection',
    reachesApp: false,
    async run(client) {
      client.send(Buffer.from('GET / HTTP/1.1\r\nHost: app.test\r\n\r\n'));
      assert.equal(await client.goaway(), PROTOCOL_ERROR);
      await client.over();
    },
  },
  {
    section: '9113 3.4',
    name: 'another frame before SETTINGS ends the connection',
    reachesApp: false,
    async run(client) {
      client.send(PREFACE, client.headers(1));
      assert.equal(await client.goaway(), PROTOCOL_ERROR);
      await client.over();
    },
  },
];

const framing: H2Case[] = [
  isTaken('9113 4.1', 'a frame of unknown type', () => [frame(0x16, 0xff, 0, 'whatever')], 0),
  isTaken('9113 4.1', 'an undefined flag', () => [frame(FrameType.PING, 0x16, 0, 'pingpang')], 0),
  isTaken('9113 4.1', 'the reserved bit of a stream number', (client) => {
    const octets = Buffer.from(client.headers(1));
    octets[5] = 0x80;
    return [octets];
  }),
  isTaken('9113 4.2', 'DATA of 2^14 octets', (client) => [
    client.headers(1, post, false),
    data(1, 'x'.repeat(16_384), true),
  ]),
  endsConnection('9113 4.2', 'DATA beyond SETTINGS_MAX_FRAME_SIZE', FRAME_SIZE_ERROR, (client) => [
    client.headers(1, post, false),
    data(1, 'x'.repeat(16_385)),
  ]),
  endsConnection('9113 4.2', 'HEADERS beyond SETTINGS_MAX_FRAME_SIZE', FRAME_SIZE_ERROR, (client) => [
    request(client, ['x', 'y'.repeat(17_000)]),
  ]),
  endsConnection('9113 4.3', 'a header block that cannot be decoded', COMPRESSION_ERROR, () => [
    frame(FrameType.HEADERS, whole, 1, Buffer.from([0x40])),
  ]),
  endsConnection('9113 4.3', 'PRIORITY inside a header block', PROTOCOL_ERROR, (client) => [
    frame(FrameType.HEADERS, END_STREAM, 1, usualBlock(client)),
    frame(FrameType.PRIORITY, 0, 1, priority(0, 0)),
  ]),
  endsConnection('9113 4.3', 'HEADERS of another stream inside a header block', PROTOCOL_ERROR, (client) => [
    frame(FrameType.HEADERS, END_STREAM, 1, usualBlock(client)),
    client.headers(3),
  ]),
  endsConnection('9113 5.5', 'a frame of unknown type inside a header block', PROTOCOL_ERROR, (client) => [
    frame(FrameType.HEADERS, END_STREAM, 1, usualBlock(client)),
    frame(0x16, 0, 0, 'x'),
  ]),
];

const closedByReset: Octets = (client) => [client.headers(1, post, false), reset(1)];

const states: H2Case[] = [
  endsConnection('9113 5.1', 'DATA on an idle stream', PROTOCOL_ERROR, () => [data(1, 'x', true)]),
  endsConnection('9113 5.1', 'RST_STREAM on an idle stream', PROTOCOL_ERROR, () => [reset(1)]),
  endsConnection('9113 5.1', 'WINDOW_UPDATE on an idle stream', PROTOCOL_ERROR, () => [windowUpdate(1, 100)]),
  endsConnection('9113 5.1', 'CONTINUATION on an idle stream', PROTOCOL_ERROR, (client) => [
    frame(FrameType.CONTINUATION, END_HEADERS, 1, usualBlock(client)),
  ]),
  isTaken('9113 5.1', 'PRIORITY on an idle stream', (client) => [
    frame(FrameType.PRIORITY, 0, 1, priority(0, 255)),
    client.headers(1),
  ]),
  isTaken(
    '9113 5.1',
    'PRIORITY for a higher stream than the one that is opened',
    (client) => [frame(FrameType.PRIORITY, 0, 7, priority(5, 0)), client.headers(5)],
    5,
  ),
  isTaken('9113 5.1', 'WINDOW_UPDATE on a half-closed stream', (client) => [client.headers(1), windowUpdate(1, 100)]),
  isTaken('9113 5.1', 'PRIORITY on a half-closed stream', (client) => [
    client.headers(1),
    frame(FrameType.PRIORITY, 0, 1, priority(0, 15)),
  ]),
  isTaken(
    '9113 5.1',
    'RST_STREAM on a half-closed stream',
    (client) => [client.headers(1), reset(1), client.headers(3)],
    3,
  ),
  endsStream('9113 5.1', 'DATA on a half-closed stream', STREAM_CLOSED, (client) => [client.headers(1), data(1, 'x')]),
  endsStream('9113 5.1', 'HEADERS on a half-closed stream', STREAM_CLOSED, (client) => [
    client.headers(1),
    client.headersOf(1, [['x', 'y']]),
  ]),
  endsConnection('9113 5.1', 'CONTINUATION on a half-closed stream', PROTOCOL_ERROR, (client) => [
    client.headers(1),
    frame(FrameType.CONTINUATION, END_HEADERS, 1, block([['x', 'y']])),
  ]),
  endsConnection('9113 5.1', 'DATA behind the RST_STREAM of its sender', STREAM_CLOSED, (client) => [
    ...closedByReset(client),
    data(1, 'x'),
  ]),
  endsConnection('9113 5.1', 'HEADERS behind the RST_STREAM of its sender', STREAM_CLOSED, (client) => [
    ...closedByReset(client),
    client.headers(1),
  ]),
  endsConnection('9113 5.1', 'CONTINUATION behind the RST_STREAM of its sender', PROTOCOL_ERROR, (client) => [
    ...closedByReset(client),
    frame(FrameType.CONTINUATION, END_HEADERS, 1, block([['x', 'y']])),
  ]),
  ...(['DATA', 'HEADERS'] as const).map((type): H2Case => ({
    section: '9113 5.1',
    name: `${type} on a stream that both sides have ended ends the connection`,
    reachesApp: true,
    async run(client) {
      client.greet();
      client.send(client.headers(1));
      assert.equal((await client.answered(1)).status, 200);
      client.send(type === 'DATA' ? data(1, 'x') : client.headers(1));
      assert.equal(await client.goaway(), STREAM_CLOSED);
      await client.over();
    },
  })),
  {
    section: '9113 5.1',
    name: 'PRIORITY, WINDOW_UPDATE and RST_STREAM on a closed stream are taken',
    reachesApp: true,
    async run(client) {
      client.greet();
      client.send(client.headers(1));
      assert.equal((await client.answered(1)).status, 200);
      client.send(frame(FrameType.PRIORITY, 0, 1, priority(0, 15)), windowUpdate(1, 100), reset(1));
      await client.ping();
      client.send(client.headers(3));
      assert.equal((await client.answered(3)).status, 200);
    },
  },
  {
    section: '9113 5.1',
    name: 'frames that were on their way when the gateway reset a stream are ignored',
    reachesApp: false,
    async run(client) {
      client.greet();
      client.send(client.headers(1, { ...post, 'content-length': '1' }, false), data(1, 'xyz'));
      assert.equal(await client.resetOf(1), PROTOCOL_ERROR);
      client.send(data(1, 'late'), client.headersOf(1, [['late', 'trailer']]), windowUpdate(1, 5));
      await client.ping();
    },
  },
  endsConnection('9113 5.1.1', 'a stream with an even number', PROTOCOL_ERROR, (client) => [client.headers(2)]),
  endsConnection('9113 5.1.1', 'a stream with a lower number than one before', PROTOCOL_ERROR, (client) => [
    client.headers(5, post, false),
    client.headers(3),
  ]),
  {
    section: '9113 5.1.2',
    name: 'streams beyond SETTINGS_MAX_CONCURRENT_STREAMS are refused, the others go on',
    reachesApp: true,
    async run(client) {
      client.greet();
      const limit = 128;
      const opened = Array.from({ length: limit + 1 }, (_, index) => client.headers(1 + index * 2, post, false));
      client.send(...opened);
      assert.equal(await client.resetOf(1 + limit * 2), ErrorCode.REFUSED_STREAM);
      client.send(data(1, '', true));
      assert.equal((await client.answered(1)).status, 200);
    },
  },
  endsStream('9113 5.3', 'HEADERS that depend on themselves', PROTOCOL_ERROR, (client) => [
    frame(FrameType.HEADERS, whole | PRIORITY, 1, Buffer.concat([priority(1, 255), usualBlock(client)])),
  ]),
  endsStream('9113 5.3', 'PRIORITY that depends on itself', PROTOCOL_ERROR, () => [
    frame(FrameType.PRIORITY, 0, 1, priority(1, 255)),
  ]),
  {
    section: '9113 5.4.1',
    name: 'behind a GOAWAY the connection is closed',
    reachesApp: false,
    async run(client) {
      client.greet();
      client.send(frame(FrameType.PING, 0, 0, 'short'));
      assert.equal(await client.goaway(), FRAME_SIZE_ERROR);
      await client.over();
    },
  },
];

const frames: H2Case[] = [
  isTaken('9113 6.1', 'DATA in many frames', (client) => [
    client.headers(1, post, false),
    data(1, 'one'),
    data(1, 'two'),
    data(1, 'three', true),
  ]),
  isTaken('9113 6.1', 'DATA with padding', (client) => [
    client.headers(1, post, false),
    frame(FrameType.DATA, END_STREAM | PADDED, 1, Buffer.from([3, 0x61, 0x62, 0, 0, 0])),
  ]),
  endsConnection('9113 6.1', 'DATA on stream 0', PROTOCOL_ERROR, () => [data(0, 'x')]),
  endsConnection('9113 6.1', 'DATA whose padding is longer than the frame', PROTOCOL_ERROR, (client) => [
    client.headers(1, post, false),
    frame(FrameType.DATA, PADDED, 1, Buffer.from([6, 0x61, 0, 0, 0, 0])),
  ]),
  isTaken('9113 6.2', 'HEADERS with padding', (client) => [
    frame(
      FrameType.HEADERS,
      whole | PADDED,
      1,
      Buffer.concat([Buffer.from([2]), usualBlock(client), Buffer.from([0, 0])]),
    ),
  ]),
  isTaken('9113 6.2', 'HEADERS with priority fields', (client) => [
    frame(FrameType.HEADERS, whole | PRIORITY, 1, Buffer.concat([priority(0x8000_0000, 255), usualBlock(client)])),
  ]),
  endsConnection('9113 6.2', 'HEADERS on stream 0', PROTOCOL_ERROR, (client) => [client.headers(0)]),
  endsConnection('9113 6.2', 'HEADERS whose padding is longer than the frame', PROTOCOL_ERROR, (client) => {
    const usual = usualBlock(client);
    return [frame(FrameType.HEADERS, whole | PADDED, 1, Buffer.concat([Buffer.from([usual.length + 1]), usual]))];
  }),
  isTaken('9113 6.3', 'PRIORITY with the lowest and the highest weight', (client) => [
    frame(FrameType.PRIORITY, 0, 1, priority(0, 0)),
    frame(FrameType.PRIORITY, 0, 1, priority(0x8000_0000, 255)),
    client.headers(1),
  ]),
  endsConnection('9113 6.3', 'PRIORITY on stream 0', PROTOCOL_ERROR, () => [
    frame(FrameType.PRIORITY, 0, 0, priority(0, 0)),
  ]),
  endsStream('9113 6.3', 'PRIORITY of another length than 5', FRAME_SIZE_ERROR, (client) => [
    client.headers(1, post, false),
    frame(FrameType.PRIORITY, 0, 1, Buffer.alloc(4)),
  ]),
  endsConnection('9113 6.4', 'RST_STREAM on stream 0', PROTOCOL_ERROR, () => [reset(0)]),
  endsConnection('9113 6.4', 'RST_STREAM of another length than 4', FRAME_SIZE_ERROR, (client) => [
    client.headers(1, post, false),
    frame(FrameType.RST_STREAM, 0, 1, Buffer.alloc(3)),
  ]),
  isTaken(
    '9113 6.4',
    'RST_STREAM with an unknown error code',
    (client) => [client.headers(1, post, false), reset(1, 0xff), client.headers(3)],
    3,
  ),
  endsConnection('9113 6.5', 'SETTINGS with ACK and a payload', FRAME_SIZE_ERROR, () => [
    frame(FrameType.SETTINGS, ACK, 0, Buffer.alloc(6)),
  ]),
  endsConnection('9113 6.5', 'SETTINGS on a stream', PROTOCOL_ERROR, () => [
    frame(FrameType.SETTINGS, 0, 1, Buffer.from([0, 3, 0, 0, 0, 100])),
  ]),
  endsConnection('9113 6.5', 'SETTINGS of a length that is no multiple of 6', FRAME_SIZE_ERROR, () => [
    frame(FrameType.SETTINGS, 0, 0, Buffer.from([0, 3, 0])),
  ]),
  endsConnection('9113 6.5.2', 'ENABLE_PUSH of 2', PROTOCOL_ERROR, () => [settings([2, 2])]),
  endsConnection('9113 6.5.2', 'INITIAL_WINDOW_SIZE of 2^31', FLOW_CONTROL_ERROR, () => [settings([4, 2 ** 31])]),
  endsConnection('9113 6.5.2', 'MAX_FRAME_SIZE below 2^14', PROTOCOL_ERROR, () => [settings([5, 16_383])]),
  endsConnection('9113 6.5.2', 'MAX_FRAME_SIZE of 2^24', PROTOCOL_ERROR, () => [settings([5, 16_777_216])]),
  isTaken('9113 6.5.2', 'an unknown setting', (client) => [settings([0xff, 1]), client.headers(1)]),
  {
    section: '9113 6.5.3',
    name: 'each SETTINGS is acknowledged, and the last of several values counts',
    reachesApp: true,
    async run(client) {
      client.greet();
      client.send(settings([4, 100], [4, 1]), client.headers(1));
      const answer = client.answer(1);
      while (answer.content.length === 0) await client.ping();
      const acknowledged = client.frames.filter(({ type, flags }) => type === FrameType.SETTINGS && flags === ACK);
      assert.equal(acknowledged.length, 2);
      client.send(windowUpdate(1, 1000));
      await client.answered(1);
      assert.equal(answer.content[0]?.length, 1, 'a window of one octet');
    },
  },
  {
    section: '9113 6.7',
    name: 'PING is answered with its own octets, and an answer to nothing is ignored',
    reachesApp: false,
    async run(client) {
      client.greet();
      client.send(frame(FrameType.PING, ACK, 0, 'unasked!'));
      await client.ping('h2-octet');
      assert.equal(client.frames.filter(({ type }) => type === FrameType.PING).length, 1);
    },
  },
  endsConnection('9113 6.7', 'PING on a stream', PROTOCOL_ERROR, () => [frame(FrameType.PING, 0, 1, 'pingpong')]),
  endsConnection('9113 6.7', 'PING of another length than 8', FRAME_SIZE_ERROR, () => [
    frame(FrameType.PING, 0, 0, 'ping'),
  ]),
  endsConnection('9113 6.8', 'GOAWAY on a stream', PROTOCOL_ERROR, () => [
    frame(FrameType.GOAWAY, 0, 1, Buffer.alloc(8)),
  ]),
  {
    section: '9113 6.8',
    name: 'a client that says GOAWAY, whatever its code, is still answered what it has asked',
    reachesApp: true,
    async run(client) {
      client.greet();
      client.send(client.headers(1), frame(FrameType.GOAWAY, 0, 0, Buffer.concat([uint32(0), uint32(0xff)])));
      assert.equal((await client.answered(1)).status, 200);
      assert.equal(await client.goaway(), ErrorCode.NO_ERROR);
      await client.over();
    },
  },
  endsConnection('9113 6.9', 'WINDOW_UPDATE of 0 for the connection', PROTOCOL_ERROR, () => [windowUpdate(0, 0)]),
  endsStream('9113 6.9', 'WINDOW_UPDATE of 0 for a stream', PROTOCOL_ERROR, (client) => [
    client.headers(1, post, false),
    windowUpdate(1, 0),
  ]),
  endsConnection('9113 6.9', 'WINDOW_UPDATE of another length than 4', FRAME_SIZE_ERROR, () => [
    frame(FrameType.WINDOW_UPDATE, 0, 0, Buffer.alloc(3)),
  ]),
  isTaken('9113 6.9', 'WINDOW_UPDATE for the connection', (client) => [windowUpdate(0, 1), client.headers(1)]),
  {
    section: '9113 6.9.1',
    name: 'no more is sent than the window of the stream allows',
    reachesApp: true,
    async run(client) {
      client.greet([4, 1]);
      client.send(client.headers(1));
      for (let octets = 1; octets <= 2; octets += 1) {
        while (client.answer(1).content.length < octets) await client.ping();
        await client.ping();
        assert.deepEqual(client.answer(1).content.map(String), ['O', 'K'].slice(0, octets));
        client.send(windowUpdate(1, 1));
      }
      assert.equal((await client.answered(1)).ended, true);
    },
  },
  endsConnection('9113 6.9.1', 'a window of the connection beyond 2^31 - 1', FLOW_CONTROL_ERROR, () => [
    windowUpdate(0, 0x7fff_ffff),
    windowUpdate(0, 0x7fff_ffff),
  ]),
  endsStream('9113 6.9.1', 'a window of a stream beyond 2^31 - 1', FLOW_CONTROL_ERROR, (client) => [
    client.headers(1, post, false),
    windowUpdate(1, 0x7fff_ffff),
    windowUpdate(1, 0x7fff_ffff),
  ]),
  {
    section: '9113 6.9.2',
    name: 'a new INITIAL_WINDOW_SIZE holds for streams that are open, and may make a window negative',
    reachesApp: true,
    async run(client) {
      client.greet([4, 0]);
      client.send(client.headers(1));
      while (client.answer(1).status === 0) await client.ping();
      // 0, then 3, then 2 less than that: one octet is left; then as many below zero as it takes back.
      client.send(settings([4, 1]));
      while (client.answer(1).content.length === 0) await client.ping();
      client.send(settings([4, 0]), windowUpdate(1, 1));
      await client.ping();
      await client.ping();
      assert.equal(Buffer.concat(client.answer(1).content).length, 1, 'the window was -1 and is 0');
      client.send(windowUpdate(1, 1));
      assert.equal(String(Buffer.concat((await client.answered(1)).content)), 'OK');
    },
  },
  endsConnection(
    '9113 6.9.2',
    'an INITIAL_WINDOW_SIZE that takes a window beyond 2^31 - 1',
    FLOW_CONTROL_ERROR,
    (client) => [client.headers(1, post, false), windowUpdate(1, 0x7fff_0000), settings([4, 0x7fff_ffff])],
  ),
  isTaken('9113 6.10', 'a head in several CONTINUATION frames', (client) => {
    const usual = usualBlock(client);
    return [
      frame(FrameType.HEADERS, END_STREAM, 1, usual.subarray(0, 10)),
      frame(FrameType.CONTINUATION, 0, 1, usual.subarray(10, 30)),
      frame(FrameType.CONTINUATION, 0, 1),
      frame(FrameType.CONTINUATION, END_HEADERS, 1, usual.subarray(30)),
    ];
  }),
  endsConnection('9113 6.10', 'CONTINUATION followed by DATA before the end of the block', PROTOCOL_ERROR, (client) => [
    frame(FrameType.HEADERS, 0, 1, usualBlock(client)),
    frame(FrameType.CONTINUATION, 0, 1, block([['x', 'y']])),
    data(1, 'x'),
  ]),
  endsConnection('9113 6.10', 'CONTINUATION on stream 0', PROTOCOL_ERROR, (client) => [
    frame(FrameType.HEADERS, END_STREAM, 1, usualBlock(client)),
    frame(FrameType.CONTINUATION, END_HEADERS, 0, block([['x', 'y']])),
  ]),
  endsConnection('9113 6.10', 'CONTINUATION behind HEADERS that were whole', PROTOCOL_ERROR, (client) => [
    client.headers(1, post, false),
    frame(FrameType.CONTINUATION, END_HEADERS, 1, block([['x', 'y']])),
  ]),
  endsConnection('9113 6.10', 'CONTINUATION behind one that ended the block', PROTOCOL_ERROR, (client) => [
    frame(FrameType.HEADERS, 0, 1, usualBlock(client)),
    frame(FrameType.CONTINUATION, END_HEADERS, 1, block([['x', 'y']])),
    frame(FrameType.CONTINUATION, END_HEADERS, 1, block([['x', 'y']])),
  ]),
  endsConnection('9113 6.10', 'CONTINUATION behind DATA', PROTOCOL_ERROR, (client) => [
    client.headers(1, post, false),
    data(1, 'x'),
    frame(FrameType.CONTINUATION, END_HEADERS, 1, block([['x', 'y']])),
  ]),
];

const malformed = (section: string, name: string, fields: (client: FrameClient) => FieldPairs): H2Case =>
  endsStream(section, name, PROTOCOL_ERROR, (client) => [client.headersOf(1, fields(client))]);

const usual = (client: FrameClient): [string, string][] => [
  [':method', 'GET'],
  [':scheme', client.scheme],
  [':path', '/'],
  [':authority', 'app.test'],
];
const without = (client: FrameClient, name: string): FieldPairs => usual(client).filter(([each]) => each !== name);
const twice = (client: FrameClient, name: string): FieldPairs => [
  ...usual(client),
  usual(client).find(([each]) => each === name)!,
];

const messages: H2Case[] = [
  isTaken('9113 8.1', 'a GET request', (client) => [client.headers(1)]),
  isTaken('9113 8.1', 'a HEAD request', (client) => [client.headers(1, { ':method': 'HEAD' })]),
  isTaken('9113 8.1', 'a POST request with trailers', (client) => [
    client.headers(1, post, false),
    data(1, 'content'),
    client.headersOf(1, [['x-sum', '7']]),
  ]),
  endsStream('9113 8.1', 'a second HEADERS without END_STREAM', PROTOCOL_ERROR, (client) => [
    client.headers(1, post, false),
    client.headersOf(1, [['x', 'y']], false),
  ]),
  ...['X-Upper', 'x y', 'x\0', 'x:y', 'x\u00e9', ''].map((name) =>
    malformed('9113 8.2.1', `a field named ${JSON.stringify(name)}`, (client) => [...usual(client), [name, 'v']]),
  ),
  ...['a\0b', 'a\rb', 'a\nb', 'a\r\nx: y', ' a', 'a\t', 'a\x7f'].map((value) =>
    malformed('9113 8.2.1', `a value of ${JSON.stringify(value)}`, (client) => [...usual(client), ['x', value]]),
  ),
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'].map((name) =>
    malformed('9113 8.2.2', `the field ${name}`, (client) => [...usual(client), [name, 'close']]),
  ),
  malformed('9113 8.2.2', 'TE with another value than trailers', (client) => [
    ...usual(client),
    ['te', 'trailers, deflate'],
  ]),
  isTaken('9113 8.2.2', 'TE with the value trailers', (client) => [request(client, ['te', 'trailers'])]),
  malformed('9113 8.3', 'an unknown pseudo-field', (client) => [[':x', 'y'], ...usual(client)]),
  malformed('9113 8.3', 'the pseudo-field of a response', (client) => [...usual(client), [':status', '200']]),
  endsStream('9113 8.3', 'a pseudo-field in trailers', PROTOCOL_ERROR, (client) => [
    client.headers(1, post, false),
    client.headersOf(1, [[':method', 'GET']]),
  ]),
  malformed('9113 8.3', 'a pseudo-field behind other fields', (client) => [
    ...without(client, ':path'),
    ['x', 'y'],
    [':path', '/'],
  ]),
  ...[':method', ':scheme', ':path'].flatMap((name) => [
    malformed('9113 8.3.1', `a request without ${name}`, (client) => without(client, name)),
    malformed('9113 8.3.1', `a request with two of ${name}`, (client) => twice(client, name)),
  ]),
  ...['', 'path', 'http://a/', '*', '/a b', '/a#b', '/\u00e9', '/a\r\nb'].map((path) =>
    malformed('9113 8.3.1', `a :path of ${JSON.stringify(path)}`, (client) => [
      ...without(client, ':path'),
      [':path', path],
    ]),
  ),
  ...['', 'user@app.test', 'app.test/x', 'app test', 'app.test\r\n'].map((authority) =>
    malformed('9113 8.3.1', `an :authority of ${JSON.stringify(authority)}`, (client) => [
      ...without(client, ':authority'),
      [':authority', authority],
    ]),
  ),
  malformed('9113 8.3.1', 'a :scheme that the connection does not have', (client) => [
    ...without(client, ':scheme'),
    [':scheme', client.scheme === 'https' ? 'http' : 'https'],
  ]),
  malformed('9113 8.3.1', 'a Host that contradicts :authority', (client) => [...usual(client), ['host', 'other.test']]),
  malformed('9113 8.5', 'CONNECT with a path', (client) => [[':method', 'CONNECT'], ...without(client, ':method')]),
  {
    section: '9113 8.5',
    name: 'CONNECT is answered with 405: this is no forward proxy',
    reachesApp: false,
    async run(client) {
      client.greet();
      client.send(
        client.headersOf(1, [
          [':method', 'CONNECT'],
          [':authority', 'app.test:22'],
        ]),
      );
      assert.equal((await client.answered(1)).status, 405);
    },
  },
  endsStream('9113 8.1.1', 'a Content-Length above what comes in one DATA frame', PROTOCOL_ERROR, (client) => [
    client.headers(1, { ...post, 'content-length': '4' }, false),
    data(1, 'abc', true),
  ]),
  endsStream('9113 8.1.1', 'a Content-Length below the sum of several DATA frames', PROTOCOL_ERROR, (client) => [
    client.headers(1, { ...post, 'content-length': '4' }, false),
    data(1, 'abc'),
    data(1, 'abc', true),
  ]),
  endsStream('9113 8.1.1', 'a Content-Length with HEADERS that end the stream', PROTOCOL_ERROR, (client) => [
    client.headers(1, { ...post, 'content-length': '4' }),
  ]),
  endsConnection('9113 8.4', 'PUSH_PROMISE from a client', PROTOCOL_ERROR, (client) => [
    client.headers(1, post, false),
    frame(FrameType.PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([uint32(2), usualBlock(client)])),
  ]),
];

const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
/** `user-agent` is entry 58 of the static table. */
const compression: H2Case[] = [
  isTaken('7541 6.1', 'an indexed field', (client) => [withOctets(client, [0x80 | 16])]),
  isTaken('7541 6.2.1', 'a literal into the table, name indexed and new', (client) => [
    withOctets(client, [0x40 | 58, ...text('a'), 0x40, ...text('x-new'), ...text('b')]),
  ]),
  isTaken('7541 6.2.2', 'a literal not indexed, name indexed and new', (client) => [
    withOctets(client, [0x0f, 58 - 15, ...text('a'), 0x00, ...text('x-new'), ...text('b')]),
  ]),
  isTaken('7541 6.2.3', 'a literal never indexed, name indexed and new', (client) => [
    withOctets(client, [0x1f, 58 - 15, ...text('a'), 0x10, ...text('x-new'), ...text('b')]),
  ]),
  // "aaaaa" in Huffman code: five times 00011, then padding of ones.
  isTaken('7541 5.2', 'a text in Huffman code', (client) => [
    withOctets(client, [0x40, ...text('x-huffman'), 0x84, 0x18, 0xc6, 0x31, 0xff]),
  ]),
  isTaken('7541 6.3', 'two table size updates at the start of a block', (client) => [
    frame(FrameType.HEADERS, whole, 1, Buffer.concat([Buffer.from([0x20, 0x3f, 0x61]), usualBlock(client)])),
  ]),
  endsConnection('7541 2.3.3', 'an index beyond the tables', COMPRESSION_ERROR, (client) => [
    withOctets(client, [0xc6]),
  ]),
  endsConnection('7541 6.1', 'index 0', COMPRESSION_ERROR, (client) => [withOctets(client, [0x80])]),
  endsConnection('7541 4.2', 'a table size update behind a field', COMPRESSION_ERROR, (client) => [
    withOctets(client, [0x20]),
  ]),
  endsConnection('7541 6.3', 'a table size update beyond SETTINGS_HEADER_TABLE_SIZE', COMPRESSION_ERROR, (client) => [
    frame(FrameType.HEADERS, whole, 1, Buffer.concat([Buffer.from([0x3f, 0xe2, 0x1f]), usualBlock(client)])),
  ]),
  endsConnection('7541 5.2', 'Huffman padding of more than 7 bits', COMPRESSION_ERROR, (client) => [
    withOctets(client, [0x40, ...text('x'), 0x82, 0x1f, 0xff]),
  ]),
  endsConnection('7541 5.2', 'Huffman padding of zeros', COMPRESSION_ERROR, (client) => [
    withOctets(client, [0x40, ...text('x'), 0x81, 0x18]),
  ]),
  endsConnection('7541 5.2', 'the symbol EOS in Huffman code', COMPRESSION_ERROR, (client) => [
    withOctets(client, [0x40, ...text('x'), 0x84, 0xff, 0xff, 0xff, 0xff]),
  ]),
  endsConnection('7541 5.1', 'an integer without end', COMPRESSION_ERROR, (client) => [
    withOctets(client, [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
  ]),
  {
    section: '7541 2.3.2',
    name: 'fields that went into the table are there for the next request, also after one that was refused',
    reachesApp: true,
    async run(client) {
      client.greet();
      client.send(withOctets(client, [0x40, ...text('x-kept'), ...text('v'), ...literal('UPPER', 'x')]));
      assert.equal(await client.resetOf(1), PROTOCOL_ERROR);
      const next = Buffer.concat([usualBlock(client), Buffer.from([0x80 | 62])]);
      client.send(frame(FrameType.HEADERS, whole, 3, next));
      assert.equal((await client.answered(3)).status, 200);
    },
  },
];

export const h2Cases: readonly H2Case[] = [...starting, ...framing, ...states, ...frames, ...messages, ...compression];
