/** The numbers of IANA's "Domain Name System (DNS) Parameters" that this project speaks of, by their mnemonics. */
export const RecordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  NULL: 10,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  CDS: 59,
  CDNSKEY: 60,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

export const RecordClass = { IN: 1, CH: 3, NONE: 254, ANY: 255 } as const;

export const Opcode = { QUERY: 0, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const;

/** RFC 6895 section 2.3. Those above 15 need EDNS for their upper bits, or stand in a TSIG's error field. */
export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  /** As an RCODE with EDNS; 16 in a TSIG record means BADSIG. */
  BADVERS: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;

export const EdnsOptionCode = { NSID: 3, ECS: 8, COOKIE: 10, TCP_KEEPALIVE: 11, PADDING: 12, EDE: 15 } as const;

/** RFC 9460 section 14.3.2. */
const SvcParamKey = {
  mandatory: 0,
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
} as const;

/** RFC 8914 section 5.2 and later registrations: the names of the info codes. */
const extendedErrors: readonly string[] = [
  'Other Error',
  'Unsupported DNSKEY Algorithm',
  'Unsupported DS Digest Type',
  'Stale Answer',
  'Forged Answer',
  'DNSSEC Indeterminate',
  'DNSSEC Bogus',
  'Signature Expired',
  'Signature Not Yet Valid',
  'DNSKEY Missing',
  'RRSIGs Missing',
  'No Zone Key Bit Set',
  'NSEC Missing',
  'Cached Error',
  'Not Ready',
  'Blocked',
  'Censored',
  'Filtered',
  'Prohibited',
  'Stale NXDOMAIN Answer',
  'Not Authoritative',
  'Not Supported',
  'No Reachable Authority',
  'Network Error',
  'Invalid Data',
  'Signature Expired before Valid',
  'Too Early',
  'Unsupported NSEC3 Iterations Value',
  'Unable to conform to policy',
  'Synthesized',
];

const invert = (table: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(table).map(([name, number]) => [number, name]));

const typeNames = invert(RecordType);
const classNames = invert(RecordClass);
const rcodeNames = invert(Rcode);
const svcParamNames = invert(SvcParamKey);

/** `AAAA`, or `TYPE65280` where there is no mnemonic (RFC 3597 section 5). */
export const typeName = (type: number): string => typeNames.get(type) ?? `TYPE${type}`;

/** The number of `aaaa` or `TYPE65280`, in any case; undefined for anything else. */
export function typeNumber(text: string): number | undefined {
  const name = text.toUpperCase();
  const known = Object.hasOwn(RecordType, name) ? RecordType[name as keyof typeof RecordType] : undefined;
  if (known !== undefined) return known;
  const number = /^TYPE(\d{1,5})$/.exec(name)?.[1];
  return number !== undefined && Number(number) <= 0xffff ? Number(number) : undefined;
}

export const className = (number: number): string => classNames.get(number) ?? `CLASS${number}`;

export const rcodeName = (rcode: number): string => rcodeNames.get(rcode) ?? `RCODE${rcode}`;

/** The error of a TSIG record, where 16 is BADSIG (RFC 8945 section 3). */
export const tsigErrorName = (error: number): string => (error === Rcode.BADVERS ? 'BADSIG' : rcodeName(error));

/** `alpn`, or `key7` where there is no mnemonic (RFC 9460 section 2.1). */
export const svcParamName = (key: number): string => svcParamNames.get(key) ?? `key${key}`;

export const extendedErrorName = (infoCode: number): string => extendedErrors[infoCode] ?? `EDE${infoCode}`;
