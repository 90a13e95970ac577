/**
 * What the kernel says about a process tree: CPU time from /proc/PID/stat, memory from /proc/PID/smaps_rollup (proc(5)).
 * Everything that the bench compares is read here, the same way for every peer.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Fields of one line of /proc/PID/stat; times in clock ticks. */
export interface ProcessStat {
  readonly parent: number;
  readonly userTicks: number;
  readonly systemTicks: number;
}

/** Parses /proc/PID/stat. The command name (field 2) may hold spaces and parentheses: count from the last one. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Here fields[0] is field 3 (state): ppid is field 4, utime 14, stime 15.
  return { parent: Number(fields[1]), userTicks: Number(fields[11]), systemTicks: Number(fields[12]) };
}

/** Proportional set size in kB from /proc/PID/smaps_rollup, 0 when the text holds none. */
export function parsePss(text: string): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** `root` and all its descendants that live now, `root` first. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const text = readProc(pid, 'stat');
    if (text === '') continue;
    const { parent } = parseStat(text);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (let index = 0; index < tree.length; index += 1) tree.push(...(children.get(tree[index] ?? 0) ?? []));
  return tree;
}

/** CPU time (user and system) of the tree so far, in microseconds. */
export function cpuMicroseconds(root: number): number {
  let ticks = 0;
  for (const pid of processTree(root)) {
    const text = readProc(pid, 'stat');
    if (text === '') continue;
    const stat = parseStat(text);
    ticks += stat.userTicks + stat.systemTicks;
  }
  return (ticks * 1e6) / TICKS_PER_SECOND;
}

/** Memory of the tree in kB; what processes share is counted once. */
export function pssKilobytes(root: number): number {
  return processTree(root).reduce((sum, pid) => sum + parsePss(readProc(pid, 'smaps_rollup')), 0);
}
