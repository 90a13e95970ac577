import { finding, type Finding } from '../story/finding.ts';
import type { LocalRoot } from './local-ca-root.ts';
import type { CommandResult } from './trust-install-host.ts';

/** One place that can trust a root: a system store, a browser's database. */
export interface TrustPlace {
  /** As people see it: `Debian (/usr/local/share/ca-certificates)`. */
  readonly label: string;
  install(root: LocalRoot): Promise<PlaceOutcome>;
  /** Takes all of these out, whichever are there. */
  remove(roots: readonly LocalRoot[]): Promise<PlaceOutcome>;
}

/** What became of one place. `already`: it was as wished before; `absent`: there is no such place here. */
export interface PlaceOutcome {
  readonly place: string;
  readonly state: 'done' | 'already' | 'absent' | 'failed';
  readonly finding: Finding;
}

export const installed = (place: string): PlaceOutcome => told(place, 'done', 'trust-installed');
export const alreadyInstalled = (place: string): PlaceOutcome => told(place, 'already', 'trust-already');
export const removed = (place: string): PlaceOutcome => told(place, 'done', 'trust-removed');
export const notThere = (place: string): PlaceOutcome => told(place, 'already', 'trust-not-there');
export const absent = (place: string): PlaceOutcome => told(place, 'absent', 'trust-place-absent');

/** A command that failed, with the first line of what it said. */
export function commandFailed(place: string, command: readonly string[], result: CommandResult): PlaceOutcome {
  const reason =
    `${result.stderr}\n${result.stdout}`
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '') ?? `exit status ${result.status}`;
  return {
    place,
    state: 'failed',
    finding: finding('trust-command-failed', { place, command: command.join(' '), reason }),
  };
}

function told(
  place: string,
  state: PlaceOutcome['state'],
  code: 'trust-installed' | 'trust-already' | 'trust-removed' | 'trust-not-there' | 'trust-place-absent',
): PlaceOutcome {
  return { place, state, finding: finding(code, { place }) };
}
