/**
 * One certificate, from the order to the chain (RFC 8555 section 7.4):
 *
 *     newOrder → pending ─ authorizations ─→ ready ─ finalize ─→ processing → valid → certificate
 *                   └──────────────── invalid ←────────┴───────────┘
 *
 * Each step starts from what the CA says the order is, never from what was last sent: lost answers, other processes and
 * resumed orders then need no cases of their own.
 */
import type { KeyObject } from 'node:crypto';
import { finding } from '../../story/finding.ts';
import { identifierKey } from '../identifier.ts';
import type { IssuedCertificate, IssueRequest, OrderProgress } from '../issuer.ts';
import type { Account, AccountKeeper } from './account.ts';
import { authorizeAll, type AuthorizationFailure } from './authorization.ts';
import { encodeCertificateRequest } from './certificate-request.ts';
import { endsIn, judgeChain, type IssuedChain } from './issued-chain.ts';
import { base64url } from './jws.ts';
import { linkTargets } from './link-header.ts';
import { failed, permanent, succeeded, transient, type Failure, type Outcome } from './outcome.ts';
import type { Poller } from './poll.ts';
import { explainProblem, problemType } from './problem.ts';
import { resourceLimits, type OrderResource } from './resources.ts';
import { findOpenOrder } from './open-orders.ts';
import type { AcmeSession } from './session.ts';

export interface OrderWork {
  readonly session: AcmeSession;
  readonly keeper: AccountKeeper;
  /** For challenges, and for the CA's own work after finalization. */
  readonly poller: Poller;
  readonly request: IssueRequest;
  readonly privateKey: KeyObject;
}

/** Orders made for one issuance at most: one, one for each other way of proof, one for what could not be resumed. */
const MAX_ORDERS = 4;
/** Steps of one order. A CA that sends it in circles ends here. */
const MAX_STEPS = 12;
const MAX_ALTERNATES = 8;

/** An order, and what became of it when it did not end with a certificate. */
type Run =
  | { readonly end: 'issued'; readonly certificate: IssuedCertificate }
  | { readonly end: 'failed'; readonly failure: Failure }
  /** A new order may do better: ways of proof are spent, or the old order is of no use. */
  | { readonly end: 'anew'; readonly failure: Failure };

export async function runOrder(work: OrderWork): Promise<Outcome<IssuedCertificate>> {
  const spent = new Set<string>();
  let resume = work.request.resume;
  let failure: Failure | undefined;
  for (let count = 0; count < MAX_ORDERS; count++) {
    const place: Outcome<string> = resume === undefined ? await placeOrder(work) : succeeded(resume.orderUrl);
    if (!place.ok) return place;
    const run = await new OrderRun(work, place.value, spent, resume !== undefined).run();
    if (run.end === 'issued') return succeeded(run.certificate);
    ({ failure } = run);
    if (run.end === 'failed') break;
    resume = undefined;
  }
  return failed(failure ?? transient(finding('acme-stopped', { issuer: work.session.issuer })));
}

const namesOf = ({ identifiers }: IssueRequest): string => identifiers.map(({ value }) => value).join(', ');

/** Makes an order, or finds the one that was made with its answer lost; gives its URL. */
async function placeOrder(work: OrderWork): Promise<Outcome<string>> {
  const { session, keeper, request } = work;
  const { signal } = request;
  const directory = await session.directory(signal);
  if (!directory.ok) return directory;
  const unsuitable = unsuitableProfile(work, directory.value.meta.profiles);
  if (unsuitable !== undefined) return failed(unsuitable);
  let replaces = directory.value.renewalInfo === undefined ? undefined : request.replaces;
  let adopt = request.adopt === true;
  let last: Outcome<string> | undefined;
  for (let attempt = 0; attempt < 4; attempt++) {
    if (adopt) {
      const open = await findOpenOrder(work);
      if (!open.ok) return open;
      if (open.value !== undefined) return told(work, open.value);
    }
    const answer = await keeper.post({
      url: directory.value.newOrder,
      payload: {
        identifiers: request.identifiers,
        ...(request.profile !== undefined && { profile: request.profile }),
        ...(replaces !== undefined && { replaces }),
      },
      about: namesOf(request),
      signal,
    });
    if (answer.ok) {
      const order = session.resource('order', answer.value);
      if (!order.ok) return order;
      const location = session.location(answer.value, directory.value.newOrder, 'order');
      return location.ok ? told(work, location.value) : location;
    }
    last = answer;
    const { failure } = answer;
    if (failure.lost === true) {
      adopt = true;
      // Some CAs answer the mark of a certificate that they do not know with a failure of their own.
      if (attempt > 0) replaces = undefined;
    } else if (replaces !== undefined && isAboutReplacing(failure)) {
      // It was replaced, perhaps by the very order whose answer was lost; ordering without the mark always goes.
      adopt ||= attempt > 0;
      replaces = undefined;
    } else return answer;
  }
  return last ?? failed(transient(finding('acme-stopped', { issuer: session.issuer })));
}

/** `alreadyReplaced` (RFC 9773 section 7.4), or the mark is refused as such: another CA's certificate, an unknown one. */
function isAboutReplacing({ problem, status }: Failure): boolean {
  if (problem === undefined) return false;
  const type = problemType(problem);
  if (type === 'alreadyReplaced' || status === 409) return true;
  return ['malformed', 'unauthorized'].includes(type) && /replace|certID|\bARI\b/i.test(problem.detail);
}

function unsuitableProfile(
  { session, request }: OrderWork,
  profiles: Readonly<Record<string, string>> | undefined,
): Failure | undefined {
  const { profile } = request;
  if (profile === undefined || (profiles !== undefined && Object.hasOwn(profiles, profile))) return undefined;
  const offered = Object.keys(profiles ?? {}).join(', ') || '-';
  return permanent(finding('acme-profile-unknown', { issuer: session.issuer, profile, offered }));
}

async function told({ request }: OrderWork, orderUrl: string): Promise<Outcome<string>> {
  await request.onProgress?.({ orderUrl, step: 'ordered' });
  return succeeded(orderUrl);
}

class OrderRun {
  readonly #work: OrderWork;
  readonly #url: string;
  readonly #spent: Set<string>;
  readonly #resumed: boolean;
  #finalized = false;
  #finalizeFailures = 0;

  constructor(work: OrderWork, url: string, spent: Set<string>, resumed: boolean) {
    this.#work = work;
    this.#url = url;
    this.#spent = spent;
    this.#resumed = resumed;
  }

  async run(): Promise<Run> {
    const { session, request } = this.#work;
    for (let step = 0; step < MAX_STEPS; step++) {
      const order = await this.#look();
      if (!order.ok) return this.#unknown(order.failure);
      const foreign = this.#foreignNames(order.value);
      if (foreign !== undefined) return { end: this.#resumed ? 'anew' : 'failed', failure: foreign };
      switch (order.value.status) {
        case 'pending': {
          const ended = await this.#authorize(order.value);
          if (ended !== undefined) return ended;
          break;
        }
        case 'ready': {
          await this.#progress('authorized');
          const ended = await this.#finalize(order.value);
          if (ended !== undefined) return ended;
          break;
        }
        case 'processing': {
          const settled = await this.#settle(({ status }) => status !== 'processing');
          if (settled !== undefined) return settled;
          break;
        }
        case 'valid':
          await this.#progress('issued');
          return this.#collect(order.value);
        case 'invalid':
          return this.#invalid(order.value);
      }
    }
    const values = { issuer: session.issuer, name: namesOf(request) };
    return { end: 'failed', failure: transient(finding('acme-order-slow', values)) };
  }

  async #look(): Promise<Outcome<OrderResource>> {
    const { keeper, session, request } = this.#work;
    const answer = await keeper.post({
      url: this.#url,
      payload: undefined,
      about: namesOf(request),
      signal: request.signal,
    });
    return answer.ok ? session.resource('order', answer.value) : answer;
  }

  async #progress(step: OrderProgress['step']): Promise<void> {
    await this.#work.request.onProgress?.({ orderUrl: this.#url, step });
  }

  /** A resumed order that the CA does not know any more is made anew. */
  #unknown(failure: Failure): Run {
    const gone =
      failure.status === 404 ||
      failure.status === 410 ||
      ((failure.status ?? 0) < 500 && failure.problem !== undefined && forgotten.has(problemType(failure.problem)));
    return { end: this.#resumed && gone ? 'anew' : 'failed', failure };
  }

  /** An order for other names than ours: the CA mixes things up, or the progress was of something else. */
  #foreignNames(order: OrderResource): Failure | undefined {
    const { session, request } = this.#work;
    const ordered = new Set(order.identifiers.map(({ type, value }) => keyOf(type, value)));
    const same =
      ordered.size === new Set(request.identifiers.map(identifierKey)).size &&
      request.identifiers.every((identifier) => ordered.has(identifierKey(identifier)));
    if (same) return undefined;
    const what = `order for ${order.identifiers.map(({ value }) => value).join(', ')}`;
    return transient(finding('acme-answer-untrue', { issuer: session.issuer, what }));
  }

  async #authorize(order: OrderResource): Promise<Run | undefined> {
    const { session, keeper, poller, request } = this.#work;
    const { signal } = request;
    const account: Outcome<Account> = await keeper.open(signal);
    if (!account.ok) return { end: 'failed', failure: account.failure };
    const failures = await authorizeAll(order.authorizations, {
      session,
      keeper,
      poller,
      account: account.value,
      solvers: request.solvers,
      identifiers: request.identifiers,
      spent: this.#spent,
      signal,
    });
    if (failures.length > 0) return this.#afterFailures(failures);
    // The last authorization makes the order ready; a CA may take a moment to see it.
    return this.#settle(({ status }) => status !== 'pending');
  }

  /** Another order helps only where every name that failed has another way left. */
  #afterFailures(failures: readonly AuthorizationFailure[]): Run {
    for (const { spentWay } of failures) if (spentWay !== undefined) this.#spent.add(spentWay);
    const failure = joinFailures(failures);
    const everyOneHasAnother = failures.every(({ spentWay }) => spentWay !== undefined);
    // A resumed order may have been spoilt by the process that died; a new one has not.
    const stale = this.#resumed && failures.every(({ finding }) => finding.code === 'acme-authorization-ended');
    return { end: everyOneHasAnother || stale ? 'anew' : 'failed', failure };
  }

  async #finalize(order: OrderResource): Promise<Run | undefined> {
    const { session, keeper, request, privateKey } = this.#work;
    const csr = encodeCertificateRequest(request.identifiers, privateKey);
    if (csr === undefined) {
      return { end: 'failed', failure: permanent(finding('acme-key-unsupported', { name: namesOf(request) })) };
    }
    const answer = await keeper.post({
      url: order.finalize,
      payload: { csr: base64url(csr) },
      about: namesOf(request),
      signal: request.signal,
    });
    if (answer.ok) {
      if (!this.#finalized) await this.#progress('finalized');
      this.#finalized = true;
      return undefined;
    }
    // Where the answer was lost, or the order had moved on, the next look at it tells.
    const { failure } = answer;
    const moved = failure.problem !== undefined && problemType(failure.problem) === 'orderNotReady';
    this.#finalizeFailures += 1;
    const hopeless = this.#finalizeFailures === MAX_FINALIZE_FAILURES;
    if (hopeless || (failure.lost !== true && !moved)) return { end: 'failed', failure };
    await session.sleep(FINALIZE_PAUSE_MS * this.#finalizeFailures, request.signal);
    return undefined;
  }

  async #settle(settled: (order: OrderResource) => boolean): Promise<Run | undefined> {
    const { session, poller, request } = this.#work;
    const order = await poller.until(this.#url, 'order', settled, request.signal);
    if (!order.ok) return { end: 'failed', failure: order.failure };
    if (order.value !== undefined) return undefined;
    const values = { issuer: session.issuer, name: namesOf(request) };
    return { end: 'failed', failure: transient(finding('acme-order-slow', values)) };
  }

  #invalid(order: OrderResource): Run {
    const { session, request } = this.#work;
    const context = { issuer: session.issuer, name: namesOf(request) };
    const failure =
      order.error === undefined
        ? transient(finding('acme-order-invalid', context))
        : explainProblem(order.error, context);
    return { end: this.#resumed ? 'anew' : 'failed', failure };
  }

  async #collect(order: OrderResource): Promise<Run> {
    const { session, keeper, request, privateKey } = this.#work;
    const { signal, preferredChain } = request;
    const { issuer } = session;
    if (order.certificate === undefined) {
      const values = { issuer, resource: 'order', problem: 'valid, but without a certificate URL' };
      return { end: 'failed', failure: transient(finding('acme-answer-malformed', values)) };
    }
    const download = (url: string) =>
      keeper.post({
        url,
        payload: undefined,
        accept: 'application/pem-certificate-chain',
        maxBytes: resourceLimits.chainBytes,
        signal,
      });
    const answer = await download(order.certificate);
    if (!answer.ok) return { end: 'failed', failure: answer.failure };
    const { identifiers } = request;
    const judge = (pem: string) => judgeChain(pem, { issuer, identifiers, privateKey, nowMs: session.clock() });
    const judged = judge(answer.value.content);
    if (!judged.ok) {
      // An order of a process that died may hold a certificate for a key that was lost with it; and a CA that hands one
      // open order to everybody who orders the same names lets the first to finalize it have it.
      const taken = judged.finding.code === 'acme-certificate-foreign-key' && !this.#spent.has(TAKEN_ORDER);
      if (taken) this.#spent.add(TAKEN_ORDER);
      return { end: taken ? 'anew' : 'failed', failure: transient(judged.finding) };
    }
    let { chain } = judged;
    if (preferredChain !== undefined && !endsIn(chain, preferredChain)) {
      const links = linkTargets(answer.value.headers['link'], 'alternate', order.certificate);
      chain = (await this.#alternate(links, preferredChain, download, judge)) ?? chain;
    }
    return { end: 'issued', certificate: { chainPem: chain.pem, orderUrl: this.#url } };
  }

  /** The first of the alternate chains that is sound and ends as preferred (section 7.4.2). */
  async #alternate(
    links: readonly string[],
    preferred: string,
    download: (url: string) => ReturnType<AccountKeeper['post']>,
    judge: (pem: string) => ReturnType<typeof judgeChain>,
  ): Promise<IssuedChain | undefined> {
    for (const url of links.slice(0, MAX_ALTERNATES)) {
      if (!url.startsWith('https:')) continue;
      const answer = await download(url);
      const judged = answer.ok ? judge(answer.value.content) : undefined;
      if (judged?.ok === true && endsIn(judged.chain, preferred)) return judged.chain;
    }
    return undefined;
  }
}

/** Stands among the ways that are spent once an order has turned out to be somebody else's. */
const TAKEN_ORDER = 'another key';

const FINALIZE_PAUSE_MS = 1000;
const MAX_FINALIZE_FAILURES = 4;

/** How CAs say that they know no such order. */
const forgotten = new Set(['malformed', 'unauthorized', 'notFound', '']);

const keyOf = (type: string, value: string): string =>
  type === 'dns' || type === 'ip' ? identifierKey({ type, value }) : `${type}:${value}`;

/** Several names failed for reasons of their own: the first leads, all are told, and the gravest decides. */
function joinFailures(failures: readonly AuthorizationFailure[]): Failure {
  const [first, ...others] = failures;
  if (first === undefined) throw new RangeError('no failure to join');
  const { spentWay: _, ...lead } = first;
  const retryTimes = failures.flatMap(({ retryAtMs }) => (retryAtMs === undefined ? [] : [retryAtMs]));
  return {
    ...lead,
    permanent: failures.some(({ permanent }) => permanent),
    countedByAuthority: failures.some(({ countedByAuthority }) => countedByAuthority),
    ...(retryTimes.length > 0 && { retryAtMs: Math.max(...retryTimes) }),
    also: [...(lead.also ?? []), ...others.flatMap(({ finding, also }) => [finding, ...(also ?? [])])],
  };
}
