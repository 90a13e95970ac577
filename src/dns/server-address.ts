import { ipFamily } from '../codec/ip-text.ts';
import type { ServerAddress } from './transport.ts';

/**
 * `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`; `port` where none is written. Undefined for
 * anything else.
 */
export function readServerAddress(text: string, port: number): ServerAddress | undefined {
  if (ipFamily(text) !== 0) return { address: text, port };
  const [, bracketed, plain, given] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  const number = given === undefined ? port : Number(given);
  if (ipFamily(address) === 0 || (given !== undefined && number < 1) || number > 0xffff) return undefined;
  return { address, port: number };
}
