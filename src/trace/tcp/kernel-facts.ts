/** What Linux tells of one TCP connection when it is asked through `ss` (iproute2, tcp_info of the kernel). */
import { execFile, spawnSync } from 'node:child_process';

/** The two ends of a connection, as the kernel names them. */
export interface Endpoints {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Values of tcp_info; what the kernel did not tell is undefined. Times in milliseconds, sizes in octets. */
export interface TcpFacts {
  readonly state: string;
  readonly rttMs: number | undefined;
  readonly rttVarianceMs: number | undefined;
  readonly minRttMs: number | undefined;
  readonly mss: number | undefined;
  readonly pathMtu: number | undefined;
  readonly congestionWindow: number | undefined;
  readonly congestionControl: string | undefined;
  /** Shifts that the two ends announced: what they send with, what we announced. */
  readonly windowScale: { readonly theirs: number; readonly ours: number } | undefined;
  /** Segments sent again so far. */
  readonly retransmitted: number;
  readonly bytesSent: number | undefined;
  readonly bytesAcknowledged: number | undefined;
  readonly bytesReceived: number | undefined;
  readonly timestamps: boolean;
  readonly selectiveAcknowledgements: boolean;
}

const TIMEOUT_MS = 1_000;
const MOST_OUTPUT = 65_536;

/** Asks `ss`; undefined where there is none, or it knows nothing of the connection. */
export function askKernel(ends: Endpoints): Promise<TcpFacts | undefined> {
  return new Promise((resolve) => {
    if (process.platform !== 'linux') return resolve(undefined);
    execFile('ss', wordsFor(ends), settings, (error, text) => resolve(error === null ? parseSs(text) : undefined));
    return undefined;
  });
}

/** The same, and nothing else runs meanwhile: takes half the processor time, where there is nothing else to do. */
export function askKernelNow(ends: Endpoints): TcpFacts | undefined {
  if (process.platform !== 'linux') return undefined;
  const { status, stdout } = spawnSync('ss', wordsFor(ends), { ...settings, stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? parseSs(stdout) : undefined;
}

const settings = { timeout: TIMEOUT_MS, maxBuffer: MOST_OUTPUT, encoding: 'latin1' } as const;

function wordsFor({ localAddress, localPort, remoteAddress, remotePort }: Endpoints): string[] {
  return ['-tinHOa', `src = ${endOf(localAddress, localPort)} and dst = ${endOf(remoteAddress, remotePort)}`];
}

/** `[::1]:443`, `127.0.0.1:443`; a mapped address is asked for as the kernel keeps it. */
const endOf = (address: string, port: number): string =>
  address.includes(':') ? `[${address.replace(/%.*$/, '')}]:${port}` : `${address}:${port}`;

/**
 * Reads the first line that `ss -tinHO` prints for a connection:
 *
 *   ESTAB 0 0 127.0.0.1:5001 127.0.0.1:443 cubic wscale:7,7 rto:204 rtt:0.1/0.05 mss:32768 cwnd:10 retrans:0/2 …
 */
export function parseSs(text: string): TcpFacts | undefined {
  const line = text.split('\n', 1)[0] ?? '';
  const words = line.trim().split(/\s+/);
  const [state] = words;
  if (state === undefined || state === '' || words.length < 5) return undefined;
  const named = new Map<string, string>();
  for (const word of words.slice(5)) {
    const colon = word.indexOf(':');
    if (colon > 0) named.set(word.slice(0, colon), word.slice(colon + 1));
  }
  const number = (name: string): number | undefined => {
    const value = Number.parseFloat(named.get(name) ?? '');
    return Number.isFinite(value) ? value : undefined;
  };
  const [rtt, variance] = (named.get('rtt') ?? '').split('/').map(Number.parseFloat);
  const [theirs, ours] = (named.get('wscale') ?? '').split(',').map(Number.parseFloat);
  const again = Number.parseInt((named.get('retrans') ?? '').split('/')[1] ?? '0', 10);
  return {
    state,
    rttMs: finite(rtt),
    rttVarianceMs: finite(variance),
    minRttMs: number('minrtt'),
    mss: number('mss'),
    pathMtu: number('pmtu'),
    congestionWindow: number('cwnd'),
    congestionControl: words.find((word) => /^(?:cubic|bbr\d?|reno|dctcp|vegas|westwood|htcp)$/.test(word)),
    windowScale:
      finite(theirs) === undefined || finite(ours) === undefined ? undefined : { theirs: theirs!, ours: ours! },
    retransmitted: Number.isFinite(again) ? again : 0,
    bytesSent: number('bytes_sent'),
    bytesAcknowledged: number('bytes_acked'),
    bytesReceived: number('bytes_received'),
    timestamps: words.includes('ts'),
    selectiveAcknowledgements: words.includes('sack'),
  };
}

const finite = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) ? value : undefined;
