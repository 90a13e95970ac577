import type { IssueFailure } from '../issuer.ts';
import type { Problem } from './resources.ts';

/** A failure with what the client itself needs to decide how to go on. */
export interface Failure extends IssueFailure {
  /** The CA's problem document, where it sent one. */
  readonly problem?: Problem;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number;
  /** The CA may have acted upon the request although no answer came: look before repeating it. */
  readonly lost?: boolean;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export const succeeded = <T>(value: T): Outcome<T> => ({ ok: true, value });

export const failed = (failure: Failure): { readonly ok: false; readonly failure: Failure } => ({ ok: false, failure });

/** A failure that passes by itself, or with somebody's help; the CA counted nothing. */
export const transient = (finding: Failure['finding'], more: Partial<Failure> = {}): Failure => ({
  finding,
  permanent: false,
  countedByAuthority: false,
  ...more,
});

/** A failure that trying again unchanged cannot help. */
export const permanent = (finding: Failure['finding'], more: Partial<Failure> = {}): Failure =>
  transient(finding, { permanent: true, ...more });

/** What those outside see of a failure. */
export function issueFailure(failure: Failure): IssueFailure {
  const { finding, retryAtMs, permanent, countedByAuthority, also } = failure;
  return {
    finding,
    permanent,
    countedByAuthority,
    ...(retryAtMs !== undefined && { retryAtMs }),
    ...(also !== undefined && also.length > 0 && { also }),
  };
}
