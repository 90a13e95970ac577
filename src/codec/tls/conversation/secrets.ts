import { sameBytes } from '../../der/octets.ts';
import * as labels from '../key-log.ts';
import type { KeyLog } from '../key-log.ts';
import { outcome, type CheckResult } from './check-result.ts';
import type { Sender } from './items.ts';

/** Secrets that somebody knows besides the key log: a test vector, a resumed session, a server's private key. */
export interface KnownSecrets {
  /** The pre-shared key of TLS 1.3 that the hello's first identity stands for. */
  readonly psk?: Uint8Array | undefined;
  /** A PSK that was agreed elsewhere and not by a ticket. */
  readonly isExternalPsk?: boolean | undefined;
  /** The (EC)DHE shared secret of TLS 1.3. */
  readonly sharedSecret?: Uint8Array | undefined;
  /** TLS 1.2: what ClientKeyExchange agreed on. */
  readonly preMasterSecret?: Uint8Array | undefined;
  /** TLS 1.2: the master secret of the session that the hello asks to resume. */
  readonly resumedMasterSecret?: Uint8Array | undefined;
}

export interface FoundSecret {
  readonly octets: Uint8Array;
  readonly from: 'key-log' | 'derived';
}

/** Whose secret a label is. */
const owners: Readonly<Record<string, Sender>> = {
  [labels.SERVER_HANDSHAKE_TRAFFIC_SECRET]: 'server',
  [labels.SERVER_TRAFFIC_SECRET_0]: 'server',
};

/** The secrets of one handshake: what the key log tells, what the key schedule derived, and whether both agree. */
export class HandshakeSecrets {
  readonly #keyLog: KeyLog;
  readonly #clientRandom: Uint8Array;
  readonly #derived = new Map<string, Uint8Array>();
  readonly #compared = new Set<string>();

  constructor(keyLog: KeyLog, clientRandom: Uint8Array) {
    this.#keyLog = keyLog;
    this.#clientRandom = clientRandom;
  }

  setDerived(label: string, secret: Uint8Array): void {
    this.#derived.set(label, secret);
  }

  find(label: string): FoundSecret | undefined {
    const logged = this.#keyLog.secret(label, this.#clientRandom);
    if (logged !== undefined) return { octets: logged, from: 'key-log' };
    const derived = this.#derived.get(label);
    return derived && { octets: derived, from: 'derived' };
  }

  derived(label: string): Uint8Array | undefined {
    return this.#derived.get(label);
  }

  /** Labels for which both are known now and were not before, each compared once. */
  compare(): CheckResult[] {
    const results: CheckResult[] = [];
    for (const [label, derived] of this.#derived) {
      const logged = this.#keyLog.secret(label, this.#clientRandom);
      if (logged === undefined || this.#compared.has(label)) continue;
      this.#compared.add(label);
      results.push(outcome('derived-secret', owners[label] ?? 'client', sameBytes(derived, logged), label));
    }
    return results;
  }
}
