/**
 * Certificates for names that the configuration does not list: asked for while the client waits, under the TLS settings
 * of the default site, which answers such requests.
 *
 *     known lately       its policy at once; where the answer is no longer fresh it is asked for again behind that
 *     not known          the handshake waits for the answer, as long as `timeouts.handshake` lets it
 *     none is given      the default site's own certificate
 */
import type { CertificatePem, TlsSiteInput } from './site-input.ts';
import { readSiteMaterial } from './site-material.ts';
import { buildPolicy, SitePolicy, type CommonToPolicies } from './site-policy.ts';
import type { Finding } from '../../story/finding.ts';

/**
 * Gives the certificate for a name (lower case) that a client at `peer` asks for, or undefined where the name is not to
 * be served. A rejection counts as undefined.
 */
export type CertificateFor = (serverName: string, peer: string) => Promise<CertificatePem | undefined>;

/** How long an answer is used without asking again. */
const FRESH_MS = 10_000;
/** Names that are remembered; each holds an OpenSSL context of about 50 KiB. */
const REMEMBERED = 512;
/** Names that are asked for at the same time; clients that make up names do not get further. */
const MOST_ASKED = 128;

interface Known {
  readonly certificate: CertificatePem | undefined;
  readonly policy: SitePolicy | undefined;
  readonly askedMs: number;
}

/** What a policy is made under: that of the default site, which may change in a reload. */
export interface OnDemandBase {
  readonly input: TlsSiteInput;
  readonly policy: SitePolicy;
}

export class OnDemandPolicies {
  readonly #certificateFor: CertificateFor;
  readonly #common: CommonToPolicies;
  readonly #now: () => number;
  readonly #report: (found: Finding) => void;
  /** The name used last stands at the end. */
  readonly #known: Map<string, Known> = new Map();
  readonly #asked: Map<string, Promise<SitePolicy | undefined>> = new Map();
  #base: OnDemandBase | undefined;

  /** `now` is monotonic, milliseconds; `report` is told of certificates that cannot be used. */
  constructor(
    certificateFor: CertificateFor,
    common: CommonToPolicies,
    now: () => number,
    report: (found: Finding) => void,
  ) {
    this.#certificateFor = certificateFor;
    this.#common = common;
    this.#now = now;
    this.#report = report;
  }

  /** The default site is another, or has changed. */
  set base(base: OnDemandBase | undefined) {
    if (base?.policy === this.#base?.policy) return;
    this.#base = base;
    this.#known.clear();
  }

  /** The policy for a name, now or soon; undefined where the default site's own is to be used. */
  policyFor(serverName: string, peer: string): SitePolicy | undefined | Promise<SitePolicy | undefined> {
    if (this.#base === undefined) return undefined;
    const known = this.#known.get(serverName);
    if (known === undefined) return this.#ask(serverName, peer);
    this.#known.delete(serverName);
    this.#known.set(serverName, known);
    if (this.#now() - known.askedMs < FRESH_MS) return known.policy;
    const asked = this.#ask(serverName, peer);
    return known.policy ?? asked;
  }

  #ask(serverName: string, peer: string): SitePolicy | undefined | Promise<SitePolicy | undefined> {
    const running = this.#asked.get(serverName);
    if (running !== undefined) return running;
    if (this.#asked.size >= MOST_ASKED) return undefined;
    const asked = this.#certificateFor(serverName, peer)
      .catch(() => undefined)
      .then((certificate) => {
        this.#asked.delete(serverName);
        return this.#remember(serverName, certificate);
      });
    this.#asked.set(serverName, asked);
    return asked;
  }

  #remember(serverName: string, certificate: CertificatePem | undefined): SitePolicy | undefined {
    const base = this.#base;
    if (base === undefined) return undefined;
    const before = this.#known.get(serverName);
    const same = before !== undefined && isSame(before.certificate, certificate);
    const policy = same ? before.policy : certificate && this.#build(base, certificate);
    this.#known.delete(serverName);
    this.#known.set(serverName, { certificate, policy, askedMs: this.#now() });
    if (this.#known.size > REMEMBERED) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest!);
    }
    return policy;
  }

  #build({ input, policy: running }: OnDemandBase, certificate: CertificatePem): SitePolicy | undefined {
    const site: TlsSiteInput = { ...input, certificates: [certificate], localCa: false };
    const material = readSiteMaterial(site);
    const policy = 'inputId' in material ? buildPolicy(site, material, running, this.#common) : material[0]!;
    if (policy instanceof SitePolicy) return policy;
    this.#report(policy);
    return undefined;
  }
}

function isSame(one: CertificatePem | undefined, other: CertificatePem | undefined): boolean {
  return (
    one?.certPem === other?.certPem &&
    one?.keyPem === other?.keyPem &&
    Buffer.from(one?.ocspStaple ?? []).equals(Buffer.from(other?.ocspStaple ?? []))
  );
}
