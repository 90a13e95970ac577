/**
 * The apps behind every peer: nginx that answers with a fixed text or a file, the cheapest thing that speaks keep-alive
 * HTTP/1.1, and a sink that takes uploads in whole and judges their length (`load/sink.ts`). nginx's request counter
 * (stub_status) tells how many requests a peer has passed on between two moments.
 */
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { requireCommand } from './commands.ts';
import { temporaryPaths, userLine } from './peers/nginx.ts';
import { accepting, freePort, type Stage } from './processes.ts';

/** What the app answers to every request but those for files. */
export const BODY = 'The door is open.\n';

export interface Backend {
  readonly port: number;
  /** Port of the sink: `POST /up/LENGTH` is answered 200 when the content is as long as that, `/digest` with its SHA-256. */
  readonly sinkPort: number;
  /** Requests that nginx has answered so far, those for this number not counted. */
  requests(): Promise<number>;
}

/** Starts both apps on `cores`; files come from `root`. */
export async function startBackend(stage: Stage, cores: readonly number[], root: string): Promise<Backend> {
  const file = requireCommand('nginx');
  const port = await freePort();
  const statusPort = await freePort();
  const config = stage.file('backend.conf');
  writeFileSync(
    config,
    `daemon off;
${userLine}
worker_processes ${cores.length};
worker_rlimit_nofile 16384;
pid ${stage.folder}/backend.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  ${temporaryPaths(stage.folder, 'backend')}
  access_log off;
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  default_type text/plain;
  sendfile on;
  open_file_cache max=16;
  server {
    listen 127.0.0.1:${port} reuseport;
    location / { return 200 "${BODY.replace('\n', '\\n')}"; }
    location /down/ { root ${root}; }
  }
  server {
    listen 127.0.0.1:${statusPort};
    location / { stub_status; }
  }
}
`,
  );
  const running = stage.start({ name: 'backend', file, args: ['-e', 'stderr', '-c', config], cores });
  const sinkPort = await freePort();
  const sink = stage.start({
    name: 'sink',
    file: process.execPath,
    args: [fileURLToPath(new URL('load/sink.js', import.meta.url)), String(sinkPort)],
    cores,
  });
  await accepting(running, port);
  await accepting(sink, sinkPort);

  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let asked = 0;
  return {
    port,
    sinkPort,
    async requests() {
      const text = await get(statusPort, agent);
      asked += 1;
      return parseStubStatus(text) - asked;
    },
  };
}

/** The third number of stub_status: requests since the start, the asking one included. */
export function parseStubStatus(text: string): number {
  const numbers = /server accepts handled requests\s+\d+ \d+ (\d+)/.exec(text);
  if (numbers === null) throw new Error(`stub_status says something else: ${text}`);
  return Number(numbers[1]);
}

function get(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/', agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}
