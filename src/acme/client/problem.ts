/** What a CA's refusal means, and what mends it (RFC 8555 section 6.7; RFC 9773 section 7.4). */
import type { FindingCode } from '../../story/catalog/index.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { ChallengeType } from '../issuer.ts';
import { permanent, transient, type Failure } from './outcome.ts';
import { plainText } from './plain-text.ts';
import type { ChallengeResource, Problem, Subproblem } from './resources.ts';
import { readRetryTime } from './retry-after.ts';

/** What the request was about. */
export interface ProblemContext {
  readonly issuer: string;
  /** The names concerned, as people write them. */
  readonly name: string;
  readonly status?: number;
  /** From Retry-After. */
  readonly retryAtMs?: number | undefined;
}

const NAMESPACE = 'urn:ietf:params:acme:error:';

/** `rateLimited` of `urn:ietf:params:acme:error:rateLimited`; '' for a type of another namespace. */
export function problemType({ type }: Subproblem): string {
  return type.startsWith(NAMESPACE) ? type.slice(NAMESPACE.length) : '';
}

/** Refusals that say the same again until somebody changes something. */
const permanentTypes = new Set([
  'badCSR',
  'badPublicKey',
  'badSignatureAlgorithm',
  'caa',
  'externalAccountRequired',
  'invalidContact',
  'invalidProfile',
  'rejectedIdentifier',
  'unsupportedContact',
  'unsupportedIdentifier',
  'userActionRequired',
]);

const codes: Readonly<Record<string, FindingCode>> = {
  accountDoesNotExist: 'acme-account-unknown',
  alreadyReplaced: 'acme-already-replaced',
  alreadyRevoked: 'acme-already-revoked',
  badCSR: 'acme-csr-refused',
  badNonce: 'acme-nonce-refused',
  badPublicKey: 'acme-key-refused',
  badRevocationReason: 'acme-revocation-reason-refused',
  badSignatureAlgorithm: 'acme-signature-algorithm-refused',
  caa: 'acme-caa-forbids',
  connection: 'acme-validation-unreachable',
  dns: 'acme-validation-dns',
  externalAccountRequired: 'acme-external-account-required',
  incorrectResponse: 'acme-validation-wrong',
  invalidContact: 'acme-contact-refused',
  invalidProfile: 'acme-profile-refused',
  malformed: 'acme-request-refused',
  orderNotReady: 'acme-order-not-ready',
  rejectedIdentifier: 'acme-name-refused',
  serverInternal: 'acme-server-error',
  tls: 'acme-validation-tls',
  unauthorized: 'acme-unauthorized',
  unsupportedContact: 'acme-contact-refused',
  unsupportedIdentifier: 'acme-name-unsupported',
  userActionRequired: 'acme-user-action-required',
};

/** A refused request. Where subproblems name identifiers, the first of them is the finding and the others go along. */
export function explainProblem(problem: Problem, context: ProblemContext): Failure {
  const named = problem.subproblems.filter(({ identifier }) => identifier !== undefined);
  const about = named.length > 0 ? named : [problem];
  const findings = about.map((one) =>
    explainOne(one, { ...context, name: plainText(one.identifier?.value ?? context.name) }, problem.instance),
  );
  const [first, ...also] = findings;
  const found = first ?? explainOne(problem, context, problem.instance);
  const retryAtMs = context.retryAtMs ?? readRetryTime(problem.detail);
  const lasting =
    about.some((one) => permanentTypes.has(problemType(one))) || found.code === 'acme-account-deactivated';
  return (lasting ? permanent : transient)(found, {
    problem,
    also,
    ...(context.status !== undefined && { status: context.status }),
    ...(retryAtMs !== undefined && { retryAtMs }),
  });
}

function explainOne(problem: Subproblem, context: ProblemContext, instance: string | undefined): Finding {
  const { issuer, name } = context;
  const type = problemType(problem);
  const detail = plainText(problem.detail) || type || `status ${context.status ?? 0}`;
  // Validation errors may stand in an order as well, where no challenge says which port it was.
  const values = { issuer, name, detail, address: addressIn(problem.detail) || '?', port: '?' };
  if (type === 'rateLimited' || (type === '' && context.status === 429)) {
    const until = context.retryAtMs ?? readRetryTime(problem.detail);
    return until === undefined
      ? finding('acme-rate-limited', values)
      : finding('acme-rate-limited-until', { ...values, until: `${new Date(until).toISOString().slice(0, 19)}Z` });
  }
  if (type === 'userActionRequired') {
    return finding('acme-user-action-required', { ...values, url: plainText(instance ?? '') || detail });
  }
  if (type === 'unauthorized' && /deactivated|revoked/i.test(detail) && /account/i.test(detail)) {
    return finding('acme-account-deactivated', values);
  }
  const code = codes[type];
  if (code !== undefined) return finding(code, values);
  if ((context.status ?? 0) >= 500) return finding('acme-server-error', values);
  return finding('acme-refused', { ...values, type: plainText(problem.type) });
}

/** A challenge that the CA tried and found wanting. It counts it as a failed authorization. */
export function explainChallenge(
  challenge: Pick<ChallengeResource, 'error' | 'validationRecord'>,
  type: ChallengeType,
  context: ProblemContext,
): Failure {
  const problem: Problem = challenge.error ?? { type: 'about:blank', detail: '', subproblems: [] };
  const { issuer, name } = context;
  const detail = plainText(problem.detail) || problemType(problem) || 'no reason given';
  const last = challenge.validationRecord?.at(-1);
  const address = plainText(last?.addressUsed || addressIn(problem.detail)) || '?';
  const port = plainText(last?.port ?? '') || (type === 'tls-alpn-01' ? '443' : '80');
  const record = `_acme-challenge.${name}`;
  const values = { issuer, name, detail, address, port, record };
  const code = challengeCode(problemType(problem), type);
  const counted = { countedByAuthority: true, problem };
  if (code === undefined) return { ...explainProblem(problem, context), ...counted };
  return transient(finding(code, values), { ...counted, permanent: code === 'acme-caa-forbids' });
}

function challengeCode(problem: string, type: ChallengeType): FindingCode | undefined {
  if (problem === 'caa') return 'acme-caa-forbids';
  if (problem === 'dns') return type === 'dns-01' ? 'acme-record-lookup-failed' : 'acme-validation-dns';
  if (problem === 'connection') {
    return type === 'dns-01' ? 'acme-record-lookup-failed' : 'acme-validation-unreachable';
  }
  if (problem === 'tls') return 'acme-validation-tls';
  if (problem === 'malformed') return 'acme-validation-wrong';
  if (!['unauthorized', 'incorrectResponse', ''].includes(problem)) return undefined;
  if (type === 'dns-01') return 'acme-record-wrong';
  return type === 'http-01' ? 'acme-answer-wrong' : 'acme-validation-certificate-wrong';
}

/**
 * The address that a detail names: `203.0.113.5: Fetching http://…` and `During secondary validation: …` at Let's Encrypt,
 * `dial tcp 203.0.113.5:80: connect: …` at CAs written in Go. What failed in resolving names the resolver instead.
 */
function addressIn(detail: string): string {
  const address = '((?:\\d{1,3}\\.){3}\\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})';
  const leading = new RegExp(`(?:^|validation: )${address}: `, 'i').exec(detail);
  if (leading !== null) return leading[1] ?? '';
  if (/resolv|lookup/i.test(detail)) return '';
  return new RegExp(`dial tcp \\[?${address}\\]?:\\d+:`, 'i').exec(detail)?.[1] ?? '';
}
