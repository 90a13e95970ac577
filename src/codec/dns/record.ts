/** What a message holds, as values. Octets in them are views of the message that was parsed, never copies. */

export interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where it stands in the message, in octets: `[offset, end)`. */
  readonly offset: number;
  readonly end: number;
}

export interface ResourceRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Seconds. For OPT the raw 32 bits. */
  readonly ttl: number;
  readonly data: RecordData;
  /** Where the record and its data stand in the message, in octets: `[offset, end)`, `[dataOffset, end)`. */
  readonly offset: number;
  readonly dataOffset: number;
  readonly end: number;
}

export type RecordData =
  | { readonly kind: 'A' | 'AAAA'; readonly address: string }
  | { readonly kind: 'NS' | 'CNAME' | 'PTR' | 'DNAME'; readonly target: string }
  | SoaData
  | { readonly kind: 'TXT'; readonly strings: readonly Uint8Array[] }
  | { readonly kind: 'MX'; readonly preference: number; readonly exchange: string }
  | SrvData
  | CaaData
  | SvcbData
  | DsData
  | DnskeyData
  | RrsigData
  | TsigData
  | { readonly kind: 'OPT'; readonly options: readonly EdnsOption[] }
  /** RDLENGTH 0 in an UPDATE (RFC 2136 sections 2.4, 2.5): the record stands for a set, it has no data. */
  | { readonly kind: 'empty' }
  /** A type without a definition here (RFC 3597). */
  | { readonly kind: 'unknown'; readonly octets: Uint8Array };

export interface SoaData {
  readonly kind: 'SOA';
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  /** Seconds, as the other three. */
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** For how long a negative answer holds (RFC 2308 section 4). */
  readonly minimum: number;
}

export interface SrvData {
  readonly kind: 'SRV';
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** RFC 8659 section 4.1. */
export interface CaaData {
  readonly kind: 'CAA';
  readonly critical: boolean;
  readonly flags: number;
  /** As sent; compared without regard to case. */
  readonly tag: string;
  /** One character an octet. */
  readonly value: string;
}

/** RFC 9460 section 2.2. Priority 0 is the alias form. */
export interface SvcbData {
  readonly kind: 'SVCB' | 'HTTPS';
  readonly priority: number;
  readonly target: string;
  readonly params: readonly SvcParam[];
}

export type SvcParam =
  | { readonly key: 0; readonly kind: 'mandatory'; readonly keys: readonly number[] }
  | { readonly key: 1; readonly kind: 'alpn'; readonly protocols: readonly Uint8Array[] }
  | { readonly key: 2; readonly kind: 'no-default-alpn' }
  | { readonly key: 3; readonly kind: 'port'; readonly port: number }
  | { readonly key: 4 | 6; readonly kind: 'hint'; readonly addresses: readonly string[] }
  | { readonly key: 5; readonly kind: 'ech'; readonly octets: Uint8Array }
  | { readonly key: number; readonly kind: 'other'; readonly octets: Uint8Array };

export interface DsData {
  readonly kind: 'DS';
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

export interface DnskeyData {
  readonly kind: 'DNSKEY';
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

export interface RrsigData {
  readonly kind: 'RRSIG';
  readonly typeCovered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  /** Seconds since the epoch, modulo 2^32. */
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signerName: string;
  readonly signature: Uint8Array;
}

/** RFC 8945 section 4.2. */
export interface TsigData {
  readonly kind: 'TSIG';
  readonly algorithm: string;
  /** Seconds since the epoch, 48 bits. */
  readonly timeSigned: number;
  /** Seconds that clocks may differ by. */
  readonly fudge: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly otherData: Uint8Array;
}

export interface EdnsOption {
  readonly code: number;
  readonly octets: Uint8Array;
}

/** RFC 8914 section 2. */
export interface ExtendedError {
  readonly infoCode: number;
  readonly extraText: string;
}

/** RFC 6891 section 6.1.3, taken out of the OPT record. */
export interface Edns {
  /** Octets of UDP content that the sender takes. */
  readonly udpPayloadSize: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
  readonly extendedErrors: readonly ExtendedError[];
}

/**
 * A message. In an UPDATE (RFC 2136 section 2) the question is the zone, the answers are the prerequisites and the
 * authorities are the updates.
 */
export interface Message {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  /** Twelve bits where there is EDNS, else four. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** OPT and TSIG included, in their places. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
  /** The last record of the additionals where it is a TSIG. */
  readonly tsig: ResourceRecord | undefined;
  readonly byteLength: number;
}
