import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { socketTransport, systemSurroundings } from '../../src/dns/socket-transport.ts';
import { createMessageFramer, frameMessage } from '../../src/dns/tcp-framing.ts';
import type { Exchange, Protocol } from '../../src/dns/transport.ts';

const message = new TextEncoder().encode('a message of thirty-odd octets');
const exchange = (port: number, protocol: Protocol, more: Partial<Exchange> = {}): Exchange => ({
  server: { address: '127.0.0.1', port },
  protocol,
  octets: message,
  timeoutMs: 2_000,
  accepts: (octets) => octets[0] === 1,
  ...more,
});

async function udpServer(t: TestContext, answer: (reply: (octets: Uint8Array) => void) => void): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (_, from) => answer((octets) => socket.send(octets, from.port, from.address)));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return socket.address().port;
}

async function tcpServer(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

test('UDP waits for the datagram that answers, whatever else comes', async (t) => {
  const port = await udpServer(t, (reply) => {
    reply(Uint8Array.of(9));
    reply(Uint8Array.of(1, 2));
  });
  const outcome = await socketTransport(exchange(port, 'udp'));
  assert.ok(outcome.ok && outcome.octets.length === 2);
});

test('silence, a closed port, a signal', async (t) => {
  const port = await udpServer(t, () => {});
  assert.deepEqual(await socketTransport(exchange(port, 'udp', { timeoutMs: 20 })), {
    ok: false,
    failure: 'timeout',
    detail: '',
  });
  const control = new AbortController();
  const waiting = socketTransport(exchange(port, 'udp', { signal: control.signal }));
  control.abort();
  assert.equal((await waiting).ok, false);
  const late = await socketTransport(exchange(port, 'udp', { signal: control.signal }));
  assert.ok(!late.ok && late.failure === 'aborted');
  const tcpOnly = await tcpServer(t, () => {});
  const closed = await socketTransport(exchange(tcpOnly, 'udp'));
  assert.ok(!closed.ok && closed.failure === 'refused' && closed.detail === 'ECONNREFUSED');
  const silent = await socketTransport(exchange(tcpOnly, 'tcp', { timeoutMs: 20 }));
  assert.ok(!silent.ok && silent.failure === 'timeout');
});

test('TCP puts an answer together from its octets, and knows one that is cut short', async (t) => {
  const framed = frameMessage(Uint8Array.of(1, 2, 3));
  const slow = await tcpServer(t, (socket) =>
    socket.once('data', () => {
      socket.setNoDelay(true);
      for (const octet of framed) socket.write(Uint8Array.of(octet));
    }),
  );
  const outcome = await socketTransport(exchange(slow, 'tcp'));
  assert.deepEqual(outcome.ok && [...outcome.octets], [1, 2, 3]);
  const cut = await tcpServer(t, (socket) => socket.once('data', () => socket.end(framed.subarray(0, 4))));
  const short = await socketTransport(exchange(cut, 'tcp'));
  assert.ok(!short.ok && short.failure === 'closed');
});

test('what goes over TCP is the message with its length', async (t) => {
  const got: number[] = [];
  const port = await tcpServer(t, (socket) => {
    socket.on('data', (chunk: Uint8Array) => {
      got.push(...chunk);
      if (got.length === message.length + 2) socket.write(frameMessage(Uint8Array.of(1)));
    });
  });
  assert.ok((await socketTransport(exchange(port, 'tcp'))).ok);
  assert.deepEqual(got, [0, message.length, ...message]);
});

test('messages come out of any cutting of the stream', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (list, cuts) => {
      const stream = Buffer.concat(list.map(frameMessage));
      const framer = createMessageFramer();
      const out: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const next = at + cuts[turn % cuts.length]!;
        out.push(...framer.push(stream.subarray(at, next)));
        at = next;
      }
      assert.deepEqual(
        out.map((one) => [...one]),
        list.map((one) => [...one]),
      );
    }),
  );
});

test('the system\u2019s clock and randomness', () => {
  const before = systemSurroundings.nowMs();
  assert.ok(Math.abs(before - Date.now()) < 86_400_000);
  const numbers = Array.from({ length: 50 }, () => systemSurroundings.random(65_536));
  assert.ok(new Set(numbers).size > 40 && numbers.every((number) => number >= 0 && number < 65_536));
});
