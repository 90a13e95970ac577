import net from 'node:net';
import { ipFamily } from '../codec/ip-text.ts';

/**
 * Before a handshake Node holds the server's name against its pattern of IPv6 addresses. Compiling that pattern takes
 * longer than the handshake does, and a command makes one. `ipFamily` says the same (`test/codec/ip-text.test.ts`), and Node
 * asks whatever stands here.
 */
export function spareAddressPattern(): void {
  Object.assign(net, { isIP: ipFamily });
}
