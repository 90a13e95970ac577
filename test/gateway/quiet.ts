import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** Turns of the event loop without activity after which nothing more is under way in this process. */
const STILL_ROUNDS = 4;

/**
 * Resolves when `activity` has stopped changing. Client, gateway and app run in one process and talk over loopback, so
 * that octets on their way arrive within a few turns of the loop, however slow the machine: no test waits for a clock.
 */
export async function quiet(activity: () => number): Promise<void> {
  let before = activity();
  for (let still = 0; still < STILL_ROUNDS;) {
    await sleep(1);
    for (let k = 0; k < 8; k += 1) await turn();
    const now = activity();
    still = now === before ? still + 1 : 0;
    before = now;
  }
}

/** Resolves when `holds` does; rejects after a time that only a hang takes. */
export async function until(holds: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`did not come about: ${what}`);
    await sleep(1);
  }
}
