import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCertificateManager } from '../../../src/acme/manager/certificate-manager.ts';
import { letsEncryptLimits } from '../../../src/acme/policy/rate-limits.ts';
import { openFolder } from '../../../src/store/folder.ts';
import { createFolderStore } from '../../../src/store/folder-store.ts';
import { SmallAuthority, type Call } from './small-authority.ts';
import { createSmallIssuer } from './small-issuer.ts';

const child = fileURLToPath(new URL(`crash-child${path.extname(import.meta.url)}`, import.meta.url));
const wanted = { identifiers: [{ type: 'dns', value: 'a.example' }] } as const;

interface Message {
  readonly id?: number;
  readonly call?: Call;
  readonly done?: boolean;
  readonly steps?: number;
  readonly died?: string;
}

/** Runs the child until its end; what it said last. */
function runChild(place: string, dieAt: number, authority: SmallAuthority): Promise<Message> {
  return new Promise((resolve, reject) => {
    const running = fork(child, [place, String(dieAt)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let last: Message = {};
    running.on('message', (message: Message) => {
      if (message.call === undefined) last = message;
      // The child may be dead already: its question was heard all the same.
      else running.send({ id: message.id, value: authority.answer(message.call) }, () => undefined);
    });
    running.on('error', reject);
    running.on('exit', (code, signal) =>
      code === 0 || signal === 'SIGKILL' ? resolve(last) : reject(new Error(`the child ended with ${code}`)),
    );
  });
}

/** Every private key below a folder, as the public key that belongs to it. */
async function keysIn(folder: string): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.includes('key.pem')) continue;
    // Unfinished writes of a dead process are no kept keys.
    const file = path.join(entry.parentPath, entry.name);
    if (file.includes('.new-')) continue;
    keys.add(publicOf(await readFile(file, 'utf8')));
  }
  return keys;
}

const publicOf = (privateKeyPem: string): string =>
  createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'pem' });

test('kill -9 at every step of an order: one account, no lost key, no second order, a valid certificate', async (t) => {
  if (process.platform === 'win32') {
    t.skip('needs SIGKILL');
    return;
  }
  const base = await mkdtemp(path.join(tmpdir(), 'menshen-crash-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  const whole = await runChild(path.join(base, 'whole'), 0, new SmallAuthority());
  assert.equal(whole.done, true);
  const steps = whole.steps ?? 0;
  assert.ok(steps > 40, `an order has ${steps} steps`);
  const died: string[] = [];

  for (let dieAt = 1; dieAt <= steps; dieAt++) {
    const authority = new SmallAuthority();
    const place = path.join(base, String(dieAt));
    const last = await runChild(place, dieAt, authority);
    const at = `step ${dieAt} (${last.died ?? 'none'})`;
    assert.ok(last.died !== undefined, at);
    died.push(last.died);
    const issuedBefore = authority.issued.map(({ chainPem }) => new X509Certificate(chainPem));
    const keysBefore = await keysIn(place);
    for (const certificate of issuedBefore) {
      const key = certificate.publicKey.export({ type: 'spki', format: 'pem' });
      assert.ok(keysBefore.has(key), `${at}: a certificate was issued for a key that is not kept`);
    }

    // Two minutes later, when the lease of the dead has ended, another process takes over.
    const clock = () => Date.now() + 120_000;
    const store = createFolderStore({ folder: await openFolder(place), clock });
    const issuer = createSmallIssuer(store, async (call) => authority.answer(call));
    const manager = createCertificateManager({
      store,
      issuers: [{ issuer, limits: letsEncryptLimits }],
      solvers: [],
      clock,
      pollMs: 3_600_000,
    });
    await manager.start();
    const result = await manager.obtain(wanted);
    await manager.stop();

    assert.ok('version' in result, `${at}: ${JSON.stringify(result)}`);
    const leaf = new X509Certificate(result.chainPem);
    assert.ok(leaf.checkPrivateKey(createPrivateKey(result.privateKeyPem)), at);
    assert.equal(leaf.checkHost('a.example'), 'a.example', at);
    assert.equal(authority.accounts.size, 1, `${at}: accounts`);
    assert.equal(authority.orders.size, 1, `${at}: orders`);
    assert.equal(authority.issued.length, 1, `${at}: certificates`);
    assert.deepEqual(await store.order(result.id), undefined, at);
    assert.equal((await store.live(result.id))?.chainPem, result.chainPem, at);
    await rm(place, { recursive: true, force: true });
  }
  t.diagnostic(`${steps} steps: ${died.join(' ')}`);
});
