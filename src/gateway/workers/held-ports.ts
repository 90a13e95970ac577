/** All ports that a supervisor holds for its workers: what the configuration asks for, or what was handed over. */
import type { Config } from '../../config/config.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import { assignRoles, type InheritedSocket, type ListenerRole } from '../listen/inherited.ts';
import { holdInherited, holdPort, type HeldPort } from './held-port.ts';

export interface PortForWorkers extends HeldPort {
  /** Same as before where the same port is asked for again. */
  readonly id: string;
  readonly role: ListenerRole;
}

/**
 * The ports of `config`, those of `before` that are still asked for among them. Inherited sockets take the place of
 * ports, for good. Throws a FindingError where a port cannot be had; none has been opened then.
 */
export async function holdPorts(
  config: Config,
  inherited: readonly InheritedSocket[],
  before: readonly PortForWorkers[],
): Promise<readonly PortForWorkers[]> {
  if (inherited.length > 0) return before.length > 0 ? before : takeOver(config, inherited);
  const ports: PortForWorkers[] = [];
  for (const { role, host, port, portOption } of wantedPorts(config)) {
    const id = `${role} ${host} ${port}`;
    const open = before.find((one) => one.id === id);
    if (open !== undefined) {
      ports.push(open);
      continue;
    }
    const result = await holdPort({ host, port, portOption });
    if (!result.ok) {
      closeAllBut(before, ports);
      throw new FindingError(result.finding);
    }
    ports.push({ ...result.held, id, role });
  }
  return ports;
}

/** Closes those of `ports` that are not among `kept`. */
export function closeAllBut(kept: readonly PortForWorkers[], ports: readonly PortForWorkers[]): void {
  for (const port of ports) if (!kept.includes(port)) port.close();
}

function wantedPorts(config: Config) {
  const hosts = config.hosts.length > 0 ? config.hosts : [''];
  const wanted = (role: ListenerRole, port: number, portOption: string) =>
    hosts.map((host) => ({ role, host, port, portOption }));
  return [
    ...wanted('https', config.httpsPort, '--https-port'),
    ...(config.httpPort === 0 ? [] : wanted('http', config.httpPort, '--http-port')),
  ];
}

function takeOver(config: Config, inherited: readonly InheritedSocket[]): readonly PortForWorkers[] {
  const held = inherited.map((socket) => {
    try {
      return holdInherited(socket);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new FindingError(
        finding('inherited-socket-unusable', { fd: socket.fd, name: socket.name || '-', detail }),
        error,
      );
    }
  });
  const roles = assignRoles(
    held.map(({ port }, index) => ({ name: inherited[index]!.name, port })),
    { https: config.httpsPort, http: config.httpPort },
  );
  if (!Array.isArray(roles)) throw new FindingError(roles);
  return held.map((one, index) => ({ ...one, id: `inherited ${inherited[index]!.fd}`, role: roles[index]! }));
}
