import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import {
  findSupervisor,
  removeSupervisorRecord,
  writeSupervisorRecord,
} from '../../../src/gateway/workers/supervisor-record.ts';
import { openFolder } from '../../../src/store/folder.ts';

async function folderOf(t: TestContext) {
  const name = mkdtempSync(path.join(tmpdir(), 'menshen-record-'));
  t.after(() => rmSync(name, { recursive: true, force: true }));
  return openFolder(name);
}

test('a supervisor that runs is found, with its last upgrade, by its own user only', async (t) => {
  const folder = await folderOf(t);
  assert.equal(await findSupervisor(folder), undefined);
  const upgrade = { number: 1, done: true, version: '1', workers: 2, reason: '' };
  await writeSupervisorRecord(folder, upgrade);
  const found = await findSupervisor(folder);
  assert.deepEqual([found?.pid, found?.upgrade], [process.pid, upgrade]);
  assert.equal(statSync(folder.fileOf('supervisor.json')).mode & 0o777, 0o600);
  await removeSupervisorRecord(folder);
  assert.equal(await findSupervisor(folder), undefined);
  assert.deepEqual(await folder.list(''), []);
});

test('a process that is gone, and another one under its number, are not taken for it', async (t) => {
  const folder = await folderOf(t);
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const write = (record: unknown) => writeFileSync(folder.fileOf('supervisor.json'), JSON.stringify(record));
  write({ pid: child.pid, startTicks: '1' });
  assert.equal(await findSupervisor(folder), undefined);
  write({ pid: process.pid, startTicks: '1' });
  assert.equal(await findSupervisor(folder), undefined);
});

test('what is no record names nobody: never a group of processes, never everybody', async (t) => {
  const folder = await folderOf(t);
  for (const content of [
    '',
    '{',
    'null',
    '[]',
    '{"pid":0}',
    '{"pid":-1}',
    '{"pid":"1"}',
    '{"pid":1.5}',
    '{"pid":4194305}',
  ]) {
    writeFileSync(folder.fileOf('supervisor.json'), content);
    assert.equal(await findSupervisor(folder), undefined, content);
  }
});

test("another supervisor's record is left alone", async (t) => {
  const folder = await folderOf(t);
  const content = JSON.stringify({ pid: process.ppid, startTicks: '1' });
  writeFileSync(folder.fileOf('supervisor.json'), content);
  await removeSupervisorRecord(folder);
  assert.equal(String(await folder.read('supervisor.json')), content);
});
