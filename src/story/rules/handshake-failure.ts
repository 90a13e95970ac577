import { offeredVersions, type ClientHello } from '../../codec/tls/client-hello.ts';
import type { DecodeError } from '../../codec/tls/decode-error.ts';
import type { ForeignProtocol } from '../../codec/tls/foreign-protocol.ts';
import { alertName } from '../../codec/tls/registry/alerts.ts';
import { cipherSuiteName } from '../../codec/tls/registry/cipher-suites.ts';
import { isGrease } from '../../codec/tls/registry/grease.ts';
import { namedGroupCode, namedGroupName } from '../../codec/tls/registry/named-groups.ts';
import { signatureSchemeName } from '../../codec/tls/registry/signature-schemes.ts';
import { TLS_1_2, TLS_1_3, versionName } from '../../codec/tls/registry/versions.ts';
import { finding, type Finding, type FindingValues } from '../finding.ts';
import type { OpensslFailure } from './handshake-openssl.ts';

/** How a handshake ended. */
export type HandshakeEnd =
  /** No ClientHello, but this. */
  | { readonly kind: 'foreign'; readonly foreign: ForeignProtocol }
  | { readonly kind: 'malformed'; readonly error: DecodeError }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** The client closed, or reset, the connection; `byteLength` octets had come from it when there was no hello yet. */
  | { readonly kind: 'closed'; readonly byteLength: number }
  | { readonly kind: 'timed-out'; readonly byteLength: number }
  /** The hello leads to no site. */
  | { readonly kind: 'no-site' }
  | { readonly kind: 'openssl'; readonly failure: OpensslFailure }
  | { readonly kind: 'gateway-stopped' };

export type KeyType = 'ECDSA' | 'RSA' | 'RSA-PSS' | 'Ed25519' | 'Ed448';

/** What the site would have accepted. */
export interface OfferedPolicy {
  readonly minVersion: string;
  readonly maxVersion: string;
  /** OpenSSL's names, colon separated. */
  readonly ciphers: string;
  readonly groups: string;
  readonly alpn: readonly string[];
  /** Types of the keys in the site's certificates. */
  readonly keyTypes: readonly KeyType[];
  /** The certificate comes from the gateway's own CA. */
  readonly localCa: boolean;
}

/** Everything known of a handshake that failed. */
export interface HandshakeEvidence {
  readonly end: HandshakeEnd;
  /** Undefined where none came, or none that could be read. */
  readonly hello: ClientHello | undefined;
  /** Name in the hello, '' for none. */
  readonly serverName: string;
  /** Site that it led to and what that allows; '' and undefined where there was none. */
  readonly site: string;
  readonly policy: OfferedPolicy | undefined;
}

/** What a failed handshake means, who is at fault, and what mends it. */
export function explainHandshakeFailure(evidence: HandshakeEvidence): Finding {
  const { end, hello } = evidence;
  switch (end.kind) {
    case 'foreign':
      return explainForeign(end.foreign);
    case 'malformed': {
      const { field, code, offset } = end.error;
      return finding('handshake-malformed-hello', { field, problem: code, offset });
    }
    case 'too-large':
      return finding('handshake-hello-too-large', { limitBytes: end.limitBytes });
    case 'closed':
      if (hello !== undefined) return finding('handshake-client-closed');
      if (end.byteLength === 0) return finding('handshake-closed-before-hello');
      return finding('handshake-hello-cut-short', { byteLength: end.byteLength });
    case 'timed-out':
      if (hello !== undefined) return finding('handshake-timed-out');
      return finding('handshake-timed-out-before-hello', { byteLength: end.byteLength });
    case 'no-site':
      if (hello?.serverName === undefined || hello.serverName.kind === 'ip-literal')
        return finding('handshake-no-name');
      return finding('handshake-unknown-name', { serverName: evidence.serverName });
    case 'gateway-stopped':
      return finding('handshake-gateway-stopped');
    case 'openssl':
      break;
  }
  return explainOpenssl(end.failure, evidence);
}

function explainForeign(foreign: ForeignProtocol): Finding {
  const { sample } = foreign;
  switch (foreign.protocol) {
    case 'http':
      return finding('handshake-plain-http', { sample });
    case 'proxy-protocol':
      return finding('handshake-proxy-protocol');
    case 'ssh':
      return finding('handshake-ssh', { sample });
    case 'sslv2-hello':
      return finding('handshake-sslv2-hello', { version: versionName(foreign.version) });
    case 'tls-without-hello':
      return finding('handshake-without-hello', { sample });
    case 'unknown':
      break;
  }
  return finding('handshake-not-tls', { sample });
}

function explainOpenssl(failure: OpensslFailure, evidence: HandshakeEvidence): Finding {
  if (failure.alertReceived !== undefined) return explainClientAlert(failure.alertReceived, evidence);
  const { hello, policy } = evidence;
  switch (failure.code) {
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
    case 'ERR_SSL_VERSION_TOO_HIGH':
    case 'ERR_SSL_NO_PROTOCOLS_AVAILABLE':
    case 'ERR_SSL_UNKNOWN_PROTOCOL':
    case 'ERR_SSL_WRONG_SSL_VERSION':
      if (hello !== undefined && policy !== undefined) return explainVersions(hello, policy);
      break;
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS':
    case 'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM':
    case 'ERR_SSL_NO_SHARED_GROUPS':
    case 'ERR_SSL_NO_SUITABLE_GROUPS':
    case 'ERR_SSL_NO_SUITABLE_KEY_SHARE':
      if (hello !== undefined && policy !== undefined) return explainNothingShared(failure.code, hello, policy);
      break;
    case 'ERR_SSL_NO_APPLICATION_PROTOCOL':
      return finding('handshake-no-shared-protocol', {
        offered: listed(hello?.alpn ?? []),
        allowed: listed(policy?.alpn ?? []),
      });
    case 'ERR_SSL_INAPPROPRIATE_FALLBACK':
      return finding('handshake-fallback');
    case 'ERR_SSL_UNEXPECTED_MESSAGE':
    case 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC':
    case 'ERR_SSL_BAD_SIGNATURE':
    case 'ERR_SSL_DIGEST_CHECK_FAILED':
    case 'ERR_SSL_BINDER_DOES_NOT_VERIFY':
    case 'ERR_SSL_BAD_KEY_SHARE':
    case 'ERR_SSL_LENGTH_MISMATCH':
    case 'ERR_SSL_BAD_EXTENSION':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return finding('handshake-broken-message', { reason: failure.reason });
    default:
      break;
  }
  return finding('handshake-failed', { reason: failure.reason });
}

function explainVersions(hello: ClientHello, policy: OfferedPolicy): Finding {
  const offered = offeredVersions(hello).filter((version) => !isGrease(version));
  const values = { offered: listed(offered.map(versionName)), minVersion: policy.minVersion };
  if (offered.every((version) => version < TLS_1_2)) return finding('handshake-old-version', values);
  return finding('handshake-version-not-enabled', { ...values, maxVersion: policy.maxVersion });
}

/**
 * OpenSSL says "no shared cipher" in TLS 1.2 also when the suites match but no group does, or when none of them fits the
 * key of the certificate: a suite is only shared if it can be carried out.
 */
function explainNothingShared(code: string, hello: ClientHello, policy: OfferedPolicy): Finding {
  const isAboutGroups = code.includes('GROUPS') || code.includes('KEY_SHARE');
  if (isAboutGroups || !sharesGroup(hello, policy)) {
    const offered = listed(known(hello.supportedGroups ?? []).map(namedGroupName));
    return finding('handshake-no-shared-group', { offered, allowed: policy.groups });
  }
  if (code.includes('SIGNATURE_ALGORITHM') || !fitsKeyType(hello, policy)) {
    return finding('handshake-certificate-type', { keyTypes: policy.keyTypes.join(', ') });
  }
  const offered = listed(known(hello.cipherSuites).map(cipherSuiteName));
  return finding('handshake-no-shared-cipher', { offered, allowed: policy.ciphers });
}

function sharesGroup(hello: ClientHello, policy: OfferedPolicy): boolean {
  // A client that lists no groups leaves the choice to the server (RFC 8422 section 4).
  if (hello.supportedGroups === undefined) return true;
  return policy.groups.split(':').some((name) => hello.supportedGroups!.includes(namedGroupCode(name) ?? -1));
}

/** Whether the client could check a signature of one of the site's keys, by its suites (TLS 1.2) and its schemes. */
function fitsKeyType(hello: ClientHello, policy: OfferedPolicy): boolean {
  const suites = hello.cipherSuites.map(cipherSuiteName);
  const schemes = hello.signatureSchemes?.map(signatureSchemeName);
  const speaks13 = offeredVersions(hello).includes(TLS_1_3) && policy.maxVersion === 'TLSv1.3';
  return policy.keyTypes.some((type) => {
    const family = type.startsWith('RSA') ? 'RSA' : 'ECDSA';
    const suiteFits = suites.some((suite) => suite.includes(`_${family}_WITH_`));
    const prefix = { ECDSA: 'ecdsa_', RSA: 'rsa_p', 'RSA-PSS': 'rsa_pss_pss_', Ed25519: 'ed25519', Ed448: 'ed448' }[
      type
    ];
    const schemeFits = schemes === undefined || schemes.some((scheme) => scheme.startsWith(prefix));
    return schemeFits && (suiteFits || speaks13);
  });
}

/** A client's alert, during the handshake or just after it, says what it holds against the certificate. */
export function explainClientAlert(alert: number, evidence: Omit<HandshakeEvidence, 'end' | 'hello'>): Finding {
  const { site, serverName, policy } = evidence;
  const keyTypes = policy?.keyTypes.join(', ') ?? '';
  const values: FindingValues = { alert: alertName(alert), site, serverName: serverName || site, keyTypes };
  const isDistrust = alert === 42 || alert === 46 || alert === 48;
  if (isDistrust && policy?.localCa === true) return finding('handshake-local-ca-untrusted', values);
  switch (alert) {
    case 48:
      return finding('handshake-unknown-ca', values);
    case 42:
    case 46:
      return finding('handshake-certificate-refused', values);
    case 43:
      return finding('handshake-certificate-unsupported', values);
    case 44:
      return finding('handshake-certificate-revoked', values);
    case 45:
      return finding('handshake-certificate-expired', values);
    default:
      return finding('handshake-client-alert', values);
  }
}

const LISTED_MAX = 12;

/** Comma separated, the first dozen. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return '-';
  const more = names.length > LISTED_MAX ? `, … (${names.length})` : '';
  return names.slice(0, LISTED_MAX).join(', ') + more;
}

function known(codes: readonly number[]): readonly number[] {
  return codes.filter((code) => !isGrease(code));
}
