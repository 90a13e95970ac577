import { stat } from 'node:fs/promises';
import path from 'node:path';
import { finding } from '../../story/finding.ts';
import { readCaddyFolder } from './caddy.ts';
import { readCertbotFolder } from './certbot.ts';
import type { ImportedFolder } from './imported.ts';

/** Reads a folder of certbot or of Caddy, whichever it is. Never throws, and changes nothing in it. */
export async function readForeignFolder(folder: string, nowMs: number): Promise<ImportedFolder> {
  const has = (name: string): Promise<boolean> =>
    stat(path.join(folder, name)).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
  if (await has('live')) return readCertbotFolder(folder, nowMs);
  if (await has('certificates')) return readCaddyFolder(folder, nowMs);
  return { certificates: [], accounts: [], findings: [finding('import-folder-unknown', { path: folder })] };
}
