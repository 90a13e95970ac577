import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { until } from '../quiet.ts';
import { issue } from '../tls/certificates.ts';
import { serveSite, testFolder, type WholeGateway } from './whole-gateway.ts';

/** A real gRPC server behind the gateway and a real gRPC client before it, over every way that there is to such an app. */

const limit = { timeout: 60_000 };

interface Say {
  readonly text: string;
  readonly count?: number;
}

const serialize = (value: Say): Buffer => Buffer.from(JSON.stringify(value));
const deserialize = (bytes: Buffer): Say => JSON.parse(bytes.toString()) as Say;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: serialize,
  requestDeserialize: deserialize,
  responseSerialize: serialize,
  responseDeserialize: deserialize,
});
const service = {
  unary: method('Unary', false, false),
  fail: method('Fail', false, false),
  wait: method('Wait', false, false),
  down: method('Down', false, true),
  up: method('Up', true, false),
  both: method('Both', true, true),
  quit: method('Quit', true, true),
};

/** What the app saw. */
interface Seen {
  cancelled: number;
  readonly authorities: string[];
  deadlineMs: number;
  /** Messages that the streaming method has written without being held back. */
  written: number;
}

function implementation(seen: Seen): grpc.UntypedServiceImplementation {
  return {
    unary(call: grpc.ServerUnaryCall<Say, Say>, answer: grpc.sendUnaryData<Say>) {
      seen.authorities.push(call.getHost());
      const early = new grpc.Metadata();
      early.set('x-early', 'head');
      early.set('x-asked', call.metadata.get('x-ask')[0] ?? 'nothing');
      call.sendMetadata(early);
      const late = new grpc.Metadata();
      late.set('x-late', 'trailer');
      late.set('raw-bin', Buffer.from([0, 255, 10, 13]));
      answer(null, { text: call.request.text.toUpperCase() }, late);
    },
    fail(_call: grpc.ServerUnaryCall<Say, Say>, answer: grpc.sendUnaryData<Say>) {
      const late = new grpc.Metadata();
      late.set('x-why', 'because');
      answer({ code: grpc.status.FAILED_PRECONDITION, details: 'not today, 门', metadata: late });
    },
    wait(call: grpc.ServerUnaryCall<Say, Say>) {
      const deadline = call.getDeadline();
      seen.deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
      call.on('cancelled', () => (seen.cancelled += 1));
    },
    down(call: grpc.ServerWritableStream<Say, Say>) {
      call.on('cancelled', () => (seen.cancelled += 1));
      const count = call.request.count ?? 0;
      const { text } = call.request;
      let next = 0;
      const write = () => {
        while (next < count) {
          next += 1;
          seen.written = next;
          if (!call.write({ text, count: next })) {
            call.once('drain', write);
            return;
          }
        }
        call.end();
      };
      write();
    },
    up(call: grpc.ServerReadableStream<Say, Say>, answer: grpc.sendUnaryData<Say>) {
      let count = 0;
      call.on('data', (message: Say) => (count += message.text.length));
      call.on('end', () => answer(null, { text: 'sum', count }));
      call.on('cancelled', () => (seen.cancelled += 1));
    },
    both(call: grpc.ServerDuplexStream<Say, Say>) {
      call.on('data', (message: Say) => call.write({ text: `${message.text}!` }));
      call.on('end', () => call.end());
      call.on('cancelled', () => (seen.cancelled += 1));
    },
    quit(call: grpc.ServerDuplexStream<Say, Say>) {
      call.once('data', () => {
        call.emit('error', { code: grpc.status.RESOURCE_EXHAUSTED, details: 'enough' });
      });
    },
  };
}

interface Running {
  readonly client: grpc.Client;
  readonly seen: Seen;
  readonly gateway: WholeGateway;
}

async function start(t: TestContext, kind: 'h2c' | 'https'): Promise<Running> {
  const folder = testFolder(t);
  const seen: Seen = { cancelled: 0, authorities: [], deadlineMs: 0, written: 0 };
  const server = new grpc.Server();
  server.addService(service, implementation(seen));
  const ca = issue({ name: 'Inner', isCa: true });
  const leaf = issue({ name: 'grpc.internal', issuer: ca });
  writeFileSync(path.join(folder, 'inner.pem'), ca.certPem);
  const credentials =
    kind === 'h2c'
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(leaf.certPem), private_key: Buffer.from(leaf.keyPem) },
        ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  t.after(() => server.forceShutdown());
  const to =
    kind === 'h2c'
      ? `h2c://127.0.0.1:${port}`
      : { url: `https://127.0.0.1:${port}`, serverName: 'grpc.internal', ca: path.join(folder, 'inner.pem') };
  const gateway = await serveSite(t, { to }, folder);
  const client = new grpc.Client(`127.0.0.1:${gateway.port}`, grpc.credentials.createSsl(Buffer.from(gateway.ca)), {
    'grpc.ssl_target_name_override': 'app.test',
    'grpc.default_authority': 'app.test',
  });
  t.after(() => client.close());
  return { client, seen, gateway };
}

interface Outcome {
  readonly error: grpc.ServiceError | null;
  readonly value: Say | undefined;
  readonly metadata: grpc.Metadata;
  readonly status: grpc.StatusObject;
}

function unary(
  client: grpc.Client,
  { path: where }: { readonly path: string },
  message: Say,
  options: { metadata?: grpc.Metadata; deadline?: Date; cancel?: (cancel: () => void) => void } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    let metadata = new grpc.Metadata();
    let settled: { error: grpc.ServiceError | null; value: Say | undefined } | undefined;
    let status: grpc.StatusObject | undefined;
    const finish = () => {
      if (settled !== undefined && status !== undefined) resolve({ ...settled, metadata, status });
    };
    const call = client.makeUnaryRequest(
      where,
      serialize,
      deserialize,
      message,
      options.metadata ?? new grpc.Metadata(),
      options.deadline === undefined ? {} : { deadline: options.deadline },
      (error, value) => {
        settled = { error, value };
        finish();
      },
    );
    call.on('metadata', (received: grpc.Metadata) => (metadata = received));
    call.on('status', (received: grpc.StatusObject) => {
      status = received;
      finish();
    });
    options.cancel?.(() => call.cancel());
  });
}

for (const kind of ['h2c', 'https'] as const) {
  test(`unary calls over ${kind}: metadata, message, status and trailers arrive`, limit, async (t) => {
    const { client, seen, gateway } = await start(t, kind);
    const metadata = new grpc.Metadata();
    metadata.set('x-ask', 'something');
    const done = await unary(client, service.unary, { text: 'hello' }, { metadata });
    assert.equal(done.error, null);
    assert.equal(done.value?.text, 'HELLO');
    assert.equal(done.metadata.get('x-early')[0], 'head');
    assert.equal(done.metadata.get('x-asked')[0], 'something');
    assert.equal(done.status.code, grpc.status.OK);
    assert.equal(done.status.metadata.get('x-late')[0], 'trailer');
    assert.deepEqual(done.status.metadata.get('raw-bin')[0], Buffer.from([0, 255, 10, 13]));
    assert.deepEqual(seen.authorities, ['app.test']);
    const many = await Promise.all(
      Array.from({ length: 150 }, (_, k) => unary(client, service.unary, { text: `m${k}` })),
    );
    assert.deepEqual(
      many.map(({ value }) => value?.text),
      Array.from({ length: 150 }, (_, k) => `M${k}`),
    );
    const big = await unary(client, service.unary, { text: 'x'.repeat(1_000_000) });
    assert.equal(big.value?.text.length, 1_000_000);
    await until(() => gateway.records.length === 152, 'all records');
    assert.ok(gateway.records.every(({ status, error }) => status === 200 && error === ''));
  });

  test(`errors over ${kind} arrive with status, details and metadata`, limit, async (t) => {
    const { client } = await start(t, kind);
    const failed = await unary(client, service.fail, { text: '' });
    assert.equal(failed.error?.code, grpc.status.FAILED_PRECONDITION);
    assert.equal(failed.error?.details, 'not today, 门');
    assert.equal(failed.error?.metadata.get('x-why')[0], 'because');
    // Trailers-only: one HEADERS frame that is head and end at once (no such method).
    const unknown = await unary(client, { path: '/test.Echo/Nothing' }, { text: '' });
    assert.equal(unknown.error?.code, grpc.status.UNIMPLEMENTED);
  });

  test(`a server stream over ${kind} arrives whole, and is held back for a slow client`, limit, async (t) => {
    const { client, seen } = await start(t, kind);
    const text = 'y'.repeat(10_000);
    const call = client.makeServerStreamRequest(service.down.path, serialize, deserialize, { text, count: 2000 });
    const ended = new Promise((resolve, reject) => {
      call.on('error', reject);
      call.on('end', resolve);
    });
    const first = await new Promise<Say>((resolve) => {
      call.once('data', (message: Say) => {
        call.pause();
        resolve(message);
      });
    });
    assert.equal(first.count, 1);
    // Nobody reads: the app must stand still long before all 20 MB are under way.
    let before = -1;
    while (before !== seen.written) {
      before = seen.written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.ok(seen.written < 500, `the app could write ${seen.written} of 2000 messages`);
    let count = 1;
    call.on('data', (message: Say) => {
      count += 1;
      assert.equal(message.count, count);
      assert.equal(message.text.length, text.length);
    });
    call.resume();
    await ended;
    assert.equal(count, 2000);
  });

  test(`a client stream over ${kind} arrives whole`, limit, async (t) => {
    const { client } = await start(t, kind);
    const sum = await new Promise<Say | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest(service.up.path, serialize, deserialize, (error, value) =>
        error === null ? resolve(value) : reject(error),
      );
      for (let k = 0; k < 500; k += 1) call.write({ text: 'z'.repeat(10_000) });
      call.end();
    });
    assert.equal(sum?.count, 5_000_000);
  });

  test(`both sides of a stream over ${kind} talk in turn, and either may end first`, limit, async (t) => {
    const { client } = await start(t, kind);
    const call = client.makeBidiStreamRequest(service.both.path, serialize, deserialize);
    const heard: string[] = [];
    call.on('data', (message: Say) => heard.push(message.text));
    for (const text of ['one', 'two', 'three']) {
      call.write({ text });
      await until(() => heard.at(-1) === `${text}!`, `the answer to ${text}`);
    }
    const status = new Promise<grpc.StatusObject>((resolve) => call.on('status', resolve));
    call.end();
    assert.equal((await status).code, grpc.status.OK);

    const quitting = client.makeBidiStreamRequest(service.quit.path, serialize, deserialize);
    quitting.on('error', () => {});
    quitting.on('data', () => {});
    const early = new Promise<grpc.StatusObject>((resolve) => quitting.on('status', resolve));
    quitting.write({ text: 'go on' });
    const { code, details } = await early;
    assert.deepEqual([code, details], [grpc.status.RESOURCE_EXHAUSTED, 'enough']);
  });

  test(`a cancelled call and a deadline over ${kind} reach the app`, limit, async (t) => {
    const { client, seen } = await start(t, kind);
    let cancel: () => void = () => {};
    const cancelled = unary(client, service.wait, { text: '' }, { cancel: (now) => (cancel = now) });
    await until(() => seen.deadlineMs !== 0, 'the call at the app');
    cancel();
    assert.equal((await cancelled).error?.code, grpc.status.CANCELLED);
    await until(() => seen.cancelled === 1, 'the cancellation at the app');

    const deadline = new Date(Date.now() + 1500);
    const late = await unary(client, service.wait, { text: '' }, { deadline });
    assert.equal(late.error?.code, grpc.status.DEADLINE_EXCEEDED);
    // grpc-timeout says what is left, so the app's clock shows nearly the same time.
    assert.ok(Math.abs(seen.deadlineMs - deadline.getTime()) < 1000);
    await until(() => seen.cancelled === 2, 'the end of the late call at the app');

    const call = client.makeServerStreamRequest(service.down.path, serialize, deserialize, {
      text: 'x'.repeat(10_000),
      count: 100_000,
    });
    call.on('error', () => {});
    await new Promise((resolve) => call.once('data', resolve));
    call.cancel();
    await until(() => seen.cancelled === 3, 'the end of the stream at the app');
    // What comes after is not disturbed.
    assert.equal((await unary(client, service.unary, { text: 'on' })).value?.text, 'ON');
  });
}

test('a server that is gone is UNAVAILABLE to the client', limit, async (t) => {
  const gateway = await serveSite(t, { to: 'h2c://127.0.0.1:1', timeouts: { upstreamConnectRetry: 0 } });
  const client = new grpc.Client(`127.0.0.1:${gateway.port}`, grpc.credentials.createSsl(Buffer.from(gateway.ca)), {
    'grpc.ssl_target_name_override': 'app.test',
    'grpc.default_authority': 'app.test',
    'grpc.enable_retries': 0,
  });
  t.after(() => client.close());
  const done = await unary(client, service.unary, { text: '' });
  assert.equal(done.error?.code, grpc.status.UNAVAILABLE);
  assert.equal(gateway.records[0]?.error, 'upstream-refused');
});
