/** What a gateway is to whoever drives it: the command line, a supervisor, another program. */
import type { Config } from '../config/config.ts';
import type { Finding } from '../story/finding.ts';
import type { ChallengeAnswer, ChallengeBoard } from './challenge-board.ts';
import type { ChallengeFor } from './challenges-elsewhere.ts';
import type { Clock } from './engine.ts';
import type { InheritedSocket } from './listen/inherited.ts';
import type { HandedPort } from './listeners.ts';
import type { GatewayStatus } from './observe/admin.ts';
import type { Log } from './observe/log.ts';
import type { MetricFamily } from './observe/metric-family.ts';
import type { Metrics } from './observe/metrics.ts';
import type { LoadedCertificates } from './site-certificates.ts';
import type { CertificateFor } from './tls/on-demand.ts';
import type { CertificatePem } from './tls/site-input.ts';
import type { SharedTicketKeys } from './tls/tls-front.ts';
import type { TransportLevel } from './transport/transport.ts';
import type { NameResolver } from './upstream/resolver.ts';

export interface GatewayOptions {
  readonly log?: Log;
  readonly clock?: Clock;
  readonly resolver?: NameResolver;
  /** Certificates for names that no site has; the default site answers them. */
  readonly certificateFor?: CertificateFor;
  /** Challenges that are on no board of this gateway. */
  readonly challengeFor?: ChallengeFor;
  /** Transport level instead of the one that is found to work. */
  readonly level?: TransportLevel;
  /** Sockets that were handed over (systemd); taken from the environment unless given. */
  readonly inherited?: readonly InheritedSocket[];
  /** Certificates of sites that are there from the start, as by `setCertificates`. */
  readonly given?: ReadonlyMap<string, readonly CertificatePem[]>;
  /** Where to count; its own by default. */
  readonly metrics?: Metrics;
  /** What a supervisor gives to the gateway of a worker, which then looks after none of it by itself. */
  readonly supplied?: Supplies;
}

/** Asked anew whenever a configuration is taken. */
export interface Supplies {
  certificates(): LoadedCertificates;
  ticketKeys(): readonly SharedTicketKeys[];
  ports(): readonly HandedPort[];
}

export interface Gateway {
  /** Opens the ports; resolves when the gateway serves. Rejects with a FindingError where it cannot. */
  start(): Promise<void>;
  /** Takes a new configuration. With an error among the findings the former one stays in force, untouched. */
  reload(config: Config): Promise<readonly Finding[]>;
  /** Ends: no new connections, what is in flight may end within `timeouts.drainMs`. */
  drain(): Promise<void>;
  /** Where answers to a CA's challenges are put up. Works from `start` on, also while a reload runs. */
  readonly challenges: ChallengeBoard;
  /**
   * Serves other certificates for a site, one for each type of key, from the next handshake on. Connections and tickets
   * live on. They outlast reloads, until the site is gone. Resolves when every process serves them, which takes
   * milliseconds; with an error among the findings all is as before.
   */
  setCertificates(site: string, certificates: readonly CertificatePem[]): Promise<readonly Finding[]>;
  /**
   * From the next reload on, what was given for a site counts no more. Returns it; undefined where nothing was given.
   */
  forgetCertificates(site: string): readonly CertificatePem[] | undefined;
  /** `https://[::]:443`, … while serving. */
  readonly addresses: readonly string[];
  /** Port of HTTPS while serving. */
  readonly httpsPort: number;
  readonly status: GatewayStatus;
  /** Local CA root, where a site uses it. */
  readonly rootFile: string | undefined;
}

/** A configuration that is read and judged, certificates and all, but not in force. */
export interface StagedConfig {
  readonly findings: readonly Finding[];
  /** Puts it in force, in one turn of the event loop; absent where a finding is an error. */
  readonly commit?: () => void;
}

/** The gateway of a worker: the one of a single process, and what its supervisor needs beyond that. */
export interface WorkerGateway extends Omit<Gateway, 'drain' | 'challenges' | 'forgetCertificates'> {
  stage(config: Config): Promise<StagedConfig>;
  /** After a commit: accepts from the ports that are supplied now, and from no others. */
  takePorts(): Promise<void>;
  importTicketKeys(keys: readonly SharedTicketKeys[]): void;
  /** Answers these challenges and no others. */
  showChallenges(answers: readonly ChallengeAnswer[]): Finding | undefined;
  metricFamilies(): Promise<readonly MetricFamily[]>;
  /** May be called again with less time. Infinity waits for the last connection, however long it lasts. */
  drain(withinMs?: number): Promise<void>;
}
