import type { Running, Stage } from './processes.ts';

/** What every peer is given: the same certificate, the same backend, a port of its own. */
export interface PeerSetting {
  readonly stage: Stage;
  /** Core for the peer and its children. */
  readonly core: number;
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
  /** Starts it; resolves when it accepts connections. Each has: upstream keep-alive, X-Forwarded-*, an access log. */
  start(setting: PeerSetting): Promise<Running>;
}
