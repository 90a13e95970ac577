/**
 * The app behind every peer: nginx that answers with a fixed text, the cheapest thing that speaks keep-alive HTTP/1.1.
 * Its request counter (stub_status) tells how many requests a peer has passed on between two moments.
 */
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { findCommand } from './commands.ts';
import { temporaryPaths, userLine } from './peers/nginx.ts';
import { accepting, freePort, type Stage } from './processes.ts';

/** What the app answers to every request. */
export const BODY = 'The door is open.\n';

export interface Backend {
  readonly port: number;
  /** Requests that the app has answered so far, those for this number not counted. */
  requests(): Promise<number>;
}

export async function startBackend(stage: Stage, core: number): Promise<Backend> {
  const file = findCommand('nginx');
  if (file === undefined) throw new Error('the backend is nginx, which is not installed (Debian package nginx-light)');
  const port = await freePort();
  const statusPort = await freePort();
  const config = stage.file('backend.conf');
  writeFileSync(
    config,
    `daemon off;
${userLine}
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${stage.folder}/backend.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  ${temporaryPaths(stage.folder)}
  access_log off;
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  default_type text/plain;
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "${BODY.replace('\n', '\\n')}"; }
  }
  server {
    listen 127.0.0.1:${statusPort};
    location / { stub_status; }
  }
}
`,
  );
  const running = stage.start({ name: 'backend', file, args: ['-e', 'stderr', '-c', config], core });
  await accepting(running, port);

  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let asked = 0;
  return {
    port,
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
