import { tellFinding, type Finding } from './finding.ts';

/**
 * A failure that a person can act on, thrown where an operation cannot go on (a folder that cannot be written, a root
 * that cannot be read). What is known about it is the finding: code, fault, cause and mend in both languages.
 */
export class FindingError extends Error {
  readonly finding: Finding;

  /** `cause` is the error of the system underneath, where there is one. */
  constructor(found: Finding, cause?: unknown) {
    super(`${found.code}: ${tellFinding(found, 'en').cause}`, cause === undefined ? undefined : { cause });
    this.name = 'FindingError';
    this.finding = found;
  }
}

/** For `catch` where a failure that can be acted on changes nothing. Other errors are defects and go on. */
export function onlyFinding(error: unknown): undefined {
  if (!(error instanceof FindingError)) throw error;
  return undefined;
}
