/** The machine as `menshen trust` sees it: its commands, its files, its user. Passed in, so that a test can be one. */
import { spawn } from 'node:child_process';
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export interface CommandResult {
  /** Exit status; -1 when the command could not be started or was killed. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with its arguments as they are, never through a shell; `input` goes to its standard input. */
export type CommandRunner = (command: string, args: readonly string[], input?: string) => Promise<CommandResult>;

export interface TrustHost {
  readonly platform: NodeJS.Platform;
  /** Home folder of the person whose browsers are meant. */
  readonly home: string;
  /** Their folder for programs' data: XDG_DATA_HOME, or ~/.local/share. */
  readonly dataHome: string;
  /** User to act as in that home, when root acts for somebody else (under sudo); else undefined. */
  readonly actingFor: string | undefined;
  /** Whether the process may change the system without asking. */
  readonly isAdministrator: boolean;
  /** Whether somebody can type a password for sudo. */
  readonly isInteractive: boolean;
  readonly run: CommandRunner;
  /** Absolute path of a command, or undefined where it is not installed. */
  findCommand(name: string): Promise<string | undefined>;
  exists(file: string): Promise<boolean>;
  /** Entries of a folder; [] when it is absent or closed. */
  list(folder: string): Promise<readonly string[]>;
  /** Text of a file; undefined when it is absent or closed. */
  read(file: string): Promise<string | undefined>;
}

/** Where administration commands are that the search path of an ordinary user leaves out. */
const ADMINISTRATION_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The machine that this process runs on. */
export async function thisHost(env: NodeJS.ProcessEnv = process.env): Promise<TrustHost> {
  const isAdministrator = process.getuid?.() === 0;
  const sudoUser = isAdministrator && env['SUDO_USER'] !== 'root' ? env['SUDO_USER'] : undefined;
  const sudoHome = sudoUser === undefined ? undefined : await homeOf(sudoUser);
  const xdg = env['XDG_DATA_HOME'] ?? '';
  const readable = (file: string, mode = constants.F_OK) =>
    access(file, mode).then(
      () => true,
      () => false,
    );
  return {
    platform: process.platform,
    home: sudoHome ?? homedir(),
    dataHome: sudoHome === undefined && path.isAbsolute(xdg) ? xdg : path.join(sudoHome ?? homedir(), '.local/share'),
    actingFor: sudoHome === undefined ? undefined : sudoUser,
    isAdministrator,
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    run: runCommand,
    async findCommand(name) {
      const folders = [...(env['PATH'] ?? '').split(path.delimiter), ...ADMINISTRATION_FOLDERS];
      const file = process.platform === 'win32' ? `${name}.exe` : name;
      for (const folder of folders.filter((entry) => path.isAbsolute(entry))) {
        const candidate = path.join(folder, file);
        if (await readable(candidate, constants.X_OK)) return candidate;
      }
      return undefined;
    },
    exists: (file) => readable(file),
    list: (folder) => readdir(folder).catch(() => []),
    read: (file) => readFile(file, 'utf8').catch(() => undefined),
  };
}

/** Home folder of another user, from the system's user database: `name:x:uid:gid:text:home:shell`. */
async function homeOf(user: string): Promise<string | undefined> {
  const { status, stdout } = await runCommand('getent', ['passwd', user]);
  const home = stdout.split('\n')[0]?.split(':')[5];
  return status === 0 && home ? home : undefined;
}

/** Output of the commands meant here is a few lines; more than this is not kept. */
const OUTPUT_LIMIT = 1 << 20;

/** Runs a command for real. */
export const runCommand: CommandRunner = (command, args, input = '') =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'pipe', shell: false, windowsHide: true });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        if (output[stream].length < OUTPUT_LIMIT) output[stream] += text;
      });
    }
    child.on('error', (error) => resolve({ status: -1, stdout: '', stderr: error.message }));
    child.on('close', (status) => resolve({ status: status ?? -1, ...output }));
    // A command that ends without reading its input is told apart by its status, not by this.
    child.stdin.on('error', () => undefined).end(input);
  });
