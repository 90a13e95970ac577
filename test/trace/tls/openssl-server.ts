import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tappedTlsConnect, type TappedTls, type TappedTlsOptions } from './tapped-connect.ts';

const version = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';

/** Why the live tests cannot run here, or false. */
export const lacksOpenssl = version.startsWith('OpenSSL 3') ? false : 'openssl 3 is absent';

const keyWords = {
  rsa: ['-newkey', 'rsa:2048'],
  ecdsa: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ecdsa384: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ed25519: ['-newkey', 'ed25519'],
  'rsa-pss': ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
} as const;

export type KeyKind = keyof typeof keyWords;

/** A running server: its port, what it has said so far, and a way to type to it. */
export interface OpensslServer {
  readonly port: number;
  readonly said: () => string;
  readonly type: (text: string) => void;
}

/** `openssl s_server`s with certificates of any kind of key, gone with the test. */
export class OpensslLab {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'menshen-tls-'));
  readonly #processes: ChildProcess[] = [];
  readonly #sockets: net.Socket[] = [];
  readonly #made = new Set<KeyKind>();

  place(name: string): string {
    return path.join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.place(name), 'utf8');
  }

  openssl(...words: readonly string[]): string {
    const result = spawnSync('openssl', words, { cwd: this.folder, encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`openssl ${words[0]}: ${result.stderr}`);
    return result.stdout;
  }

  /** Makes `<kind>.pem` and `<kind>.key`, self-signed for localhost. */
  certificate(kind: KeyKind): void {
    if (this.#made.has(kind)) return;
    this.#made.add(kind);
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    this.openssl(
      'req',
      '-x509',
      '-nodes',
      '-days',
      '2',
      ...keyWords[kind],
      ...subject,
      '-keyout',
      `${kind}.key`,
      '-out',
      `${kind}.pem`,
    );
  }

  async serve(kind: KeyKind, ...more: readonly string[]): Promise<OpensslServer> {
    this.certificate(kind);
    const words = ['s_server', '-accept', '127.0.0.1:0', '-cert', `${kind}.pem`, '-key', `${kind}.key`];
    const child = spawn('openssl', [...words, ...more], { cwd: this.folder, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#processes.push(child);
    let said = '';
    const port = await new Promise<number>((resolve, reject) => {
      const look = (chunk: Buffer): void => {
        said += chunk.toString('latin1');
        const found = /ACCEPT \S*:(\d+)/.exec(said)?.[1];
        if (found !== undefined) resolve(Number(found));
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('exit', () => reject(new Error(said)));
    });
    return { port, said: () => said, type: (text) => child.stdin.write(text) };
  }

  /** Connects through the tap; the TCP connection is closed with the lab. */
  async tap(port: number, options: Omit<TappedTlsOptions, 'socket'> = {}): Promise<TappedTls> {
    const socket = net.connect(port, '127.0.0.1');
    this.#sockets.push(socket);
    await once(socket, 'connect');
    return tappedTlsConnect({ socket, servername: 'localhost', ...options });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const child of this.#processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits for the handshake; throws what OpenSSL says where it fails. */
export async function secured({ secure }: TappedTls): Promise<void> {
  await once(secure, 'secureConnect');
}

/** Sends text, waits for the server to have it back or for an answer, and closes in order. */
export async function exchange(tapped: TappedTls, text: string, until: RegExp): Promise<string> {
  const { secure } = tapped;
  let answer = '';
  const answered = new Promise<void>((resolve, reject) => {
    secure.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (until.test(answer)) resolve();
    });
    secure.once('error', reject);
    secure.once('close', () => resolve());
  });
  secure.write(text);
  await answered;
  await closed(tapped);
  return answer;
}

export async function closed({ secure, closed: gone }: TappedTls): Promise<void> {
  secure.end();
  secure.resume();
  await gone;
}
