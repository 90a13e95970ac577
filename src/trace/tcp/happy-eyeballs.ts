/**
 * Happy Eyeballs (RFC 8305 section 5): addresses are tried one after the other in the order given; the next begins when one
 * fails or 250 ms have gone by without an answer, and the first that connects wins.
 */
import net from 'node:net';

/** Section 8: the recommended Connection Attempt Delay. */
const ATTEMPT_DELAY_MS = 250;

/** One attempt to connect. Times are those of the clock passed in, in milliseconds. */
export interface ConnectTry {
  readonly address: string;
  readonly port: number;
  readonly startMs: number;
  /** Undefined while it runs. */
  endMs: number | undefined;
  /** `abandoned`: another one was faster. */
  outcome: 'running' | 'connected' | 'failed' | 'abandoned' | 'timed-out';
  /** The system's code where it failed: `ECONNREFUSED`. */
  reason: string;
}

export interface RaceOptions {
  readonly port: number;
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  readonly delayMs?: number;
  /** Opens a connection; by default the system's. */
  readonly open?: (address: string, port: number) => net.Socket;
}

export interface RaceResult {
  readonly tries: readonly ConnectTry[];
  /** Undefined where no address answered in time. */
  readonly socket: net.Socket | undefined;
  readonly winner: ConnectTry | undefined;
}

const openSocket = (address: string, port: number): net.Socket =>
  net.connect({ host: address, port, noDelay: true, autoSelectFamily: false });

/** Tries the addresses until one connects. Never rejects; losers are destroyed. */
export function raceConnect(addresses: readonly string[], options: RaceOptions): Promise<RaceResult> {
  const { port, timeoutMs, nowMs, delayMs = ATTEMPT_DELAY_MS, open = openSocket } = options;
  return new Promise((resolve) => {
    const tries: ConnectTry[] = [];
    const sockets = new Map<ConnectTry, net.Socket>();
    let next = 0;
    let settled = false;
    let delay: NodeJS.Timeout | undefined;
    const settle = (winner: ConnectTry | undefined): void => {
      if (settled) return;
      settled = true;
      clearTimeout(delay);
      clearTimeout(deadline);
      for (const [one, socket] of sockets) {
        if (one === winner) continue;
        if (one.outcome === 'running') {
          one.outcome = winner === undefined ? 'timed-out' : 'abandoned';
          one.endMs = nowMs();
        }
        socket.destroy();
      }
      resolve({ tries, socket: winner && sockets.get(winner), winner });
    };
    const deadline = setTimeout(() => settle(undefined), timeoutMs);
    const begin = (): void => {
      clearTimeout(delay);
      const address = addresses[next];
      if (address === undefined) {
        if (tries.every(({ outcome }) => outcome === 'failed')) settle(undefined);
        return;
      }
      next += 1;
      const one: ConnectTry = { address, port, startMs: nowMs(), endMs: undefined, outcome: 'running', reason: '' };
      tries.push(one);
      const socket = open(address, port);
      sockets.set(one, socket);
      socket.once('connect', () => {
        if (settled) return;
        one.outcome = 'connected';
        one.endMs = nowMs();
        settle(one);
      });
      // Stays for good: an error after the connection stands is told by whoever uses it, and must not end the process.
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (one.outcome !== 'running') return;
        one.outcome = 'failed';
        one.endMs = nowMs();
        one.reason = error.code ?? error.message;
        if (!settled) begin();
      });
      delay = setTimeout(begin, delayMs);
    };
    begin();
  });
}
