/**
 * Where a running supervisor can be found: a file in the state folder that names its process, for `menshen upgrade`.
 * A process id alone may belong to anybody by now, so the process's start time stands beside it.
 */
import { readFile } from 'node:fs/promises';
import type { Folder } from '../../store/folder.ts';

export interface SupervisorRecord {
  readonly pid: number;
  /** Start of the process in clock ticks since boot, proc_pid_stat(5) field 22; '' where the system does not tell. */
  readonly startTicks: string;
  /** The last upgrade that was asked for, and how it went. */
  readonly upgrade: UpgradeOutcome | undefined;
}

export interface UpgradeOutcome {
  /** Counts upgrades. */
  readonly number: number;
  readonly done: boolean;
  /** What the new workers run. */
  readonly version: string;
  readonly workers: number;
  /** Why not, in the supervisor's language; '' where it is done. */
  readonly reason: string;
}

const FILE = 'supervisor.json';

export async function writeSupervisorRecord(folder: Folder, upgrade: UpgradeOutcome | undefined): Promise<void> {
  const record: SupervisorRecord = { pid: process.pid, startTicks: await startTicksOf(process.pid), upgrade };
  await folder.write({ name: FILE, content: `${JSON.stringify(record)}\n`, secret: true });
}

/** Takes the record away, unless another supervisor has put its own there since. */
export async function removeSupervisorRecord(folder: Folder): Promise<void> {
  if ((await readRecord(folder))?.pid === process.pid) await folder.remove(FILE);
}

/** The record of a supervisor that runs; undefined where there is none, or the process is gone. */
export async function findSupervisor(folder: Folder): Promise<SupervisorRecord | undefined> {
  const record = await readRecord(folder);
  if (record === undefined || !isAlive(record.pid)) return undefined;
  return (await startTicksOf(record.pid)) === record.startTicks ? record : undefined;
}

async function readRecord(folder: Folder): Promise<SupervisorRecord | undefined> {
  const content = await folder.read(FILE);
  if (content === undefined) return undefined;
  try {
    const record = JSON.parse(content.toString()) as SupervisorRecord;
    // kill(2) takes 0 and negative numbers for groups of processes.
    return Number.isInteger(record.pid) && record.pid > 0 ? record : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 *     1234 (menshen (x) y) S 1 1234 …      the name may hold blanks and parentheses: fields are counted behind the last one
 */
async function startTicksOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
