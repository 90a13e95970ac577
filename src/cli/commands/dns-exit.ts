import type { FindingCode } from '../../story/catalog/index.ts';
import { exitCodes, nameExitCodes, type NameCause } from '../exit-codes.ts';

const causes: Partial<Record<FindingCode, NameCause>> = {
  'dns-name-not-found': 'no-such-name',
  'dns-name-reserved': 'no-such-name',
  'dns-no-data': 'no-record',
  'dns-server-failure': 'name-server-failure',
  'dns-refused': 'name-server-failure',
  'dns-alias-loop': 'name-server-failure',
  'dns-alias-chain-too-long': 'name-server-failure',
  'dns-truncated': 'name-server-failure',
  'dns-malformed': 'name-server-failure',
  'dns-work-limit': 'name-server-failure',
  'dns-timeout': 'name-timeout',
  'dns-unreachable': 'name-timeout',
  'dns-aborted': 'name-timeout',
  'dns-lame-delegation': 'name-lame',
  'dns-no-server-address': 'name-lame',
};

/** The exit code for a name that has not what was wanted; undefined for a finding about anything else. */
export function nameExitCode(code: FindingCode): number | undefined {
  const cause = causes[code];
  return cause && nameExitCodes[cause];
}

/** What `menshen dns` ends with for an error. */
export const dnsExitCode = (code: FindingCode): number => nameExitCode(code) ?? exitCodes.mistakes;
