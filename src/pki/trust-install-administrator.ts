import { finding } from '../story/finding.ts';
import type { CommandResult, TrustHost } from './trust-install-host.ts';
import { commandFailed, type PlaceOutcome } from './trust-install-place.ts';

/** Runs commands with the administrator's rights: as they are for root, through sudo for others. */
export class Administrator {
  readonly #host: TrustHost;
  readonly #place: string;
  readonly #state: string;

  constructor(host: TrustHost, place: string, state: string) {
    this.#host = host;
    this.#place = place;
    this.#state = state;
  }

  /** undefined when it went well, else what to report. */
  async run(command: readonly [string, ...string[]]): Promise<PlaceOutcome | undefined> {
    const [name, ...args] = command;
    const file = await this.#host.findCommand(name);
    if (file === undefined) return commandFailed(this.#place, command, notInstalled(name));
    if (this.#host.isAdministrator) {
      const result = await this.#host.run(file, args);
      return result.status === 0 ? undefined : commandFailed(this.#place, command, result);
    }
    const sudo = await this.#host.findCommand('sudo');
    if (sudo === undefined) return this.#refused();
    // Without a terminal sudo must not wait for a password (-n).
    const result = await this.#host.run(sudo, [...(this.#host.isInteractive ? [] : ['-n']), '--', file, ...args]);
    if (result.status === 0) return undefined;
    return /^sudo: /m.test(result.stderr) ? this.#refused() : commandFailed(this.#place, command, result);
  }

  #refused(): PlaceOutcome {
    const values = { place: this.#place, state: this.#state };
    return { place: this.#place, state: 'failed', finding: finding('trust-needs-root', values) };
  }
}

const notInstalled = (name: string): CommandResult => ({ status: -1, stdout: '', stderr: `${name}: not installed` });
