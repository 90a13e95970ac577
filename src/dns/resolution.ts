import type { DnsError } from '../codec/dns/dns-error.ts';
import type { ExtendedError, ResourceRecord } from '../codec/dns/record.ts';
import type { DnsStep } from './step.ts';
import type { ServerAddress } from './transport.ts';

/** A record that is kept: without a place in a message. `ttl` is what was left of it when it was given out, in seconds. */
export type KeptRecord = Pick<ResourceRecord, 'name' | 'type' | 'class' | 'ttl' | 'data'>;

/** Who knew: a server asked now, this process's memory, the cache in the state folder, the hosts file, or a rule. */
export type AnswerSource = 'server' | 'process-cache' | 'file-cache' | 'hosts-file' | 'special-name' | 'address';

/** Why there is neither an answer nor a denial. */
export type ResolutionFailure =
  | ({ readonly cause: 'server-failure'; readonly server: ServerAddress; readonly serverName: string } & RcodeFacts)
  | ({ readonly cause: 'refused'; readonly server: ServerAddress; readonly serverName: string } & RcodeFacts)
  | { readonly cause: 'timeout' | 'unreachable'; readonly servers: readonly ServerAddress[]; readonly detail: string }
  /** No server of the zone serves it. */
  | { readonly cause: 'lame'; readonly zone: string; readonly servers: readonly ServerAddress[] }
  /** No address is to be had for any name server of the zone. */
  | { readonly cause: 'no-server-address'; readonly zone: string; readonly nameServers: readonly string[] }
  | { readonly cause: 'alias-loop'; readonly name: string }
  | { readonly cause: 'alias-chain-too-long'; readonly limit: number }
  /** Truncated over UDP, and TCP does not help. */
  | { readonly cause: 'truncated'; readonly server: ServerAddress }
  | { readonly cause: 'malformed'; readonly server: ServerAddress; readonly error: DnsError }
  /** More messages or time than one name is worth. */
  | { readonly cause: 'work-limit'; readonly limit: number }
  | { readonly cause: 'aborted' };

interface RcodeFacts {
  readonly rcode: number;
  readonly extendedErrors: readonly ExtendedError[];
}

interface Common {
  /** The name that was asked for, absolute. */
  readonly name: string;
  readonly type: number;
  /** The aliases on the way, CNAME records (those made from a DNAME included), in order. */
  readonly aliases: readonly KeptRecord[];
  /** Where the aliases lead; `name` where there is none. */
  readonly canonicalName: string;
  /** Every message of this resolution, in the order of sending; none where a cache or a file knew. */
  readonly steps: readonly DnsStep[];
  readonly source: AnswerSource;
  /** When what a cache knew was learnt, milliseconds since the epoch. */
  readonly learntAtMs?: number;
}

export type Resolution = Common &
  (
    | { readonly kind: 'found'; readonly records: readonly KeptRecord[] }
    /** `soa` of the zone that denies, where it was sent. */
    | { readonly kind: 'no-such-name' | 'no-data'; readonly soa: KeptRecord | undefined }
    | { readonly kind: 'failed'; readonly failure: ResolutionFailure }
  );

export interface ResolveOptions {
  readonly signal?: AbortSignal;
  /** Told of every step as soon as it is done. */
  readonly onStep?: (step: DnsStep) => void;
}

/** Whoever can resolve: the stub and the iterative resolver are alike. `name` is absolute and ends with a dot. */
export interface Resolver {
  resolve(name: string, type: number, options?: ResolveOptions): Promise<Resolution>;
}
