import type { DnsError } from '../codec/dns/dns-error.ts';
import type { ExtendedError, Message } from '../codec/dns/record.ts';
import type { ExchangeFailure, Protocol, ServerAddress } from './transport.ts';

/** What one message to one server came to. */
export type StepOutcome =
  | { readonly kind: 'answer'; readonly authoritative: boolean }
  /** An alias whose end this server does not tell. */
  | { readonly kind: 'alias'; readonly target: string }
  | { readonly kind: 'referral'; readonly zone: string; readonly nameServers: readonly string[] }
  | { readonly kind: 'no-such-name' | 'no-data' }
  /** TC: the whole answer is asked for over TCP. */
  | { readonly kind: 'truncated' }
  /** The server does not know EDNS and is asked again without it (RFC 6891 section 7). */
  | { readonly kind: 'edns-refused'; readonly rcode: number }
  /** The name came back in another case than it was sent in; asked again over TCP. */
  | { readonly kind: 'case-changed' }
  | { readonly kind: 'error'; readonly rcode: number; readonly extendedErrors: readonly ExtendedError[] }
  /** The server does not serve the zone that was delegated to it. `referredTo` is where it points instead, else ''. */
  | { readonly kind: 'lame'; readonly referredTo: string }
  | { readonly kind: 'malformed'; readonly error: DnsError }
  | { readonly kind: 'no-answer'; readonly failure: ExchangeFailure; readonly detail: string };

/** One message sent to one server and what came back: the wire as it was, for whoever tells the story. */
export interface DnsStep {
  readonly server: ServerAddress;
  /** The server's name where it is known (`a.root-servers.net.`), else ''. */
  readonly serverName: string;
  /** The zone that the server was asked for, '' for a recursive server. */
  readonly zone: string;
  readonly question: { readonly name: string; readonly type: number };
  readonly protocol: Protocol;
  /** Messages without TCP's length. */
  readonly sent: Uint8Array;
  readonly received: Uint8Array | undefined;
  /** `received`, read. */
  readonly message: Message | undefined;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly outcome: StepOutcome;
  /** For which lookup this was done: 0 the name itself, 1 the address of a name server, 2 one for that, and so on. */
  readonly depth: number;
}
