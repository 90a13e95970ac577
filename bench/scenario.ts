import type { Backend } from './backend.ts';
import type { CertificateFiles } from './certificate.ts';
import type { Running, Stage } from './processes.ts';

/** What all scenarios of a run share. */
export interface Bench {
  readonly stage: Stage;
  readonly backend: Backend;
  readonly certificate: CertificateFiles;
  readonly serverName: string;
  /** Core of the load, the backend and the bench itself; the peers have another. */
  readonly loadCore: number;
  /** Length of one measurement. */
  readonly seconds: number;
}

/** A peer that runs. */
export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly running: Running;
}

/** One thing that is measured. One file each in `scenarios/`. */
export interface Scenario {
  /** Short name, as in `--only`. */
  readonly name: string;
  /** Column heading. */
  readonly title: string;
  readonly unit: 'µs' | 'kB';
  /** A round starts the peer anew, so that nothing of an earlier one is in its memory. */
  readonly freshPeer: boolean;
  /** Before the first round: lets the peer reach its stride. */
  warmUp(subject: Subject, bench: Bench): Promise<void>;
  /** One round; a value in `unit`, smaller is better. Throws when the peer answered anything but the right bytes. */
  measure(subject: Subject, bench: Bench): Promise<number>;
}
