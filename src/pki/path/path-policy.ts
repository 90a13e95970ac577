import type { KeyUsageName } from '../../codec/x509/extension-values.ts';
import type { SignatureScheme } from '../../codec/x509/algorithm.ts';
import { Oid } from '../../codec/x509/oid.ts';
import type { PeerName } from '../names/peer-name.ts';

/**
 * Which rule book a path is held against. `rfc5280` is RFC 5280 alone; `webpki` adds the CA/Browser Forum's Baseline
 * Requirements where they say what a certificate must look like, and takes what they relax.
 */
export type Profile = 'rfc5280' | 'webpki';

/**
 * How much of the rule book decides. `strict`: every MUST of the profile that is checked here. `common`: what keeps
 * people safe and what browsers agree on; a broken rule that no common verifier minds becomes a warning.
 */
export type Conformance = 'common' | 'strict';

/** Bounds on the work for one verdict. A real chain needs two or three signature checks and about ten steps. */
export interface WorkLimits {
  /** Signatures verified, at about 0.1 ms each. */
  readonly signatureChecks: number;
  /** Candidate certificates looked at while paths are built; a whole path that is judged counts as sixteen. */
  readonly steps: number;
  /** Names held against name constraints, as names times constraints. */
  readonly nameComparisons: number;
  /** Certificates in one path, leaf and anchor included. */
  readonly pathLength: number;
  /** Rejected paths kept for the explanation. */
  readonly rejectedPaths: number;
  /** Nodes of the policy graph. */
  readonly policyNodes: number;
}

export const defaultWorkLimits: WorkLimits = {
  signatureChecks: 128,
  steps: 16_384,
  nameComparisons: 250_000,
  pathLength: 32,
  rejectedPaths: 64,
  policyNodes: 4_096,
};

/** Inputs (c) to (g) of RFC 5280 section 6.1.1. */
export interface CertificatePolicySettings {
  /** Acceptable policies, dotted; undefined for any. */
  readonly acceptable: readonly string[] | undefined;
  readonly requireExplicitPolicy: boolean;
  readonly inhibitPolicyMapping: boolean;
  readonly inhibitAnyPolicy: boolean;
}

export interface PathPolicy {
  readonly profile: Profile;
  readonly conformance: Conformance;
  /** The moment that the verdict is for, epoch milliseconds. Fractions of a second do not count. */
  readonly timeMs: number;
  /** Extended key usages that the leaf must allow, dotted; usually serverAuth or clientAuth. */
  readonly purposes: readonly string[];
  /** Key usages that the leaf must allow beyond what the purpose needs. */
  readonly keyUsages: readonly KeyUsageName[];
  /** Names that the leaf must be for, all of them; empty for no check. */
  readonly peers: readonly PeerName[];
  /** Intermediates allowed between leaf and anchor, self-issued ones not counted; undefined for no limit of its own. */
  readonly maxIntermediates: number | undefined;
  /** Smallest RSA modulus in bits. */
  readonly minRsaBits: number;
  /** Further restriction on signature algorithms; the weak ones are refused before. */
  readonly acceptsSignature: (scheme: SignatureScheme) => boolean;
  readonly policies: CertificatePolicySettings;
  readonly limits: WorkLimits;
}

const defaults = {
  profile: 'webpki',
  conformance: 'common',
  keyUsages: [],
  peers: [],
  maxIntermediates: undefined,
  minRsaBits: 2048,
  acceptsSignature: () => true,
  policies: {
    acceptable: undefined,
    requireExplicitPolicy: false,
    inhibitPolicyMapping: false,
    inhibitAnyPolicy: false,
  },
  limits: defaultWorkLimits,
} as const satisfies Omit<PathPolicy, 'timeMs' | 'purposes'>;

type Choices = Partial<PathPolicy> & Pick<PathPolicy, 'timeMs'>;

/** The policy for a server's certificate, seen by its client. */
export const serverPolicy = (choices: Choices): PathPolicy => ({ ...defaults, purposes: [Oid.serverAuth], ...choices });

/** The policy for a client's certificate, seen by the server: private CAs, so the RFC's rules alone. */
export const clientPolicy = (choices: Choices): PathPolicy => ({
  ...defaults,
  profile: 'rfc5280',
  purposes: [Oid.clientAuth],
  ...choices,
});
