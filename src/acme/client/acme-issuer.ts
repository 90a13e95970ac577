/** A certificate authority that speaks ACME, as an Issuer. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { FindingError } from '../../story/finding-error.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { VERSION } from '../../version.ts';
import type { IssueRequest, Issuer, IssueResult } from '../issuer.ts';
import { AccountKeeper, type AccountSettings, type AccountStore } from './account.ts';
import { createAcmeHttp, type AcmeHttpClient } from './http.ts';
import { failed, issueFailure, permanent, transient, type Outcome } from './outcome.ts';
import { runOrder } from './order.ts';
import { Poller, type PollSettings } from './poll.ts';
import { askRenewalWindow } from './renewal-window.ts';
import { revokeCertificate } from './revocation.ts';
import { AcmeSession } from './session.ts';
import { realSleep, type Surroundings } from './surroundings.ts';

export interface AcmeIssuerSettings extends Partial<AccountSettings> {
  /** As people name the CA: `letsencrypt`, or the directory's URL. */
  readonly name: string;
  readonly directoryUrl: string;
  readonly accounts: AccountStore;
  /** PEM of the roots that the CA's own server is judged by; the system's where absent. */
  readonly roots?: string | readonly string[];
  /** For one request with its answer, milliseconds. */
  readonly requestTimeoutMs?: number;
  /** Longest Retry-After that is waited for within one request, milliseconds; longer ones are `retryAtMs` of a failure. */
  readonly patienceMs?: number;
  readonly poll?: Partial<PollSettings>;
  /** The world; the process's own where absent. */
  readonly surroundings?: Partial<Surroundings>;
}

/** Beyond Issuer: what people do with their account. Undefined means done. */
export interface AcmeIssuer extends Issuer {
  /** Makes or finds the account without ordering anything: whether the CA takes us. */
  openAccount(signal?: AbortSignal): Promise<Finding | undefined>;
  updateContacts(signal?: AbortSignal): Promise<Finding | undefined>;
  rollOverAccountKey(signal?: AbortSignal): Promise<Finding | undefined>;
  deactivateAccount(signal?: AbortSignal): Promise<Finding | undefined>;
  /** Ends the connections that are kept to the CA. */
  close(): void;
}

const defaults = {
  requestTimeoutMs: 30_000,
  patienceMs: 30_000,
  poll: { pauseMs: 1_000, longestPauseMs: 30_000, patienceMs: 300_000 },
} as const;

export function createAcmeIssuer(settings: AcmeIssuerSettings): AcmeIssuer {
  const { name, directoryUrl } = settings;
  let client: AcmeHttpClient | undefined;
  const surroundings: Surroundings = {
    clock: settings.surroundings?.clock ?? Date.now,
    sleep: settings.surroundings?.sleep ?? realSleep,
    http:
      settings.surroundings?.http ??
      (client = createAcmeHttp({
        issuer: name,
        // RFC 8555 section 6.1: name and version of the client, and of what it is built on.
        userAgent: `menshen/${VERSION} node/${process.versions.node}`,
        timeoutMs: settings.requestTimeoutMs ?? defaults.requestTimeoutMs,
        ...(settings.roots !== undefined && { roots: settings.roots }),
      })).send,
  };
  const patienceMs = settings.patienceMs ?? defaults.patienceMs;
  const session = new AcmeSession({ issuer: name, directoryUrl, patienceMs }, surroundings);
  const { contacts = [], termsAgreed = false, keyType = 'ecdsa', externalAccount } = settings;
  const account = { contacts, termsAgreed, keyType, ...(externalAccount && { externalAccount }) };
  const keeper = new AccountKeeper(session, account, settings.accounts);
  const poller = new Poller(session, keeper, { ...defaults.poll, ...settings.poll });

  return {
    name,
    issue: async (request) => {
      const outcome = await guarded(() => issue(request, { session, keeper, poller }));
      return outcome.ok
        ? { ok: true, certificate: outcome.value }
        : ({ ok: false, failure: issueFailure(outcome.failure) } satisfies IssueResult);
    },
    renewalWindow: (chainPem, signal) => askRenewalWindow(session, chainPem, signal),
    revoke: (chainPem, privateKeyPem, reason) =>
      findingOf(() => revokeCertificate(session, keeper, chainPem, privateKeyPem, reason)),
    openAccount: (signal) => findingOf(() => keeper.open(signal)),
    updateContacts: (signal) => findingOf(() => keeper.updateContacts(signal)),
    rollOverAccountKey: (signal) => findingOf(() => keeper.rollOver(signal)),
    deactivateAccount: (signal) => findingOf(() => keeper.deactivate(signal)),
    close: () => client?.close(),
  };
}

type Parts = { readonly session: AcmeSession; readonly keeper: AccountKeeper; readonly poller: Poller };

async function issue(request: IssueRequest, parts: Parts) {
  const names = request.identifiers.map(({ value }) => value).join(', ');
  const privateKey = readKey(request.privateKeyPem);
  if (privateKey === undefined || request.identifiers.length === 0) {
    return failed(permanent(finding('acme-key-unsupported', { name: names })));
  }
  return runOrder({ ...parts, request, privateKey });
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** A store that fails (disk full, read-only) is a failure of the issuance, and of nothing else. */
async function guarded<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FindingError) return failed(transient(error.finding));
    throw error;
  }
}

async function findingOf(work: () => Promise<Outcome<unknown>>): Promise<Finding | undefined> {
  const outcome = await guarded(work);
  return outcome.ok ? undefined : outcome.failure.finding;
}
