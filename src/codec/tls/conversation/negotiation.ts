import { sameBytes } from '../../der/octets.ts';
import { extensionValue } from '../message/extension-value.ts';
import type { ClientHelloBody, ServerHelloBody } from '../message/handshake-body.ts';
import { cipherSuiteName } from '../registry/cipher-suites.ts';
import { COOKIE, RENEGOTIATION_INFO, extensionName } from '../registry/extensions.ts';
import { isGrease } from '../registry/grease.ts';
import { namedGroupName } from '../registry/named-groups.ts';
import { TLS_1_1, TLS_1_2, TLS_1_3, versionName } from '../registry/versions.ts';
import { failed, outcome, type CheckResult } from './check-result.ts';

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV stands for the extension (RFC 5746 section 3.3). */
const RENEGOTIATION_SCSV = 0x00ff;

/** Versions that a hello offers. Before TLS 1.3 it names the highest, and means all below (RFC 5246 appendix E.1). */
function offersVersion(hello: ClientHelloBody, version: number): boolean {
  const offered = extensionValue(hello.extensions, 'versions')?.versions;
  return offered === undefined ? version <= hello.legacyVersion : offered.includes(version);
}

/** The highest version that a hello offers. */
export function highestOffered(hello: ClientHelloBody): number {
  const offered = extensionValue(hello.extensions, 'versions')?.versions.filter((version) => !isGrease(version));
  return offered === undefined || offered.length === 0 ? hello.legacyVersion : Math.max(...offered);
}

/** Whether everything that the server chose was the client's to choose from (RFC 8446 section 4.1.3). */
export function checkNegotiation(
  hello: ClientHelloBody,
  answer: ServerHelloBody,
  retry: ServerHelloBody | undefined,
): CheckResult {
  const wrong = (why: CheckResult['why'], detail: string): CheckResult => failed('negotiation', 'server', why, detail);
  const { version, cipherSuite, compressionMethod } = answer;
  if (!offersVersion(hello, version)) return wrong('version-not-offered', versionName(version));
  if (!hello.cipherSuites.includes(cipherSuite)) return wrong('suite-not-offered', cipherSuiteName(cipherSuite));
  if (retry !== undefined && retry.cipherSuite !== cipherSuite) {
    return wrong('suite-changed-after-retry', cipherSuiteName(cipherSuite));
  }
  if (!hello.compressionMethods.includes(compressionMethod)) {
    return wrong('compression-not-offered', String(compressionMethod));
  }
  if (version === TLS_1_3 && !sameBytes(answer.sessionId, hello.sessionId)) return wrong('session-id-not-echoed', '');
  const offered = new Set(hello.extensions.map(({ type }) => type));
  if (hello.cipherSuites.includes(RENEGOTIATION_SCSV)) offered.add(RENEGOTIATION_INFO);
  if (answer.kind === 'hello-retry-request') offered.add(COOKIE);
  const unasked = answer.extensions.find(({ type }) => !offered.has(type));
  if (unasked !== undefined) return wrong('extension-not-offered', extensionName(unasked.type));
  const group = chosenGroup(answer);
  if (group !== undefined && !groupsWithKeys(hello, answer).includes(group)) {
    return wrong('group-not-offered', namedGroupName(group));
  }
  const psk = extensionValue(answer.extensions, 'selected-psk');
  const identities = extensionValue(hello.extensions, 'offered-psks')?.identities.length ?? 0;
  if (psk !== undefined && psk.index >= identities) return wrong('psk-not-offered', String(psk.index));
  return outcome('negotiation', 'server', true, `${versionName(version)} ${cipherSuiteName(cipherSuite)}`);
}

function chosenGroup({ extensions }: ServerHelloBody): number | undefined {
  return extensionValue(extensions, 'key-share')?.share.group ?? extensionValue(extensions, 'wanted-group')?.group;
}

/** A retry may ask for any group that the client speaks; an answer must take one that came with a key. */
function groupsWithKeys(hello: ClientHelloBody, { kind }: ServerHelloBody): readonly number[] {
  if (kind === 'hello-retry-request') return extensionValue(hello.extensions, 'groups')?.groups ?? [];
  return extensionValue(hello.extensions, 'key-shares')?.shares.map(({ group }) => group) ?? [];
}

/** "DOWNGRD" and 1 for TLS 1.2, 0 for older ones. */
const mark = Uint8Array.of(0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44);

/**
 * A server that could do better than what it answers marks its random (RFC 8446 section 4.1.3). A client that offered
 * better and sees the mark knows that somebody between the two changed its hello. Undefined where nothing better was
 * offered.
 */
export function checkDowngrade(hello: ClientHelloBody, answer: ServerHelloBody): CheckResult | undefined {
  const { random, version } = answer;
  if (version >= TLS_1_3 || highestOffered(hello) <= version || version < 0x0300) return undefined;
  const last = random[31];
  const isMarked = sameBytes(random.subarray(24, 31), mark) && (last === 0 || last === 1);
  // A 1.1 client's mark is about 1.2; it must not be taken for one about 1.3.
  const matters = highestOffered(hello) >= TLS_1_3 || (version <= TLS_1_1 && highestOffered(hello) === TLS_1_2);
  if (isMarked && matters) return failed('downgrade', 'server', 'downgrade-mark', versionName(version));
  return outcome('downgrade', 'server', true, versionName(version));
}
