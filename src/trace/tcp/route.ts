/**
 * Which way a packet to an address leaves this machine: not at all where the address is its own, else what `ip route get`
 * says, and /proc/net/route where that is missing.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { ipFamily, parseIpv4 } from '../../codec/ip-text.ts';

export interface Route {
  /** `eth0`, `lo`; '' where it was not told. */
  readonly device: string;
  /** The router that it goes to first; undefined where the address is on this link or this machine. */
  readonly gateway: string | undefined;
  /** Address that the kernel sends from; undefined where it was not told. */
  readonly source: string | undefined;
  /** The address is this machine's own. */
  readonly local: boolean;
  /** Who told it, for the words. */
  readonly toldBy: 'getifaddrs' | 'ip route get' | '/proc/net/route';
}

const TIMEOUT_MS = 1_000;

/** Undefined where nobody tells (another system, no route). */
export async function findRoute(address: string): Promise<Route | undefined> {
  if (process.platform !== 'linux') return undefined;
  const own = findOwn(networkInterfaces(), address);
  if (own !== undefined) return own;
  const told = await new Promise<string | undefined>((resolve) => {
    execFile('ip', ['route', 'get', address.replace(/%.*$/, '')], { timeout: TIMEOUT_MS }, (error, text) =>
      resolve(error === null ? text : undefined),
    );
  });
  if (told !== undefined) return parseRouteGet(told);
  if (ipFamily(address) === 4) {
    const table = await readFile('/proc/net/route', 'latin1').catch(() => '');
    return findInTable(table, address);
  }
  return undefined;
}

/**
 * The way to an address of this machine: Linux asks the table `local` first, where every address of every interface leads
 * to the loopback device, and with one of 127.0.0.0/8 all of its block.
 */
export function findOwn(interfaces: ReturnType<typeof networkInterfaces>, address: string): Route | undefined {
  const loopback = Object.keys(interfaces).find((name) => interfaces[name]?.some(({ internal }) => internal));
  const own = Object.values(interfaces).flatMap((one) => one?.map((at) => at.address) ?? []);
  const isBlock = parseIpv4(address)?.[0] === 127 && own.some((one) => one.startsWith('127.'));
  if (loopback === undefined || !(isBlock || own.includes(address.replace(/%.*$/, '')))) return undefined;
  return { device: loopback, gateway: undefined, source: undefined, local: true, toldBy: 'getifaddrs' };
}

/** `1.1.1.1 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0`, `local 127.0.0.1 dev lo src 127.0.0.1 uid 0`. */
export function parseRouteGet(text: string): Route | undefined {
  const words = (text.split('\n', 1)[0] ?? '').trim().split(/\s+/);
  const behind = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at >= 0 ? words[at + 1] : undefined;
  };
  const device = behind('dev');
  if (device === undefined) return undefined;
  const gateway = behind('via');
  // `via inet6 fe80::1` is how a next hop of the other family is written.
  const hop = gateway === 'inet6' || gateway === 'inet' ? words[words.indexOf('via') + 2] : gateway;
  return { device, gateway: hop, source: behind('src'), local: words[0] === 'local', toldBy: 'ip route get' };
}

/**
 * Looks an IPv4 address up in /proc/net/route: columns Iface Destination Gateway Flags … Mask, numbers in hexadecimal in
 * the machine's (little-endian) order. The longest mask wins.
 */
export function findInTable(table: string, address: string): Route | undefined {
  const wanted = numberOf(address);
  if (wanted === undefined) return undefined;
  let best: { mask: number; device: string; gateway: number } | undefined;
  for (const line of table.split('\n').slice(1)) {
    const [device, destination, gateway, flags, , , , mask] = line.trim().split(/\s+/);
    if (device === undefined || destination === undefined || gateway === undefined || mask === undefined) continue;
    // RTF_UP
    if ((Number.parseInt(flags ?? '0', 16) & 1) === 0) continue;
    const bits = swapped(mask);
    if ((wanted & bits) >>> 0 !== swapped(destination)) continue;
    if (best === undefined || bits > best.mask) best = { mask: bits, device, gateway: swapped(gateway) };
  }
  if (best === undefined) return undefined;
  const gateway = best.gateway === 0 ? undefined : dotted(best.gateway);
  return { device: best.device, gateway, source: undefined, local: false, toldBy: '/proc/net/route' };
}

function numberOf(address: string): number | undefined {
  if (ipFamily(address) !== 4) return undefined;
  return address.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0) >>> 0;
}

/** `010200C0` is 192.0.2.1. */
function swapped(hex: string): number {
  const value = Number.parseInt(hex, 16) >>> 0;
  return ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff0000) | (value << 24)) >>> 0;
}

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
