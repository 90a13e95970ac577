/**
 * A process that gets one certificate and kills itself with SIGKILL at a given step: argv is the state folder and the
 * number of the step. The CA is in the parent, asked by IPC.
 */
import * as nodeFileSystem from 'node:fs/promises';
import { createCertificateManager } from '../../../src/acme/manager/certificate-manager.ts';
import { letsEncryptLimits } from '../../../src/acme/policy/rate-limits.ts';
import { openFolder, type FolderFileSystem } from '../../../src/store/folder.ts';
import { createFolderStore } from '../../../src/store/folder-store.ts';
import { createSmallIssuer } from './small-issuer.ts';
import type { Call } from './small-authority.ts';

const [place = '', dieAt = ''] = process.argv.slice(2);
let steps = 0;

function step(label: string): void {
  steps += 1;
  if (steps === Number(dieAt)) {
    process.send?.({ died: label }, () => process.kill(process.pid, 'SIGKILL'));
    // Nothing may happen between the message and the end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    process.kill(process.pid, 'SIGKILL');
  }
}

const fileSystem: FolderFileSystem = {
  ...nodeFileSystem,
  open: (...args) => {
    if (args[1] !== 'r') step('open');
    return nodeFileSystem.open(...args);
  },
  rename: (...args) => {
    step('rename');
    return nodeFileSystem.rename(...args);
  },
  rm: (...args) => {
    step('rm');
    return nodeFileSystem.rm(...args);
  },
  mkdir: ((...args: Parameters<typeof nodeFileSystem.mkdir>) => {
    if (typeof args[1] !== 'object' || args[1]?.recursive !== true) step('mkdir');
    return nodeFileSystem.mkdir(...args);
  }) as FolderFileSystem['mkdir'],
};

const answers = new Map<number, (value: unknown) => void>();
let calls = 0;
process.on('message', (message: { readonly id: number; readonly value: unknown }) => {
  step('answer');
  answers.get(message.id)?.(message.value);
});
const ask = (call: Call): Promise<unknown> => {
  step(call.method);
  const id = calls++;
  return new Promise((resolve) => {
    answers.set(id, resolve);
    process.send?.({ id, call });
  });
};

const folder = await openFolder(place, { fileSystem });
const store = createFolderStore({ folder, clock: Date.now });
const manager = createCertificateManager({
  store,
  issuers: [{ issuer: createSmallIssuer(store, ask), limits: letsEncryptLimits }],
  solvers: [],
  pollMs: 3_600_000,
});
await manager.start();
const result = await manager.obtain({ identifiers: [{ type: 'dns', value: 'a.example' }] });
await manager.stop();
process.send?.({ done: 'version' in result, steps }, () => process.disconnect?.());
