/**
 * What a supervisor and its workers say to each other. Everything is plain data that the structured clone algorithm
 * takes; ports travel beside a message as handles. A worker answers each request, in the order in which they came.
 */
import type { Config, LogFormat } from '../../config/config.ts';
import type { Language } from '../../story/catalog.ts';
import type { Finding } from '../../story/finding.ts';
import type { ListenerRole } from '../listen/inherited.ts';
import type { MetricFamily } from '../observe/metric-family.ts';
import type { CertificateInUse } from '../site-certificates.ts';
import type { SharedTicketKeys } from '../tls/tls-front.ts';
import type { ChallengeAnswer, ChallengeQuestion } from '../challenge-board.ts';
import type { CertificatePem, TlsSnapshot } from '../tls/site-input.ts';

/** A configuration with all that it needs, so that a worker opens no file for it. Holds private keys. */
export interface ServedState {
  readonly config: Config;
  readonly tls: TlsSnapshot;
  readonly inUse: readonly CertificateInUse[];
  readonly ticketKeys: readonly SharedTicketKeys[];
  /** Ids of the ports to accept from; each was handed over in a `port` message before. */
  readonly ports: readonly string[];
}

export interface WorkerLog {
  readonly format: LogFormat;
  readonly language: Language;
  /** Whether the supervisor's output shows colours: the worker writes to a pipe and cannot tell. */
  readonly colour: boolean;
}

export type WorkerRequest =
  | {
      readonly kind: 'start';
      readonly state: ServedState;
      readonly log: WorkerLog;
      readonly challenges: readonly ChallengeAnswer[];
      /** The supervisor can be asked for certificates of names that no site has. */
      readonly onDemand: boolean;
      /** The supervisor can be asked for challenges that another gateway has put up. */
      readonly challengesElsewhere: boolean;
    }
  /** Reads and judges another state without going over to it. */
  | { readonly kind: 'stage'; readonly state: ServedState }
  /** Goes over to the state that was staged last. */
  | { readonly kind: 'commit' }
  /** Forgets it. */
  | { readonly kind: 'abandon' }
  /** Serves other certificates for one site. */
  | { readonly kind: 'certificates'; readonly site: string; readonly certificates: readonly CertificatePem[] }
  /** Answers these challenges and no others. */
  | { readonly kind: 'challenges'; readonly answers: readonly ChallengeAnswer[] }
  | { readonly kind: 'report' };

export type ToWorker =
  | (WorkerRequest & { readonly id: number })
  /** Comes with a handle. */
  | { readonly kind: 'port'; readonly port: string; readonly role: ListenerRole }
  | { readonly kind: 'ticket-keys'; readonly keys: readonly SharedTicketKeys[] }
  /** Answers `certificate-wanted`. */
  | { readonly kind: 'certificate-given'; readonly wish: number; readonly certificate: CertificatePem | undefined }
  /** Answers `challenge-wanted`. */
  | { readonly kind: 'challenge-given'; readonly wish: number; readonly answer: ChallengeAnswer | undefined }
  /** Ends; may come again with less time. Infinity waits for the last connection. */
  | { readonly kind: 'drain'; readonly withinMs: number };

/** What a worker counts. */
export interface WorkerReport {
  readonly connections: number;
  readonly metrics: readonly MetricFamily[];
}

export interface WorkerAnswer {
  readonly kind: 'answer';
  readonly id: number;
  /** With an error among them the request was refused, and all is as before. */
  readonly findings: readonly Finding[];
  readonly report?: WorkerReport;
}

export type FromWorker =
  /** The first word: what code runs there. */
  | { readonly kind: 'hello'; readonly contract: string; readonly version: string }
  | WorkerAnswer
  /** A client waits in its handshake, for a name that no site has. */
  | { readonly kind: 'certificate-wanted'; readonly wish: number; readonly serverName: string; readonly peer: string }
  /** A CA, or somebody, asks for a challenge that is not up here. */
  | { readonly kind: 'challenge-wanted'; readonly wish: number; readonly question: ChallengeQuestion }
  /** The last word of one that ends in order. */
  | { readonly kind: 'farewell'; readonly report: WorkerReport };
