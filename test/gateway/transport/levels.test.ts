import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

/** The tests of the engine, which run at one level of transport, and at which others they run again here. */
const files = ['../h1/exchange', '../h1/streams', '../h1/timeouts', '../h1/tunnel', '../upstream/failures'];
const levels = [
  { level: 'plain', tls: false },
  { level: 'plain', tls: true },
  { level: 'direct', tls: true },
  { level: 'static', tls: true },
] as const;

for (const { level, tls } of levels) {
  test(`the engine's tests pass at level ${level}${tls ? ' over TLS' : ''}`, async () => {
    const paths = files.map((file) => path.join(import.meta.dirname, `${file}.test.js`));
    const child = spawn(process.execPath, ['--test', ...paths], {
      env: {
        ...process.env,
        MENSHEN_TEST_LEVEL: level,
        MENSHEN_TEST_TLS: tls ? '1' : '0',
        // Tells a test runner that it runs within another one, and would make it silent.
        NODE_TEST_CONTEXT: undefined,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, output);
    assert.match(output, /^(?:#|ℹ) pass [1-9]/m);
  });
}
