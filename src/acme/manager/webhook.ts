/**
 * Tells events to a URL:
 *
 *     POST …
 *     Content-Type: application/json
 *     Menshen-Event-Id: 5f0c…               the same for every attempt: receivers can drop repetitions
 *     Menshen-Signature: t=1795315200,v1=…  HMAC-SHA256 over `t.body` in hexadecimal
 *
 * A receiver computes the same with the shared secret, and refuses an old `t`. Answers other than 2xx are tried again,
 * after 1, 2, 4, … s. Deliveries wait in one bounded line, in order; what does not fit any more is dropped and told.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { finding, tellFinding, type Finding } from '../../story/finding.ts';
import { systemTimers, type Timers } from './timers.ts';
import type { CertificateEvent } from './wanted.ts';

/** What is used of fetch. */
export type Post = (
  url: string,
  request: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly body: { cancel(): Promise<void> } | null }>;

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  readonly post?: Post;
  readonly clock?: () => number;
  readonly timers?: Timers;
  readonly newId?: () => string;
  /** Default: 6, the last about half a minute after the first. */
  readonly attempts?: number;
  /** For one attempt. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Events that wait. Default: 1,000. */
  readonly waiting?: number;
  readonly report?: (found: Finding) => void;
}

export interface Webhook {
  send(event: CertificateEvent): void;
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>;
}

export function createWebhook(options: WebhookOptions): Webhook {
  const { url, secret, post = globalThis.fetch, clock = Date.now, timers = systemTimers } = options;
  const { newId = randomUUID, attempts = 6, timeoutMs = 10_000, waiting = 1_000, report = () => undefined } = options;
  let line: Promise<void> = Promise.resolve();
  let length = 0;

  /** Undefined: delivered; else why not. */
  const tryOnce = async (id: string, body: string): Promise<string | undefined> => {
    const stop = new AbortController();
    const cancel = timers.start(timeoutMs, () => stop.abort());
    try {
      const seconds = Math.floor(clock() / 1000);
      const answer = await post(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Menshen-Event-Id': id,
          'Menshen-Signature': `t=${seconds},v1=${signEvent(secret, seconds, body)}`,
        },
        body,
        redirect: 'manual',
        signal: stop.signal,
      });
      await answer.body?.cancel();
      return answer.status >= 200 && answer.status < 300 ? undefined : `status ${answer.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      cancel();
    }
  };

  const deliver = async (event: CertificateEvent): Promise<void> => {
    const id = newId();
    const body = JSON.stringify(eventBody(event));
    let reason: string | undefined = '';
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await new Promise<void>((resolve) => timers.start(1_000 * 2 ** (attempt - 1), resolve));
      reason = await tryOnce(id, body);
      if (reason === undefined) return;
    }
    report(finding('webhook-undelivered', { event: event.type, url, attempts, reason: reason ?? '' }));
  };

  return {
    send(event) {
      if (length >= waiting) {
        report(finding('webhook-undelivered', { event: event.type, url, attempts: 0, reason: 'too many events wait' }));
        return;
      }
      length += 1;
      line = line.then(() => deliver(event)).finally(() => (length -= 1));
    },
    settled: () => line,
  };
}

/** The `v1` of the signature; receivers compute the same. `seconds` since the epoch. */
export function signEvent(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}

/** The event as it is sent: times in ISO 8601 besides milliseconds, findings with their words. */
function eventBody(event: CertificateEvent): object {
  const told = 'finding' in event ? { finding: { ...event.finding, ...tellFinding(event.finding, 'en') } } : {};
  const until = 'notAfterMs' in event ? { notAfter: new Date(event.notAfterMs).toISOString() } : {};
  return { ...event, at: new Date(event.atMs).toISOString(), ...until, ...told };
}
