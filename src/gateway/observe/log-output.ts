/** What a log does when its own output gives trouble: it tells so, in itself. */
import { finding } from '../../story/finding.ts';
import { LogDestination } from './destination.ts';
import type { Log } from './log.ts';

/** Opens where `log` writes to; lines that got lost are reported once lines get through again. */
export function openDestination(log: Log, target: number | string): LogDestination {
  return new LogDestination({ target, onLost: (lines) => log.finding(finding('log-lines-lost', { lines })) });
}

/** Opens the file of `log` anew; where that fails, says so in the old one. */
export function reopenDestination(log: Log, destination: LogDestination): void {
  try {
    destination.reopen();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.finding(finding('log-reopen-failed', { reason }));
  }
}
