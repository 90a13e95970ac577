import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test, type TestContext } from 'node:test';
import { peekHello, type PeekOutcome } from '../../../src/gateway/tls/hello-peek.ts';
import { fullHello, handshakeRecords } from '../../codec/tls/hello-bytes.ts';

interface Peeked {
  readonly outcome: PeekOutcome;
  readonly bytes: Uint8Array;
  readonly socket: net.Socket;
}

function listeners(socket: net.Socket): number[] {
  return ['readable', 'data', 'end', 'close', 'error'].map((event) => socket.listenerCount(event));
}

/** One connection to a listener that peeks; the client's end, and what the peek came to. */
async function connected(t: TestContext, pauseOnConnect: boolean, limit = 16_384) {
  const server = net.createServer({ pauseOnConnect, allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peeked = new Promise<Peeked>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('error', () => socket.destroy());
      t.after(() => socket.destroy());
      const before = listeners(socket);
      peekHello(socket, limit, (outcome, bytes) => {
        assert.deepEqual(listeners(socket), before, 'no listener stays');
        resolve({ outcome, bytes, socket });
      });
    });
  });
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  client.setNoDelay(true);
  await once(client, 'connect');
  t.after(() => {
    client.destroy();
    server.close();
  });
  return { client, peeked };
}

for (const pauseOnConnect of [true, false]) {
  const kind = pauseOnConnect ? 'paused' : 'flowing';
  test(`a hello in pieces with more behind it reaches the next reader whole (${kind} socket)`, async (t) => {
    const { client, peeked } = await connected(t, pauseOnConnect);
    const wire = Buffer.concat([handshakeRecords(fullHello(), 600), Buffer.from('glued on')]);
    for (const piece of [wire.subarray(0, 3), wire.subarray(3, 700), wire.subarray(700)]) {
      client.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { outcome, bytes, socket } = await peeked;
    assert.equal(outcome.kind, 'hello');
    socket.unshift(bytes);
    client.end('and later');
    let text = Buffer.alloc(0);
    for await (const chunk of socket) text = Buffer.concat([text, chunk as Buffer]);
    assert.deepEqual(text, Buffer.concat([wire, Buffer.from('and later')]));
  });
}

test('a client that closes without a hello ends the peek', async (t) => {
  const { client, peeked } = await connected(t, true);
  client.end();
  const { outcome, bytes } = await peeked;
  assert.deepEqual([outcome.kind, bytes.length], ['closed', 0]);
});

test('a client that resets in the middle of its hello ends the peek', async (t) => {
  const { client, peeked } = await connected(t, true);
  client.write(handshakeRecords(fullHello()).subarray(0, 40));
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.resetAndDestroy();
  const { outcome, bytes } = await peeked;
  assert.deepEqual([outcome.kind, bytes.length], ['closed', 40]);
});

test('nothing is read beyond the bound', async (t) => {
  const { client, peeked } = await connected(t, true, 500);
  client.write(handshakeRecords(fullHello(), 200));
  const { outcome } = await peeked;
  assert.deepEqual(outcome, { kind: 'too-large', limitBytes: 500 });
});
