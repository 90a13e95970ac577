import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../../config/config.ts';
import { systemContext } from '../../config/files.ts';
import { overlayFlags, readFlags, type ConfigFlags } from '../../config/flags.ts';
import { readConfig } from '../../config/read-config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { openLocalCa } from '../../pki/local-ca.ts';
import { trustHint } from '../../pki/trust-install-hint.ts';
import { openFolder } from '../../store/folder.ts';
import type { Language } from '../../story/catalog.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { ServedGateway, ServeSurroundings } from '../commands/serve.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderFindings } from '../report.ts';
import { greeting, PAGE_NAME, startDemoApps, urlOf, type DemoApps } from './demo.ts';
import { FIRST_PAIR, freePair, loopbackHosts, PAIRS, type PortPair } from './ports.ts';
import { demoWords } from './words.ts';

/** What the command line gives, as it was typed. */
export type DemoFlags = Pick<ConfigFlags, 'state' | 'httpsPort' | 'httpPort' | 'log' | 'lang'>;

/** What the demo takes from outside: that of `serve`, and where to greet. */
export interface DemoSurroundings extends ServeSurroundings {
  writeOutput(text: string): void;
}

/** Starts everything, greets, and ends everything at the first signal. Returns the exit code. */
export async function runDemo(flags: DemoFlags, language: Language, surroundings: DemoSurroundings): Promise<number> {
  const refuse = (findings: readonly Finding[]) => {
    surroundings.writeError(renderFindings(findings, language));
    return exitCodes.mistakes;
  };
  const hosts = await loopbackHosts();
  const ports = await choosePorts(hosts, flags);
  if (ports === undefined) return refuse([finding('demo-no-ports', { ...wantedPorts, count: PAIRS })]);
  const apps = await startDemoApps();
  try {
    const { config, findings } = demoConfig(apps, hosts, ports, flags, surroundings.folder);
    if (config === undefined) return refuse(findings);
    const log = createLog({ format: config.log, language: config.language });
    try {
      const gateway = await surroundings.createGateway(config, { log });
      const signalled = firstSignal(surroundings);
      await gateway.start();
      // Where stdout is for a program (JSON, access lines), people are told on stderr.
      const write = config.log === 'pretty' ? surroundings.writeOutput : surroundings.writeError;
      write(await wholeGreeting(config, apps, flags));
      await signalled;
      await endAll(gateway, apps);
    } finally {
      await log.close();
    }
    return exitCodes.fine;
  } finally {
    await apps.close();
  }
}

const wantedPorts = { wantedHttps: FIRST_PAIR.https, wantedHttp: FIRST_PAIR.http };

/** A free pair, where the command line does not name both ports itself; undefined when none is free. */
async function choosePorts(hosts: readonly string[], flags: DemoFlags): Promise<PortPair | undefined> {
  return flags.httpsPort !== undefined && flags.httpPort !== undefined ? FIRST_PAIR : await freePair(hosts);
}

/** The demo's configuration, with the flags laid over it and judged like any other. */
function demoConfig(apps: DemoApps, hosts: readonly string[], ports: PortPair, flags: DemoFlags, folder: string) {
  const overlay = readFlags({ ...flags, sites: [] }, folder);
  const listen = { host: [...hosts], ...ports };
  // Streams that a page keeps open must not hold up Ctrl-C.
  const base = { sites: apps.sites, listen, log: 'pretty', timeouts: { drain: '1s' } };
  return readConfig(overlayFlags(base, overlay, false), systemContext(folder), overlay.spoken);
}

async function wholeGreeting(config: Config, apps: DemoApps, flags: DemoFlags): Promise<string> {
  const { language } = config;
  const ports = { https: config.httpsPort, http: config.httpPort };
  const moved = flags.httpsPort === undefined && flags.httpPort === undefined && ports.https !== FIRST_PAIR.https;
  const note = moved ? renderFindings([finding('demo-ports-moved', { ...wantedPorts, ...ports })], language) : '';
  const hint = await trustLine(config, urlOf(PAGE_NAME, ports.https));
  return `${note}\n${greeting(apps.sites, ports, language)}${hint}${demoWords[language].end}\n\n`;
}

/** How curl and browsers come to trust the local CA; '' once `menshen trust` has installed it. */
async function trustLine(config: Config, url: string): Promise<string> {
  const folder = await openFolder(config.stateFolder);
  const options = { folder, clock: Date.now, random: randomBytes, machine: hostname() };
  const ca = await openLocalCa(options, []);
  return ca.trusted ? '' : `${trustHint(config.language, ca.rootFile, url)}\n\n`;
}

/** Resolves at the first signal to end; a second one ends the process at once. */
function firstSignal({ signals, exit }: Pick<ServeSurroundings, 'signals' | 'exit'>): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
    for (const [signal, number] of Object.entries(numbers)) {
      signals.on(signal, () => {
        // As a shell tells that a signal has ended a process.
        if (asked) exit(128 + number);
        asked = true;
        resolve();
      });
    }
  });
}

/** The apps go first: their streams end, so that draining has nothing to wait for. */
async function endAll(gateway: ServedGateway, apps: DemoApps): Promise<void> {
  const drained = gateway.drain();
  await apps.close();
  await drained;
}
