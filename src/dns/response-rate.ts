import { parseIpv4, parseIpv6 } from '../codec/ip-text.ts';

export interface RateLimits {
  /** Answers a second to one network, on average. */
  readonly perSecond: number;
  /** Answers at once. */
  readonly burst: number;
  /** Networks that are remembered; the longest unseen is forgotten first. */
  readonly maxNetworks: number;
}

export const rateLimits: RateLimits = { perSecond: 50, burst: 200, maxNetworks: 4_096 };

/**
 * Keeps a UDP server from being a mirror for forged senders: beyond the rate a network gets every second answer truncated
 * (whoever is real asks again over TCP) and no answer otherwise.
 */
export interface ResponseRate {
  verdict(address: string, nowMs: number): 'answer' | 'truncate' | 'drop';
}

export function createResponseRate(limits: RateLimits = rateLimits): ResponseRate {
  const networks = new Map<string, { tokens: number; seenMs: number; slipped: boolean }>();
  return {
    verdict: (address, nowMs) => {
      const key = networkOf(address);
      const before = networks.get(key);
      networks.delete(key);
      const elapsedS = before === undefined ? 0 : Math.max(0, nowMs - before.seenMs) / 1_000;
      const tokens = Math.min(limits.burst, (before?.tokens ?? limits.burst) + elapsedS * limits.perSecond);
      const isWithinRate = tokens >= 1;
      const slipped = isWithinRate ? false : !(before?.slipped ?? false);
      networks.set(key, { tokens: isWithinRate ? tokens - 1 : tokens, seenMs: nowMs, slipped });
      if (networks.size > limits.maxNetworks) networks.delete(networks.keys().next().value!);
      return isWithinRate ? 'answer' : slipped ? 'truncate' : 'drop';
    },
  };
}

/** A /24 of IPv4, a /56 of IPv6: what one sender can hold (as BIND and others count). */
function networkOf(address: string): string {
  const v4 = parseIpv4(address.replace(/^::ffff:/i, ''));
  if (v4 !== undefined) return v4.subarray(0, 3).join('.');
  return parseIpv6(address.split('%')[0]!)?.subarray(0, 7).join(' ') ?? address;
}
