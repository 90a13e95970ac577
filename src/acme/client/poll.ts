import { readRetryAfter } from './retry-after.ts';
import { succeeded, type Outcome } from './outcome.ts';
import type { AccountKeeper } from './account.ts';
import type { Resource } from './resources.ts';
import type { AcmeSession } from './session.ts';

export interface PollSettings {
  /** First pause between looks; it doubles up to eight times that. A CA's Retry-After goes before. Milliseconds. */
  readonly pauseMs: number;
  /** Longest Retry-After that is obeyed between two looks, milliseconds. */
  readonly longestPauseMs: number;
  /** How long a resource may take to settle, milliseconds. */
  readonly patienceMs: number;
}

/** Looks at a resource until it has settled (RFC 8555 section 7.5.1). */
export class Poller {
  readonly #session: AcmeSession;
  readonly #keeper: AccountKeeper;
  readonly #settings: PollSettings;

  constructor(session: AcmeSession, keeper: AccountKeeper, settings: PollSettings) {
    this.#session = session;
    this.#keeper = keeper;
    this.#settings = settings;
  }

  /** The resource once `settled` says so; undefined where it took too long. */
  async until<N extends 'order' | 'authorization'>(
    url: string,
    resource: N,
    settled: (value: Resource<N>) => boolean,
    signal?: AbortSignal,
  ): Promise<Outcome<Resource<N> | undefined>> {
    const { pauseMs, longestPauseMs, patienceMs } = this.#settings;
    const startMs = this.#session.clock();
    for (let look = 0; ; look++) {
      const answer = await this.#keeper.post({ url, payload: undefined, signal });
      if (!answer.ok) return answer;
      const read = this.#session.resource(resource, answer.value);
      if (!read.ok) return read;
      if (settled(read.value)) return read;
      const nowMs = this.#session.clock();
      const asked = readRetryAfter(answer.value.headers['retry-after'], nowMs);
      const ownPause = pauseMs * 2 ** Math.min(look, 3);
      const pause = asked === undefined ? ownPause : Math.min(Math.max(asked - nowMs, pauseMs), longestPauseMs);
      if (nowMs + pause - startMs > patienceMs) return succeeded(undefined);
      await this.#session.sleep(pause, signal);
    }
  }
}
