import { latin1 } from './latin1.ts';
import { looksLikeRecord } from './record.ts';

/**
 * What it is that a client speaks on a TLS port when its first octets are no TLS handshake record. The three that people
 * meet are plain HTTP, a balancer's PROXY header, and scanners.
 *
 *     47 45 54 20 2f …         "GET /": HTTP without TLS
 *     80 2e 01 03 01 …         an SSLv2 hello of 46 octets that offers up to TLS 1.0 (RFC 5246 appendix E.2)
 *     53 53 48 2d 32 2e 30 …   "SSH-2.0"
 *     15 03 01 00 02 …         a TLS record, but an alert: no hello before it
 */
export interface ForeignProtocol {
  readonly protocol: 'http' | 'sslv2-hello' | 'ssh' | 'proxy-protocol' | 'tls-without-hello' | 'unknown';
  /** `GET`, `SSH-2.0`; else the first octets, printable or in hex. For people to read, safe to print. */
  readonly sample: string;
  /** The highest version that an SSLv2 hello offers; 0 otherwise. */
  readonly version: number;
}

const SAMPLE_LENGTH = 16;
/** Longest method and its space: PROPPATCH, VERSION-CONTROL and friends. */
const METHOD_MAX = 20;
/** The first twelve octets of a PROXY protocol version 2 header. */
const proxySignature = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);

/** Names the protocol of first octets that are not a handshake record; undefined while more are needed to tell. */
export function recogniseForeign(bytes: Uint8Array): ForeignProtocol | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  if (first >= 0x41 && first <= 0x5a) return recogniseText(bytes);
  if ((first & 0x80) !== 0) return recogniseSslv2(bytes);
  if (first === proxySignature[0]) return recogniseProxyHeader(bytes);
  if (looksLikeRecord(bytes)) return bytes.length < 2 ? undefined : named('tls-without-hello', sampleOf(bytes));
  return named('unknown', sampleOf(bytes));
}

function recogniseText(bytes: Uint8Array): ForeignProtocol | undefined {
  let length = 0;
  while (length < bytes.length && isMethodOctet(bytes[length]!)) length += 1;
  const word = latin1(bytes.subarray(0, length));
  const next = bytes[length];
  if (word.startsWith('SSH-')) return named('ssh', sampleOf(bytes));
  if (next === undefined) return length <= METHOD_MAX ? undefined : named('unknown', sampleOf(bytes));
  if (next !== 0x20 || length < 3 || length > METHOD_MAX) return named('unknown', sampleOf(bytes));
  return word === 'PROXY' ? named('proxy-protocol', word) : named('http', word);
}

function isMethodOctet(octet: number): boolean {
  return (octet >= 0x41 && octet <= 0x5a) || octet === 0x2d;
}

function recogniseSslv2(bytes: Uint8Array): ForeignProtocol | undefined {
  if (bytes.length < 5) {
    return bytes.length < 3 || bytes[2] === 1 ? undefined : named('unknown', sampleOf(bytes));
  }
  const version = (bytes[3]! << 8) | bytes[4]!;
  const isHello = bytes[2] === 1 && (version === 0x0002 || version >> 8 === 3);
  return isHello ? { protocol: 'sslv2-hello', sample: sampleOf(bytes), version } : named('unknown', sampleOf(bytes));
}

function recogniseProxyHeader(bytes: Uint8Array): ForeignProtocol | undefined {
  for (let at = 0; at < proxySignature.length; at += 1) {
    if (at === bytes.length) return undefined;
    if (bytes[at] !== proxySignature[at]) return named('unknown', sampleOf(bytes));
  }
  return named('proxy-protocol', 'PROXY v2');
}

function named(protocol: ForeignProtocol['protocol'], sample: string): ForeignProtocol {
  return { protocol, sample, version: 0 };
}

/** The first octets for people: as text where all are printable ASCII, else in hex. */
export function sampleOf(bytes: Uint8Array): string {
  const start = bytes.subarray(0, SAMPLE_LENGTH);
  let end = start.length;
  while (end > 0 && (start[end - 1] === 0x0d || start[end - 1] === 0x0a)) end -= 1;
  const text = start.subarray(0, end);
  if (end > 0 && text.every((octet) => octet >= 0x20 && octet < 0x7f)) return latin1(text);
  return [...start].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
}
