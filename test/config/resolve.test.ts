import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import type { ConfigFlags } from '../../src/config/flags.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { folderOf } from './folder.ts';

const file = JSON.stringify({
  sites: { 'file.localhost': 1, 'both.localhost': 1 },
  defaultSite: 'file.localhost',
  listen: { https: 1443, http: 1080 },
});

async function sitesOf(flags: ConfigFlags, folder: string): Promise<string[]> {
  const { config, findings } = await resolveConfig(flags, folder);
  assert.deepEqual(findings, []);
  return (config?.sites ?? []).map((site) => `${site.name} ${site.upstreams.map(({ port }) => port).join()}`);
}

test('without file and sites there is an example to copy', async (t) => {
  const { config, findings } = await resolveConfig({ sites: [] }, folderOf(t));
  assert.equal(config, undefined);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['config-none'],
  );
});

test('sites alone are a configuration', async (t) => {
  assert.deepEqual(await sitesOf({ sites: ['a.localhost=3000,3001', 'b.localhost=[::1]:4'] }, folderOf(t)), [
    'a.localhost 3000,3001',
    'b.localhost 4',
  ]);
});

test('sites of the command line stand alone beside a file that was found', async (t) => {
  const folder = folderOf(t, { 'menshen.config.json': file });
  assert.deepEqual(await sitesOf({ sites: [] }, folder), ['file.localhost 1', 'both.localhost 1']);
  assert.deepEqual(await sitesOf({ sites: ['both.localhost=2'] }, folder), ['both.localhost 2']);
  const { config } = await resolveConfig({ sites: ['both.localhost=2'] }, folder);
  assert.deepEqual([config?.httpsPort, config?.defaultSite], [1443, '']);
});

test('sites of the command line are added to a file that was named', async (t) => {
  const folder = folderOf(t, { 'x.json': file });
  assert.deepEqual(await sitesOf({ sites: ['both.localhost=2', 'new.localhost=3'], config: 'x.json' }, folder), [
    'file.localhost 1',
    'both.localhost 2',
    'new.localhost 3',
  ]);
});

test('flags go over the file, the file over the defaults', async (t) => {
  const folder = folderOf(t, { 'menshen.config.json': file });
  const flags = {
    sites: [],
    httpsPort: '2443',
    host: ['::1'],
    workers: '2',
    log: 'combined',
    lang: 'zh',
    adminPort: '9',
    state: 's',
  };
  const { config } = await resolveConfig(flags, folder);
  assert.deepEqual([config?.httpsPort, config?.httpPort, config?.workers, config?.adminPort], [2443, 1080, 2, 9]);
  assert.deepEqual([config?.hosts, config?.log, config?.language], [['::1'], 'combined', 'zh']);
  assert.equal(config?.stateFolder, path.join(folder, 's'));
});

test('folders and sockets of the command line start from the working folder, those of a file from its own', async (t) => {
  const elsewhere = folderOf(t, { 'x.json': JSON.stringify({ sites: { a: 'unix:a.sock' } }) });
  const folder = folderOf(t);
  const flags = { sites: ['b=unix:b.sock', 'c=.'], config: path.join(elsewhere, 'x.json') };
  const { config } = await resolveConfig(flags, folder);
  const [a, b, c] = config?.sites ?? [];
  assert.equal(a?.upstreams[0]?.socketPath, path.join(elsewhere, 'a.sock'));
  assert.equal(b?.upstreams[0]?.socketPath, path.join(folder, 'b.sock'));
  assert.equal(c?.root?.folder, folder);
});

test('mistakes name the flag or the word that made them', async (t) => {
  const flags = {
    sites: ['a=host', 'b', '=1', 'c=', 'd=1', 'd=2'],
    workers: '257',
    httpsPort: 'x',
    host: ['::1', 'y'],
    lang: 'fr',
  };
  const { findings } = await resolveConfig(flags, folderOf(t));
  assert.deepEqual(
    findings.map(({ code, values }) => `${code} ${values.path ?? values.argument ?? values.name}`).toSorted(),
    [
      'cli-site-form "=1"',
      'cli-site-form "b"',
      'cli-site-form "c="',
      'cli-site-twice d',
      'config-choice --lang',
      'config-listen-host --host',
      'config-port --https-port',
      'config-range --workers',
      'config-upstream-no-port a=host',
    ],
  );
});

test('a malformed site is told once, not as a lack of sites too', async (t) => {
  const { findings } = await resolveConfig({ sites: ['app'] }, folderOf(t));
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['cli-site-form'],
  );
});

test('what has to be watched is known, also where a file does not load', async (t) => {
  const folder = folderOf(t, { 'menshen.config.ts': "import './part.ts'\nexport default {", 'part.ts': '' });
  const { config, watched } = await resolveConfig({ sites: [] }, folder);
  assert.equal(config, undefined);
  assert.deepEqual(watched, [path.join(folder, 'menshen.config.ts')]);
});
