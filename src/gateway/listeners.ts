/** The open ports of a gateway: 443 and 80 or whatever the configuration says, or what systemd handed over. */
import net from 'node:net';
import type { Config } from '../config/config.ts';
import { FindingError } from '../story/finding-error.ts';
import { bindListener, defaultBacklog, describeListening, type Listening } from './listen/bind.ts';
import { listenInherited, type InheritedSocket, type ListenerRole } from './listen/inherited.ts';

/** What is done with accepted connections. */
export type AcceptConnection = (socket: net.Socket) => void;

export interface Listener extends Listening {
  readonly role: ListenerRole;
}

/** A port that another process has opened and hands over; it stays open there. */
export interface HandedPort {
  readonly id: string;
  readonly role: ListenerRole;
  /** What came over the channel between the processes: a handle that is bound and not yet accepted from here. */
  readonly handle: object;
}

export class Listeners {
  readonly #accept: Readonly<Record<ListenerRole, AcceptConnection>>;
  #open: readonly Listener[] = [];
  /** What the open listeners were opened for. */
  #key = '';
  #handed: ReadonlyMap<string, Listener> = new Map();

  constructor(accept: Readonly<Record<ListenerRole, AcceptConnection>>) {
    this.#accept = accept;
  }

  get open(): readonly Listener[] {
    return this.#open;
  }

  get addresses(): readonly string[] {
    return this.#open.map(addressOf);
  }

  /** Port that HTTPS is reached on from here; 0 while closed. */
  get httpsPort(): number {
    return this.#open.find((listener) => listener.role === 'https')?.port ?? 0;
  }

  /**
   * Opens what the configuration asks for. Inherited sockets take the place of ports. What is open already and asked for
   * still stays open; nothing is closed before all of the new is open. Throws a FindingError where a port cannot be had.
   */
  async listen(config: Config, inherited: readonly InheritedSocket[]): Promise<void> {
    const key = JSON.stringify([config.hosts, config.httpsPort, config.httpPort]);
    if (key === this.#key) return;
    const before = this.#open;
    const next: Listener[] = [];
    try {
      if (inherited.length > 0) {
        if (before.length > 0) return;
        next.push(...(await this.#inherit(config, inherited)));
      } else {
        for (const role of ['https', 'http'] as const) {
          const port = role === 'https' ? config.httpsPort : config.httpPort;
          if (role === 'http' && port === 0) continue;
          for (const host of config.hosts.length > 0 ? config.hosts : [''])
            next.push(await this.#bind(role, host, port, before));
        }
      }
    } catch (error) {
      for (const listener of next) if (!before.includes(listener)) listener.server.close();
      throw error;
    }
    this.#open = next;
    this.#key = key;
    for (const listener of before) if (!next.includes(listener)) listener.server.close();
  }

  /**
   * Accepts from these ports, and no longer from others that were handed over before. Several processes accept from one
   * port at a time: the kernel gives a connection to whichever asks first, and what waits is lost with none of them.
   */
  async listenHanded(ports: readonly HandedPort[]): Promise<void> {
    const before = this.#handed;
    const next = new Map<string, Listener>();
    for (const { id, role, handle } of ports) next.set(id, before.get(id) ?? (await this.#take(role, handle)));
    this.#handed = next;
    this.#open = [...next.values()];
    for (const [id, { server }] of before) if (!next.has(id)) server.close();
  }

  async #take(role: ListenerRole, handle: object): Promise<Listener> {
    const server = createServer();
    server.on('connection', this.#accept[role]);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(handle, defaultBacklog, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return { ...describeListening(server), role };
  }

  async #inherit(config: Config, sockets: readonly InheritedSocket[]): Promise<readonly Listener[]> {
    const ports = { https: config.httpsPort, http: config.httpPort };
    const result = await listenInherited(sockets, () => createServer(), ports);
    if (!result.ok) throw new FindingError(result.finding);
    for (const { server, role } of result.listeners) server.on('connection', this.#accept[role]);
    return result.listeners;
  }

  async #bind(role: ListenerRole, host: string, port: number, before: readonly Listener[]): Promise<Listener> {
    const kept = before.find(
      (listener) =>
        listener.role === role &&
        listener.port === port &&
        (listener.address === host || (host === '' && isAny(listener))),
    );
    if (kept !== undefined) return kept;
    const server = createServer();
    server.on('connection', this.#accept[role]);
    const portOption = role === 'https' ? '--https-port' : '--http-port';
    const result = await bindListener({ server, host, port, portOption });
    if (!result.ok) throw new FindingError(result.finding);
    return { ...result.listening, role };
  }

  /** Accepts no more connections; resolves when the ports are closed. Open connections are not touched. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    this.#key = '';
    this.#handed = new Map();
    for (const { server } of open) server.close();
  }
}

/** `https://0.0.0.0:443`, the way people would type it. */
export function addressOf({ role, address, port }: Pick<Listener, 'role' | 'address' | 'port'>): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${role}://${host}:${port}`;
}

function isAny({ address }: Listener): boolean {
  return address === '::' || address === '0.0.0.0';
}

function createServer(): net.Server {
  // Half-open: a client that has sent all of a tunnel's octets may still receive (RFC 6455 section 7.1.1).
  return net.createServer({ allowHalfOpen: true, noDelay: true });
}
