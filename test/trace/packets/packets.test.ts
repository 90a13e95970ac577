import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import type { TcpSegment } from '../../../src/codec/packet/tcp-segment.ts';
import { TcpStates } from '../../../src/trace/packets/tcp-states.ts';
import { startCapture } from '../../../src/trace/packets/capture.ts';
import { traced, withWorld } from '../world.ts';

const lacksTshark = spawnSync('tshark', ['-v']).status === 0 ? undefined : 'tshark is absent';

const segment = (parts: Partial<TcpSegment>): TcpSegment => ({
  sourcePort: 1,
  destinationPort: 2,
  sequence: 0,
  acknowledgement: 0,
  syn: false,
  ack: false,
  fin: false,
  rst: false,
  psh: false,
  urg: false,
  ece: false,
  cwr: false,
  window: 0,
  options: {
    maximumSegmentSize: undefined,
    windowScale: undefined,
    selectiveAcknowledgementPermitted: false,
    timestamps: undefined,
    acknowledgedBlocks: [],
  },
  dataStart: 0,
  dataEnd: 0,
  dataLength: 0,
  ...parts,
});

test('the states of both ends, as figure 5 of RFC 9293 has them', () => {
  const states = new TcpStates();
  const follow = (sender: 'client' | 'server', parts: Partial<TcpSegment>): string => {
    const { client, server } = states.follow(sender, segment(parts));
    return `${client} ${server}`;
  };
  assert.equal(follow('client', { syn: true, sequence: 99 }), 'SYN-SENT SYN-RECEIVED');
  assert.equal(
    follow('server', { syn: true, ack: true, sequence: 499, acknowledgement: 100 }),
    'ESTABLISHED SYN-RECEIVED',
  );
  assert.equal(follow('client', { ack: true, sequence: 100, acknowledgement: 500 }), 'ESTABLISHED ESTABLISHED');
  assert.equal(
    follow('client', { fin: true, ack: true, sequence: 100, acknowledgement: 500 }),
    'FIN-WAIT-1 CLOSE-WAIT',
  );
  assert.equal(follow('server', { ack: true, sequence: 500, acknowledgement: 101 }), 'FIN-WAIT-2 CLOSE-WAIT');
  assert.equal(follow('server', { fin: true, ack: true, sequence: 500, acknowledgement: 101 }), 'TIME-WAIT LAST-ACK');
  assert.equal(follow('client', { ack: true, sequence: 101, acknowledgement: 501 }), 'TIME-WAIT CLOSED');
});

test('both close at once; a reset ends all', () => {
  const states = new TcpStates();
  states.follow('client', segment({ syn: true, sequence: 0 }));
  states.follow('server', segment({ syn: true, ack: true, sequence: 0, acknowledgement: 1 }));
  states.follow('client', segment({ ack: true, sequence: 1, acknowledgement: 1 }));
  states.follow('client', segment({ fin: true, ack: true, sequence: 1, acknowledgement: 1 }));
  assert.deepEqual(states.follow('server', segment({ fin: true, ack: true, sequence: 1, acknowledgement: 1 })), {
    client: 'CLOSING',
    server: 'CLOSING',
  });
  assert.deepEqual(states.follow('server', segment({ rst: true })), { client: 'CLOSED', server: 'CLOSED' });
});

/** What tshark reads out of a file, decrypted with the secrets inside of it. */
function tshark(file: string, port: string, ...fields: readonly string[]): string[][] {
  const words = [
    '-2',
    '-n',
    '-r',
    file,
    '-d',
    `tcp.port==${port},tls`,
    '-T',
    'fields',
    ...fields.flatMap((one) => ['-e', one]),
  ];
  const { stdout, status, stderr } = spawnSync('tshark', words, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
}

test('pcapng made of the octets alone opens decrypted in Wireshark', async (t) => {
  if (lacksTshark !== undefined) {
    t.skip(lacksTshark);
    return;
  }
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => response.writeHead(203).end('x'.repeat(20_000)));
    for (const flags of [{}, { 'http1.1': true }, { 'tls1.2': true, 'http1.1': true }] as const) {
      const pcapng = path.join(world.folder, 'made.pcapng');
      const { code } = await traced(`${origin}/`, { cacert: [world.cacert], pcapng, ...flags });
      assert.equal(code, 0);
      const { port } = new URL(origin);
      const rows = tshark(
        pcapng,
        port,
        'tls.handshake.type',
        'http.response.code',
        'http2.headers.status',
        'tcp.analysis.lost_segment',
      );
      assert.ok(
        rows.some(([type]) => type?.startsWith('1')),
        'ClientHello',
      );
      assert.ok(
        rows.some(([type]) => type?.split(',').includes('20')),
        'Finished, decrypted',
      );
      assert.ok(
        rows.some(([, one, two]) => one === '203' || two === '203'),
        'the answer, decrypted',
      );
      assert.ok(
        rows.every(([, , , lost]) => lost === undefined || lost === ''),
        'no gap',
      );
    }
  });
});

test('real packets show numbers, flags, states and the end of the connection', async (t) => {
  if (process.getuid?.() !== 0 || spawnSync('tcpdump', ['--version']).status !== 0) {
    t.skip('needs root and tcpdump');
    return;
  }
  const probe = await startCapture([1]);
  if (!probe.ok) {
    t.skip(`no right to capture: ${probe.reason}`);
    return;
  }
  await probe.capture.stop();
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => response.end('x'));
    const pcapng = path.join(world.folder, 'real.pcapng');
    const { told, code } = await traced(`${origin}/`, { cacert: [world.cacert], packets: true, pcapng });
    assert.equal(code, 0);
    const segments = told.stages
      .flatMap(({ observations }) => observations)
      .filter(({ label }) => label === 'tcp.segment');
    const flags = segments.map(({ values }) => String(values['flags']));
    assert.deepEqual(flags.slice(0, 2), ['SYN', 'SYN, ACK']);
    // The third segment may carry the first data already.
    assert.match(flags[2] ?? '', /^(?:PSH, )?ACK$/);
    assert.deepEqual(
      segments.slice(0, 3).map(({ values }) => values['relative']),
      ['0', '0', '1'],
    );
    assert.ok(segments.every(({ known }) => known === 'seen'));
    assert.equal(flags.filter((one) => one.startsWith('FIN')).length, 2);
    assert.ok(segments.some(({ values }) => String(values['carries']).includes('handshake')));
    const states = told.stages
      .flatMap(({ observations }) => observations)
      .filter(({ label }) => label === 'tcp.states');
    assert.ok(states.some(({ values }) => Object.values(values).includes('TIME-WAIT')));
    const labels = new Set(told.stages.flatMap(({ observations }) => observations.map(({ label }) => label)));
    assert.ok(!labels.has('tcp.syn-ack') && !labels.has('close.fin-sent'), 'nothing is inferred that was seen');
    if (lacksTshark !== undefined) return;
    const rows = tshark(pcapng, new URL(origin).port, 'tcp.seq_raw', 'tcp.flags.syn', 'http2.headers.status');
    const syn = rows.find(([, one]) => one === '1' || one === 'True');
    assert.equal(syn?.[0], String(segments[0]?.values['sequence']));
    assert.ok(rows.some(([, , status]) => status === '200'));
    assert.ok(readFileSync(pcapng).length > 1_000);
  });
});
