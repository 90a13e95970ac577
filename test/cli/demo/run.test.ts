import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { spawnSync } from 'node:child_process';
import { chromium, type Browser } from 'playwright-core';
import { runDemo, type DemoFlags } from '../../../src/cli/demo/run.ts';
import { createGateway } from '../../../src/gateway/gateway.ts';
import { canListen } from '../../../src/cli/demo/ports.ts';
import { findCommand } from '../../../bench/commands.ts';
import { freePort } from '../../free-port.ts';

const CHROMIUM = findCommand('chromium');
const CERTUTIL = findCommand('certutil');

interface RunningDemo {
  /** The state folder. */
  readonly state: string;
  readonly port: number;
  /** What it greeted with. */
  readonly said: string;
  /** Sends the signal and gives the exit code. */
  end(signal: string): Promise<number>;
}

/** Runs the demo on a free port; ends it when the test does not. */
async function start(t: TestContext, more: DemoFlags = {}, language: 'en' | 'zh' = 'en'): Promise<RunningDemo> {
  const state = mkdtempSync(path.join(tmpdir(), 'menshen-demo-test-'));
  const port = await freePort();
  const signals = new EventEmitter();
  const greeted = new EventEmitter();
  const flags = { state, httpsPort: String(port), httpPort: '0', lang: language, ...more };
  const running = runDemo(flags, language, {
    createGateway,
    folder: state,
    signals,
    exit: (code) => assert.fail(`ended at once with ${code}`),
    writeError: (text) => greeted.emit('text', text),
    writeOutput: (text) => greeted.emit('text', text),
  });
  let over = false;
  const end = async (signal: string) => {
    if (!over) signals.emit(signal);
    over = true;
    return running;
  };
  t.after(async () => {
    await end('SIGTERM');
    rmSync(state, { recursive: true, force: true });
  });
  const [said] = (await Promise.race([once(greeted, 'text'), running])) as [string];
  return { state, port, said, end };
}

test('the greeting names every address, what answers there, and how to trust the CA', async (t) => {
  const { port, said } = await start(t);
  assert.match(said, new RegExp(`https://demo\\.localhost:${port}/ +a page`));
  assert.match(said, new RegExp(`https://app\\.localhost:${port}/ +an app on 127\\.0\\.0\\.1:\\d+`));
  assert.match(said, new RegExp(`https://api\\.localhost:${port}/ +an app on unix:/`));
  assert.match(said, new RegExp(`curl --cacert \\S+/local-ca/root\\.pem https://demo\\.localhost:${port}/`));
  assert.doesNotMatch(said, /not both free/);
});

test('the greeting is in Chinese where that is asked for', async (t) => {
  const { said } = await start(t, {}, 'zh');
  assert.match(said, /演示已启动/);
  assert.match(said, /按 Ctrl-C 结束一切/);
});

test('a mistaken flag is refused with its mend and leaves nothing running', async (t) => {
  const state = mkdtempSync(path.join(tmpdir(), 'menshen-demo-test-'));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  let said = '';
  const code = await runDemo({ state, log: 'xml' }, 'en', {
    createGateway: () => assert.fail('no gateway'),
    folder: state,
    signals: new EventEmitter(),
    exit: () => assert.fail('no exit'),
    writeError: (text) => (said += text),
    writeOutput: () => assert.fail('no greeting'),
  });
  assert.equal(code, 1);
  assert.match(said, /--log/);
});

test('a signal ends everything: exit code 0, port free, socket file gone', async (t) => {
  const { port, said, end } = await start(t);
  const socket = /unix:(\S+)/.exec(said)?.[1] ?? '';
  assert.ok(existsSync(socket));
  assert.equal(await end('SIGINT'), 0);
  assert.ok(await canListen(['127.0.0.1'], port));
  assert.ok(!existsSync(path.dirname(socket)));
});

/** A browser with a home of its own, which trusts the local CA of `state` and nothing that it should not. */
async function openBrowser(t: TestContext, state: string): Promise<Browser> {
  const home = mkdtempSync(path.join(tmpdir(), 'menshen-demo-home-'));
  const database = path.join(home, '.pki', 'nssdb');
  mkdirSync(database, { recursive: true });
  const root = path.join(state, 'local-ca', 'root.pem');
  for (const args of [
    ['-N', '--empty-password'],
    ['-A', '-t', 'C,,', '-n', 'menshen', '-i', root],
  ]) {
    const done = spawnSync(CERTUTIL ?? '', ['-d', `sql:${database}`, ...args], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
  }
  const browser = await chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: ['--no-sandbox'],
    env: { ...process.env, HOME: home },
  });
  t.after(async () => {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  });
  return browser;
}

function browserMissing(): string | undefined {
  if (CHROMIUM === undefined) return 'needs Chromium (Debian package chromium)';
  return CERTUTIL === undefined ? 'needs certutil (Debian package libnss3-tools)' : undefined;
}

test('the page loads without a console error and shows both apps, in both languages', async (t) => {
  const missing = browserMissing();
  if (missing !== undefined) return t.skip(missing);
  const { state, port } = await start(t);
  const browser = await openBrowser(t, state);
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  await page.goto(`https://demo.localhost:${port}/`);
  await page.locator('#verdict.good').waitFor();
  const verdict = await page.locator('#verdict [lang=en]').textContent();
  assert.match(verdict ?? '', /^The app was told the truth: (127\.0\.0\.1|::1)\.$/);
  assert.equal(await page.locator('#request-line').textContent(), 'GET /seen?by=page HTTP/1.1');
  assert.ok((await page.locator('tr.gateway').count()) >= 3);
  await page.locator('#clock [lang=en]', { hasText: 'event 2' }).waitFor();
  await page.locator('#echo [lang=en]', { hasText: '你好, gate · ' }).waitFor();
  await page.locator('#words').fill('又一次');
  await page.locator('#say button').click();
  await page.locator('#echo [lang=en]', { hasText: '又一次 · ' }).waitFor();
  assert.match((await page.locator('#files').textContent()) ?? '', /style\.css.*page\.js|page\.js.*style\.css/);
  const image = page.locator('header img');
  assert.ok((await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth)) > 0);

  assert.ok(await page.getByText('This page', { exact: true }).isVisible());
  await page.locator('#language').click();
  assert.ok(await page.getByText('本页面', { exact: true }).isVisible());
  assert.ok(!(await page.getByText('This page', { exact: true }).isVisible()));
  assert.deepEqual(complaints, []);
});

test('the page fits a small screen, light and dark', async (t) => {
  const missing = browserMissing();
  if (missing !== undefined) return t.skip(missing);
  const { state, port } = await start(t);
  const browser = await openBrowser(t, state);
  for (const colorScheme of ['light', 'dark'] as const) {
    const viewport = { width: 340, height: 700 };
    const context = await browser.newContext({ locale: 'zh-CN', viewport, colorScheme });
    const page = await context.newPage();
    await page.goto(`https://demo.localhost:${port}/`);
    await page.locator('#verdict.good').waitFor();
    const width = await page
      .locator('html')
      .evaluate((element) => (element as unknown as { scrollWidth: number }).scrollWidth);
    assert.ok(width <= viewport.width, `${width} px wide`);
    if (process.env.MENSHEN_SCREENSHOTS !== undefined) {
      await page.screenshot({ path: path.join(process.env.MENSHEN_SCREENSHOTS, `${colorScheme}.png`), fullPage: true });
    }
    await context.close();
  }
});
