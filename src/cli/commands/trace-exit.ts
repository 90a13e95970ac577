/**
 * What `menshen trace` ends with: one code a cause. Those of names are the ones of `menshen dns`, those of certificates
 * the ones of `menshen verify`.
 */
import type { FindingCode } from '../../story/catalog/index.ts';
import type { Finding } from '../../story/finding.ts';
import { causeOf } from '../../trace/verify/cause.ts';
import { exitCodes, nameExitCodes, verifyExitCodes } from '../exit-codes.ts';
import { nameExitCode } from './dns-exit.ts';

export const traceExitCodes = {
  ...nameExitCodes,
  refused: 40,
  unreachable: 41,
  'connect-timeout': 42,
  reset: 43,
  handshake: 50,
  'plain-http': 51,
  'not-tls': 52,
  'handshake-timeout': 53,
  'http-status': 60,
  redirect: 61,
  protocol: 62,
  'too-large': 63,
  'response-timeout': 64,
  'cut-short': 65,
  content: 66,
  'time-out': 67,
} as const;

type TraceCause = keyof typeof traceExitCodes;

const causes: Partial<Record<FindingCode, TraceCause>> = {
  'trace-refused': 'refused',
  'trace-unreachable': 'unreachable',
  'trace-connect-timeout': 'connect-timeout',
  'trace-reset': 'reset',
  'trace-handshake-closed': 'handshake',
  'trace-handshake-refused': 'handshake',
  'trace-handshake-failed': 'handshake',
  'trace-old-version': 'handshake',
  'trace-no-shared-suite': 'handshake',
  'trace-unknown-name': 'handshake',
  'trace-alpn-mismatch': 'handshake',
  'trace-plain-http': 'plain-http',
  'trace-not-tls': 'not-tls',
  'trace-handshake-timeout': 'handshake-timeout',
  'trace-status-client': 'http-status',
  'trace-status-server': 'http-status',
  'trace-redirect-loop': 'redirect',
  'trace-too-many-redirects': 'redirect',
  'trace-redirect-unclear': 'redirect',
  'trace-not-http': 'protocol',
  'trace-response-malformed': 'protocol',
  'trace-not-http2': 'protocol',
  'trace-h2-violation': 'protocol',
  'trace-stream-reset': 'protocol',
  'trace-goaway': 'protocol',
  'trace-interim-flood': 'protocol',
  'trace-handshake-too-large': 'too-large',
  'trace-head-too-large': 'too-large',
  'trace-content-too-large': 'too-large',
  'trace-content-bomb': 'too-large',
  'trace-no-response': 'response-timeout',
  'trace-content-stalled': 'response-timeout',
  'trace-closed-without-answer': 'cut-short',
  'trace-head-cut-short': 'cut-short',
  'trace-content-cut-short': 'cut-short',
  'trace-coding-broken': 'content',
  'trace-time-out': 'time-out',
};

/** The exit code for the finding that decides; 0 where there is none. */
export function traceExitCode(decisive: Finding | undefined): number {
  if (decisive === undefined) return exitCodes.fine;
  const ofName = nameExitCode(decisive.code);
  if (ofName !== undefined) return ofName;
  const cause = causes[decisive.code];
  if (cause !== undefined) return traceExitCodes[cause];
  if (decisive.code === 'trace-client-certificate-required' || decisive.code === 'trace-client-certificate-refused')
    return verifyExitCodes['client-refused'];
  // A proof that does not hold, a version that somebody in between lowered, a heartbeat that asks for too much.
  if (decisive.code.startsWith('tls-')) return traceExitCodes.handshake;
  const ofCertificate = causeOf([decisive]);
  return ofCertificate === undefined ? exitCodes.mistakes : verifyExitCodes[ofCertificate];
}
