/** What can be wrong with the octets of a DNS message. Every code is one broken rule or one limit. */
export type DnsProblem =
  /** The octets end inside the field. */
  | 'truncated'
  /** Octets are left over behind the last record. */
  | 'trailing-data'
  /** The record's data does not fill its RDLENGTH, or a list inside it does not fill its own length. */
  | 'length-mismatch'
  /** A length octet of the two reserved forms (RFC 1035 section 4.1.4, RFC 6891 section 5). */
  | 'label-type'
  /** A name of more than 255 octets (RFC 1035 section 2.3.4). */
  | 'name-too-long'
  /** A compression pointer that does not point further back, into the sections (RFC 1035 section 4.1.4). */
  | 'bad-pointer'
  | 'too-many-pointers'
  /** A compressed name where the record's definition forbids it (RFC 9460 section 2.2, RFC 4034 section 3.1.7). */
  | 'pointer-not-allowed'
  /** OPT or TSIG stands where it must not, or twice (RFC 6891 section 6.1.1, RFC 8945 section 5.1). */
  | 'misplaced'
  /** A value that the record's definition does not allow. */
  | 'value-not-allowed'
  /** More octets than a message can have. */
  | 'too-large';

/** Why octets are not a DNS message: which rule, in which field, at which octet. */
export interface DnsError {
  readonly problem: DnsProblem;
  /** Path of the field, such as `answer[0].rdata.target` or `header.id`. */
  readonly field: string;
  /** Octets from the start of the message. */
  readonly offset: number;
}

export type DnsParsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DnsError };

/** Carries a DnsError from deep inside a parse to the public parser; it never leaves the codec. */
export class DnsFault extends Error {
  readonly error: DnsError;

  constructor(problem: DnsProblem, field: string, offset: number) {
    super(`${problem} in ${field} at ${offset}`);
    this.error = { problem, field, offset };
  }
}
