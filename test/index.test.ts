import { request } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { ConfigMistakes, createGateway, defineConfig, type UserConfig } from '../src/index.ts';

test('defineConfig returns what it is given and knows its type', () => {
  const config: UserConfig = { sites: { a: 1 } };
  assert.equal(defineConfig(config), config);
  const late = async () => config;
  assert.equal(defineConfig(late), late);
  // @ts-expect-error an unknown mode does not compile
  defineConfig({ sites: { a: { to: 1, clientAuth: { mode: 'requier', ca: 'x' } } } });
});

test('a configuration with mistakes is rejected with all of them', async () => {
  const wrong = createGateway({ sites: { 'a:1': 0 }, workers: 257 });
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof ConfigMistakes);
    assert.deepEqual(
      error.findings.map(({ code }) => code),
      ['config-upstream-port', 'config-range', 'config-site-name-port'],
    );
    assert.match(error.message, /`workers` is 257, outside of what is possible\. Choose a value from 0 to 256\./);
    return true;
  });
});

test(
  'a gateway inside a program serves, takes a new configuration, refuses a broken one, and ends',
  { timeout: 60_000 },
  async (t) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'menshen-embedded-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, 'index.html'), 'hello');
    const configOf = (name: string): UserConfig => ({
      sites: { [name]: { root: '.' } },
      listen: { host: '127.0.0.1', https: 0, http: 0 },
      state: 'state',
      log: 'combined',
    });
    const gateway = await createGateway(configOf('one.localhost'), { folder });
    await gateway.start();
    const port = Number(new URL(gateway.addresses[0] ?? '').port);
    const get = (servername: string): Promise<number | string> =>
      new Promise((resolve) => {
        const options = {
          host: '127.0.0.1',
          port,
          servername,
          rejectUnauthorized: false,
          headers: { host: servername },
        };
        request({ ...options, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .on('error', () => resolve('refused'))
          .end();
      });
    assert.equal(await get('one.localhost'), 200);
    assert.deepEqual(
      await gateway.reload({ ...configOf('two.localhost'), listen: { host: '127.0.0.1', https: 0, http: 0 } }),
      [],
    );
    assert.deepEqual([await get('one.localhost'), await get('two.localhost')], ['refused', 200]);
    const broken = await gateway.reload({ sites: {} });
    assert.deepEqual(
      broken.map(({ code }) => code),
      ['config-no-sites'],
    );
    assert.equal(await get('two.localhost'), 200);
    await gateway.drain();
  },
);
