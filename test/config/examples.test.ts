import { readdirSync } from 'node:fs';
import test from 'node:test';
import assert from 'node:assert/strict';
import { resolveConfig } from '../../src/config/resolve.ts';

for (const name of readdirSync('examples').filter((file) => /\.config\.(?:ts|json)$/.test(file))) {
  test(`examples/${name} is in order`, async () => {
    const { config, findings } = await resolveConfig({ sites: [], config: `examples/${name}` }, process.cwd());
    assert.deepEqual(findings, []);
    assert.ok(config && config.sites.length > 0);
  });
}
