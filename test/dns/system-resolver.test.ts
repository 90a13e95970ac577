import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'node:test';
import assert from 'node:assert/strict';
import { RecordType } from '../../src/codec/dns/registry.ts';
import { createResolver, explainResolution } from '../../src/index.ts';
import { FindingError } from '../../src/story/finding-error.ts';

/** A name server on loopback that denies every name and keeps what it was asked: `[name, type]`. */
async function denyingServer(): Promise<{ readonly port: number; readonly asked: unknown[]; close(): void }> {
  const socket = createSocket('udp4');
  const asked: unknown[] = [];
  socket.on('message', (message, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = message[at]!; length > 0; length = message[at]!) {
      labels.push(message.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    asked.push([labels.join('.').toLowerCase(), message.readUInt16BE(at + 1)]);
    const head = Buffer.from(message.subarray(0, at + 5));
    head.writeUInt16BE(0x8583, 2); // QR AA RD RA, NXDOMAIN
    head.fill(0, 6, 12);
    socket.send(head, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, asked, close: () => socket.close() };
}

test('names in other scripts are asked for as A-labels, addresses by their reverse names', async () => {
  const server = await denyingServer();
  try {
    const resolver = await createResolver({ server: { address: '127.0.0.1', port: server.port } });
    const denied = await resolver.resolve('bücher.test.', 'TYPE28');
    assert.equal(explainResolution(denied)?.code, 'dns-name-not-found');
    await resolver.resolve('192.0.2.1');
    assert.deepEqual(server.asked, [
      ['xn--bcher-kva.test', RecordType.AAAA],
      ['1.2.0.192.in-addr.arpa', RecordType.PTR],
    ]);
  } finally {
    server.close();
  }
});

test('what cannot be asked for is thrown and sent to nobody', async () => {
  const resolver = await createResolver();
  const codeOf = (code: string) => (error: unknown) => error instanceof FindingError && error.finding.code === code;
  await assert.rejects(resolver.resolve('a..b'), codeOf('dns-not-a-name'));
  for (const type of ['AXFR', 'OPT', 'TYPE0', 'NO-SUCH'])
    await assert.rejects(resolver.resolve('a.test', type), codeOf('dns-type-unclear'));
});
