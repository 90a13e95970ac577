import { createHash } from 'node:crypto';
import { limitEntries, timeoutEntries } from '../../config/limits.ts';
import { settingEntries } from '../../config/settings.ts';

/** Counts up with every change of the messages, or of what is in them, that older code would misunderstand. */
const MESSAGES = 2;

/**
 * Whether a supervisor and a worker understand each other. After an upgrade the supervisor runs the code that it was
 * started with, and new workers run what is on the disk by then. While both give the same contract they work together;
 * else the upgrade is refused, since a worker would look for settings that the supervisor's code does not know.
 */
export function workerContract(): string {
  const settings = settingEntries.map(({ path, type }) => `${path}: ${type}`);
  const bounds = [...timeoutEntries, ...limitEntries].map(({ name, unit }) => `${name}: ${unit}`);
  const text = [String(MESSAGES), ...settings.sort(), ...bounds.sort()].join('\n');
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
