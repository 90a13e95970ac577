import type { Certificate } from '../../codec/x509/certificate.ts';
import type { PathReason } from './reason.ts';
import type { WorkKind } from './work.ts';

/** A path that was tried and refused. */
export interface RejectedPath {
  /** Leaf first. */
  readonly path: readonly Certificate[];
  /** Whether the path ends at a trust anchor; otherwise it was given up before. */
  readonly complete: boolean;
  /** Why it is refused; never empty. */
  readonly reasons: readonly PathReason[];
  readonly warnings: readonly PathReason[];
}

/** What was found out about a certificate. */
export interface PathVerdict {
  readonly ok: boolean;
  /** The accepted path, leaf first and anchor last; where nothing is accepted, the rejected one that came closest. */
  readonly path: readonly Certificate[];
  /** Whether `path` ends at a trust anchor. */
  readonly complete: boolean;
  /** Why `path` is refused; empty where it is accepted. */
  readonly reasons: readonly PathReason[];
  /** What is odd about `path` without deciding anything. */
  readonly warnings: readonly PathReason[];
  /** Every rejected path, in the order of trying; up to the limit on kept paths. */
  readonly tried: readonly RejectedPath[];
  /** Work done, by kind. */
  readonly work: Readonly<Record<WorkKind, number>>;
  /** The limit that ended the search, or undefined. */
  readonly exceeded: WorkKind | undefined;
}
