import { EventEmitter } from 'node:events';
import type net from 'node:net';
import test from 'node:test';
import assert from 'node:assert/strict';
import { raceConnect, type ConnectTry } from '../../../src/trace/tcp/happy-eyeballs.ts';

/** A socket that connects or fails when the test says so. */
class FakeSocket extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
  }
}

/** Races against scripted addresses: `up` connects at once, `down` refuses at once, `mute` never answers. */
async function race(script: Readonly<Record<string, 'up' | 'down' | 'mute'>>, delayMs: number, timeoutMs = 500) {
  const sockets = new Map<string, FakeSocket>();
  const result = await raceConnect(Object.keys(script), {
    port: 443,
    timeoutMs,
    delayMs,
    nowMs: () => performance.now(),
    open: (address) => {
      const socket = new FakeSocket();
      sockets.set(address, socket);
      setImmediate(() => {
        if (script[address] === 'up') socket.emit('connect');
        if (script[address] === 'down') socket.emit('error', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
      });
      return socket as unknown as net.Socket;
    },
  });
  const outcomes = result.tries.map(({ address, outcome }: ConnectTry) => `${address} ${outcome}`);
  return { ...result, outcomes, sockets };
}

test('the first address that answers wins and no other is tried', async () => {
  const { outcomes, winner } = await race({ 'a::1': 'up', '1.1.1.1': 'up' }, 100);
  assert.deepEqual(outcomes, ['a::1 connected']);
  assert.equal(winner?.address, 'a::1');
});

test('after a refusal the next one begins at once, without the delay', async () => {
  const { outcomes } = await race({ 'a::1': 'down', '1.1.1.1': 'up' }, 100_000, 60_000);
  assert.deepEqual(outcomes, ['a::1 failed', '1.1.1.1 connected']);
});

test('a silent one is overtaken after the delay, and given up', async () => {
  const { outcomes, sockets } = await race({ 'a::1': 'mute', '1.1.1.1': 'up' }, 5);
  assert.deepEqual(outcomes, ['a::1 abandoned', '1.1.1.1 connected']);
  assert.equal(sockets.get('a::1')?.destroyed, true);
  assert.equal(sockets.get('1.1.1.1')?.destroyed, false);
});

test('with nobody there the race ends when all have failed, or with the time', async () => {
  const refused = await race({ 'a::1': 'down', '1.1.1.1': 'down' }, 100_000, 60_000);
  assert.equal(refused.socket, undefined);
  assert.deepEqual(refused.outcomes, ['a::1 failed', '1.1.1.1 failed']);
  const silent = await race({ 'a::1': 'mute', '1.1.1.1': 'mute' }, 5, 30);
  assert.deepEqual(silent.outcomes, ['a::1 timed-out', '1.1.1.1 timed-out']);
});
