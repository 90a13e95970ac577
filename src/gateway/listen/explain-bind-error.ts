import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { finding, type Finding } from '../../story/finding.ts';
import { findPortHolder } from './port-holder.ts';

/** What could not be opened. */
export interface FailedBind {
  /** As configured; '' for all addresses. */
  readonly host: string;
  readonly port: number;
  /** The flag that chooses the port: `--https-port`. */
  readonly portOption: string;
}

const privilegedPortsEnd = 1024;

/** Turns the system's error code (`EACCES`, `EADDRINUSE`, …) into what happened, who is involved, and the ways out. */
export async function explainBindError(errorCode: string, { host, port, portOption }: FailedBind): Promise<Finding> {
  switch (errorCode) {
    case 'EADDRINUSE': {
      const holder = await findPortHolder(port);
      const common = { port, option: `${portOption} ${alternative(port)}` };
      if (holder.known === 'process') {
        return finding('port-taken', { ...common, holder: holder.program, pid: holder.pid });
      }
      if (holder.known === 'user') return finding('port-taken-by-user', { ...common, user: holder.user });
      return finding('port-taken-unknown', common);
    }
    case 'EACCES':
      return finding('port-forbidden', {
        port,
        firstFree: await readFirstFreePort(),
        node: process.execPath,
        option: `${portOption} ${alternative(port)}`,
      });
    case 'EADDRNOTAVAIL':
      return finding('address-not-here', { host, addresses: ownAddresses().join(', ') });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return finding('listen-host-unknown', { host });
    default:
      return finding('listen-failed', { host: host === '' ? '*' : host, port, detail: errorCode });
  }
}

/** A port to propose: the usual unprivileged ones, or the next one. */
function alternative(port: number): number {
  if (port === 443) return 8443;
  if (port === 80) return 8080;
  return port < 65_535 ? port + 1 : port - 1;
}

/** Linux lets the limit be moved; elsewhere it is what it always was. */
async function readFirstFreePort(): Promise<number> {
  try {
    return Number.parseInt(await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'), 10);
  } catch {
    return privilegedPortsEnd;
  }
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map(({ address }) => address));
}
