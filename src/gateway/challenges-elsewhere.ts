/**
 * Challenges that another gateway has put up: behind one address, a CA's request may come to any of several that share a
 * store. Whoever finds no answer of its own looks there.
 *
 * Anybody can ask for any token or name. So questions have a rate, only so many are open, nobody waits for long, and what
 * was found of a token, or not found, counts for a second. Of a name it does not: its next challenge may be there by then.
 */
import { afterUse, tokenAt } from '../acme/policy/token-bucket.ts';
import type { CertificatePem } from './tls/site-input.ts';
import { challengeKey, questionKey, type ChallengeAnswer, type ChallengeQuestion } from './challenge-board.ts';

/** Looks for a challenge beyond this gateway. A rejection counts as undefined. */
export type ChallengeFor = (question: ChallengeQuestion) => Promise<ChallengeAnswer | undefined>;

/** How long an answer, or that there is none, is not asked for again. */
const KEPT_MS = 1_000;
const MOST_KEPT = 1_024;
/** Far above what CAs ask; reading as many files takes a few hundredths of a second. */
const RATE = { burst: 500, refillMs: 2 };
const MOST_OPEN = 64;
/** A folder on a network file system may hang. */
const PATIENCE_MS = 3_000;

interface Kept {
  readonly answer: ChallengeAnswer | undefined;
  readonly untilMs: number;
}

export class ChallengesElsewhere {
  readonly #ask: ChallengeFor;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #open = new Map<string, Promise<ChallengeAnswer | undefined>>();
  #fullAtMs: number | undefined;

  /** `now` is monotonic, milliseconds. */
  constructor(ask: ChallengeFor, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Never rejects. Undefined at once where there is none as far as is known, or too many ask. */
  find(question: ChallengeQuestion): Promise<ChallengeAnswer | undefined> | undefined {
    const key = questionKey(question);
    const nowMs = this.#now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && nowMs < kept.untilMs) return kept.answer && Promise.resolve(kept.answer);
    const running = this.#open.get(key);
    if (running !== undefined) return running;
    if (this.#open.size >= MOST_OPEN || tokenAt(RATE, this.#fullAtMs, nowMs) > nowMs) return undefined;
    this.#fullAtMs = afterUse(RATE, this.#fullAtMs, nowMs);
    const asked = this.#inTime(question).then((answer) => {
      this.#open.delete(key);
      if (question.type === 'http-01') this.#keep(key, answer);
      return answer;
    });
    this.#open.set(key, asked);
    return asked;
  }

  /** For TLS-ALPN-01, by server name. */
  certificate(serverName: string): Promise<CertificatePem | undefined> | undefined {
    return this.find({ type: 'tls-alpn-01', serverName })?.then((answer) =>
      answer?.type === 'tls-alpn-01' ? answer.certificate : undefined,
    );
  }

  /** For HTTP-01: the key authorization of a token. */
  keyAuthorization(token: string): Promise<string | undefined> | undefined {
    return this.find({ type: 'http-01', token })?.then((answer) =>
      answer?.type === 'http-01' ? answer.keyAuthorization : undefined,
    );
  }

  async #inTime(question: ChallengeQuestion): Promise<ChallengeAnswer | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    });
    try {
      const answer = await Promise.race([this.#ask(question), tooLong]);
      return answer !== undefined && challengeKey(answer) === questionKey(question) ? answer : undefined;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #keep(key: string, answer: ChallengeAnswer | undefined): void {
    this.#kept.delete(key);
    this.#kept.set(key, { answer, untilMs: this.#now() + KEPT_MS });
    if (this.#kept.size <= MOST_KEPT) return;
    const [oldest] = this.#kept.keys();
    this.#kept.delete(oldest!);
  }
}
