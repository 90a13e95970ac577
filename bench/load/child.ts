import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../scenario.ts';

/**
 * A load client in a process of its own, on the load's core. It speaks lines: it writes one when it is ready or done, and
 * goes on when it is told to.
 */
export interface LoadChild {
  /** The next line; throws when the child ends instead, or writes none within `limitMs`. */
  line(limitMs: number): Promise<string>;
  say(text: string): void;
  stop(): Promise<void>;
}

/** Starts `script` (a module of this folder) with `options` as its only argument, in JSON. */
export function startLoadChild(bench: Bench, script: string, options: object): LoadChild {
  const running = bench.stage.start({
    name: script,
    file: process.execPath,
    args: [fileURLToPath(new URL(`${script}.js`, import.meta.url)), JSON.stringify(options)],
    cores: bench.loadCores,
    pipe: true,
  });
  const { stdin, stdout } = running.child;
  if (stdin === null || stdout === null) throw new Error('the load child has no pipes');
  stdin.on('error', () => {
    // The child has ended: `line` says so.
  });
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    async line(limitMs) {
      const late = new AbortController();
      const limit = sleep(limitMs, undefined, { signal: late.signal }).catch(() => undefined);
      const next = await Promise.race([lines.next(), limit]);
      late.abort();
      if (next === undefined) throw new Error(`${script} says nothing after ${limitMs / 1000} s`);
      if (next.done === true) throw new Error(await running.exited);
      return next.value;
    },
    say(text) {
      stdin.write(`${text}\n`);
    },
    stop: () => running.stop(),
  };
}
