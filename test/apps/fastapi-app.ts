import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { describePlace, type App, type Place } from './app.ts';

const PYTHON = '/usr/bin/python3';

/** Why the FastAPI app cannot run here, for `t.skip`; undefined when it can. */
export function fastApiMissing(): string | undefined {
  const done = spawnSync(PYTHON, ['-c', 'import fastapi, uvicorn, websockets']);
  return done.status === 0
    ? undefined
    : 'needs FastAPI and Uvicorn (Debian packages python3-fastapi python3-uvicorn python3-websockets)';
}

/** Starts `fastapi_app.py` under Uvicorn, one process, and resolves when it listens. */
export async function startFastApi(place: Place = {}): Promise<App> {
  const where =
    place.socketPath === undefined
      ? ['--host', '127.0.0.1', '--port', String(place.port ?? 0)]
      : ['--uds', place.socketPath];
  const folder = path.join(process.cwd(), 'test', 'apps');
  const args = ['-B', '-m', 'uvicorn', '--app-dir', folder, '--no-access-log', '--no-use-colors', ...where];
  const child = spawn(PYTHON, [...args, 'fastapi_app:app'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // A test that dies must not leave the app behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const port = await new Promise<number>((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Uvicorn ended with ${code}: ${said}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      said += String(chunk);
      const running = /Uvicorn running on (?:http:\/\/[\d.]+:(\d+)|unix socket)/.exec(said);
      if (running !== null) resolve(Number(running[1] ?? 0));
    });
  });
  return {
    ...describePlace(port, place.socketPath ?? ''),
    async close() {
      process.off('exit', kill);
      child.kill('SIGKILL');
      await ended;
    },
  };
}
