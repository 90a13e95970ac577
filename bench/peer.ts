import type { Running, Stage } from './processes.ts';

/** What every peer is given: the same certificate, the same backend, a port of its own. */
export interface PeerSetting {
  readonly stage: Stage;
  /** Cores for the peer and its children, as many as `workers` where the machine has them. */
  readonly cores: readonly number[];
  /** Processes or threads that serve. */
  readonly workers: 1 | 2;
  /** Port to serve HTTPS on, on 127.0.0.1. */
  readonly port: number;
  readonly backendPort: number;
  /** PEM files: certificate, key, and both in one file (HAProxy wants that). */
  readonly certFile: string;
  readonly keyFile: string;
  readonly bothFile: string;
  /** Name in the certificate and the only site. */
  readonly serverName: string;
}

/** A gateway that is measured. One file each in `peers/`. */
export interface Peer {
  /** Short name, as in the table and in `--only`. */
  readonly name: string;
  /** Why it cannot run here, or undefined when it can. */
  unavailable(): string | undefined;
  /** One line with the version. */
  version(): string;
  /**
   * Starts it; resolves when it accepts connections. Each has: HTTP/1.1 and HTTP/2, TLS 1.2 and 1.3, upstream keep-alive,
   * X-Forwarded-*, an access log, uploads of any size that are passed on while they come in.
   */
  start(setting: PeerSetting): Promise<Running>;
}
