import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { encodeMessage } from '../../src/codec/dns/encode-message.ts';
import { txtText } from '../../src/codec/dns/record-text.ts';
import type { Message } from '../../src/codec/dns/record.ts';
import { Rcode, RecordType } from '../../src/codec/dns/registry.ts';
import {
  createChallengeResponder,
  type ChallengeResponder,
  type ChallengeResponderOptions,
} from '../../src/dns/challenge-responder.ts';
import { socketTransport } from '../../src/dns/socket-transport.ts';
import { createMessageFramer, frameMessage } from '../../src/dns/tcp-framing.ts';
import type { Protocol } from '../../src/dns/transport.ts';
import { FindingError } from '../../src/story/finding-error.ts';
import { parsed } from '../codec/dns/messages.ts';

async function start(t: TestContext, options: Partial<ChallengeResponderOptions> = {}): Promise<ChallengeResponder> {
  const responder = await createChallengeResponder({
    zone: 'acme.example',
    nsName: 'ns.acme.example',
    addresses: ['192.0.2.53'],
    listen: [{ address: '127.0.0.1', port: 0 }],
    records: { 'a.acme.example': ['one'] },
    ...options,
  });
  t.after(() => responder.close());
  return responder;
}

const query = encodeMessage({ id: 77, questions: [{ name: 'a.acme.example.', type: RecordType.TXT }] });

async function ask(
  responder: ChallengeResponder,
  protocol: Protocol,
  octets = query,
  at = 0,
): Promise<Message | string> {
  const server = responder.listening[at]!;
  const outcome = await socketTransport({ server, protocol, octets, timeoutMs: 400, accepts: () => true });
  return outcome.ok ? parsed(outcome.octets) : outcome.failure;
}

const texts = (message: Message | string): (string | undefined)[] =>
  typeof message === 'string' ? [message] : message.answers.map(({ data }) => txtText(data));

test('over UDP and TCP on one port, at every address', async (t) => {
  const listen = [
    { address: '127.0.0.1', port: 0 },
    { address: '127.53.1.1', port: 0 },
  ];
  const responder = await start(t, { listen });
  for (const at of [0, 1])
    for (const protocol of ['udp', 'tcp'] as const)
      assert.deepEqual(texts(await ask(responder, protocol, query, at)), ['one']);
  responder.addText('a.acme.example', 'two');
  responder.addText('a.acme.example', 'two');
  assert.deepEqual(texts(await ask(responder, 'udp')), ['one', 'two']);
  responder.removeText('a.acme.example', 'one');
  responder.removeText('a.acme.example', 'never there');
  assert.deepEqual(texts(await ask(responder, 'tcp')), ['two']);
  responder.removeText('a.acme.example', 'two');
  const gone = await ask(responder, 'udp');
  assert.ok(typeof gone !== 'string' && gone.rcode === Rcode.NXDOMAIN);
  assert.equal(responder.addText('elsewhere.example', 'x'), false);
});

test('beyond the rate UDP is truncated or silent, and TCP still answers', async (t) => {
  const responder = await start(t, { rate: { perSecond: 1, burst: 2, maxNetworks: 10 }, nowMs: () => 0 });
  assert.deepEqual(texts(await ask(responder, 'udp')), ['one']);
  assert.deepEqual(texts(await ask(responder, 'udp')), ['one']);
  const truncated = await ask(responder, 'udp');
  assert.ok(typeof truncated !== 'string' && truncated.truncated && truncated.answers.length === 0);
  assert.equal(truncated.questions[0]!.name, 'a.acme.example.');
  assert.equal(await ask(responder, 'udp'), 'timeout');
  assert.deepEqual(texts(await ask(responder, 'tcp')), ['one']);
});

test('a connection carries several messages, in pieces of any size, and so many and no more', async (t) => {
  const responder = await start(t);
  const socket = await open(t, responder);
  const framer = createMessageFramer();
  const answers: Message[] = [];
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('data', (chunk: Uint8Array) => answers.push(...framer.push(chunk).map(parsed)));
  for (const octet of frameMessage(query)) socket.write(Uint8Array.of(octet));
  socket.write(Buffer.concat([frameMessage(query), frameMessage(query)]));
  while (answers.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(
    answers.map(({ id }) => id),
    [77, 77, 77],
  );
  for (let at = 0; at < 200; at += 1) socket.write(frameMessage(query));
  await closed;
  assert.ok(answers.length <= 100, String(answers.length));
});

test('an answer instead of a query ends the connection; too many connections are not taken', async (t) => {
  const responder = await start(t);
  const rude = await open(t, responder);
  const ended = new Promise<void>((resolve) => rude.on('close', () => resolve()));
  rude.resume();
  rude.write(frameMessage(encodeMessage({ id: 1, response: true })));
  await ended;
  const sockets = await Promise.all(Array.from({ length: 8 }, () => open(t, responder)));
  assert.equal(await ask(responder, 'tcp'), 'closed');
  for (const socket of sockets) socket.destroy();
});

test('a port that is taken is a finding, and nothing stays open', async (t) => {
  const responder = await start(t);
  const [taken] = responder.listening;
  await assert.rejects(
    start(t, { listen: [{ address: '127.53.1.2', port: taken!.port }, taken!] }),
    (error) => error instanceof FindingError && error.finding.code === 'dns-responder-port-taken',
  );
  await start(t, { listen: [{ address: '127.53.1.2', port: taken!.port }] });
  await assert.rejects(
    start(t, { listen: [{ address: '192.0.2.1', port: 0 }] }),
    (error) => error instanceof FindingError && error.finding.code === 'dns-responder-cannot-listen',
  );
});

function open(t: TestContext, responder: ChallengeResponder): Promise<Socket> {
  const { address, port } = responder.listening[0]!;
  return new Promise((resolve) => {
    const socket = connect(port, address, () => resolve(socket));
    socket.on('error', () => {});
    t.after(() => void socket.destroy());
  });
}
