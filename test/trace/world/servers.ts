import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { freePort } from '../../free-port.ts';
import { listening } from '../../listening.ts';
import { pem } from '../../pki/issue.ts';
import { serveSite } from '../../gateway/upstream/whole-gateway.ts';
import type { World } from '../world.ts';

/** Real servers for one certificate, all with the same page. */

export const PAGE = `${'the gods of the gate '.repeat(40)}\n`;

export interface RunningServer {
  readonly port: number;
  readonly host: string;
  readonly cacert: string;
  /** What the server has printed so far. */
  readonly said: () => string;
}

export const lacks = (program: string, word: string): string | undefined =>
  spawnSync(program, [word]).status === 0 ? undefined : `${program} is absent`;

function running(t: TestContext, program: string, words: readonly string[], cwd: string): [ChildProcess, () => string] {
  const child = spawn(program, [...words], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, HOME: cwd },
  });
  let said = '';
  const hear = (chunk: Buffer): void => void (said += chunk.toString('latin1'));
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  return [child, () => said];
}

function files(world: World): { readonly cert: string; readonly key: string; readonly page: string } {
  const { cert, key } = world.material;
  return { cert: world.file('site.pem', cert), key: world.file('site.key', key), page: world.file('page.txt', PAGE) };
}

const host = 'host.localhost';

export async function startNginx(t: TestContext, world: World): Promise<RunningServer> {
  const { cert, key } = files(world);
  const port = await freePort();
  for (const name of ['t1', 't2', 't3', 't4', 't5']) mkdirSync(`${world.folder}/${name}`);
  const config = world.file(
    'nginx.conf',
    `${process.getuid?.() === 0 ? 'user root; ' : ''}daemon off; master_process off; pid nginx.pid; error_log stderr crit; events {}
http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
types { text/plain txt; } gzip on; gzip_types text/plain; gzip_min_length 100;
server { listen 127.0.0.1:${port} ssl http2; root ${world.folder}; ssl_certificate ${cert}; ssl_certificate_key ${key};
ssl_protocols TLSv1.2 TLSv1.3; add_header X-Kind "first"; add_header X-Kind "second"; } }`,
  );
  const [, said] = running(t, 'nginx', ['-p', world.folder, '-c', config, '-e', 'stderr'], world.folder);
  await listening(port, said);
  return { port, host, cacert: world.cacert, said };
}

export async function startCaddy(t: TestContext, world: World): Promise<RunningServer> {
  const { cert, key } = files(world);
  const port = await freePort();
  const config = world.file(
    'Caddyfile',
    `{\n admin off\n auto_https off\n servers {\n  protocols h1 h2\n }\n}
https://${host}:${port} {\n bind 127.0.0.1\n tls ${cert} ${key}\n root * ${world.folder}\n file_server\n}\n`,
  );
  const [, said] = running(t, 'caddy', ['run', '--config', config, '--adapter', 'caddyfile'], world.folder);
  await listening(port, said);
  return { port, host, cacert: world.cacert, said };
}

/** `openssl s_server -WWW`, which answers with files, and prints every message (`-msg`). */
export async function startOpenSsl(t: TestContext, world: World, words: readonly string[]): Promise<RunningServer> {
  const { cert, key } = files(world);
  const rest = world.file('rest.pem', pem(world.chain.intermediate.bytes));
  const own = ['s_server', '-accept', '127.0.0.1:0', '-WWW', '-msg'];
  const certificate = words.includes('-cert') ? [] : ['-cert', cert, '-key', key, '-cert_chain', rest];
  const [child, said] = running(t, 'openssl', [...own, ...certificate, ...words], world.folder);
  for (let tries = 0; tries < 200 && !/ACCEPT \S*:\d+/.test(said()); tries += 1) {
    if (child.exitCode !== null) throw new Error(said());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return { port: Number(/ACCEPT \S*:(\d+)/.exec(said())?.[1]), host, cacert: world.cacert, said };
}

/** Our own gateway with a static site. */
export async function startGateway(t: TestContext, world: World): Promise<RunningServer> {
  files(world);
  mkdirSync(`${world.folder}/site`);
  world.file('site/page.txt', PAGE);
  const { port, ca } = await serveSite(t, { root: `${world.folder}/site` });
  return { port, host: 'app.test', cacert: world.file('gateway-ca.pem', ca), said: () => '' };
}

/** An RSA certificate of the same chain, for suites that need one: its options for `s_server`. */
export function rsaMaterial(world: World): readonly string[] {
  const folder = world.folder;
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-nodes',
    '-days',
    '2',
    '-newkey',
    'rsa:2048',
    '-subj',
    `/CN=${host}`,
    '-addext',
    `subjectAltName=DNS:${host}`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-addext',
    'extendedKeyUsage=serverAuth',
    '-keyout',
    `${folder}/rsa.key`,
    '-out',
    `${folder}/rsa.pem`,
  ]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  return ['-cert', `${folder}/rsa.pem`, '-key', `${folder}/rsa.key`];
}
