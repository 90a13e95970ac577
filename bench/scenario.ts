import type { Backend } from './backend.ts';
import type { CertificateFiles } from './certificate.ts';
import type { Contents } from './contents.ts';
import type { Running, Stage } from './processes.ts';

/** What all scenarios of a run share. */
export interface Bench {
  readonly stage: Stage;
  readonly backend: Backend;
  readonly contents: Contents;
  readonly certificate: CertificateFiles;
  readonly serverName: string;
  /** Cores of the load; the peers' are in their setting. */
  readonly loadCores: readonly number[];
  /** Length of one measurement; transfers turn it into an amount. */
  readonly seconds: number;
  /** How long a peer works before requests are measured: a compiler that works while it runs needs some seconds; 0: no warm-up. */
  readonly warmUpSeconds: number;
}

/** A peer that runs. */
export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly running: Running;
}

/** One line of the table: what a value means. */
export interface Figure {
  /** Short name, as in JSON. */
  readonly name: string;
  readonly title: { readonly en: string; readonly zh: string };
  /** Microseconds of CPU time, kilobytes of memory: smaller is better. Requests a second: larger is better. */
  readonly unit: 'µs' | 'kB' | '/s';
}

/** One thing that is measured. One file for each kind in `scenarios/`. */
export interface Scenario {
  /** Short name, as in `--only`. */
  readonly name: string;
  readonly figures: readonly Figure[];
  /** Processes or threads that the peer serves with, a core for each. */
  readonly workers: 1 | 2;
  /** Which app is behind the peer: the one that answers, or the one that takes in uploads. */
  readonly app: 'answers' | 'sink';
  /** A round starts the peer anew, so that nothing of an earlier one is in its memory. */
  readonly freshPeer: boolean;
  /** Before all else: compares contents octet by octet, which the load clients do not. */
  check?(subject: Subject, bench: Bench): Promise<void>;
  /** Before the first round: lets the peer reach its stride. */
  warmUp(subject: Subject, bench: Bench): Promise<void>;
  /** One round: a value for each figure. Throws when the peer answered anything but the right bytes. */
  measure(subject: Subject, bench: Bench): Promise<readonly number[]>;
}
