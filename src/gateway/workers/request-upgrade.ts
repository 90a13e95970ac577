import { setTimeout as sleep } from 'node:timers/promises';
import { openFolder } from '../../store/folder.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { findSupervisor } from './supervisor-record.ts';

export type UpgradeReply =
  | { readonly ok: true; readonly pid: number; readonly count: number; readonly version: string }
  /** The supervisor refused, in its own words. */
  | { readonly ok: false; readonly reason: string }
  /** It did not come to that. */
  | { readonly ok: false; readonly finding: Finding };

const LOOK_MS = 50;
/** Longer than a supervisor waits for workers that hang. */
const PATIENCE_MS = 90_000;

/** Asks the supervisor that uses this state folder to replace its workers, and waits until it says how that went. */
export async function requestUpgrade(stateFolder: string): Promise<UpgradeReply> {
  const folder = await openFolder(stateFolder);
  const record = await findSupervisor(folder);
  if (record === undefined) return { ok: false, finding: finding('upgrade-nothing-runs', { folder: stateFolder }) };
  const { pid } = record;
  const before = record.upgrade?.number ?? 0;
  try {
    process.kill(pid, 'SIGUSR2');
  } catch {
    return { ok: false, finding: finding('upgrade-not-allowed', { pid }) };
  }
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    await sleep(LOOK_MS);
    const now = await findSupervisor(folder);
    if (now === undefined) return { ok: false, finding: finding('upgrade-nothing-runs', { folder: stateFolder }) };
    if (now.upgrade === undefined || now.upgrade.number <= before) continue;
    const { done, workers, version, reason } = now.upgrade;
    return done ? { ok: true, pid, count: workers, version } : { ok: false, reason };
  }
  return { ok: false, finding: finding('upgrade-no-word', { pid, seconds: PATIENCE_MS / 1000 }) };
}
