import type { KeyType, StoredCertificate } from '../../store/certificate-store.ts';
import type { Finding } from '../../story/finding.ts';
import type { Identifier, RenewalWindow } from '../issuer.ts';
import type { IssuerRecord } from '../policy/issuer-choice.ts';
import { emergencyTime, floorTime, planRenewal, type RenewalPlan } from '../policy/renewal-time.ts';
import type { LeafFacts } from './material.ts';
import type { CertificateStatus, ManagedIssuer, StatusNext } from './wanted.ts';

/** One certificate that is looked after: a set of names with a type of key. */
export interface Item {
  readonly id: string;
  readonly identifiers: readonly Identifier[];
  readonly names: readonly string[];
  readonly keyType: KeyType;
  issuers: readonly ManagedIssuer[];
  /** By the issuer's name. */
  readonly records: Map<string, Mutable<IssuerRecord>>;
  live: StoredCertificate | undefined;
  facts: LeafFacts | undefined;
  /** False where the store could not take `live`. */
  kept: boolean;
  window: RenewalWindow | undefined;
  /** When to ask for the window again; Infinity where there is nobody to ask. */
  askAtMs: number;
  revoked: boolean;
  /** Somebody wants it renewed now. */
  forced: boolean;
  plan: RenewalPlan | undefined;
  /** Nothing is ordered before (back-off, limits). */
  retryAtMs: number;
  /** `lease`: another node is at work on it. */
  waitsFor: 'nothing' | 'retry' | 'limit' | 'lease';
  failures: number;
  lastError: { readonly finding: Finding; readonly atMs: number } | undefined;
  /** Version whose expiry was told. */
  toldExpiring: string | undefined;
  /** A limit that was told, so that it is told once. */
  toldLimit: string;
  state: 'idle' | 'waiting' | 'working';
  /** Grows when the item is put on the schedule anew: what was there before is void. */
  stamp: number;
  removed: boolean;
  readonly waiters: ((result: StoredCertificate | Finding) => void)[];
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function newItem(
  id: string,
  identifiers: readonly Identifier[],
  keyType: KeyType,
  issuers: readonly ManagedIssuer[],
): Item {
  return {
    id,
    identifiers,
    names: identifiers.map(({ value }) => value),
    keyType,
    issuers,
    records: new Map(),
    live: undefined,
    facts: undefined,
    kept: true,
    window: undefined,
    askAtMs: Infinity,
    revoked: false,
    forced: false,
    plan: undefined,
    retryAtMs: 0,
    waitsFor: 'nothing',
    failures: 0,
    lastError: undefined,
    toldExpiring: undefined,
    toldLimit: '',
    state: 'idle',
    stamp: 0,
    removed: false,
    waiters: [],
  };
}

export function recordOf(item: Item, issuer: string): Mutable<IssuerRecord> {
  let record = item.records.get(issuer);
  if (record === undefined) {
    record = { failures: 0, permanent: false, counted: false, notBeforeMs: 0 };
    item.records.set(issuer, record);
  }
  return record;
}

/** Makes a certificate the live one; what was known of the one before is forgotten. */
export function setLive(item: Item, live: StoredCertificate, facts: LeafFacts, nowMs: number): void {
  item.live = live;
  item.facts = facts;
  item.kept = true;
  item.window = undefined;
  item.revoked = false;
  item.forced = false;
  item.failures = 0;
  item.retryAtMs = 0;
  item.waitsFor = 'nothing';
  item.lastError = undefined;
  item.toldLimit = '';
  item.records.clear();
  // Asked soon after a start too: the certificate may have been revoked meanwhile.
  item.askAtMs = item.issuers.some(({ issuer }) => issuer.name === live.issuer) ? nowMs : Infinity;
  replan(item, nowMs);
}

export function replan(item: Item, nowMs: number): void {
  const { live, facts, window, revoked } = item;
  if (live === undefined || facts === undefined) {
    item.plan = undefined;
    return;
  }
  const { notBeforeMs, notAfterMs, serial } = facts;
  const plan = planRenewal({ notBeforeMs, notAfterMs, window, revoked, seed: serial, nowMs });
  const floor = revoked ? 0 : floorTime(facts, live.obtainedAtMs);
  item.plan = plan.atMs >= floor ? plan : { atMs: floor, why: plan.why };
}

/** When something is to be ordered. */
export function orderTime(item: Item): number {
  const wanted = item.forced || item.plan === undefined ? 0 : item.plan.atMs;
  return Math.max(wanted, item.retryAtMs);
}

/** When the item is to be looked at next. */
export function wakeTime(item: Item): number {
  let at = Math.min(orderTime(item), item.askAtMs);
  if (item.facts !== undefined && item.live !== undefined && item.toldExpiring !== item.live.version) {
    at = Math.min(at, emergencyTime(item.facts));
  }
  return at;
}

/** Nothing to serve, or not for long any more. */
export const isUrgent = (item: Item, nowMs: number): boolean =>
  item.facts === undefined || nowMs >= emergencyTime(item.facts);

export function statusOf(item: Item, nowMs: number): CertificateStatus {
  const { id, names, keyType, live, facts, lastError, failures, kept } = item;
  const state =
    facts === undefined
      ? 'missing'
      : nowMs >= facts.notAfterMs
        ? 'expired'
        : nowMs >= emergencyTime(facts)
          ? 'expiring'
          : 'live';
  return {
    id,
    names,
    keyType,
    state,
    issuer: live?.issuer ?? '',
    notBeforeMs: facts?.notBeforeMs,
    notAfterMs: facts?.notAfterMs,
    nextAtMs: Math.max(nowMs, orderTime(item)),
    next: nextOf(item),
    lastError: lastError && { ...lastError, failures },
    kept,
  };
}

function nextOf(item: Item): StatusNext {
  if (item.state === 'working') return 'working';
  const planned = item.plan?.atMs ?? 0;
  if (item.waitsFor !== 'nothing' && (item.forced || item.retryAtMs >= planned)) {
    return item.waitsFor === 'limit' ? 'limit' : 'retry';
  }
  if (item.forced) return 'forced';
  return item.plan?.why ?? 'first';
}
