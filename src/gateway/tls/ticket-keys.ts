import type { ClientHello } from '../../codec/tls/client-hello.ts';

/**
 * The keys with which a site's session tickets are sealed (RFC 5077 section 4). OpenSSL takes 48 octets: 16 that name
 * the key and open every ticket in the clear, 16 for HMAC, 16 for AES.
 *
 *     6b65792d6e616d652d… | iv | sealed session | mac       a ticket: TLS 1.2 session_ticket, TLS 1.3 psk identity
 *     key name, 16 octets
 */
export interface TicketKeys {
  /** 48 octets. Seals new tickets. */
  readonly current: Buffer;
  /** 48 octets. Still opens old tickets. */
  readonly previous: Buffer | undefined;
  /** Since when `current` is in use, epoch milliseconds. */
  readonly sinceMs: number;
}

export const TICKET_KEY_LENGTH = 48;
const KEY_NAME_LENGTH = 16;

export type RandomBytes = (length: number) => Buffer;

export function freshTicketKeys(random: RandomBytes, nowMs: number): TicketKeys {
  return { current: random(TICKET_KEY_LENGTH), previous: undefined, sinceMs: nowMs };
}

/**
 * The keys as they must be at `nowMs`: the same object while the current key is younger than `lifetimeMs`; then a new
 * key, the old one kept for one more lifetime, so that a ticket from its last moment lives as long as it was promised.
 */
export function rotatedTicketKeys(
  keys: TicketKeys,
  random: RandomBytes,
  nowMs: number,
  lifetimeMs: number,
): TicketKeys {
  const ageMs = nowMs - keys.sinceMs;
  if (ageMs < lifetimeMs) return keys;
  const fresh = freshTicketKeys(random, nowMs);
  return ageMs < 2 * lifetimeMs ? { ...fresh, previous: keys.current } : fresh;
}

/**
 * Whether the hello brings a ticket that only `previous` opens. OpenSSL holds one key a context, so that such a hello
 * goes to a context with the previous key.
 */
export function bringsTicketOf(hello: ClientHello, previous: Buffer, current: Buffer): boolean {
  const { pskIdentities, sessionTicket } = hello;
  if (pskIdentities !== undefined) {
    for (const { identity } of pskIdentities) {
      if (opensWith(identity, current)) return false;
      if (opensWith(identity, previous)) return true;
    }
  }
  return sessionTicket !== undefined && opensWith(sessionTicket, previous);
}

function opensWith(ticket: Uint8Array, key: Buffer): boolean {
  if (ticket.length < KEY_NAME_LENGTH) return false;
  for (let at = 0; at < KEY_NAME_LENGTH; at += 1) if (ticket[at] !== key[at]) return false;
  return true;
}
