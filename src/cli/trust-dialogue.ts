/** What `menshen trust` and `menshen untrust` ask and report. */
import { randomBytes } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { defaultStateFolder } from '../config/files.ts';
import { CA_FOLDER } from '../pki/local-ca-folder.ts';
import { listLocalRoots, type LocalRoot } from '../pki/local-ca-root.ts';
import { readTrustRecord, writeTrustRecord } from '../pki/local-ca-trust-record.ts';
import { openLocalCa } from '../pki/local-ca.ts';
import { thisHost } from '../pki/trust-install-host.ts';
import { curlWithRoot } from '../pki/trust-install-hint.ts';
import type { PlaceOutcome } from '../pki/trust-install-place.ts';
import { installRoot, removeRoots, type TrustOptions } from '../pki/trust-install.ts';
import { openFolder } from '../store/folder.ts';
import type { FindingCode } from '../story/catalog/index.ts';
import type { Language } from '../story/catalog.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding, tellFinding, type Finding, type FindingValues } from '../story/finding.ts';
import type { TrustFlags } from './commands/trust.ts';
import { exitCodes } from './exit-codes.ts';

/** One run of either command: where it works, and whom it talks to. */
export interface TrustRun extends TrustOptions {
  readonly language: Language;
  /** Go ahead without asking. */
  readonly yes: boolean;
  readonly write: (text: string) => void;
  /** Asks a question that wants a yes; undefined where nobody can answer. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

/** A run on this machine and terminal. */
export async function thisTerminal(flags: TrustFlags, language: Language): Promise<TrustRun> {
  const host = await thisHost();
  let stateFolder = flags.state ?? defaultStateFolder(process.env, host.isAdministrator, homedir());
  if (flags.state === undefined && host.actingFor !== undefined) {
    // `sudo menshen trust` by somebody whose gateway runs without root: their CA is meant, unless the system has one.
    const theirs = defaultStateFolder({}, false, host.home);
    const has = (folder: string) => host.exists(path.join(folder, CA_FOLDER));
    if (!(await has(stateFolder)) && (await has(theirs))) stateFolder = theirs;
  }
  return {
    host,
    stateFolder: path.resolve(stateFolder),
    language: flags.lang ?? language,
    yes: flags.yes ?? false,
    write: (text) => void process.stdout.write(text),
    ask: host.isInteractive ? askOnTerminal : undefined,
  };
}

async function askOnTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^\s*(?:y|yes|是|好)\s*$/i.test(await terminal.question(question));
  } finally {
    terminal.close();
  }
}

/** Installs the present root (made if there is none yet) and reports each place. Returns the exit code. */
export async function runTrust(run: TrustRun): Promise<number> {
  return explained(run, async () => {
    const folder = await openFolder(run.stateFolder);
    const ca = await openLocalCa({ folder, clock: Date.now, random: randomBytes, machine: hostname() }, []);
    const root: LocalRoot = {
      generation: ca.generation,
      name: ca.rootName,
      pem: ca.rootPem,
      fingerprint: ca.rootFingerprint,
      file: ca.rootFile,
    };
    tell(run, 'trust-root', {
      name: root.name,
      fingerprint: root.fingerprint,
      file: root.file,
      permitted: ca.permitted.join(', '),
    });
    if (!(await agreed(run, 'trust-question'))) return exitCodes.mistakes;

    const outcomes = await report(run, installRoot(run, root));
    if (!outcomes.some(({ state }) => state === 'done' || state === 'already')) {
      tell(run, 'trust-nothing-done', { command: curlWithRoot(root.file, 'https://app.localhost/') });
      return exitCodes.mistakes;
    }
    const before = await readTrustRecord(folder);
    await writeTrustRecord(folder, [...new Set([...before, root.fingerprint])]);
    if (outcomes.some(({ state }) => state === 'done')) tell(run, 'trust-restart-browsers');
    return exitCodes.fine;
  });
}

/** Takes every root of the state folder out of every place and reports each. Returns the exit code. */
export async function runUntrust(run: TrustRun): Promise<number> {
  return explained(run, async () => {
    const isThere = await run.host.exists(path.join(run.stateFolder, CA_FOLDER));
    const folder = isThere ? await openFolder(run.stateFolder) : undefined;
    const roots = folder ? await listLocalRoots(folder) : [];
    if (!folder || roots.length === 0) {
      tell(run, 'trust-no-root', { folder: run.stateFolder });
      return exitCodes.fine;
    }
    for (const { name, fingerprint, file } of roots) tell(run, 'untrust-root', { name, fingerprint, file });
    if (!(await agreed(run, 'untrust-question'))) return exitCodes.mistakes;

    const outcomes = await report(run, removeRoots(run, roots));
    if (outcomes.some(({ state }) => state === 'failed')) return exitCodes.mistakes;
    await writeTrustRecord(folder, []);
    return exitCodes.fine;
  });
}

async function explained(run: TrustRun, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    show(run, '✗', error.finding);
    return exitCodes.mistakes;
  }
}

async function agreed(run: TrustRun, question: 'trust-question' | 'untrust-question'): Promise<boolean> {
  if (run.yes) return true;
  if (!run.ask) {
    show(run, '✗', finding('trust-needs-answer'));
    return false;
  }
  if (await run.ask(tellFinding(finding(question), run.language).cause)) return true;
  tell(run, 'trust-declined');
  return false;
}

const SIGNS = { done: '✓', already: '✓', absent: '·', failed: '✗' } as const;

async function report(run: TrustRun, outcomes: AsyncIterable<PlaceOutcome>): Promise<readonly PlaceOutcome[]> {
  const all: PlaceOutcome[] = [];
  for await (const outcome of outcomes) {
    show(run, SIGNS[outcome.state], outcome.finding);
    all.push(outcome);
  }
  return all;
}

function tell(run: TrustRun, code: FindingCode, values: FindingValues = {}): void {
  show(run, '', finding(code, values));
}

function show(run: TrustRun, sign: string, found: Finding): void {
  const { cause, mend } = tellFinding(found, run.language);
  const line = sign === '' ? cause : `${sign} ${cause}`;
  run.write(mend === '' ? `${line}\n` : `${line}\n  → ${mend}\n`);
}
