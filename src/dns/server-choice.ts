import { parseIpv4, parseIpv6 } from '../codec/ip-text.ts';
import type { NameServerHint } from './root-hints.ts';

/** Who serves a zone, as far as it is known. */
export interface Delegation {
  readonly zone: string;
  readonly nameServers: readonly NameServerHint[];
}

/** Whether an address is one that a public name server cannot have: this host, nobody, or many. */
export function isSpecialAddress(address: string): boolean {
  const v4 = parseIpv4(address) ?? mapped(address);
  if (v4 !== undefined) return v4[0] === 0 || v4[0] === 127 || v4[0]! >= 224;
  const v6 = parseIpv6(address);
  if (v6 === undefined) return true;
  const isZeroOrLoopback = v6.subarray(0, 15).every((octet) => octet === 0) && v6[15]! <= 1;
  return isZeroOrLoopback || v6[0] === 0xff;
}

function mapped(address: string): Uint8Array | undefined {
  const v6 = parseIpv6(address);
  const isMapped = v6?.subarray(0, 10).every((octet) => octet === 0) === true && v6[10] === 0xff && v6[11] === 0xff;
  return isMapped ? v6.subarray(12) : undefined;
}

/** How long a silent server or an address family without a route is asked last. */
const PENALTY_MS = 60_000;
const MAX_REMEMBERED = 1_024;

/** Remembers who did not answer, so that a dead server costs its time once. */
export interface ServerMemory {
  /** Servers in the order in which to ask them: those without a mark first, by lot. */
  order<T extends { readonly address: string }>(
    servers: readonly T[],
    nowMs: number,
    random: (below: number) => number,
  ): T[];
  markSilent(address: string, nowMs: number): void;
  /** No packet leaves for this family. */
  markFamilyDown(address: string, nowMs: number): void;
}

export function createServerMemory(): ServerMemory {
  const silentUntil = new Map<string, number>();
  const familyDownUntil = { v4: 0, v6: 0 };
  const familyOf = (address: string): 'v4' | 'v6' => (address.includes(':') ? 'v6' : 'v4');
  return {
    order: (servers, nowMs, random) => {
      const rank = ({ address }: { readonly address: string }): number =>
        (familyDownUntil[familyOf(address)] > nowMs ? 2 : 0) + ((silentUntil.get(address) ?? 0) > nowMs ? 1 : 0);
      return shuffled(servers, random).toSorted((one, other) => rank(one) - rank(other));
    },
    markSilent: (address, nowMs) => {
      silentUntil.delete(address);
      silentUntil.set(address, nowMs + PENALTY_MS);
      if (silentUntil.size > MAX_REMEMBERED) silentUntil.delete(silentUntil.keys().next().value!);
    },
    markFamilyDown: (address, nowMs) => {
      familyDownUntil[familyOf(address)] = nowMs + PENALTY_MS;
    },
  };
}

export function shuffled<T>(list: readonly T[], random: (below: number) => number): T[] {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = random(at + 1);
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}
