/** What a TLS handshake agreed on and why that is good or bad. Pure: facts in, findings out. */
import type { HandshakeFacts } from '../../codec/tls/conversation/facts.ts';
import { highestOffered } from '../../codec/tls/conversation/negotiation.ts';
import { extensionOfType, extensionValue } from '../../codec/tls/message/extension-value.ts';
import { cipherSuiteName } from '../../codec/tls/registry/cipher-suites.ts';
import {
  ENCRYPT_THEN_MAC,
  EXTENDED_MASTER_SECRET,
  RENEGOTIATION_INFO,
  SERVER_NAME,
} from '../../codec/tls/registry/extensions.ts';
import { isGrease } from '../../codec/tls/registry/grease.ts';
import { namedGroupName } from '../../codec/tls/registry/named-groups.ts';
import { signatureSchemeName } from '../../codec/tls/registry/signature-schemes.ts';
import { suiteParts, type SuiteParts } from '../../codec/tls/registry/suite-parts.ts';
import { TLS_1_2, TLS_1_3, versionName } from '../../codec/tls/registry/versions.ts';
import { finding, type Finding } from '../finding.ts';

/** Everything that the handshake's choices say, in the order in which a person would ask. Empty before a ServerHello. */
export function judgeTlsChoices(facts: HandshakeFacts): Finding[] {
  const { serverHello, cipherSuite } = facts;
  if (serverHello === undefined || cipherSuite === undefined) return [];
  const suite = suiteParts(cipherSuite);
  return [
    ...judgeVersion(facts),
    ...judgeKeyExchange(facts, suite),
    ...judgeRetry(facts),
    ...judgeCipher(facts, suite),
    ...judgeSignatures(facts),
    ...judgeExtensions(facts),
    ...judgeSession(facts),
  ];
}

function judgeVersion({ version = 0, clientHello }: HandshakeFacts): Finding[] {
  const values = { version: versionName(version) };
  if (version < TLS_1_2) return [finding('tls-version-obsolete', values)];
  if (version >= TLS_1_3) return [finding('tls-version-best', values)];
  const highest = clientHello === undefined ? version : highestOffered(clientHello);
  if (highest <= version) return [finding('tls-version-capped', values)];
  return [finding('tls-version-older', { ...values, offered: versionName(highest) })];
}

const POST_QUANTUM = /MLKEM|Kyber/;
const SMALLEST_PRIME_BITS = 2_048;
/** Curves below 224 bits by the number in their name: sect163k1, secp192r1. */
const SMALLEST_CURVE_BITS = 224;

function judgeKeyExchange(facts: HandshakeFacts, suite: SuiteParts | undefined): Finding[] {
  if (suite === undefined) return [];
  const { keyExchange, authentication, forwardSecret, name } = suite;
  const found: Finding[] = [];
  if (authentication === 'anon') found.push(finding('tls-key-exchange-anonymous', { cipherSuite: name }));
  // A resumed session of TLS 1.2 takes its keys from the handshake before.
  if (facts.version !== TLS_1_3 && facts.isResumed) return found;
  if (!forwardSecret) {
    if (keyExchange !== 'other') found.push(finding('tls-key-exchange-static', { exchange: keyExchange }));
    return found;
  }
  const parameters = facts.serverKeyExchange?.parameters;
  if (parameters?.kind === 'dhe') {
    const bits = bitLength(parameters.p);
    if (bits < SMALLEST_PRIME_BITS) return [...found, finding('tls-key-exchange-small-prime', { bits })];
    return [...found, finding('tls-key-exchange-ephemeral', { exchange: 'DHE', group: `DH-${bits}` })];
  }
  if (facts.group === undefined) return found;
  const group = namedGroupName(facts.group);
  if (POST_QUANTUM.test(group)) return [...found, finding('tls-key-exchange-post-quantum', { group })];
  const curveBits = Number(/^se[cp][tp]?\D*(\d{3})/.exec(group)?.[1] ?? SMALLEST_CURVE_BITS);
  if (curveBits < SMALLEST_CURVE_BITS) return [...found, finding('tls-key-exchange-weak-curve', { group })];
  const exchange = group.startsWith('ffdhe') ? 'DHE' : 'ECDHE';
  return [...found, finding('tls-key-exchange-ephemeral', { exchange, group })];
}

/** Bits of a big-endian number, zeros before it not counted. */
function bitLength(octets: Uint8Array): number {
  const first = octets.findIndex((octet) => octet !== 0);
  return first === -1 ? 0 : (octets.length - first) * 8 - (Math.clz32(octets[first]!) - 24);
}

function judgeRetry({ retry, firstHello }: HandshakeFacts): Finding[] {
  if (retry === undefined) return [];
  const wanted = extensionValue(retry.extensions, 'wanted-group');
  if (wanted === undefined) return [finding('tls-hello-retry-cookie')];
  const shares = (firstHello && extensionValue(firstHello.extensions, 'key-shares')?.shares) ?? [];
  const sent = shares.map(({ group }) => group).filter((group) => !isGrease(group));
  return [finding('tls-hello-retry', { sent: listed(sent.map(namedGroupName)), wanted: namedGroupName(wanted.group) })];
}

const BROKEN_CIPHER = /^(?:RC4|RC2|DES|3DES|NULL|IDEA|DES40)/;

function judgeCipher(facts: HandshakeFacts, suite: SuiteParts | undefined): Finding[] {
  const found: Finding[] = [];
  const { serverHello, cipherSuite = 0 } = facts;
  if (serverHello !== undefined && serverHello.compressionMethod !== 0) found.push(finding('tls-compression'));
  if (suite === undefined) return found;
  const { cipher, hash = '', isExport } = suite;
  const values = { cipher: cipher.replaceAll('_', '-'), hash: hash.toUpperCase().replace('SHA', 'SHA-') };
  if (isExport || BROKEN_CIPHER.test(cipher)) {
    return [...found, finding('tls-cipher-broken', { cipherSuite: cipherSuiteName(cipherSuite) })];
  }
  if (cipher.endsWith('CCM_8')) return [...found, finding('tls-cipher-short-tag', { cipher: values.cipher })];
  if (!cipher.endsWith('CBC')) return [...found, finding('tls-cipher-sound', { cipher: values.cipher })];
  const macIsLast = extensionOfType(serverHello?.extensions ?? [], ENCRYPT_THEN_MAC) !== undefined;
  return [...found, finding(macIsLast ? 'tls-cipher-cbc-encrypt-then-mac' : 'tls-cipher-cbc', values)];
}

function judgeSignatures({ serverSignature, clientSignature, version = 0 }: HandshakeFacts): Finding[] {
  const found: Finding[] = [];
  for (const [peer, signed] of [
    ['server', serverSignature],
    ['client', clientSignature],
  ] as const) {
    if (signed === undefined) continue;
    const scheme = signed.scheme === undefined ? `SHA-1 (${versionName(version)})` : signatureSchemeName(signed.scheme);
    if (/sha1$|md5$|^SHA-1/.test(scheme)) found.push(finding('tls-signature-weak', { peer, scheme }));
  }
  return found;
}

function judgeExtensions(facts: HandshakeFacts): Finding[] {
  const { clientHello, serverHello, version, isResumed, encryptedExtensions, certificateRequest } = facts;
  if (clientHello === undefined || serverHello === undefined) return [];
  const found: Finding[] = [];
  const isTls13 = version === TLS_1_3;
  const answered = [...serverHello.extensions, ...encryptedExtensions];
  // What is encrypted and was not opened must not be called missing.
  const isComplete = !isTls13 || facts.isFinished.server;
  const name = extensionValue(clientHello.extensions, 'server-name')?.host.name;
  if (name === undefined) found.push(finding('tls-server-name-absent'));
  else if (isComplete && !isResumed && extensionOfType(answered, SERVER_NAME) === undefined) {
    found.push(finding('tls-server-name-unacknowledged', { serverName: name }));
  }
  const protocols = extensionValue(clientHello.extensions, 'protocols')?.protocols ?? [];
  if (facts.alpn !== undefined) {
    found.push(finding('tls-protocol-agreed', { protocol: facts.alpn, offered: listed(protocols) }));
  } else if (protocols.length > 0 && isComplete) {
    found.push(finding('tls-protocol-ignored', { offered: listed(protocols) }));
  }
  if (!isTls13) {
    if (extensionOfType(answered, RENEGOTIATION_INFO) === undefined) found.push(finding('tls-renegotiation-insecure'));
    if (extensionOfType(answered, EXTENDED_MASTER_SECRET) === undefined) {
      found.push(finding('tls-extended-master-secret-missing'));
    }
  }
  if (certificateRequest !== undefined) {
    const { authorities } = certificateRequest;
    const sent = facts.clientCertificate?.entries.length ?? 0;
    found.push(finding('tls-client-certificate-asked', { authorities: authorities.length, sent }));
  }
  return [...found, ...judgeStaple(facts)];
}

function judgeStaple({ clientHello, ocspResponse, serverCertificate }: HandshakeFacts): Finding[] {
  const asked = clientHello && extensionValue(clientHello.extensions, 'status-request');
  if (asked === undefined || serverCertificate === undefined) return [];
  if (ocspResponse === undefined) return [finding('tls-staple-absent')];
  return [finding('tls-staple-present', { byteLength: ocspResponse.length })];
}

const DAY_SECONDS = 86_400;
const LONGEST_TICKET_DAYS = 7;

function judgeSession(facts: HandshakeFacts): Finding[] {
  const { clientHello, isResumed, tickets, earlyData } = facts;
  const found: Finding[] = [];
  const asks =
    clientHello !== undefined &&
    (extensionValue(clientHello.extensions, 'offered-psks') !== undefined ||
      (extensionValue(clientHello.extensions, 'session-ticket')?.ticket.length ?? 0) > 0);
  if (isResumed) found.push(finding('tls-session-resumed'));
  else if (asks) found.push(finding('tls-session-refused'));
  if (earlyData === 'accepted') found.push(finding('tls-early-data-accepted'));
  if (earlyData === 'rejected') found.push(finding('tls-early-data-rejected'));
  if (tickets.length === 0) return found;
  const seconds = Math.max(...tickets.map(({ lifetimeSeconds }) => lifetimeSeconds));
  if (seconds > LONGEST_TICKET_DAYS * DAY_SECONDS) {
    found.push(finding('tls-session-ticket-too-long', { days: Math.floor(seconds / DAY_SECONDS) }));
  } else found.push(finding('tls-session-saved', { count: tickets.length, seconds }));
  return found;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? '-' : names.join(', '));
