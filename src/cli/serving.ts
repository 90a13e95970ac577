import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { ConfigFlags } from '../config/flags.ts';
import { resolveConfig } from '../config/resolve.ts';
import { watchConfig } from '../config/watch.ts';
import { createLog, type Log } from '../gateway/observe/log.ts';
import type { Language } from '../story/catalog.ts';
import { finding, type Finding } from '../story/finding.ts';
import { renderMistakes } from './check-report.ts';
import { exitCodes } from './exit-codes.ts';
import { cliWords } from './words.ts';

/** As much of a gateway as the command drives. */
export interface ServedGateway {
  start(): Promise<void>;
  /** Swaps the configuration; with an error among the findings the former one stays. */
  reload(config: Config): Promise<readonly Finding[]>;
  /** Refuses new connections, lets running requests finish, resolves when all is closed. */
  drain(): Promise<void>;
  /** Goes over to the code on the disk, where the gateway can do that without an end. */
  upgrade?(): Promise<unknown>;
}

/** What `serve` takes from outside, so that a test can hold it. */
export interface ServeSurroundings {
  createGateway(config: Config, options: { readonly log: Log }): Promise<ServedGateway>;
  readonly folder: string;
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Where mistakes are told before there is a log. */
  writeError(text: string): void;
}

/**
 * Loads, starts, and keeps going: SIGHUP and changed files reload, SIGUSR2 upgrades, SIGTERM and SIGINT drain and end, a
 * second one ends at once. Returns the exit code.
 */
export async function serve(
  flags: ConfigFlags,
  watching: boolean,
  language: Language,
  surroundings: ServeSurroundings,
): Promise<number> {
  const { folder } = surroundings;
  const first = await resolveConfig(flags, folder);
  if (!first.config) {
    const from = first.file === '' ? cliWords[language].commandLine : path.relative(folder, first.file);
    surroundings.writeError(renderMistakes(first.findings, from, language));
    return exitCodes.mistakes;
  }
  const log = createLog({ format: first.config.log, language: first.config.language });
  for (const warning of first.findings) log.finding(warning);
  try {
    const gateway = await surroundings.createGateway(first.config, { log });
    await gateway.start();
    let { watched } = first;
    const reload = oneAtATime(async () => {
      try {
        const next = await resolveConfig(flags, folder);
        const findings = next.config ? [...next.findings, ...(await gateway.reload(next.config))] : next.findings;
        const refused = findings.some((found) => found.severity === 'error');
        for (const found of findings) log.finding(found);
        log.finding(finding(refused ? 'config-reload-refused' : 'config-reloaded'));
        // A broken file may name fewer files than it did: those of before are watched until it is whole again.
        watched = next.config ? next.watched : [...new Set([...watched, ...next.watched])];
        watcher?.replace(watched);
      } catch (error) {
        // Whatever goes wrong in a reload, what is being served goes on.
        log.finding(
          finding('config-reload-failed', { reason: error instanceof Error ? error.message : String(error) }),
        );
      }
    });
    const watcher = watching ? watchConfig(watched, reload) : undefined;
    const upgrade = () => {
      if (gateway.upgrade) void gateway.upgrade();
      else log.finding(finding('upgrade-one-process'));
    };
    await endOf(surroundings, { reload, upgrade }, () => {
      watcher?.close();
      return gateway.drain();
    });
    return exitCodes.fine;
  } finally {
    await log.close();
  }
}

/** Runs `task` when called, and once more when calls came meanwhile: never two at a time. */
function oneAtATime(task: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    do {
      again = false;
      await task();
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}

/** Resolves when a signal has asked for the end and what runs has drained. */
function endOf(
  surroundings: ServeSurroundings,
  { reload, upgrade }: { readonly reload: () => void; readonly upgrade: () => void },
  drain: () => Promise<void>,
): Promise<void> {
  const { signals, exit } = surroundings;
  return new Promise((resolve, reject) => {
    let ending = false;
    const stop = (number: number) => () => {
      if (ending) {
        // As a shell tells a process that a signal has ended.
        exit(128 + number);
        return;
      }
      ending = true;
      drain()
        .then(resolve, reject)
        .finally(() => {
          for (const [signal, listener] of listeners) signals.off(signal, listener);
        });
    };
    const listeners = [
      ['SIGTERM', stop(15)],
      ['SIGINT', stop(2)],
      ['SIGHUP', () => (ending ? undefined : reload())],
      ['SIGUSR2', () => (ending ? undefined : upgrade())],
    ] as const;
    for (const [signal, listener] of listeners) signals.on(signal, listener);
  });
}
