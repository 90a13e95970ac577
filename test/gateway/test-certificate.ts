import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLocalCa } from '../../src/pki/local-ca.ts';
import { openFolder } from '../../src/store/folder.ts';

let made: Promise<{ readonly cert: string; readonly key: string }> | undefined;

/** A certificate for app.test of a local CA of its own, made once a process. */
export function testCertificate(): Promise<{ readonly cert: string; readonly key: string }> {
  return (made ??= make());
}

async function make(): Promise<{ readonly cert: string; readonly key: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-certificate-'));
  try {
    const ca = { folder: await openFolder(folder), clock: Date.now, random: randomBytes, machine: 'test' };
    const { certPem, keyPem } = await (await openLocalCa(ca, ['app.test'])).issue('app.test');
    return { cert: certPem, key: keyPem };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
