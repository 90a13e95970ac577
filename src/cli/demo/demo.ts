/**
 * The demo: a page of files and two apps behind one gateway, on names that every machine has.
 *
 *     https://demo.localhost   files (page/)            what is not a file goes to the first app
 *     https://app.localhost    first app, TCP           tells what it saw of a request
 *     https://api.localhost    second app, unix socket  server-sent events, WebSocket
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UserConfig } from '../../config/user-config.ts';
import type { Language } from '../../story/catalog.ts';
import { renderTable } from '../report.ts';
import { startHelloApp } from './app.ts';
import { startLiveApp } from './live-app.ts';
import type { PortPair } from './ports.ts';
import { demoWords } from './words.ts';

export const PAGE_NAME = 'demo.localhost';
export const APP_NAMES = ['app.localhost', 'api.localhost'] as const;

/** The page's files; they are served as they lie in the source. */
export const pageFolder = fileURLToPath(new URL('../../../../src/cli/demo/page', import.meta.url));

export interface DemoApps {
  /** The sites, as a configuration names them. */
  readonly sites: UserConfig['sites'];
  close(): Promise<void>;
}

/** Starts the two apps. */
export async function startDemoApps(): Promise<DemoApps> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-demo-'));
  const hello = await startHelloApp();
  // Windows has no unix sockets that a configuration could name.
  const live = await startLiveApp(process.platform === 'win32' ? '' : path.join(folder, 'api.sock'));
  return {
    sites: {
      [PAGE_NAME]: { root: pageFolder, fallback: hello.target },
      [APP_NAMES[0]]: hello.target,
      [APP_NAMES[1]]: live.target,
    },
    async close() {
      await Promise.all([hello.close(), live.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The address of a site, as a browser shows it. */
export function urlOf(name: string, httpsPort: number): string {
  return `https://${name}${httpsPort === 443 ? '' : `:${httpsPort}`}/`;
}

/** What is printed when all runs: every address with what answers there, the page first. */
export function greeting(sites: UserConfig['sites'], ports: PortPair, language: Language): string {
  const words = demoWords[language];
  const rows = Object.entries(sites).map(([name, target]) => [
    urlOf(name, ports.https),
    typeof target === 'string' ? words.app.replace('{target}', () => target) : words.page,
  ]);
  if (ports.http !== 0) rows.push([`http://${PAGE_NAME}:${ports.http}/`, words.redirect]);
  return `${words.runs}\n\n${renderTable(rows)}\n`;
}
