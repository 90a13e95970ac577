/**
 * DNS-01 through a program of the person's own, in the two conventions that existing scripts follow:
 *
 * - `certbot`: the program is run without arguments, told by the environment (`CERTBOT_DOMAIN`, `CERTBOT_VALIDATION`,
 *   `CERTBOT_TOKEN`; afterwards `CERTBOT_AUTH_OUTPUT`, what it printed before). Certbot has one program to set the record
 *   and another to take it away.
 * - `dehydrated`: one program, told by arguments: `deploy_challenge DOMAIN TOKEN VALUE` and `clean_challenge …`.
 */
import { spawn } from 'node:child_process';
import { finding, type Finding } from '../../story/finding.ts';
import { plainText } from '../client/plain-text.ts';
import { validatedName } from '../identifier.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../issuer.ts';
import { recordName, recordValue, type AwaitVisible } from './record.ts';

export interface HookSettings {
  readonly style: 'certbot' | 'dehydrated';
  /** Path of the program that sets the record (and takes it away, where it is told so). */
  readonly command: string;
  /** certbot: the program that takes the record away; without it the record stays. */
  readonly cleanup?: string;
  readonly timeoutMs: number;
  /** What it runs with, beside the variables of the challenge. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly awaitVisible?: AwaitVisible;
}

/** Octets of output that are kept. */
const MAX_OUTPUT = 16_384;

export class HookDns implements ChallengeSolver {
  readonly type = 'dns-01';
  readonly #settings: HookSettings;
  /** What the program printed for each presented challenge, by value. */
  readonly #presented = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: HookSettings) {
    this.#settings = settings;
  }

  /** Any DNS name, wildcards included. */
  covers({ type }: Identifier): boolean {
    return type === 'dns';
  }

  async present(challenge: Challenge, signal: AbortSignal): Promise<Finding | undefined> {
    const { style, command, awaitVisible } = this.#settings;
    const value = recordValue(challenge);
    this.#presented.set(value, '');
    const run = await this.#inTurn(() =>
      style === 'certbot'
        ? this.#run(command, [], challenge, {}, signal)
        : this.#run(command, this.#words('deploy_challenge', challenge), challenge, {}, signal),
    );
    if (!run.ok) return run.finding;
    this.#presented.set(value, run.output);
    return awaitVisible?.(recordName(challenge.identifier), value, signal);
  }

  async withdraw(challenge: Challenge): Promise<void> {
    const { style, command, cleanup } = this.#settings;
    const value = recordValue(challenge);
    const output = this.#presented.get(value);
    if (output === undefined) return;
    this.#presented.delete(value);
    const never = new AbortController().signal;
    await this.#inTurn(async () => {
      if (style === 'dehydrated') {
        return this.#run(command, this.#words('clean_challenge', challenge), challenge, {}, never);
      }
      const trimmed = { CERTBOT_AUTH_OUTPUT: output.trim() };
      return cleanup === undefined ? undefined : this.#run(cleanup, [], challenge, trimmed, never);
    });
  }

  /** Scripts that edit one zone file or hold one session are not made for running beside themselves. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #words(verb: string, challenge: Challenge): string[] {
    return [verb, validatedName(challenge.identifier), challenge.token, recordValue(challenge)];
  }

  #run(
    command: string,
    words: readonly string[],
    challenge: Challenge,
    more: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ readonly ok: true; readonly output: string } | { readonly ok: false; readonly finding: Finding }> {
    const { timeoutMs, environment, style } = this.#settings;
    const stopped = finding('acme-stopped', { issuer: command });
    if (signal.aborted) return Promise.resolve({ ok: false, finding: stopped });
    const record = recordName(challenge.identifier);
    const told = {
      CERTBOT_DOMAIN: validatedName(challenge.identifier),
      CERTBOT_VALIDATION: recordValue(challenge),
      CERTBOT_TOKEN: challenge.token,
      CERTBOT_REMAINING_CHALLENGES: '0',
      ...more,
    };
    return new Promise((resolve) => {
      // No shell: a name that a CA or a person chose never becomes a command. A group of its own, so that what the
      // program started ends with it.
      const child = spawn(command, words, {
        env: { ...environment, ...(style === 'certbot' && told) },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
      let slow = false;
      const end = (): void => {
        try {
          if (child.pid === undefined || process.platform === 'win32') child.kill('SIGKILL');
          else process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It has ended by itself in the meantime.
        }
      };
      const timer = setTimeout(() => {
        slow = true;
        end();
      }, timeoutMs);
      signal.addEventListener('abort', end, { once: true });
      const printed = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream].setEncoding('utf8');
        child[stream].on('data', (text: string) => {
          if (printed[stream].length < MAX_OUTPUT) printed[stream] += text;
        });
      }
      const settle = (result: Parameters<typeof resolve>[0]): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve(result);
      };
      child.on('error', (error: NodeJS.ErrnoException) => {
        const reason = plainText(error.code ?? error.message);
        settle({ ok: false, finding: finding('acme-hook-unusable', { command, reason }) });
      });
      child.on('close', (status, killedBy) => {
        if (status === 0) settle({ ok: true, output: printed.stdout });
        else if (signal.aborted) settle({ ok: false, finding: stopped });
        else if (slow) {
          const values = { command, record, seconds: timeoutMs / 1000 };
          settle({ ok: false, finding: finding('acme-hook-slow', values) });
        } else {
          const output = plainText((printed.stderr || printed.stdout).slice(-500)) || '-';
          const values = { command, record, status: status ?? killedBy ?? '?', output };
          settle({ ok: false, finding: finding('acme-hook-failed', values) });
        }
      });
    });
  }
}
