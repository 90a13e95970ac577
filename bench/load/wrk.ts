/**
 * Keep-alive load with wrk, measured in a window in the middle of its run: the handshakes of its connections lie before
 * the window and their end behind it. What was served in the window is counted by the backend.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCommand } from '../commands.ts';
import { cpuMicroseconds } from '../measure.ts';
import type { Bench, Subject } from '../scenario.ts';
import { responseLength } from './probe.ts';

export const CONNECTIONS = 64;

/** Between wrk's start and the window: connections are open and every code path has been taken. */
const LEAD_MS = 700;

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
export function faultOf(summary: WrkSummary, expectedLength: number): string | undefined {
  if (summary.requests === 0) return 'it answered nothing';
  if (summary.status > 0) return `${summary.status} of ${summary.requests} answers were not 2xx`;
  if (summary.socket > 0) return `${summary.socket} connections or answers failed`;
  const surplus = summary.bytes - summary.requests * expectedLength;
  if (surplus < 0 || surplus > CONNECTIONS * expectedLength) {
    return `${summary.requests} answers of ${expectedLength} octets came as ${summary.bytes} octets`;
  }
  return undefined;
}

// wrk takes its TLS settings from OpenSSL's configuration: the same version, suite and group with every peer.
const OPENSSL_CONFIG = `openssl_conf = openssl_init
[openssl_init]
ssl_conf = ssl_configuration
[ssl_configuration]
system_default = tls
[tls]
MinProtocol = TLSv1.3
Ciphersuites = TLS_AES_128_GCM_SHA256
Groups = X25519
`;

/** Runs wrk against `subject` and returns the CPU time in microseconds that the peer spent on one request. */
export async function loadWithWrk(
  subject: Subject,
  bench: Bench,
  fields: Readonly<Record<string, string>>,
  seconds: number,
): Promise<number> {
  const file = findCommand('wrk');
  if (file === undefined) throw new Error('wrk is not installed (Debian package wrk)');
  const expectedLength = await responseLength(subject, bench, fields);
  const script = bench.stage.file('wrk.lua');
  const opensslConfig = bench.stage.file('openssl.cnf');
  writeFileSync(script, wrkScript(fields));
  writeFileSync(opensslConfig, OPENSSL_CONFIG);
  const url = `https://${bench.serverName}:${subject.port}/`;
  const wholeSeconds = Math.ceil(LEAD_MS / 1000 + seconds + 0.2);
  const running = bench.stage.start({
    name: 'wrk',
    file,
    args: ['-t', '1', '-c', `${CONNECTIONS}`, '-d', `${wholeSeconds}s`, '-s', script, url],
    core: bench.loadCore,
    pipe: true,
    env: { OPENSSL_CONF: opensslConfig },
  });
  let output = '';
  running.child.stdout?.on('data', (chunk: Buffer) => (output += String(chunk)));

  await sleep(LEAD_MS);
  const cpuBefore = cpuMicroseconds(subject.running.pid);
  const servedBefore = await bench.backend.requests();
  await sleep(seconds * 1000);
  const cpuAfter = cpuMicroseconds(subject.running.pid);
  const servedAfter = await bench.backend.requests();

  const how = await running.exited;
  if (!how.includes('exit status 0')) throw new Error(how);
  const fault = faultOf(parseWrk(output), expectedLength);
  if (fault !== undefined) throw new Error(`${subject.name}: ${fault}`);
  return (cpuAfter - cpuBefore) / (servedAfter - servedBefore);
}
