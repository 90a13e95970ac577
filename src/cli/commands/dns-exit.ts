import type { FindingCode } from '../../story/catalog/index.ts';
import { exitCodes } from '../exit-codes.ts';

/** What `menshen dns` ends with where the record was not found; 0 and 2 as for every command. */
export const dnsExitCodes = {
  'no-such-name': 30,
  'no-data': 31,
  'server-failure': 32,
  unreachable: 33,
  lame: 34,
} as const;

const causes: Partial<Record<FindingCode, keyof typeof dnsExitCodes>> = {
  'dns-name-not-found': 'no-such-name',
  'dns-name-reserved': 'no-such-name',
  'dns-no-data': 'no-data',
  'dns-server-failure': 'server-failure',
  'dns-refused': 'server-failure',
  'dns-alias-loop': 'server-failure',
  'dns-alias-chain-too-long': 'server-failure',
  'dns-truncated': 'server-failure',
  'dns-malformed': 'server-failure',
  'dns-work-limit': 'server-failure',
  'dns-timeout': 'unreachable',
  'dns-unreachable': 'unreachable',
  'dns-aborted': 'unreachable',
  'dns-lame-delegation': 'lame',
  'dns-no-server-address': 'lame',
};

export function dnsExitCode(code: FindingCode): number {
  const cause = causes[code];
  return cause === undefined ? exitCodes.mistakes : dnsExitCodes[cause];
}
