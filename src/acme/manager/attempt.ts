/**
 * One attempt to get one certificate, from the lease to the published version. In this order, so that a process that dies
 * at any point loses nothing and orders nothing twice:
 *
 *     1 take the lease            nobody else orders for this id
 *     2 look at the store again   somebody may have been quicker
 *     3 store the key             or find that of an order under way
 *     4 count the order           the CA will
 *     5 order                     every step stored before the next
 *     6 judge what came
 *     7 publish                   the order has done its work
 *     8 take the order away, give the lease back
 */
import { FindingError, onlyFinding } from '../../story/finding-error.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type {
  CertificateContent,
  CertificateStore,
  KeyType,
  OrderContent,
  StoredCertificate,
} from '../../store/certificate-store.ts';
import type { ChallengeSolver, Identifier, IssueFailure, IssueRequest, IssueResult } from '../issuer.ts';
import { setKey, type BudgetUse } from '../policy/budget.ts';
import { keepLease, LEASE_MS, type LeaseKeeper } from './lease-keeper.ts';
import type { LeafFacts, Material } from './material.ts';
import type { Timers } from './timers.ts';
import type { ManagedIssuer } from './wanted.ts';

export interface AttemptSurroundings {
  readonly store: CertificateStore;
  readonly clock: () => number;
  readonly timers: Timers;
  readonly material: Material;
  readonly solvers: readonly ChallengeSolver[];
  /** Who takes leases: unique among all processes. */
  readonly owner: string;
  /** Longest time for one order. */
  readonly orderTimeoutMs: number;
}

export interface Attempt {
  readonly id: string;
  readonly identifiers: readonly Identifier[];
  readonly keyType: KeyType;
  readonly issuer: ManagedIssuer;
  /** Fence of the certificate that is to be replaced, 0 for none. */
  readonly knownFence: number;
  readonly replaces: string | undefined;
  /** Try at the staging environment first. */
  readonly rehearse: boolean;
  /** Counts for the CA's limits; awaited before the order where it is about the order itself. */
  readonly count: (kind: BudgetUse['kind']) => Promise<void>;
  readonly signal: AbortSignal;
}

export type AttemptOutcome =
  | { readonly kind: 'published'; readonly certificate: StoredCertificate; readonly facts: LeafFacts }
  /** Issued, but the store could not take it: it can be served, and must be written again. */
  | {
      readonly kind: 'unkept';
      readonly certificate: StoredCertificate;
      readonly facts: LeafFacts;
      readonly finding: Finding;
    }
  /** Somebody else has published a newer one. */
  | { readonly kind: 'adopted'; readonly certificate: StoredCertificate }
  /** Somebody else is at it. */
  | { readonly kind: 'held' }
  | {
      readonly kind: 'failed';
      readonly failure: IssueFailure;
      /** It failed at the staging environment already. */
      readonly atStaging: boolean;
    };

/** An order that the CA would have forgotten by now is not taken up again. */
const OLDEST_ORDER_MS = 7 * 86_400_000;
/** How long an issuer that was told to stop may take to say so. */
const GRACE_MS = 5_000;

/** Never rejects. */
export async function attemptOrder(attempt: Attempt, around: AttemptSurroundings): Promise<AttemptOutcome> {
  const { store, clock, timers, owner } = around;
  try {
    const lease = await store.acquire(attempt.id, owner, LEASE_MS);
    if (lease === undefined) return { kind: 'held' };
    const keeper = keepLease(store, lease, clock, timers);
    let isForOthers = true;
    try {
      const outcome = await work(attempt, around, keeper);
      isForOthers = outcome.kind === 'failed' && mayDoBetter(outcome.failure);
      return outcome;
    } finally {
      await keeper.stop();
      await store.release(keeper.lease, isForOthers).catch(onlyFinding);
    }
  } catch (error) {
    return failed(explain(error, attempt));
  }
}

/** Whether another node should try at once: not where the CA itself has said no, which it counts. */
const mayDoBetter = ({ permanent, countedByAuthority }: IssueFailure): boolean => !permanent && !countedByAuthority;

async function work(attempt: Attempt, around: AttemptSurroundings, keeper: LeaseKeeper): Promise<AttemptOutcome> {
  const { store } = around;
  const present = await store.live(attempt.id);
  if (present !== undefined && present.fence > attempt.knownFence) return { kind: 'adopted', certificate: present };
  if (attempt.rehearse && attempt.issuer.staging !== undefined) {
    const failure = await rehearse(attempt, around, keeper);
    if (failure !== undefined) return { kind: 'failed', failure, atStaging: true };
  }
  const { order, wasKept } = await takeUpOrder(attempt, around, keeper);
  if (order.progress === undefined) await attempt.count('order');
  const result = await runOrder(attempt, around, keeper, order, wasKept);
  if (!result.ok) {
    if (result.failure.countedByAuthority) await attempt.count('failure').catch(onlyFinding);
    return failed(result.failure);
  }
  await attempt.count('certificate').catch(onlyFinding);
  return publish(attempt, around, keeper, { order, chainPem: result.certificate.chainPem });
}

/** The order under way where it is one for the same thing, else a new one whose key is on the disk when this resolves. */
async function takeUpOrder(
  attempt: Attempt,
  around: AttemptSurroundings,
  keeper: LeaseKeeper,
): Promise<{ readonly order: OrderContent; readonly wasKept: boolean }> {
  const { store, clock, material } = around;
  const { identifiers, keyType, issuer } = attempt;
  const kept = await store.order(attempt.id);
  const isSame =
    kept !== undefined &&
    kept.issuer === issuer.issuer.name &&
    kept.keyType === keyType &&
    kept.profile === issuer.profile &&
    setKey(kept.identifiers) === setKey(identifiers) &&
    clock() - kept.startedAtMs < OLDEST_ORDER_MS;
  if (isSame) return { order: kept, wasKept: true };
  const order: OrderContent = {
    identifiers,
    keyType,
    issuer: issuer.issuer.name,
    profile: issuer.profile,
    startedAtMs: clock(),
    privateKeyPem: await material.makeKey(keyType),
  };
  await store.beginOrder(keeper.lease, order);
  return { order, wasKept: false };
}

async function runOrder(
  attempt: Attempt,
  around: AttemptSurroundings,
  keeper: LeaseKeeper,
  order: OrderContent,
  wasKept: boolean,
): Promise<IssueResult> {
  let url = order.progress?.orderUrl;
  const resumed = url !== undefined;
  return bounded(attempt, around, keeper, (signal, isOver) =>
    attempt.issuer.issuer.issue({
      ...requestOf(attempt, around, order.privateKeyPem),
      // Whoever kept an order without progress may have died after the CA made it and before that was noted.
      ...(order.progress ? { resume: order.progress } : { adopt: wasKept }),
      signal,
      async onProgress(progress) {
        // An issuer that goes on after it was told to stop writes nothing any more.
        if (isOver())
          throw new FindingError(finding('store-lease-lost', { id: attempt.id, fence: keeper.lease.fence }));
        if (resumed && progress.orderUrl !== url) await attempt.count('order');
        url = progress.orderUrl;
        await around.store.advanceOrder(keeper.lease, progress);
      },
    }),
  );
}

/** A failure, or undefined where staging would issue. Nothing of it is kept. */
async function rehearse(
  attempt: Attempt,
  around: AttemptSurroundings,
  keeper: LeaseKeeper,
): Promise<IssueFailure | undefined> {
  const { staging } = attempt.issuer;
  if (staging === undefined) return undefined;
  const privateKeyPem = await around.material.makeKey(attempt.keyType);
  const { replaces: _, preferredChain: __, ...request } = requestOf(attempt, around, privateKeyPem);
  const result = await bounded(attempt, around, keeper, (signal) => staging.issue({ ...request, signal }));
  return result.ok ? undefined : { ...result.failure, countedByAuthority: false };
}

function requestOf(attempt: Attempt, { solvers }: AttemptSurroundings, privateKeyPem: string): IssueRequest {
  const { identifiers, replaces, issuer } = attempt;
  return {
    identifiers,
    privateKeyPem,
    solvers,
    ...(issuer.profile !== undefined && { profile: issuer.profile }),
    ...(issuer.preferredChain !== undefined && { preferredChain: issuer.preferredChain }),
    ...(replaces !== undefined && { replaces }),
  };
}

/** Gives an issuer a limited time; one that does not even stop when told is left behind. */
async function bounded(
  attempt: Attempt,
  around: AttemptSurroundings,
  keeper: LeaseKeeper,
  issue: (signal: AbortSignal, isOver: () => boolean) => Promise<IssueResult>,
): Promise<IssueResult> {
  const { timers, orderTimeoutMs } = around;
  const abort = (): void => keeper.abort();
  let isOver = false;
  let cancel = timers.start(orderTimeoutMs, abort);
  const leftBehind = new Promise<IssueResult>((resolve) => {
    const seconds = Math.round(orderTimeoutMs / 1000);
    const found = finding('renewal-timed-out', { issuer: attempt.issuer.issuer.name, name: nameOf(attempt), seconds });
    const wait = (): void => {
      cancel();
      cancel = timers.start(GRACE_MS, () => resolve({ ok: false, failure: transient(found) }));
    };
    if (keeper.signal.aborted) wait();
    else keeper.signal.addEventListener('abort', wait, { once: true });
  });
  if (attempt.signal.aborted) abort();
  else attempt.signal.addEventListener('abort', abort, { once: true });
  try {
    // Wrapped, so that an issuer that throws at once does so into the race.
    const result = (async () => issue(keeper.signal, () => isOver))();
    return await Promise.race([result, leftBehind]);
  } finally {
    isOver = true;
    cancel();
    attempt.signal.removeEventListener('abort', abort);
  }
}

async function publish(
  attempt: Attempt,
  around: AttemptSurroundings,
  keeper: LeaseKeeper,
  { order, chainPem }: { readonly order: OrderContent; readonly chainPem: string },
): Promise<AttemptOutcome> {
  const { store, clock, material } = around;
  const { id, identifiers, keyType, issuer } = attempt;
  const { privateKeyPem } = order;
  const name = issuer.issuer.name;
  const wrong = material.judge(chainPem, { issuer: name, identifiers, privateKeyPem, nowMs: clock() });
  const facts = wrong === undefined ? material.read(chainPem) : undefined;
  if (wrong !== undefined || facts === undefined) {
    // The order would give the same certificate again.
    await store.endOrder(keeper.lease);
    return failed(transient(wrong ?? finding('acme-certificate-malformed', { issuer: name })));
  }
  const { notBeforeMs, notAfterMs } = facts;
  const content: CertificateContent = {
    identifiers,
    keyType,
    issuer: name,
    profile: issuer.profile,
    chainPem,
    privateKeyPem,
    obtainedAtMs: clock(),
    notBeforeMs,
    notAfterMs,
  };
  try {
    const certificate = await store.publish(keeper.lease, content);
    await store.endOrder(keeper.lease).catch(onlyFinding);
    return { kind: 'published', certificate, facts };
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    if (error.finding.code === 'store-lease-lost') return { kind: 'held' };
    const certificate = { ...content, id, version: '', fence: keeper.lease.fence };
    return { kind: 'unkept', certificate, facts, finding: error.finding };
  }
}

/** Writes a certificate that the store could not take before. False: not yet. */
export async function keepCertificate(
  certificate: StoredCertificate,
  { store, owner }: AttemptSurroundings,
): Promise<StoredCertificate | undefined> {
  try {
    const lease = await store.acquire(certificate.id, owner, LEASE_MS);
    if (lease === undefined) return undefined;
    const { id: _, version: __, fence: ___, ...content } = certificate;
    const kept = await store.publish(lease, content);
    await store.endOrder(lease).catch(onlyFinding);
    await store.release(lease).catch(onlyFinding);
    return kept;
  } catch (error) {
    onlyFinding(error);
    return undefined;
  }
}

export const nameOf = ({ identifiers }: { readonly identifiers: readonly Identifier[] }): string =>
  identifiers.map(({ value }) => value).join(', ');

const failed = (failure: IssueFailure): AttemptOutcome => ({ kind: 'failed', failure, atStaging: false });

const transient = (found: Finding): IssueFailure => ({ finding: found, permanent: false, countedByAuthority: false });

/** What a store that fails, or an issuer that breaks its promise and throws, means for this attempt. */
function explain(error: unknown, attempt: Attempt): IssueFailure {
  if (error instanceof FindingError) return transient(error.finding);
  const reason = error instanceof Error ? error.message : String(error);
  return transient(
    finding('renewal-issuer-failed', { name: nameOf(attempt), issuer: attempt.issuer.issuer.name, reason }),
  );
}
