/**
 * Certificates for names that are not in the configuration, made while a handshake waits. Anybody can make handshakes with
 * any name, so everything is bounded: `ask` has to agree, its answers are kept for a while (no as well as yes), questions
 * and new names have a rate, requests for one name are one, and nobody waits for longer than `waitMs`.
 *
 * Nothing is renewed by a timer here: a certificate that falls due is renewed when somebody asks for its name again. A
 * name that nobody uses any more ends with its certificate.
 */
import { FindingError } from '../../story/finding-error.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { isHostName } from '../../pki/names/dns-name.ts';
import { publicSuffixKind } from '../../pki/names/public-suffix.ts';
import { certificateIdOf } from '../../store/entry-name.ts';
import type { CertificateStore, StoredCertificate } from '../../store/certificate-store.ts';
import { afterUse, tokenAt, type BucketShape } from '../policy/token-bucket.ts';
import { planRenewal } from '../policy/renewal-time.ts';
import type { Ask } from './ask.ts';
import type { CertificateManager } from './contract.ts';
import { realMaterial, type Material } from './material.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface OnDemandOptions {
  readonly manager: CertificateManager;
  readonly store: CertificateStore;
  readonly ask: Ask;
  /** Names of the issuers to use, in order. Default: all of the manager's. */
  readonly issuers?: readonly string[];
  readonly clock?: () => number;
  readonly timers?: Timers;
  readonly material?: Material;
  /** How long a handshake waits for its certificate. Default: 20 s. */
  readonly waitMs?: number;
  /** How long `ask` may take. Default: 5 s. */
  readonly askTimeoutMs?: number;
  /** How long a yes counts. Default: 5 minutes. */
  readonly yesMs?: number;
  /** How long a no counts, and an `ask` that failed. Default: 1 minute. */
  readonly noMs?: number;
  /** Questions to `ask`. Default: 20, one more every 500 ms. */
  readonly askRate?: BucketShape;
  /** New certificates. Default: 10, one more a minute. */
  readonly issueRate?: BucketShape;
  /** Names that are remembered. Default: 10,000. */
  readonly remembered?: number;
}

export interface OnDemand {
  /** The certificate for a server name, or why there is none (now). Never rejects. */
  obtain(serverName: string, clientAddress: string): Promise<StoredCertificate | Finding>;
}

interface Answer {
  readonly untilMs: number;
  /** Undefined: yes. */
  readonly refusal: Finding | undefined;
}

export function createOnDemand(options: OnDemandOptions): OnDemand {
  return new OnDemandIssuance(options);
}

class OnDemandIssuance implements OnDemand {
  readonly #options: OnDemandOptions;
  readonly #clock: () => number;
  readonly #timers: Timers;
  readonly #material: Material;
  readonly #answers = new Map<string, Answer>();
  readonly #certificates = new Map<string, StoredCertificate>();
  readonly #underWay = new Map<string, Promise<StoredCertificate | Finding>>();
  readonly #rates: { ask: number | undefined; issue: number | undefined } = { ask: undefined, issue: undefined };

  constructor(options: OnDemandOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#timers = options.timers ?? systemTimers;
    this.#material = options.material ?? realMaterial;
  }

  async obtain(serverName: string, clientAddress: string): Promise<StoredCertificate | Finding> {
    const name = serverName.toLowerCase().replace(/\.$/, '');
    if (!isHostName(name) || !name.includes('.') || /(?:^|\.)\d+$/.test(name) || publicSuffixKind(name) === 'icann') {
      return finding('on-demand-name-invalid', { name });
    }
    const present = this.#certificates.get(name);
    const isGood = present !== undefined && present.notAfterMs > this.#clock();
    if (isGood && !this.#isDue(present)) return present;
    let running = this.#underWay.get(name);
    if (running === undefined) {
      running = this.#make(name, clientAddress).finally(() => this.#underWay.delete(name));
      this.#underWay.set(name, running);
    }
    return isGood ? present : this.#waitFor(running, name);
  }

  async #make(name: string, clientAddress: string): Promise<StoredCertificate | Finding> {
    try {
      const refusal = await this.#mayHave(name, clientAddress);
      if (refusal !== undefined) return refusal;
      const { issuers } = this.#options;
      const identifiers = [{ type: 'dns', value: name }] as const;
      const wanted = { identifiers, ...(issuers !== undefined && { issuers }) };
      const id = certificateIdOf(wanted.identifiers, 'ecdsa');
      const kept = await this.#kept(id);
      if (kept === undefined && !this.#take('issue')) return finding('on-demand-limited', { name });
      if (kept !== undefined && !this.#isDue(kept)) return this.#remember(name, kept);
      const isDue = kept !== undefined && kept.notAfterMs > this.#clock();
      let result = await this.#options.manager.obtain(wanted);
      if (isDue && !('code' in result)) result = await this.#options.manager.renewNow(id);
      // From here on nobody renews it but who asks for it.
      this.#options.manager.forget(id);
      return 'code' in result ? result : this.#remember(name, result);
    } catch (error) {
      if (error instanceof FindingError) return error.finding;
      const reason = error instanceof Error ? error.message : String(error);
      return finding('renewal-issuer-failed', { name, issuer: '', reason });
    }
  }

  async #kept(id: string): Promise<StoredCertificate | undefined> {
    try {
      return await this.#options.store.live(id);
    } catch (error) {
      if (error instanceof FindingError) return undefined;
      throw error;
    }
  }

  #isDue(certificate: StoredCertificate): boolean {
    const facts = this.#material.read(certificate.chainPem);
    const nowMs = this.#clock();
    return facts === undefined || planRenewal({ ...facts, seed: facts.serial, nowMs }).atMs <= nowMs;
  }

  /** Undefined: yes. */
  async #mayHave(name: string, clientAddress: string): Promise<Finding | undefined> {
    const nowMs = this.#clock();
    const known = this.#answers.get(name);
    if (known !== undefined && known.untilMs > nowMs) return known.refusal;
    if (!this.#take('ask')) return finding('on-demand-limited', { name });
    const refusal = await this.#ask(name, clientAddress);
    const { yesMs = 300_000, noMs = 60_000 } = this.#options;
    this.#answers.delete(name);
    this.#answers.set(name, { refusal, untilMs: this.#clock() + (refusal === undefined ? yesMs : noMs) });
    this.#bound(this.#answers);
    return refusal;
  }

  async #ask(name: string, clientAddress: string): Promise<Finding | undefined> {
    const { ask, askTimeoutMs = 5_000 } = this.#options;
    const stop = new AbortController();
    let cancel = (): void => undefined;
    const tooLong = new Promise<never>((_, reject) => {
      cancel = this.#timers.start(askTimeoutMs, () => {
        stop.abort();
        const reason = `no answer within ${askTimeoutMs / 1000} s`;
        reject(new FindingError(finding('on-demand-ask-failed', { name, reason })));
      });
    });
    try {
      const yes = await Promise.race([(async () => ask({ name, clientAddress, signal: stop.signal }))(), tooLong]);
      return yes ? undefined : finding('on-demand-refused', { name });
    } catch (error) {
      if (error instanceof FindingError) return error.finding;
      const reason = error instanceof Error ? error.message : String(error);
      return finding('on-demand-ask-failed', { name, reason });
    } finally {
      cancel();
    }
  }

  async #waitFor(running: Promise<StoredCertificate | Finding>, name: string): Promise<StoredCertificate | Finding> {
    const { waitMs = 20_000 } = this.#options;
    let cancel = (): void => undefined;
    const tooLong = new Promise<Finding>((resolve) => {
      const found = finding('on-demand-waiting', { name, seconds: waitMs / 1000 });
      cancel = this.#timers.start(waitMs, () => resolve(found));
    });
    try {
      return await Promise.race([running, tooLong]);
    } finally {
      cancel();
    }
  }

  #take(what: 'ask' | 'issue'): boolean {
    const { askRate = { burst: 20, refillMs: 500 }, issueRate = { burst: 10, refillMs: 60_000 } } = this.#options;
    const shape = what === 'ask' ? askRate : issueRate;
    const nowMs = this.#clock();
    if (tokenAt(shape, this.#rates[what], nowMs) > nowMs) return false;
    this.#rates[what] = afterUse(shape, this.#rates[what], nowMs);
    return true;
  }

  #remember(name: string, certificate: StoredCertificate): StoredCertificate {
    this.#certificates.delete(name);
    this.#certificates.set(name, certificate);
    this.#bound(this.#certificates);
    return certificate;
  }

  /** The oldest goes first. */
  #bound(map: Map<string, unknown>): void {
    const { remembered = 10_000 } = this.#options;
    if (map.size <= remembered) return;
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
}
