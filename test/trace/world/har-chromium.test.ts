import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { chromium } from 'playwright-core';
import { findCommand } from '../../../bench/commands.ts';
import { freePort } from '../../free-port.ts';
import { traced, withWorld } from '../world.ts';

/**
 * The HAR of a trace in Chromium's own tools: their page is served by the port for remote debugging, and reads the file
 * with the code behind "Import HAR" of the network panel.
 */

const CHROMIUM = findCommand('chromium');

interface Imported {
  readonly url: string;
  readonly status: number;
  readonly mime: string;
  readonly protocol: string;
  readonly fields: number;
  readonly content: string;
  /** Seconds from the request to the end of its answer. */
  readonly lasted: number;
}

/** Runs in the page of the tools. */
const importHar = `async (text) => {
  const { HARFormat, Importer } = await import('/devtools/models/har/har.js');
  const root = new HARFormat.HARRoot(JSON.parse(text));
  return Promise.all(Importer.Importer.requestsFromHARLog(root.log).map(async (request) => ({
    url: request.url(),
    status: request.statusCode,
    mime: request.mimeType,
    protocol: request.protocol,
    fields: request.responseHeaders.length,
    content: await request.requestContentData().then((data) => data.text),
    lasted: request.endTime - request.startTime,
  })));
}`;

test("Chromium's tools import the HAR: URL, status, fields, times and content", { timeout: 60_000 }, async (t) => {
  if (CHROMIUM === undefined) return t.skip('needs Chromium (Debian package chromium)');
  await withWorld(async (world) => {
    const origin = await world.web((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/page' }).end();
      else response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-kind': 'real' }).end('here it is');
    });
    const har = path.join(world.folder, 'x.har');
    const { code } = await traced(`${origin}/moved`, { cacert: [world.cacert], har });
    assert.equal(code, 0);
    const { entries } = (
      JSON.parse(readFileSync(har, 'utf8')) as { log: { entries: { response: { headers: object[] } }[] } }
    ).log;

    const port = await freePort();
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-quic', `--remote-debugging-port=${port}`],
    });
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/devtools/devtools_app.html`);
    const text = JSON.stringify(readFileSync(har, 'utf8'));
    const imported = await page.evaluate<Imported[]>(`(${importHar})(${text})`);
    assert.deepEqual(
      imported.map(({ url, status, mime, content }) => [url, status, mime, content]),
      [
        [`${origin}/moved`, 302, imported[0]?.mime, imported[0]?.content],
        [`${origin}/page`, 200, 'text/plain; charset=utf-8', 'here it is'],
      ],
    );
    for (const [at, { fields, lasted }] of imported.entries()) {
      assert.equal(fields, entries[at]!.response.headers.length);
      assert.ok(lasted > 0);
    }
  });
});
