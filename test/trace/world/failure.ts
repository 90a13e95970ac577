import type { Asked, Ground } from './ground.ts';

/** One thing that goes wrong in practice, made for real, and what `menshen trace` has to say of it. */
export interface Failure {
  readonly en: string;
  readonly zh: string;
  readonly exitCode: number;
  /** Code of the finding that tells it; it decides the exit code where that is not 0. */
  readonly code: string;
  readonly make: (ground: Ground) => Promise<Asked>;
}

export interface FailureGroup {
  readonly en: string;
  readonly zh: string;
  readonly failures: readonly Failure[];
}
