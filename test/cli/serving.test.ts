import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { serve, type ServedGateway } from '../../src/cli/serving.ts';
import type { Config } from '../../src/config/config.ts';
import { finding, type Finding } from '../../src/story/finding.ts';
import { folderOf } from '../config/folder.ts';

const written = (port: number) => JSON.stringify({ sites: { 'a.localhost': port }, log: 'common' });
const limit = { timeout: 20_000 };

/** A served gateway that only writes down what is asked of it, and signals that a test can send. */
function serving(t: TestContext, content: string, watching = false) {
  const folder = folderOf(t, { 'menshen.config.json': content });
  const signals = new EventEmitter();
  const events: string[] = [];
  const waiting: (() => void)[] = [];
  const exits: number[] = [];
  const errors: string[] = [];
  let endDrain = () => {};
  let refusal: readonly Finding[] = [];
  let failure: Error | undefined;
  const note = (event: string) => {
    events.push(event);
    waiting.shift()?.();
  };
  const portOf = (config: Config) => config.sites[0]?.upstreams[0]?.port;
  const gateway: ServedGateway = {
    start: async () => note('start'),
    reload: async (config) => {
      note(`reload ${portOf(config)}`);
      if (failure) throw failure;
      return refusal;
    },
    drain: () => {
      note('drain');
      return new Promise((resolve) => void (endDrain = resolve));
    },
  };
  const next = (): Promise<void> => new Promise((resolve) => void waiting.push(resolve));
  const started = next();
  const ended = serve({ sites: [] }, watching, 'en', {
    createGateway: async (config) => {
      events.push(`create ${portOf(config)}`);
      return gateway;
    },
    folder,
    signals,
    exit: (code) => void exits.push(code),
    writeError: (text) => void errors.push(text),
  });
  // A watch holds no process open.
  const hold = setInterval(() => {}, 1000);
  t.after(() => clearInterval(hold));
  return {
    signals,
    events,
    exits,
    errors,
    started,
    ended,
    next,
    save: (text: string) => writeFileSync(path.join(folder, 'menshen.config.json'), text),
    drained: () => endDrain(),
    refuse: (findings: readonly Finding[]) => (refusal = findings),
    fail: (error: Error | undefined) => (failure = error),
    /** Listeners are set after the start, in the same turn or a later one. */
    ready: async () => {
      await started;
      while (signals.listenerCount('SIGTERM') === 0) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('SIGTERM drains and ends with 0', limit, async (t) => {
  const { signals, events, exits, ended, ready, drained } = serving(t, written(1));
  await ready();
  signals.emit('SIGTERM');
  assert.deepEqual(events, ['create 1', 'start', 'drain']);
  drained();
  assert.equal(await ended, 0);
  assert.deepEqual(exits, []);
  assert.equal(signals.listenerCount('SIGTERM') + signals.listenerCount('SIGINT') + signals.listenerCount('SIGHUP'), 0);
});

test('a second signal ends at once', limit, async (t) => {
  const { signals, exits, ended, ready, drained } = serving(t, written(1));
  await ready();
  signals.emit('SIGTERM');
  signals.emit('SIGINT');
  assert.deepEqual(exits, [130]);
  drained();
  await ended;
});

test('SIGHUP reads the configuration again', limit, async (t) => {
  const { signals, events, ended, ready, drained, next, save } = serving(t, written(1));
  await ready();
  save(written(2));
  const reloaded = next();
  signals.emit('SIGHUP');
  await reloaded;
  assert.deepEqual(events, ['create 1', 'start', 'reload 2']);
  signals.emit('SIGINT');
  drained();
  assert.equal(await ended, 0);
});

test('a saved configuration is taken by itself, a broken one is left, a mended one is taken', limit, async (t) => {
  const { signals, events, ended, ready, drained, next, save } = serving(t, written(1), true);
  await ready();
  let reloaded = next();
  save(written(2));
  await reloaded;
  reloaded = next();
  save('{ "sites": {');
  // The broken one makes no event of the gateway; the next good one is the next that does.
  await new Promise((resolve) => setTimeout(resolve, 500));
  save(written(3));
  await reloaded;
  assert.deepEqual(events, ['create 1', 'start', 'reload 2', 'reload 3']);
  signals.emit('SIGTERM');
  drained();
  assert.equal(await ended, 0);
});

test('a configuration that the gateway refuses does not end it', limit, async (t) => {
  const { signals, events, ended, ready, drained, next, refuse } = serving(t, written(1));
  await ready();
  refuse([finding('config-ports-clash', { path: 'listen.http', port: 1, other: 'listen.https' })]);
  const reloaded = next();
  signals.emit('SIGHUP');
  await reloaded;
  signals.emit('SIGTERM');
  drained();
  assert.equal(await ended, 0);
  assert.deepEqual(events, ['create 1', 'start', 'reload 1', 'drain']);
});

test('a reload that fails leaves the gateway as it is, and the next one is tried', limit, async (t) => {
  const { signals, events, ended, ready, drained, next, fail } = serving(t, written(1));
  await ready();
  fail(new Error('the state folder is gone'));
  let reloaded = next();
  signals.emit('SIGHUP');
  await reloaded;
  fail(undefined);
  reloaded = next();
  signals.emit('SIGHUP');
  await reloaded;
  signals.emit('SIGTERM');
  drained();
  assert.equal(await ended, 0);
  assert.deepEqual(events, ['create 1', 'start', 'reload 1', 'reload 1', 'drain']);
});

test('mistakes at the start are told, and nothing is started', limit, async (t) => {
  const { events, errors, ended } = serving(t, '{ "sites": { "a": 0 } }');
  assert.equal(await ended, 1);
  assert.deepEqual(events, []);
  assert.match(errors.join(''), /menshen\.config\.json: 1 mistake[\s\S]*`sites\.a` is 0/);
});
