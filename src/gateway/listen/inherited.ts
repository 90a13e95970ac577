/**
 * Sockets that systemd (or anything that speaks its protocol, sd_listen_fds(3)) has opened and handed over: they are the
 * descriptors from 3 on, LISTEN_FDS of them, meant for the process LISTEN_PID, named by LISTEN_FDNAMES (`https:http`).
 *
 * Node marks inherited descriptors close-on-exec when it starts, so that no program started from here gets them.
 */
import type { Server } from 'node:net';
import { finding, type Finding } from '../../story/finding.ts';
import { defaultBacklog, describeListening, tryListen, type Listening } from './bind.ts';

/** SD_LISTEN_FDS_START. */
const firstDescriptor = 3;
/** Nobody hands over more; a number beyond is a mistake. */
const maximumSockets = 64;

export interface InheritedSocket {
  readonly fd: number;
  /** Of FileDescriptorName=; '' where none was given. */
  readonly name: string;
}

export type ListenerRole = 'https' | 'http';

export type InheritedResult =
  | { readonly ok: true; readonly listeners: readonly (Listening & { readonly role: ListenerRole })[] }
  | { readonly ok: false; readonly finding: Finding };

/**
 * Reads what was handed over to process `pid`, and takes the variables out of `env`, so that a program started from here
 * does not believe that they are meant for it. Empty where nothing was handed over, or not to this process.
 */
export function takeInheritedSockets(env: Record<string, string | undefined>, pid: number): InheritedSocket[] {
  const { LISTEN_PID: forProcess, LISTEN_FDS: count = '', LISTEN_FDNAMES: names = '' } = env;
  for (const variable of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[variable];
  if (forProcess !== String(pid) || !/^[1-9]\d?$/.test(count) || Number(count) > maximumSockets) return [];
  const given = names.split(':');
  return Array.from({ length: Number(count) }, (_, index) => ({
    fd: firstDescriptor + index,
    name: given[index] ?? '',
  }));
}

/** By name, else by port: as configured, or as everybody knows it. Undefined where neither tells. */
function roleOf(name: string, port: number, ports: Readonly<Record<ListenerRole, number>>): ListenerRole | undefined {
  if (name === 'https' || name === 'http') return name;
  if (port === ports.https || port === 443) return 'https';
  if (port === ports.http || port === 80) return 'http';
  return undefined;
}

/**
 * What each of the sockets is for: by name or port, and what neither tells by order. The first is for HTTPS, the second
 * for plain HTTP, where no other has that role.
 */
export function assignRoles(
  sockets: readonly { readonly name: string; readonly port: number }[],
  ports: Readonly<Record<ListenerRole, number>>,
): ListenerRole[] | Finding {
  const roles = sockets.map(({ name, port }) => roleOf(name, port, ports));
  for (const role of ['https', 'http'] as const) {
    const unclear = roles.indexOf(undefined);
    if (unclear >= 0 && !roles.includes(role)) roles[unclear] = role;
  }
  const unclear = roles.indexOf(undefined);
  if (unclear < 0) return roles as ListenerRole[];
  const { name, port } = sockets[unclear]!;
  return finding('inherited-socket-unclear', { name: name || '-', port });
}

/**
 * Listens on inherited sockets and says what each is for (see `assignRoles`).
 *
 * Connections may be waiting already: attach the listeners of the servers before the event loop turns.
 */
export async function listenInherited(
  sockets: readonly InheritedSocket[],
  createServer: () => Server,
  ports: Readonly<Record<ListenerRole, number>>,
): Promise<InheritedResult> {
  const servers = sockets.map(() => createServer());
  const closeAll = (): void => servers.forEach((server) => server.listening && server.close());
  // All in one turn of the event loop, so that none accepts while another is still being opened.
  const codes = await Promise.all(
    sockets.map(({ fd }, index) => tryListen(servers[index]!, { fd, backlog: defaultBacklog })),
  );
  const failed = codes.findIndex((code) => code !== '');
  if (failed >= 0) {
    closeAll();
    const { fd, name } = sockets[failed]!;
    return {
      ok: false,
      finding: finding('inherited-socket-unusable', { fd, name: name || '-', detail: codes[failed] ?? '' }),
    };
  }
  const listening = servers.map(describeListening);
  const roles = assignRoles(
    listening.map(({ port }, index) => ({ name: sockets[index]!.name, port })),
    ports,
  );
  if (!Array.isArray(roles)) {
    closeAll();
    return { ok: false, finding: roles };
  }
  return { ok: true, listeners: listening.map((listener, index) => ({ ...listener, role: roles[index]! })) };
}
