import { createServer } from 'node:net';

export interface PortPair {
  readonly https: number;
  readonly http: number;
}

/** What the demo asks for first: no privileges are needed, and people know what they mean. */
export const FIRST_PAIR: PortPair = { https: 8443, http: 8080 };

/** How many pairs are tried before giving up. */
export const PAIRS = 100;

/** Whether every one of `hosts` has `port` free. */
export type IsFree = (hosts: readonly string[], port: number) => Promise<boolean>;

/** The first pair, or the next where both are free: 8444 and 8081, … undefined when a hundred are taken. */
export async function freePair(hosts: readonly string[], isFree: IsFree = canListen): Promise<PortPair | undefined> {
  for (let step = 0; step < PAIRS; step += 1) {
    const pair = { https: FIRST_PAIR.https + step, http: FIRST_PAIR.http + step };
    if ((await isFree(hosts, pair.https)) && (await isFree(hosts, pair.http))) return pair;
  }
  return undefined;
}

/** The loopback addresses of this machine: IPv6 may be off. */
export async function loopbackHosts(isFree: IsFree = canListen): Promise<string[]> {
  return (await isFree(['::1'], 0)) ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
}

export async function canListen(hosts: readonly string[], port: number): Promise<boolean> {
  for (const host of hosts) {
    const server = createServer();
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host, port }, () => resolve(true));
    });
    if (!listening) return false;
    await new Promise((resolve) => server.close(resolve));
  }
  return true;
}
