/** What the kernel knows of one connection: told when the connection stands, and when it has done its work. */
import { setImmediate } from 'node:timers/promises';
import { finding } from '../../story/finding.ts';
import type { OpenStage } from '../../story/stages.ts';
import { askKernel, askKernelNow, type Endpoints, type TcpFacts } from './kernel-facts.ts';
import { tellKernel } from './tell-tcp.ts';

/** Linux sends nothing again for lack of an answer in less (TCP_RTO_MIN): before, its counters have nothing new to say. */
const RETRANSMISSION_MS = 200;

export interface KernelTellingParts {
  readonly stage: OpenStage;
  readonly ends: Endpoints;
  /** Nothing else runs in this process meanwhile, so it may stand still until the kernel has answered. */
  readonly mayStandStill: boolean;
  readonly nowMs: () => number;
  /** Work that may end after its stage. */
  readonly pending: Promise<unknown>[];
  /** In the place of `ss`, for tests. */
  readonly ask?: (ends: Endpoints) => TcpFacts | undefined | Promise<TcpFacts | undefined>;
}

export class KernelTelling {
  readonly #parts: KernelTellingParts;
  #askedMs = -Infinity;
  #facts: TcpFacts | undefined;
  #telling: Promise<void> | undefined;

  constructor(parts: KernelTellingParts) {
    this.#parts = parts;
  }

  /** Somebody waits long for the handshake, and wants to know whether segments were lost meanwhile. */
  tellWaiting(): void {
    this.#begin(false);
  }

  /** The connection stands, and nothing is under way on it. */
  async tellStanding(): Promise<void> {
    const { mayStandStill } = this.#parts;
    if (this.#telling !== undefined) return;
    this.#begin(mayStandStill);
    if (!mayStandStill) return;
    // What has come meanwhile (an alert, the end) is read before anything is sent: two turns hold one poll between them.
    await setImmediate();
    await setImmediate();
  }

  /** The last request is through. Of a connection that is closed already the kernel knows no more than it has told. */
  async tellEnd(isOpen: boolean): Promise<void> {
    const { stage, nowMs, mayStandStill } = this.#parts;
    await this.#telling;
    if (isOpen && nowMs() - this.#askedMs >= RETRANSMISSION_MS) await this.#tell('tcp.kernel-after', mayStandStill);
    const count = this.#facts?.retransmitted ?? 0;
    // One may be a probe that was not needed (RFC 8985 section 7).
    if (count > 1) stage.conclude(finding('trace-retransmitted', { count }));
  }

  #begin(standsStill: boolean): void {
    this.#telling = this.#tell('tcp.kernel', standsStill);
    this.#parts.pending.push(this.#telling);
  }

  async #tell(label: 'tcp.kernel' | 'tcp.kernel-after', standsStill: boolean): Promise<void> {
    const { stage, ends, nowMs, ask = standsStill ? askKernelNow : askKernel } = this.#parts;
    this.#askedMs = nowMs();
    const facts = await ask(ends);
    if (facts === undefined) return;
    this.#facts = facts;
    tellKernel(stage, facts, label);
  }
}
