/** Proving control of the names of an order, several at a time (RFC 8555 section 7.5). */
import { finding, type Finding } from '../../story/finding.ts';
import { identifierKey, validatedName } from '../identifier.ts';
import type { ChallengeSolver, ChallengeType, Identifier } from '../issuer.ts';
import type { Account, AccountKeeper } from './account.ts';
import { challengeFor } from './key-authorization.ts';
import { failed, permanent, succeeded, transient, type Failure, type Outcome } from './outcome.ts';
import { explainChallenge } from './problem.ts';
import type { AuthorizationResource, ChallengeResource } from './resources.ts';
import type { Poller } from './poll.ts';
import type { AcmeSession } from './session.ts';

/** Authorizations that are worked on at a time. */
const PARALLEL = 8;

export interface AuthorizationWork {
  readonly session: AcmeSession;
  readonly keeper: AccountKeeper;
  readonly poller: Poller;
  readonly account: Account;
  readonly solvers: readonly ChallengeSolver[];
  /** Names of the order, as they were asked for. */
  readonly identifiers: readonly Identifier[];
  /** Ways that failed for a name in an earlier order of the same issuance: `wayKey`s. */
  readonly spent: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}

export interface AuthorizationFailure extends Failure {
  /** Set where the CA refused one way of proof and another is left to try, with a new order. */
  readonly spentWay?: string;
}

const wayKey = (identifier: Identifier, type: ChallengeType): string => `${type} ${identifier.value}`;

/** Works through all authorizations; gives every failure, in the order of the URLs. */
export async function authorizeAll(
  urls: readonly string[],
  work: AuthorizationWork,
): Promise<readonly AuthorizationFailure[]> {
  const failures: (AuthorizationFailure | undefined)[] = urls.map(() => undefined);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < urls.length; index = next++) {
      const url = urls[index];
      if (url === undefined) continue;
      const outcome = await authorize(url, work);
      if (!outcome.ok) failures[index] = outcome.failure;
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, urls.length) }, worker));
  return failures.filter((failure) => failure !== undefined);
}

type Authorized =
  | { readonly ok: true; readonly value: undefined }
  | { readonly ok: false; readonly failure: AuthorizationFailure };

async function authorize(url: string, work: AuthorizationWork): Promise<Authorized> {
  const { session, signal } = work;
  const answer = await work.keeper.post({ url, payload: undefined, signal });
  if (!answer.ok) return answer;
  const read = session.resource('authorization', answer.value);
  if (!read.ok) return read;
  const authorization = read.value;
  const identifier = identifierOf(authorization, work.identifiers);
  if (identifier === undefined) {
    const { type, value } = authorization.identifier;
    const what = `authorization of ${type} ${value}`;
    return failed(transient(finding('acme-answer-untrue', { issuer: session.issuer, what })));
  }
  if (authorization.status === 'valid') return succeeded(undefined);
  if (authorization.status !== 'pending') return failed(outcomeOf(authorization, identifier, work));
  return prove(url, authorization, identifier, work);
}

/** The ordered name that an authorization is for. A CA tells of a wildcard by a flag beside the name behind `*.`. */
function identifierOf(
  { identifier, wildcard }: AuthorizationResource,
  ordered: readonly Identifier[],
): Identifier | undefined {
  const { type, value } = identifier;
  if (type !== 'dns' && type !== 'ip') return undefined;
  const key = identifierKey({ type, value: wildcard === true && !value.startsWith('*.') ? `*.${value}` : value });
  return ordered.find((one) => identifierKey(one) === key);
}

async function prove(
  url: string,
  authorization: AuthorizationResource,
  identifier: Identifier,
  work: AuthorizationWork,
): Promise<Authorized> {
  const { session, account, signal } = work;
  const ways = waysFor(authorization, identifier, work);
  let refusal: Finding | undefined;
  for (const [index, { solver, resource, token }] of ways.entries()) {
    const value = validatedName(identifier);
    const challenge = challengeFor(solver.type, { type: identifier.type, value }, token, account.key);
    try {
      // Where the answer cannot be put in place, the CA has not looked yet, and another way is open in this order.
      const presented = await solver.present(challenge, signal ?? new AbortController().signal);
      if (signal?.aborted === true) return failed(transient(finding('acme-stopped', { issuer: session.issuer })));
      if (presented !== undefined) {
        refusal ??= presented;
        continue;
      }
      const settled = await validate(url, resource.url, value, work);
      if (!settled.ok) return settled;
      if (settled.value === undefined) {
        const values = { issuer: session.issuer, name: identifier.value, way: solver.type };
        return failed(transient(finding('acme-validation-slow', values)));
      }
      if (settled.value.status === 'valid') return succeeded(undefined);
      const failure = outcomeOf(settled.value, identifier, work, solver.type);
      const another = ways.slice(index + 1).some((way) => way.solver.type !== solver.type);
      return { ok: false, failure: another ? { ...failure, spentWay: wayKey(identifier, solver.type) } : failure };
    } finally {
      await solver.withdraw(challenge);
    }
  }
  if (refusal !== undefined) return failed(transient(refusal));
  const offered = authorization.challenges.map(({ type }) => type).join(', ');
  const covering = work.solvers.filter((solver) => solver.covers(identifier)).map(({ type }) => type);
  const values = {
    issuer: session.issuer,
    name: identifier.value,
    offered: offered || '-',
    available: [...new Set(covering)].join(', ') || '-',
  };
  return failed(permanent(finding('acme-no-way-of-proof', values)));
}

/**
 * Tells the CA to look, and waits for what it says; undefined where it says nothing in time. Most CAs look once and end
 * the authorization; some keep the challenge pending, with the error, until they are told to look again (section 8.2).
 */
async function validate(
  url: string,
  challengeUrl: string,
  about: string,
  work: AuthorizationWork,
): Promise<Outcome<AuthorizationResource | undefined>> {
  const { session, keeper, poller, signal } = work;
  for (let look = 1; ; look++) {
    const told = await keeper.post({ url: challengeUrl, payload: {}, about, repeatable: true, signal });
    // Refused where the CA has looked already (a repeated request): the authorization itself says how it went.
    if (!told.ok && told.failure.problem === undefined) return told;
    const looked = (authorization: AuthorizationResource): boolean =>
      authorization.status !== 'pending' || failedChallenge(authorization, challengeUrl);
    const settled = await poller.until(url, 'authorization', looked, signal);
    // Had the CA refused to look for good, waiting was in vain, and the refusal tells more than the waiting.
    if (settled.ok && settled.value === undefined && !told.ok) return told;
    if (!settled.ok || settled.value?.status !== 'pending' || look === LOOKS) return settled;
    await session.sleep(LOOK_PAUSE_MS * look, signal);
  }
}

const LOOKS = 3;
const LOOK_PAUSE_MS = 3000;

const failedChallenge = ({ challenges }: AuthorizationResource, url: string): boolean =>
  challenges.some((one) => one.url === url && one.status === 'pending' && one.error !== undefined);

interface Way {
  readonly solver: ChallengeSolver;
  readonly resource: ChallengeResource;
  readonly token: string;
}

/** Solvers in their order, as far as the CA offers their challenge and they have not failed before. */
function waysFor(authorization: AuthorizationResource, identifier: Identifier, work: AuthorizationWork): Way[] {
  return work.solvers.flatMap((solver) => {
    const resource = authorization.challenges.find(({ type }) => type === solver.type);
    const usable = !work.spent.has(wayKey(identifier, solver.type)) && solver.covers(identifier);
    return usable && resource?.token !== undefined ? [{ solver, resource, token: resource.token }] : [];
  });
}

/** Why an authorization is not valid, from the challenge that failed. */
function outcomeOf(
  authorization: AuthorizationResource,
  identifier: Identifier,
  work: AuthorizationWork,
  tried?: ChallengeType,
): Failure {
  const { issuer } = work.session;
  const context = { issuer, name: validatedName(identifier) };
  const culprit =
    authorization.challenges.find(({ type, error }) => error !== undefined && type === tried) ??
    authorization.challenges.find(({ error }) => error !== undefined);
  const type = challengeTypes.find((known) => known === culprit?.type) ?? tried;
  const looked = authorization.status === 'invalid' || authorization.status === 'pending';
  if (looked && type !== undefined) return explainChallenge(culprit ?? {}, type, context);
  const values = { ...context, status: authorization.status };
  return transient(finding('acme-authorization-ended', values));
}

const challengeTypes: readonly ChallengeType[] = ['http-01', 'tls-alpn-01', 'dns-01'];
