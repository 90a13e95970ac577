import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../free-port.ts';
import { encodeMessage } from '../../src/codec/dns/encode-message.ts';
import { socketTransport } from '../../src/dns/socket-transport.ts';
import { startRelay, type Relay } from './relay.ts';

const places = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/bin'];

/** Where a program is, or undefined. */
export const programAt = (name: string): string | undefined =>
  places.map((folder) => path.join(folder, name)).find((file) => existsSync(file));

/** Why tests with BIND cannot run here, or undefined. */
export function whyNoBind(): string | undefined {
  for (const [name, debian] of [
    ['named', 'bind9'],
    ['dig', 'bind9-dnsutils'],
  ] as const)
    if (programAt(name) === undefined) return `${name} is not installed (Debian: ${debian})`;
  return undefined;
}

/** One server: the address that it is seen at, and its zones. */
export interface View {
  readonly address: string;
  /** Zone file by zone; a zone with `update` takes updates from that policy. */
  readonly zones: Readonly<Record<string, string | { readonly text: string; readonly options: string }>>;
  /** More statements of the view. */
  readonly options?: string;
}

export interface NamedOptions {
  readonly views: readonly View[];
  /** Port of every view; 0 takes a free one. */
  readonly port: number;
  /** Statements outside of views, such as keys. */
  readonly top?: string;
  /** More files of the folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Named {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts one BIND that is another server at every address, in a folder of its own. */
export async function startNamed({ views, port, top = '', files = {} }: NamedOptions): Promise<Named> {
  const inner = await freePort('127.0.0.1');
  const folder = await mkdtemp(path.join(tmpdir(), 'menshen-named-'));
  const texts: string[] = [];
  for (const [at, view] of views.entries()) {
    const zones: string[] = [];
    for (const [zone, given] of Object.entries(view.zones)) {
      const { text, options } = typeof given === 'string' ? { text: given, options: '' } : given;
      const file = path.join(folder, `view${at}`, `${zone === '.' ? 'root' : zone}.zone`);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
      zones.push(`zone "${zone}" { type primary; file "${file}"; ${options} };`);
    }
    const isHere = `match-clients { ${view.address}; };`;
    texts.push(`view "v${at}" { ${isHere} ${view.options ?? 'recursion no;'} ${zones.join('\n')} };`);
  }
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const config = path.join(folder, 'named.conf');
  await writeFile(
    config,
    `${top}
options { directory "${folder}"; pid-file none; session-keyfile none; listen-on port ${inner} { 127.0.0.1; };
  listen-on-v6 { none; }; dnssec-validation no; notify no; minimal-responses no; };
controls { };
${texts.join('\n')}
`,
  );
  // Where AppArmor confines /usr/sbin/named to its own folders, it goes by the path: a copy may read this one.
  const program = path.join(folder, 'named');
  await copyFile(programAt('named')!, program);
  const child = spawn(program, ['-g', '-n', '1', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const relays: Relay[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await running(child, () => log);
    const outer = port === 0 ? await freePort(views[0]!.address) : port;
    for (const { address } of views) relays.push(await startRelay(address, outer, inner));
    for (const { address } of views) await answering(address, relays[0]!.port, () => log);
    return { port: relays[0]!.port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function running(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`named ended:\n${log()}`)));
    child.stderr!.on('data', () => {
      if (/^.* running$/m.test(log())) resolve();
    });
  });
}

/** `running` is told before the last socket listens; TCP comes behind UDP. */
async function answering(address: string, port: number, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const octets = encodeMessage({ id: 1, questions: [{ name: '.', type: 2 }] });
    const outcome = await socketTransport({
      server: { address, port },
      protocol: 'tcp',
      octets,
      timeoutMs: 200,
      accepts: () => true,
    });
    if (outcome.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`named does not answer:\n${log()}`);
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

const run = promisify(execFile);

/** What dig prints. Its exit status does not matter here. */
export async function dig(...args: readonly string[]): Promise<string> {
  try {
    return (await run(programAt('dig')!, [...args])).stdout;
  } catch (error) {
    return (error as { readonly stdout?: string }).stdout ?? '';
  }
}
