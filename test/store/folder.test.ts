import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as nodeFileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { FindingError } from '../../src/story/finding-error.ts';
import { tellFinding } from '../../src/story/finding.ts';
import { openFolder, type FolderFileSystem } from '../../src/store/folder.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-folder-'));
  t.after(() => nodeFileSystem.rm(folder, { recursive: true, force: true }));
  return folder;
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}

/** A handle whose named call fails. */
function failingOpen(call: 'writeFile' | 'sync', code: string): FolderFileSystem['open'] {
  return async (...args) => {
    const handle = await nodeFileSystem.open(...args);
    if (args[1] === 'wx') handle[call] = () => Promise.reject(failure(code));
    return handle;
  };
}

async function findingOf(work: Promise<unknown>): Promise<FindingError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof FindingError, String(error));
    return error;
  }
  return assert.fail('did not fail');
}

const secret = { name: 'a/key.pem', content: 'key', secret: true };

test('a file that was never written reads as undefined and a folder that is absent lists as empty', async (t) => {
  const folder = await openFolder(await temporaryFolder(t));
  assert.equal(await folder.read('nothing'), undefined);
  assert.deepEqual(await folder.list('nothing'), []);
  await folder.remove('nothing/at-all');
});

test('what is written is read back, replaced and removed, and nothing else is left in the folder', async (t) => {
  const folder = await openFolder(path.join(await temporaryFolder(t), 'deep', 'state'));
  await folder.write(secret);
  await folder.write({ ...secret, content: 'second' });
  await folder.write({ name: 'a/cert.pem', content: Buffer.from('cert'), secret: false });
  assert.equal(String(await folder.read('a/key.pem')), 'second');
  assert.deepEqual(await folder.list('a'), ['cert.pem', 'key.pem']);
  assert.deepEqual(await nodeFileSystem.readdir(folder.fileOf('a')), ['cert.pem', 'key.pem']);
  await folder.remove('a/key.pem');
  assert.deepEqual(await folder.list('a'), ['cert.pem']);
  await folder.remove('a');
  assert.deepEqual(await folder.list(''), []);
});

test('secrets are 0600, certificates 0644, folders 0700', { skip: process.platform === 'win32' }, async (t) => {
  const folder = await openFolder(path.join(await temporaryFolder(t), 'state'));
  await folder.write(secret);
  await folder.publish('v1', [
    { name: 'cert.pem', content: 'cert', secret: false },
    { name: 'key.pem', content: 'key', secret: true },
  ]);
  const mode = async (name: string) => (await nodeFileSystem.stat(folder.fileOf(name))).mode & 0o777;
  assert.equal(await mode(''), 0o700);
  assert.equal(await mode('a'), 0o700);
  assert.equal(await mode('a/key.pem'), 0o600);
  assert.equal(await mode('v1'), 0o700);
  assert.equal(await mode('v1/key.pem'), 0o600);
  assert.equal(await mode('v1/cert.pem'), 0o644 & ~process.umask());
});

test('a version is published once; the second attempt is told and changes nothing', async (t) => {
  const folder = await openFolder(await temporaryFolder(t));
  assert.equal(await folder.publish('versions/v1', [{ name: 'x', content: 'first', secret: false }]), true);
  assert.equal(await folder.publish('versions/v1', [{ name: 'x', content: 'second', secret: false }]), false);
  assert.equal(String(await folder.read('versions/v1/x')), 'first');
  assert.deepEqual(await nodeFileSystem.readdir(folder.fileOf('versions')), ['v1']);
});

test('of many that publish the same version at once exactly one wins, and its files are whole', async (t) => {
  const place = await temporaryFolder(t);
  const folders = await Promise.all(Array.from({ length: 8 }, () => openFolder(place)));
  const won = await Promise.all(
    folders.map((folder, index) =>
      folder.publish('v', [
        { name: 'one', content: String(index), secret: false },
        { name: 'two', content: String(index), secret: true },
      ]),
    ),
  );
  assert.equal(won.filter(Boolean).length, 1);
  const winner = String(won.indexOf(true));
  const folder = await openFolder(place);
  assert.equal(String(await folder.read('v/one')), winner);
  assert.equal(String(await folder.read('v/two')), winner);
  assert.deepEqual(await nodeFileSystem.readdir(place), ['v']);
});

test('names cannot leave the folder or hide in it', async (t) => {
  const folder = await openFolder(await temporaryFolder(t));
  for (const name of ['..', 'a/../b', '/etc', 'a//b', '.hidden', 'a\\b', 'a\0b', 'c:']) {
    assert.throws(() => folder.fileOf(name), RangeError, name);
    await assert.rejects(folder.publish('v', [{ name, content: '', secret: false }]), RangeError, name);
  }
});

for (const [call, errno, code] of [
  ['writeFile', 'ENOSPC', 'state-folder-full'],
  ['sync', 'EDQUOT', 'state-folder-full'],
  ['writeFile', 'EROFS', 'state-folder-read-only'],
  ['sync', 'EIO', 'state-folder-failed'],
] as const) {
  test(`${errno} while writing (${call}) is told as ${code}; the old content stays and no rest is left`, async (t) => {
    const place = await temporaryFolder(t);
    const healthy = await openFolder(place);
    await healthy.write(secret);
    const broken = await openFolder(place, {
      fileSystem: { ...nodeFileSystem, open: failingOpen(call, errno) },
    });
    const error = await findingOf(broken.write({ ...secret, content: 'new' }));
    assert.equal(error.finding.code, code);
    assert.equal(error.finding.values['path'], healthy.fileOf('a/key.pem'));
    assert.equal(
      (
        await findingOf(
          broken.publish(
            'a/v1',
            [secret].map((f) => ({ ...f, name: 'x' })),
          ),
        )
      ).finding.code,
      code,
    );
    assert.equal(String(await healthy.read('a/key.pem')), 'key');
    assert.deepEqual(await nodeFileSystem.readdir(path.join(place, 'a')), ['key.pem']);
  });
}

test('a rename that fails leaves the old content and no rest', async (t) => {
  const place = await temporaryFolder(t);
  const healthy = await openFolder(place);
  await healthy.write(secret);
  const broken = await openFolder(place, {
    fileSystem: { ...nodeFileSystem, rename: () => Promise.reject(failure('EACCES')) },
  });
  const error = await findingOf(broken.write({ ...secret, content: 'new' }));
  assert.equal(error.finding.code, 'state-folder-denied');
  assert.equal((error.cause as { code: string }).code, 'EACCES');
  assert.deepEqual(await nodeFileSystem.readdir(path.join(place, 'a')), ['key.pem']);
  assert.equal(String(await healthy.read('a/key.pem')), 'key');
});

test("somebody else's folder is refused, except to root", { skip: process.getuid === undefined }, async (t) => {
  const place = await temporaryFolder(t);
  const owner = (await nodeFileSystem.stat(place)).uid;
  const error = await findingOf(openFolder(place, { user: owner + 1 }));
  assert.equal(error.finding.code, 'state-folder-foreign-owner');
  assert.deepEqual(error.finding.values, { path: place, owner, user: owner + 1 });
  for (const language of ['en', 'zh'] as const) {
    const { cause, mend } = tellFinding(error.finding, language);
    assert.doesNotMatch(cause + mend, /\{/);
  }
  await openFolder(place, { user: 0 });
});

test('a secret left behind by another user is told as such', async (t) => {
  const place = await temporaryFolder(t);
  const healthy = await openFolder(place);
  await healthy.write(secret);
  const { uid } = await nodeFileSystem.stat(place);
  const folder = await openFolder(place, {
    user: uid,
    fileSystem: {
      ...nodeFileSystem,
      readFile: () => Promise.reject(failure('EACCES')),
      stat: (async (file: string) => {
        const entry = await nodeFileSystem.stat(file);
        if (file.endsWith('key.pem')) entry.uid = uid + 7;
        return entry;
      }) as FolderFileSystem['stat'],
    },
  });
  const { finding } = await findingOf(folder.read('a/key.pem'));
  assert.equal(finding.code, 'state-folder-foreign-owner');
  assert.equal(finding.values['owner'], uid + 7);
});

test('a file in the place of the folder is told, whether it is the folder or lies on the way', async (t) => {
  const place = await temporaryFolder(t);
  await nodeFileSystem.writeFile(path.join(place, 'file'), '');
  assert.equal((await findingOf(openFolder(path.join(place, 'file')))).finding.code, 'state-folder-not-a-folder');
  assert.equal((await findingOf(openFolder(path.join(place, 'file', 'x')))).finding.code, 'state-folder-not-a-folder');
});

test('a version is whole or absent when its writer is killed at any moment', async (t) => {
  const place = await temporaryFolder(t);
  const module = new URL('../../src/store/folder.js', import.meta.url).href;
  const script = `const { openFolder } = await import(${JSON.stringify(module)});
    const folder = await openFolder(process.argv[1]);
    for (let i = 0; ; i += 1) {
      await folder.publish('v' + i, [{ name: 'a', content: 'whole', secret: true }, { name: 'b', content: 'whole', secret: false }]);
      await folder.write({ name: 'live', content: 'v' + i, secret: false });
      if (i === 0) process.stdout.write('started');
    }`;
  for (let round = 0; round < 3; round += 1) {
    const state = path.join(place, String(round));
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, state], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    // Let some versions come into being, then kill in the middle of whatever it does.
    while ((await nodeFileSystem.readdir(state)).length < 5 + round) await new Promise((r) => setImmediate(r));
    child.kill('SIGKILL');
    await ended;
    const folder = await openFolder(state);
    const versions = (await folder.list('')).filter((name) => name.startsWith('v'));
    assert.ok(versions.length >= 1);
    for (const version of versions) {
      assert.equal(String(await folder.read(`${version}/a`)), 'whole');
      assert.equal(String(await folder.read(`${version}/b`)), 'whole');
    }
    assert.ok(versions.includes(String(await folder.read('live'))));
  }
});
