import type { AcmeHttp } from './http.ts';

/** The world as the client uses it; a test passes its own. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Resolves after `ms` milliseconds, or at once when the signal is given; never rejects. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly http: AcmeHttp;
}

/** The process's own sleep. */
export function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
