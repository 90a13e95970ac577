/** A half-open span of octets in the buffer that was parsed: `[start, end)`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What can be wrong with an encoding. Every code is one broken rule of X.690 or one limit of this reader. */
export type DerProblem =
  | 'truncated'
  | 'trailing-data'
  | 'unexpected-tag'
  | 'high-tag-number'
  | 'length-indefinite'
  | 'length-not-minimal'
  | 'length-too-long'
  | 'integer-empty'
  | 'integer-not-minimal'
  | 'integer-out-of-range'
  | 'boolean-not-canonical'
  | 'null-not-empty'
  | 'oid-malformed'
  | 'bit-string-malformed'
  | 'time-malformed'
  | 'string-malformed'
  | 'value-not-allowed'
  | 'empty-not-allowed'
  | 'duplicate'
  | 'too-deep'
  | 'too-large';

/** Why some octets are not the structure that was expected: which rule, in which field, at which octet. */
export interface DerError {
  readonly problem: DerProblem;
  /** Dotted path of field names in the RFC's spelling, such as `tbsCertificate.validity.notAfter`. */
  readonly field: string;
  /** Offset of the offending octet in the buffer that was parsed. */
  readonly offset: number;
}

/** The outcome of a parse: the value, or the first error. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DerError };

/** Carries a DerError from deep inside a parse to `parsing`; it never leaves the codec. */
export class DerFault extends Error {
  readonly error: DerError;

  constructor(problem: DerProblem, field: string, offset: number) {
    super(`${problem} in ${field} at ${offset}`);
    this.error = { problem, field, offset };
  }
}

/** Runs a parse and turns a DerFault into a value, so that no public parser throws on input. */
export function parsing<T>(parse: () => T): Parsed<T> {
  try {
    return { ok: true, value: parse() };
  } catch (fault) {
    if (fault instanceof DerFault) return { ok: false, error: fault.error };
    throw fault;
  }
}
