import { lowerName, parentName } from '../codec/dns/name.ts';
import type { Delegation } from './server-choice.ts';

/** What referrals told, apart from answers: it says where to ask, and is never given out as an answer (RFC 2181 5.4.1). */
export interface DelegationCache {
  /** The deepest known delegation at or above `name`, and when it was told. */
  closest(name: string, nowMs: number): { readonly delegation: Delegation; readonly learntAtMs: number } | undefined;
  put(delegation: Delegation, ttlS: number, nowMs: number): void;
  drop(zone: string): void;
}

const MAX_DELEGATIONS = 2_048;
const MAX_TTL_S = 86_400;

export function createDelegationCache(): DelegationCache {
  const kept = new Map<string, { delegation: Delegation; learntAtMs: number; expiresAtMs: number }>();
  return {
    closest: (name, nowMs) => {
      for (let at: string | undefined = lowerName(name); at !== undefined; at = parentName(at)) {
        const entry = kept.get(at);
        if (entry === undefined) continue;
        if (entry.expiresAtMs > nowMs) return entry;
        kept.delete(at);
      }
      return undefined;
    },
    put: (delegation, ttlS, nowMs) => {
      const key = lowerName(delegation.zone);
      kept.delete(key);
      kept.set(key, { delegation, learntAtMs: nowMs, expiresAtMs: nowMs + Math.min(ttlS, MAX_TTL_S) * 1_000 });
      if (kept.size > MAX_DELEGATIONS) kept.delete(kept.keys().next().value!);
    },
    drop: (zone) => void kept.delete(lowerName(zone)),
  };
}
