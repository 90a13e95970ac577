import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { constants } from 'node:os';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HandleWriter } from '../../../src/gateway/transport/handle-writer.ts';
import { internalsOf, type SocketHandle, type WriteRequest } from '../../../src/gateway/transport/socket-internals.ts';
import { Transport } from '../../../src/gateway/transport/transport.ts';

const limit = { timeout: 30_000 };
/** Node 26 makes the requests itself and passes none. */
const GIVES_REQUESTS = Number(process.versions.node.split('.')[0]) < 25;

test('once a request has been seen, writes go to the handle and the stream sees no more of them', limit, async (t) => {
  const { near, far } = await pair(t);
  const came: Buffer[] = [];
  far.on('data', (chunk: Buffer) => came.push(chunk));
  const transport = new Transport(near, 'static', false);
  transport.start({ onRead() {}, onReadEnd() {}, onWritable() {}, onClosed() {} });
  const internals = internalsOf(near);
  const { _write } = internals;
  // What the kernel does not take at once is seen to be under way.
  far.resume();
  transport.write(Buffer.alloc(20_000_000));
  while (transport.pendingBytes > 0) await sleep(5);
  let streamed = 0;
  internals._write = (chunk, encoding, done) => {
    streamed += 1;
    _write.call(near, chunk, encoding, done);
  };
  for (let k = 0; k < 20; k += 1) {
    assert.equal(transport.write(Buffer.from(`${k} `)), true, 'the kernel takes a few octets at once');
    assert.equal(transport.pendingBytes, 0);
  }
  transport.end();
  await once(far, 'end');
  assert.equal(
    Buffer.concat(came).subarray(20_000_000).toString(),
    Array.from({ length: 20 }, (_, k) => `${k} `).join(''),
  );
  assert.equal(streamed, GIVES_REQUESTS ? 0 : 20);
});

test('what the kernel does not take at once arrives whole, its memory left alone until then', limit, async (t) => {
  const { near, far } = await pair(t);
  const transport = new Transport(near, 'static', false);
  let writable: (() => void) | undefined;
  transport.start({ onRead() {}, onReadEnd() {}, onWritable: () => writable?.(), onClosed() {} });
  const sent = createHash('sha256');
  const came = createHash('sha256');
  for (let k = 0; k < 5; k += 1) {
    const octets = Buffer.alloc(20_000_000, k);
    sent.update(octets);
    assert.equal(transport.write(octets), false, 'the memory may not be used again');
    assert.ok(transport.pendingBytes > 0);
    const done = new Promise<void>((resolve) => (writable = resolve));
    if (k === 0) far.on('data', (chunk: Buffer) => came.update(chunk));
    await done;
    assert.equal(transport.pendingBytes, 0);
  }
  transport.end();
  await once(far, 'end');
  assert.equal(came.digest('hex'), sent.digest('hex'));
});

test('a write to a connection that the peer has reset ends it', limit, async (t) => {
  const { near, far } = await pair(t);
  const transport = new Transport(near, 'static', false);
  const closed = new Promise<Error | undefined>((resolve) => {
    transport.start({ onRead() {}, onReadEnd() {}, onWritable() {}, onClosed: resolve });
  });
  transport.write(Buffer.from('.'));
  transport.pauseRead();
  far.resetAndDestroy();
  await sleep(50);
  while (!near.destroyed) {
    transport.write(Buffer.from('.'));
    await sleep(5);
  }
  const error = (await closed) as NodeJS.ErrnoException;
  assert.ok(['EPIPE', 'ECONNRESET'].includes(error.code ?? ''), error.message);
});

// ---- which request is used when

test(
  'a request that has come back rests for one more write',
  { skip: !GIVES_REQUESTS && 'Node makes the requests' },
  async (t) => {
    await learn(t);
    const { handle, used } = handleThatTellsLater();
    const told: (Error | undefined)[] = [];
    const writer = new HandleWriter(true, (error) => told.push(error));
    for (let k = 0; k < 6; k += 1) {
      assert.equal(writer.write(handle, Buffer.from('x')), true);
      assert.equal(told.length, k);
      used[k]!.oncomplete!(0);
      assert.equal(told.length, k + 1);
      if (k > 0) assert.notEqual(used[k], used[k - 1], 'Node may still hold the one before');
    }
    assert.equal(new Set(used).size, 2);
    assert.deepEqual(told, [undefined, undefined, undefined, undefined, undefined, undefined]);
  },
);

test(
  'what is written while an end is told takes another request',
  { skip: !GIVES_REQUESTS && 'Node makes the requests' },
  async (t) => {
    await learn(t);
    const { handle, used } = handleThatTellsLater();
    let left = 5;
    const writer = new HandleWriter(true, () => {
      if (left > 0) writer.write(handle, Buffer.from('x'));
      left -= 1;
    });
    writer.write(handle, Buffer.from('x'));
    for (let k = 0; k < 6; k += 1) used[k]!.oncomplete!(0);
    assert.equal(used.length, 6);
    for (let k = 1; k < 6; k += 1) assert.notEqual(used[k], used[k - 1]);
  },
);

test('errors are told, at once or later', { skip: !GIVES_REQUESTS && 'Node makes the requests' }, async (t) => {
  await learn(t);
  const told: (string | undefined)[] = [];
  const onWritten = (error?: NodeJS.ErrnoException): void => void told.push(error?.code);
  const { EPIPE, ECONNRESET } = constants.errno;
  new HandleWriter(false, onWritten).write(
    handleThat(() => -EPIPE),
    Buffer.from('x'),
  );
  assert.deepEqual(told, ['EPIPE']);
  const { handle, used } = handleThatTellsLater();
  new HandleWriter(true, onWritten).write(handle, Buffer.from('x'));
  used[0]!.oncomplete!(-ECONNRESET);
  assert.deepEqual(told, ['EPIPE', 'ECONNRESET']);
  new HandleWriter(false, onWritten).write(
    handleThat(() => undefined),
    Buffer.from('x'),
  );
  assert.deepEqual(told, ['EPIPE', 'ECONNRESET', 'EBADF'], 'a handle that is gone says nothing');
});

test(
  'after an error nothing is written any more',
  { skip: !GIVES_REQUESTS && 'Node makes the requests' },
  async (t) => {
    await learn(t);
    const { EPIPE } = constants.errno;
    const used: WriteRequest[] = [];
    const handle = handleThat((request) => {
      used.push(request);
      // As TLS does it: the end comes within the call, which then returns as if all were well.
      if (used.length === 2) request.oncomplete!(-EPIPE);
      return 0;
    });
    const told: (string | undefined)[] = [];
    const writer = new HandleWriter(true, (error?: NodeJS.ErrnoException) => {
      told.push(error?.code);
      // The end of the first is on the stack still: its request must not be used, by nobody.
      if (told.length < 4) writer.write(handle, Buffer.from('x'));
    });
    writer.write(handle, Buffer.from('x'));
    used[0]!.oncomplete!(0);
    assert.equal(used.length, 2);
    assert.deepEqual(told, [undefined, 'EPIPE', 'EPIPE', 'EPIPE']);
  },
);

test('a first write that fails leaves it to the next one to show how requests are made', limit, async (t) => {
  // In a process of its own, where no request has been seen yet.
  const script = `
    import net from 'node:net';
    import { Transport } from ${JSON.stringify(new URL('../../../src/gateway/transport/transport.js', import.meta.url).href)};
    const sink = { onRead() {}, onReadEnd() {}, onWritable() {}, onClosed() {} };
    const server = net.createServer((socket) => socket.resume()).listen(0, '127.0.0.1', async () => {
      const connect = () => new Promise((resolve) => { const s = net.connect(server.address().port, '127.0.0.1', () => resolve(s)); });
      const bad = await connect();
      const failing = new Transport(bad, 'static', false);
      failing.start(sink);
      const { writeBuffer } = bad._handle;
      bad._handle.writeBuffer = (request, octets) => { writeBuffer.call(bad._handle, request, octets); return -32; };
      failing.write(Buffer.from('x'));
      const good = await connect();
      const transport = new Transport(good, 'static', false);
      transport.start(sink);
      let streamed = 0;
      const { _write } = good;
      good._write = (...all) => { streamed += 1; _write.apply(good, all); };
      for (let k = 0; k < 4; k += 1) {
        transport.write(Buffer.alloc(20_000_000));
        while (transport.pendingBytes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      console.log(streamed);
      process.exit(0);
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(stdout.trim(), GIVES_REQUESTS ? '1' : '4');
  t.diagnostic(`through the stream: ${stdout.trim()} of 4`);
});

/** A handle whose writes are made by `write`. */
function handleThat(write: (request: WriteRequest) => number | undefined): SocketHandle {
  return { reading: true, readStart: () => 0, readStop: () => 0, writeBuffer: (request) => write(request!) };
}

/** A handle whose writes are under way until a test ends them, and the requests that it was given. */
function handleThatTellsLater(): { handle: SocketHandle; used: WriteRequest[] } {
  const used: WriteRequest[] = [];
  const handle = handleThat((request) => {
    used.push(request);
    return 0;
  });
  return { handle, used };
}

/** Makes one write through a stream, from which the requests are learnt. */
async function learn(t: TestContext): Promise<void> {
  const { near, far } = await pair(t);
  const transport = new Transport(near, 'static', false);
  transport.start({ onRead() {}, onReadEnd() {}, onWritable() {}, onClosed() {} });
  far.resume();
  transport.write(Buffer.alloc(20_000_000));
  while (transport.pendingBytes > 0) await sleep(5);
}

/** Two ends of a connection. */
async function pair(t: TestContext): Promise<{ near: net.Socket; far: net.Socket }> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [near] = (await once(server, 'connection')) as [net.Socket];
  if (far.connecting) await once(far, 'connect');
  far.on('error', () => undefined);
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}
