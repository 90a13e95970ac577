/** Keep-alive HTTP/1.1 load with wrk. */
import { writeFileSync } from 'node:fs';
import { requireCommand } from '../commands.ts';
import type { Bench, Subject } from '../scenario.ts';
import { responseLength } from './probe.ts';
import { tlsEnvironment } from './tls.ts';
import { LEAD_MS, measureWindow, type Served } from './window.ts';

/** What wrk says at the end (`done` in the script below). */
export interface WrkSummary {
  readonly requests: number;
  /** Octets of the responses, heads included. */
  readonly bytes: number;
  /** Responses that were not 2xx or 3xx. */
  readonly status: number;
  /** Failed connects, reads, writes, and responses that took longer than 2 s. */
  readonly socket: number;
}

/** The Lua script for wrk: `fields` are sent with each request, in addition to Host. */
export function wrkScript(fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([name, value]) => `wrk.headers[${luaString(name)}] = ${luaString(value)}`);
  return `${lines.join('\n')}
done = function(summary)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"bytes":%d,"status":%d,"socket":%d}\\n',
    summary.requests, summary.bytes, e.status, e.connect + e.read + e.write + e.timeout))
end
`;
}

function luaString(text: string): string {
  return `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;
}

export function parseWrk(output: string): WrkSummary {
  const line = output.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no summary: ${output}`);
  return JSON.parse(line) as WrkSummary;
}

/**
 * Says what is wrong with a run, or undefined. wrk does not compare bodies (reading them in Lua would cost more than the
 * peers do), but every response has the same length, so the octets tell; those in flight at the end are forgiven.
 */
export function faultOf(summary: WrkSummary, expectedLength: number, connections: number): string | undefined {
  if (summary.requests === 0) return 'it answered nothing';
  if (summary.status > 0) return `${summary.status} of ${summary.requests} answers were not 2xx`;
  if (summary.socket > 0) return `${summary.socket} connections or answers failed`;
  const surplus = summary.bytes - summary.requests * expectedLength;
  if (surplus < 0 || surplus > connections * expectedLength) {
    return `${summary.requests} answers of ${expectedLength} octets came as ${summary.bytes} octets`;
  }
  return undefined;
}

/**
 * Loads `subject` with wrk and returns what it served in a window of `seconds`. Throws when one answer was not as the first,
 * which is compared octet by octet.
 */
export async function loadWithWrk(
  subject: Subject,
  bench: Bench,
  load: { readonly fields: Readonly<Record<string, string>>; readonly connections: number },
  seconds: number,
): Promise<Served> {
  const file = requireCommand('wrk');
  const expectedLength = await responseLength(subject, bench, load.fields);
  const script = bench.stage.file('wrk.lua');
  writeFileSync(script, wrkScript(load.fields));
  const url = `https://${bench.serverName}:${subject.port}/`;
  const longest = Math.ceil(LEAD_MS / 1000 + seconds + 10);
  const threads = String(bench.loadCores.length);
  const size = ['-t', threads, '-c', String(load.connections), '-d', `${longest}s`, '--timeout', '5s'];
  const command = { name: 'wrk', file, args: [...size, '-s', script, url], cores: bench.loadCores };
  let window: Promise<Served> | undefined;
  try {
    const output = await bench.stage.run({ ...command, env: tlsEnvironment(bench) }, (longest + 10) * 1000, (wrk) => {
      // At SIGINT wrk stops and prints its summary.
      window = measureWindow(subject, bench, seconds).finally(() => wrk.child.kill('SIGINT'));
      // Whether it failed is asked below, after wrk has told what it saw.
      window.catch(() => undefined);
    });
    const fault = faultOf(parseWrk(output), expectedLength, load.connections);
    if (fault !== undefined) throw new Error(fault);
    if (window === undefined) throw new Error('wrk did not begin');
    return await window;
  } catch (error) {
    throw new Error(`${subject.name}: ${(error as Error).message}`, { cause: error });
  }
}
