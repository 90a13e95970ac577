import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { watchConfig, type ConfigWatch } from '../../src/config/watch.ts';
import { folderOf } from './folder.ts';

/** A watch whose calls can be waited for one by one. */
function watching(t: TestContext, files: string | readonly string[]) {
  const calls: (() => void)[] = [];
  let count = 0;
  const watch: ConfigWatch = watchConfig(files, () => {
    count += 1;
    calls.shift()?.();
  });
  t.after(() => watch.close());
  // The watch holds no process open, so a test that waits has to.
  const hold = setInterval(() => {}, 1000);
  t.after(() => clearInterval(hold));
  return {
    watch,
    count: () => count,
    next: (): Promise<void> => new Promise((resolve) => void calls.push(resolve)),
  };
}

const limit = { timeout: 20_000 };

test('a save in place and a save by rename are seen', limit, async (t) => {
  const file = path.join(folderOf(t, { 'a.ts': '1' }), 'a.ts');
  const { next } = watching(t, file);
  let changed = next();
  writeFileSync(file, '2');
  await changed;
  for (const content of ['3', '4']) {
    changed = next();
    writeFileSync(`${file}.tmp`, content);
    renameSync(`${file}.tmp`, file);
    await changed;
  }
});

test('a file that goes and comes back is seen twice', limit, async (t) => {
  const file = path.join(folderOf(t, { 'a.ts': '1' }), 'a.ts');
  const { next } = watching(t, file);
  let changed = next();
  unlinkSync(file);
  await changed;
  changed = next();
  writeFileSync(file, '2');
  await changed;
});

test('a folder that is replaced as a whole is seen, and so is what happens in the new one', limit, async (t) => {
  const folder = folderOf(t);
  const live = path.join(folder, 'live');
  mkdirSync(live);
  writeFileSync(path.join(live, 'cert.pem'), '1');
  const { next } = watching(t, path.join(live, 'cert.pem'));
  let changed = next();
  renameSync(live, path.join(folder, 'former'));
  mkdirSync(live);
  writeFileSync(path.join(live, 'cert.pem'), '2');
  await changed;
  changed = next();
  writeFileSync(path.join(live, 'cert.pem'), '3');
  await changed;
});

test('a symbolic link that is swapped is seen', limit, async (t) => {
  const folder = folderOf(t, { 'cert1.pem': '1', 'cert2.pem': '2' });
  mkdirSync(path.join(folder, 'live'));
  const link = path.join(folder, 'live', 'cert.pem');
  symlinkSync('../cert1.pem', link);
  const { next } = watching(t, link);
  let changed = next();
  symlinkSync('../cert2.pem', `${link}.new`);
  renameSync(`${link}.new`, link);
  await changed;
  changed = next();
  writeFileSync(path.join(folder, 'cert2.pem'), '3');
  await changed;
});

test('changes that come together are one, and neighbours do not count', limit, async (t) => {
  const folder = folderOf(t, { 'a.pem': '1', 'b.pem': '1' });
  const { next, count } = watching(t, [path.join(folder, 'a.pem'), path.join(folder, 'b.pem')]);
  const changed = next();
  writeFileSync(path.join(folder, 'neighbour'), 'x');
  writeFileSync(path.join(folder, 'a.pem'), '1');
  writeFileSync(path.join(folder, 'a.pem'), '2');
  writeFileSync(path.join(folder, 'b.pem'), '2');
  await changed;
  const again = next();
  writeFileSync(path.join(folder, 'b.pem'), '3');
  await again;
  assert.equal(count(), 2);
});

test('other files can be watched instead, without losing a change on the way', limit, async (t) => {
  const folder = folderOf(t, { 'a.ts': '1', 'b.pem': '1' });
  const [a, b] = [path.join(folder, 'a.ts'), path.join(folder, 'b.pem')];
  const { watch, next } = watching(t, a);
  let changed = next();
  writeFileSync(a, '2');
  // Nobody has been told of this one yet.
  watch.replace([a, b]);
  await changed;
  changed = next();
  writeFileSync(b, '2');
  await changed;
});

test('a closed watch is silent, whatever happens to its folder', limit, async (t) => {
  const folder = folderOf(t, { 'a.ts': '1', 'b.ts': '1' });
  const closed = watching(t, path.join(folder, 'a.ts'));
  const open = watching(t, path.join(folder, 'b.ts'));
  closed.watch.close();
  const changed = open.next();
  writeFileSync(path.join(folder, 'a.ts'), '2');
  writeFileSync(path.join(folder, 'b.ts'), '2');
  await changed;
  rmSync(folder, { recursive: true });
  assert.equal(closed.count(), 0);
});
