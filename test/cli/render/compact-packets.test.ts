import test from 'node:test';
import assert from 'node:assert/strict';
import { compactPackets } from '../../../src/cli/render/compact-packets.ts';
import type { Observation } from '../../../src/story/observation.ts';

let clock = 0;

/** A segment as a trace tells it: `> SYN 7` is sent, `< ACK 9 100` received with sequence number 9 and 100 octets. */
function segment(text: string): Observation {
  const [, arrow, flags = '', sequence, length = '0'] = /^([<>]) (.+?) (\d+)(?: (\d+))?$/.exec(text) ?? [];
  const values = { flags, sequence: Number(sequence), length: Number(length) };
  clock += 1;
  const direction = arrow === '>' ? 'sent' : 'received';
  return { stage: 'tcp', atMs: clock, direction, label: 'tcp.segment', values, details: [], known: 'seen' };
}

function note(label: Observation['label'], values: Observation['values'] = {}): Observation {
  return { stage: 'tcp', atMs: clock, direction: 'here', label, values, details: [], known: 'inferred' };
}

const told = (observations: readonly Observation[]): unknown[] =>
  compactPackets(observations).map(({ label, values }) => [label, values]);

test('opening, data and close of a connection are one rung each, between what else was seen', () => {
  const states = note('tcp.states', { client: 'TIME-WAIT', server: 'CLOSED' });
  const seen = [
    segment('> SYN 7'),
    note('tcp.states', { client: 'SYN-SENT', server: 'SYN-RECEIVED' }),
    segment('< SYN, ACK 9'),
    segment('> ACK 8'),
    note('tcp.connected'),
    segment('> PSH, ACK 8 400'),
    segment('< ACK 10'),
    segment('< PSH, ACK 10 1200'),
    segment('> FIN, ACK 408'),
    segment('< FIN, ACK 1210'),
    segment('> ACK 409'),
    states,
  ];
  assert.deepEqual(told(seen), [
    ['tcp.opening', { flags: '▶ SYN  ◀ SYN, ACK  ▶ ACK', client: '7', server: '9', ms: '2.0' }],
    ['tcp.connected', {}],
    ['tcp.data', { sent: 1, sentBytes: 400, received: 2, receivedBytes: 1200 }],
    ['tcp.closing', { flags: '▶ FIN, ACK  ◀ FIN, ACK  ▶ ACK', client: 'TIME-WAIT', server: 'CLOSED' }],
  ]);
});

test('a SYN that was sent again is told; one without an answer stands for itself', () => {
  const again = [segment('> SYN 7'), segment('> SYN 7'), segment('< SYN, ACK 9'), segment('> ACK 8')];
  assert.match(JSON.stringify(told(again)), /^\[\["tcp.opening",{"flags":"▶ SYN {2}▶ SYN {2}◀ SYN, ACK {2}▶ ACK"/);
  const cut = [segment('> SYN 7'), segment('< RST, ACK 0'), note('tcp.states', { client: 'CLOSED', server: 'CLOSED' })];
  assert.deepEqual(told(cut), [
    ['tcp.segment', { flags: 'SYN', sequence: 7, length: 0 }],
    ['tcp.closing', { flags: '◀ RST, ACK', client: 'CLOSED', server: 'CLOSED' }],
  ]);
});

test('without packets nothing changes', () => {
  const seen = [note('tcp.syn'), note('tcp.states', { client: 'x', server: 'y' })];
  assert.equal(compactPackets(seen), seen);
});
