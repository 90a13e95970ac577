import assert from 'node:assert/strict';
import * as nodeFileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { runTrust, runUntrust, type TrustRun } from '../../src/cli/trust-dialogue.ts';
import type { TrustHost } from '../../src/pki/trust-install-host.ts';
import { anchorStores } from '../../src/pki/trust-install-system.ts';

interface Scene {
  readonly state: string;
  /** Files of the system's folder of roots. */
  readonly anchors: Map<string, string>;
  run(change?: Partial<TrustRun>): TrustRun;
  /** What has been written since the last look. */
  said(): string;
}

/** A Debian machine on paper without browsers, whose folder of roots is a map. */
async function scene(t: TestContext): Promise<Scene> {
  const place = await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-dialogue-'));
  t.after(() => nodeFileSystem.rm(place, { recursive: true, force: true }));
  const anchors = new Map<string, string>();
  const debian = anchorStores.find(({ system }) => system.startsWith('Debian'));
  assert.ok(debian);
  const host: TrustHost = {
    platform: 'linux',
    home: '/home/me',
    dataHome: '/home/me/.local/share',
    actingFor: undefined,
    isAdministrator: true,
    isInteractive: false,
    async run(command, args) {
      const last = args.at(-1) ?? '';
      if (command === 'install') anchors.set(last, await nodeFileSystem.readFile(args.at(-2) ?? '', 'utf8'));
      if (command === 'rm') for (const file of args) anchors.delete(file);
      return { status: 0, stdout: '', stderr: '' };
    },
    findCommand: async (name) => (name === 'certutil' || name === 'keytool' ? undefined : name),
    exists: (file) =>
      file.startsWith(place)
        ? nodeFileSystem.stat(file).then(
            () => true,
            () => false,
          )
        : Promise.resolve(file === debian.folder),
    list: async () => [...anchors.keys()].map((file) => path.basename(file)),
    read: async (file) => anchors.get(file),
  };
  let output = '';
  const state = path.join(place, 'state');
  return {
    state,
    anchors,
    run: (change = {}) => ({
      host,
      stateFolder: state,
      stores: [debian],
      language: 'en',
      yes: true,
      write: (text) => (output += text),
      ask: undefined,
      ...change,
    }),
    said: () => {
      const text = output;
      output = '';
      return text;
    },
  };
}

const record = async (state: string): Promise<unknown> =>
  JSON.parse(await nodeFileSystem.readFile(path.join(state, 'local-ca/trusted.json'), 'utf8'));

test('trust makes the CA where there is none, tells what it may vouch for, installs it and writes that down', async (t) => {
  const s = await scene(t);
  assert.equal(await runTrust(s.run()), 0);
  const said = s.said();
  assert.match(said, /Root "Menshen Local CA .* these names only: localhost;/);
  assert.match(said, /✓ Debian, Ubuntu \(.*\): trusted from now on/);
  assert.equal(s.anchors.size, 1);
  const fingerprint = /SHA-256 ([0-9a-f]{64})/.exec(said)?.[1];
  assert.deepEqual(await record(s.state), { trusted: [fingerprint] });
  assert.equal(await runTrust(s.run({ language: 'zh' })), 0);
  assert.match(s.said(), /✓ Debian, Ubuntu \(.*\)：此前已信任/);
  assert.deepEqual(await record(s.state), { trusted: [fingerprint] });
});

test('a no changes nothing, and neither does nobody being there to ask', async (t) => {
  const s = await scene(t);
  const questions: string[] = [];
  const ask = (answer: boolean) => async (question: string) => {
    questions.push(question);
    return answer;
  };
  assert.equal(await runTrust(s.run({ yes: false, ask: ask(false) })), 1);
  assert.match(s.said(), /Nothing was changed/);
  assert.equal(await runTrust(s.run({ yes: false })), 1);
  assert.match(s.said(), /→ Add --yes/);
  assert.equal(s.anchors.size, 0);
  assert.equal(await runTrust(s.run({ yes: false, ask: ask(true) })), 0);
  assert.equal(s.anchors.size, 1);
  assert.equal(await runUntrust(s.run({ yes: false, ask: ask(false) })), 1);
  assert.equal(s.anchors.size, 1);
  assert.equal(questions.length, 3);
});

test('when nothing can be installed the exit code says so and the way by hand is shown', async (t) => {
  const s = await scene(t);
  const host: TrustHost = { ...s.run().host, run: async () => ({ status: 1, stdout: '', stderr: 'full' }) };
  assert.equal(await runTrust(s.run({ host })), 1);
  const said = s.said();
  assert.match(said, /✗ Debian, Ubuntu \(.*\): `install .*` failed: full\n {2}→ /);
  assert.match(said, /✗ Chromium \(.*\): the command certutil.*\n {2}→ Install the package libnss3-tools/);
  assert.match(said, /curl --cacert .*root\.pem https:\/\//);
  await assert.rejects(record(s.state), { code: 'ENOENT' });
});

test('untrust takes every root out, forgets that it was trusted, and can be said twice', async (t) => {
  const s = await scene(t);
  assert.equal(await runTrust(s.run()), 0);
  s.said();
  assert.equal(await runUntrust(s.run()), 0);
  assert.match(s.said(), /✓ Debian, Ubuntu \(.*\): taken out/);
  assert.equal(s.anchors.size, 0);
  assert.deepEqual(await record(s.state), { trusted: [] });
  assert.equal(await runUntrust(s.run()), 0);
  assert.match(s.said(), /was not trusted there/);
});

test('untrust reports a place that it could not clear, and keeps it on record', async (t) => {
  const s = await scene(t);
  await runTrust(s.run());
  const host: TrustHost = { ...s.run().host, run: async () => ({ status: 1, stdout: '', stderr: 'locked' }) };
  assert.equal(await runUntrust(s.run({ host })), 1);
  assert.equal(((await record(s.state)) as { trusted: string[] }).trusted.length, 1);
});

test('untrust where there was never a CA says so and makes nothing', async (t) => {
  const s = await scene(t);
  assert.equal(await runUntrust(s.run()), 0);
  assert.match(s.said(), /There is no local CA in/);
  await assert.rejects(nodeFileSystem.stat(s.state), { code: 'ENOENT' });
});

test('a damaged root is explained with its mend', async (t) => {
  const s = await scene(t);
  await runTrust(s.run());
  s.said();
  await nodeFileSystem.writeFile(path.join(s.state, 'local-ca/root-1/root.key'), '');
  assert.equal(await runTrust(s.run()), 1);
  assert.match(s.said(), /✗ The local root in .* cannot be used.*\n {2}→ Put the folder back/);
});
