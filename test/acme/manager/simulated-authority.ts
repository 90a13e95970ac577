import type { Identifier, Issuer, IssueRequest, IssueResult, RenewalWindow } from '../../../src/acme/issuer.ts';
import { registeredDomain } from '../../../src/acme/policy/registered-domain.ts';
import type { Material } from '../../../src/acme/manager/material.ts';
import { finding } from '../../../src/story/finding.ts';
import type { VirtualTime } from './virtual-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What an imaginary certificate says; its "PEM" is this as a line. */
export interface Paper {
  readonly serial: string;
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export const readPaper = (chainPem: string): Paper => {
  const [serial = '', names = '', notBefore, notAfter] = chainPem.split(' ');
  return { serial, names: names.split(','), notBeforeMs: Number(notBefore), notAfterMs: Number(notAfter) };
};

const writePaper = ({ serial, names, notBeforeMs, notAfterMs }: Paper): string =>
  `${serial} ${names.join()} ${notBeforeMs} ${notAfterMs}`;

/** Keys and certificates that cost nothing. */
export const paperMaterial: Material = {
  makeKey: async () => 'key',
  read(chainPem) {
    const { serial, notBeforeMs, notAfterMs } = readPaper(chainPem);
    return { serial, notBeforeMs, notAfterMs, renewalId: serial };
  },
  judge: () => undefined,
};

/** A token bucket told in tokens, unlike ours, so that both do not share a mistake. */
class Tokens {
  readonly #burst: number;
  readonly #refillMs: number;
  readonly #states = new Map<string, { tokens: number; atMs: number }>();

  constructor(burst: number, refillMs: number) {
    this.#burst = burst;
    this.#refillMs = refillMs;
  }

  has(key: string, nowMs: number): boolean {
    return this.#at(key, nowMs).tokens >= 0.999;
  }

  spend(key: string, nowMs: number): void {
    const state = this.#at(key, nowMs);
    this.#states.set(key, { tokens: Math.max(0, state.tokens - 1), atMs: nowMs });
  }

  #at(key: string, nowMs: number): { tokens: number; atMs: number } {
    const state = this.#states.get(key);
    if (state === undefined) return { tokens: this.#burst, atMs: nowMs };
    const tokens = Math.min(this.#burst, state.tokens + (nowMs - state.atMs) / this.#refillMs);
    return { tokens, atMs: nowMs };
  }
}

export interface AuthorityOptions {
  readonly time: VirtualTime;
  readonly name?: string;
  readonly lifeMs: (identifiers: readonly Identifier[]) => number;
  /** Whether the CA answers at that time. */
  readonly isUp?: (nowMs: number) => boolean;
  /** Whether the CA can validate a name at that time. */
  readonly validates?: (name: string, nowMs: number) => boolean;
  readonly orderMs?: number;
}

/** A CA with the documented limits of Let's Encrypt, and its rules for what is exempt. */
export class SimulatedAuthority implements Issuer {
  readonly name: string;
  readonly seen = { issued: 0, orders: 0, exempt: 0, renewals: 0, failedAuthorizations: 0, asked: 0, whileDown: 0 };
  /** Refusals because a limit was exceeded. */
  readonly limited = { orders: 0, domain: 0, set: 0, failures: 0 };
  readonly revoked = new Map<string, number>();
  readonly #options: AuthorityOptions;
  readonly #orders = new Tokens(300, 36_000);
  readonly #domains = new Tokens(50, (7 * DAY) / 50);
  readonly #sets = new Tokens(5, (7 * DAY) / 5);
  readonly #failures = new Tokens(5, HOUR / 5);
  readonly #issuedSets = new Set<string>();
  readonly #replaced = new Set<string>();
  readonly #papers = new Map<string, Paper>();
  #serial = 0;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.name = options.name ?? 'letsencrypt';
  }

  async issue(request: IssueRequest): Promise<IssueResult> {
    const { time, lifeMs, isUp = () => true, validates = () => true, orderMs = 5_000 } = this.#options;
    const { identifiers, replaces, onProgress } = request;
    if (!isUp(time.nowMs)) {
      this.seen.whileDown += 1;
      return failure('acme-unreachable-in-simulation');
    }
    const set = identifiers
      .map(({ value }) => value)
      .sort()
      .join();
    const paper = replaces === undefined ? undefined : this.#papers.get(replaces);
    const window = paper && this.#windowOf(paper);
    if (replaces !== undefined && this.#replaced.has(replaces)) return failure('alreadyReplaced');
    const inWindow = window !== undefined && time.nowMs >= window.startMs && time.nowMs < window.endMs;
    const isRenewal = this.#issuedSets.has(set);
    const nowMs = time.nowMs;
    if (identifiers.some(({ value }) => !this.#failures.has(value, nowMs))) return this.#refuse('failures');
    if (!inWindow) {
      if (!this.#sets.has(set, nowMs)) return this.#refuse('set');
      if (!isRenewal) {
        if (!this.#orders.has('', nowMs)) return this.#refuse('orders');
        for (const identifier of identifiers) {
          if (!this.#domains.has(registeredDomain(identifier), nowMs)) return this.#refuse('domain');
        }
        this.#orders.spend('', nowMs);
      }
    }
    this.seen.orders += 1;
    await onProgress?.({ orderUrl: `order/${this.seen.orders}`, step: 'ordered' });
    await time.sleep(orderMs);
    const bad = identifiers.filter(({ value }) => !validates(value, time.nowMs));
    if (bad.length > 0) {
      for (const { value } of bad) this.#failures.spend(value, time.nowMs);
      this.seen.failedAuthorizations += bad.length;
      return failure('unauthorized', true);
    }
    if (!inWindow) {
      this.#sets.spend(set, time.nowMs);
      if (!isRenewal)
        for (const one of new Set(identifiers.map(registeredDomain))) this.#domains.spend(one, time.nowMs);
    } else this.seen.exempt += 1;
    if (isRenewal) this.seen.renewals += 1;
    if (replaces !== undefined) this.#replaced.add(replaces);
    if (paper !== undefined) this.#papers.delete(paper.serial);
    this.#issuedSets.add(set);
    this.seen.issued += 1;
    const serial = `s${this.#serial++}`;
    const notBeforeMs = time.nowMs - HOUR;
    const names = identifiers.map(({ value }) => value);
    const issued: Paper = { serial, names, notBeforeMs, notAfterMs: notBeforeMs + lifeMs(identifiers) };
    this.#papers.set(serial, issued);
    return { ok: true, certificate: { chainPem: writePaper(issued), orderUrl: '' } };
  }

  async renewalWindow(chainPem: string): Promise<RenewalWindow | undefined | ReturnType<typeof finding>> {
    const { time, isUp = () => true } = this.#options;
    this.seen.asked += 1;
    if (!isUp(time.nowMs)) return finding('renewal-timed-out', { issuer: this.name, name: '', seconds: 0 });
    const paper = readPaper(chainPem);
    return { ...this.#windowOf(paper), askAgainAtMs: time.nowMs + (paper.notAfterMs - paper.notBeforeMs) / 5 };
  }

  async revoke(): Promise<undefined> {
    return undefined;
  }

  /** Like Let's Encrypt: a fiftieth of the life around the moment at which a third (of short ones a half) is left. */
  #windowOf({ serial, notBeforeMs, notAfterMs }: Paper): { startMs: number; endMs: number } {
    const revokedAtMs = this.revoked.get(serial);
    if (revokedAtMs !== undefined) return { startMs: revokedAtMs - HOUR, endMs: revokedAtMs - HOUR / 2 };
    const life = notAfterMs - notBeforeMs;
    const ideal = notAfterMs - life / (life < 10 * DAY ? 2 : 3);
    return { startMs: ideal - life / 100, endMs: ideal + life / 100 };
  }

  #refuse(limit: keyof SimulatedAuthority['limited']): IssueResult {
    this.limited[limit] += 1;
    return failure(`rateLimited: ${limit}`);
  }
}

function failure(reason: string, countedByAuthority = false): IssueResult {
  const found = finding('renewal-issuer-failed', { name: '', issuer: 'simulated', reason });
  return { ok: false, failure: { finding: found, permanent: false, countedByAuthority } };
}
