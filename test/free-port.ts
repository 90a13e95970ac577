/**
 * Ports for programs that have to be told theirs. A port that the kernel deals out and takes back is soon dealt out
 * again, to a connection or to another test; these come from below its range (32768 on Linux, `ip_local_port_range`; 49152
 * elsewhere, RFC 6335 section 6), and each is claimed by a file, so that tests in several processes never get the same.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const FIRST = 16_384;
const LAST = 32_767;
const claims = path.join(tmpdir(), 'menshen-test-ports');
const ours = new Set<string>();

process.once('exit', () => {
  for (const file of ours) rmSync(file, { force: true });
});

/** A port that is free on `address` over TCP and UDP, and stays this process's until it ends. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  mkdirSync(claims, { recursive: true });
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (claim(port) && (await isFreeTcp(port, address)) && (await isFreeUdp(port, address))) return port;
  }
  throw new Error(`no port between ${FIRST} and ${LAST} is free on ${address}`);
}

/** False where another process that still runs has the port. */
function claim(port: number): boolean {
  const file = path.join(claims, String(port));
  try {
    const opened = openSync(file, 'wx');
    writeSync(opened, String(process.pid));
    closeSync(opened);
    ours.add(file);
    return true;
  } catch {
    // Whoever takes an abandoned claim away does not use it in the same breath: two could do so at once.
    if (!ours.has(file) && !runs(ownerOf(file))) rmSync(file, { force: true });
    return false;
  }
}

/** 0 where it is not known. */
function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

function runs(pid: number): boolean {
  // Just made and not written into yet, or just taken away.
  if (pid === 0) return true;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isFreeTcp(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

function isFreeUdp(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
