import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { HookDns, type HookSettings } from '../../../src/acme/challenges/hook-dns.ts';
import { challengeFor } from '../../../src/acme/client/key-authorization.ts';
import type { Challenge } from '../../../src/acme/issuer.ts';
import { finding } from '../../../src/story/finding.ts';
import { ecSigningKey } from './keys.ts';

const never = new AbortController().signal;

interface Stage {
  readonly log: () => string;
  script(name: string, text: string): string;
  hook(settings: Partial<HookSettings> & { command: string }): HookDns;
}

/** Scripts that write what they are told into one file. */
function stage(t: TestContext): Stage | undefined {
  if (!existsSync('/bin/sh')) {
    t.skip('needs /bin/sh');
    return undefined;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-hook-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = path.join(folder, 'log');
  return {
    log: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
    script(name, text) {
      const file = path.join(folder, name);
      writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return file;
    },
    hook: (settings) =>
      new HookDns({
        style: 'certbot',
        timeoutMs: 10_000,
        environment: { PATH: process.env['PATH'], LOG: log },
        ...settings,
      }),
  };
}

const challenge = (value = 'example.test'): Challenge =>
  challengeFor('dns-01', { type: 'dns', value }, 'the-token', ecSigningKey());
const valueOf = ({ digest }: Challenge): string => Buffer.from(digest).toString('base64url');

test("certbot's hooks get its variables, and afterwards what the first one printed", async (t) => {
  const scene = stage(t);
  if (!scene) return;
  const command = scene.script(
    'auth',
    'echo "set $CERTBOT_DOMAIN $CERTBOT_VALIDATION $CERTBOT_TOKEN $#" >> "$LOG"; echo record-17',
  );
  const cleanup = scene.script(
    'clean',
    'echo "unset $CERTBOT_DOMAIN $CERTBOT_VALIDATION $CERTBOT_AUTH_OUTPUT" >> "$LOG"',
  );
  const hook = scene.hook({ command, cleanup });
  const one = challenge();
  assert.equal(await hook.present(one, never), undefined);
  await hook.withdraw(one);
  await hook.withdraw(one);
  const value = valueOf(one);
  assert.equal(scene.log(), `set example.test ${value} the-token 0\nunset example.test ${value} record-17\n`);
});

test("dehydrated's hook gets its words, and none of certbot's variables", async (t) => {
  const scene = stage(t);
  if (!scene) return;
  const command = scene.script('hook', 'echo "$@ [$CERTBOT_DOMAIN]" >> "$LOG"');
  const hook = scene.hook({ style: 'dehydrated', command });
  const one = challenge();
  assert.equal(await hook.present(one, never), undefined);
  await hook.withdraw(one);
  const value = valueOf(one);
  assert.equal(
    scene.log(),
    `deploy_challenge example.test the-token ${value} []\nclean_challenge example.test the-token ${value} []\n`,
  );
});

test('scripts run one after the other, whatever is asked of them at a time', async (t) => {
  const scene = stage(t);
  if (!scene) return;
  const command = scene.script(
    'auth',
    'echo "begin $CERTBOT_DOMAIN" >> "$LOG"; sleep 0.05; echo "end $CERTBOT_DOMAIN" >> "$LOG"',
  );
  const hook = scene.hook({ command });
  const names = ['a.test', 'b.test', 'c.test'];
  await Promise.all(names.map((name) => hook.present(challenge(name), never)));
  assert.equal(scene.log(), names.map((name) => `begin ${name}\nend ${name}\n`).join(''));
});

test('a script that fails is told with its status and what it said', async (t) => {
  const scene = stage(t);
  if (!scene) return;
  const command = scene.script('auth', 'echo "no such zone" >&2; exit 3');
  const found = await scene.hook({ command }).present(challenge(), never);
  assert.equal(found?.code, 'acme-hook-failed');
  assert.deepEqual(found.values, {
    command,
    record: '_acme-challenge.example.test',
    status: 3,
    output: 'no such zone',
  });
});

test('a script that is not there, that is not executable, or that hangs is told as such', async (t) => {
  const scene = stage(t);
  if (!scene) return;
  assert.equal(
    (await scene.hook({ command: '/nonexistent/hook' }).present(challenge(), never))?.code,
    'acme-hook-unusable',
  );
  const endless = scene.script('endless', 'sleep 600');
  const slow = await scene.hook({ command: endless, timeoutMs: 200 }).present(challenge(), never);
  assert.equal(slow?.code, 'acme-hook-slow');
  const abort = new AbortController();
  const stopped = scene.hook({ command: endless }).present(challenge(), abort.signal);
  setTimeout(() => abort.abort(), 50);
  assert.equal((await stopped)?.code, 'acme-stopped');
  // What was still waiting for its turn is not begun.
  assert.equal((await scene.hook({ command: endless }).present(challenge(), abort.signal))?.code, 'acme-stopped');
});

test('a failed script is still told to clean up, and never makes the caller fail', async (t) => {
  const scene = stage(t);
  if (!scene) return;
  const command = scene.script('hook', 'echo "$1" >> "$LOG"; exit 1');
  const hook = scene.hook({ style: 'dehydrated', command });
  const one = challenge();
  assert.ok(await hook.present(one, never));
  await hook.withdraw(one);
  assert.equal(scene.log(), 'deploy_challenge\nclean_challenge\n');
});

test('the record is looked for after the script, and what is missing is told', async (t) => {
  const scene = stage(t);
  if (!scene) return;
  const command = scene.script('auth', 'exit 0');
  const one = challenge();
  const asked: string[] = [];
  const missing = finding('acme-record-lookup-failed', { issuer: 'x', record: 'r', detail: 'd' });
  const awaitVisible = async (name: string, value: string) => {
    asked.push(name, value);
    return missing;
  };
  assert.equal(await scene.hook({ command, awaitVisible }).present(one, never), missing);
  assert.deepEqual(asked, ['_acme-challenge.example.test', valueOf(one)]);
});
