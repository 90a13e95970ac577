/** Where tests of the log let it write. */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Both ends of a pipe of which nobody has read yet; where none can be had, the test is skipped. The reader is the caller's to close. */
export function openPipe(t: TestContext): { reader: number; writer: number } | undefined {
  const fifo = path.join(temporaryFolder(t), 'fifo');
  if (spawnSync('mkfifo', [fifo]).status !== 0) {
    t.skip('mkfifo is not here');
    return undefined;
  }
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(writer));
  return { reader, writer };
}
