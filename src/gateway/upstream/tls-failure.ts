/**
 * Why no trustworthy TLS connection to an app came about, as a code of the catalogue with what makes it concrete. OpenSSL's
 * word is all there is: a verification error by name, or an error whose code repeats the alert that the app sent.
 */
import type { PeerCertificate } from 'node:tls';
import type { FindingValues } from '../../story/finding.ts';

export type UpstreamTlsCode =
  | 'upstream-certificate-expired'
  | 'upstream-certificate-not-yet-valid'
  | 'upstream-certificate-untrusted'
  | 'upstream-certificate-self-signed'
  | 'upstream-certificate-name-mismatch'
  | 'upstream-certificate-revoked'
  | 'upstream-certificate-refused'
  | 'upstream-wants-client-certificate'
  | 'upstream-refused-client-certificate'
  | 'upstream-speaks-no-tls'
  | 'upstream-knows-no-such-name'
  | 'upstream-tls-failed'
  | 'upstream-tls-material';

export interface TlsFailure {
  readonly code: UpstreamTlsCode;
  readonly values: FindingValues;
}

/** What the connection was to be like. */
export interface TlsExpectation {
  /** The name that the certificate must be for. */
  readonly serverName: string;
  /** Who is trusted, in words. */
  readonly roots: string;
  readonly showsCertificate: boolean;
}

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

/** The app's certificate did not pass; `reason` is Node's `authorizationError`. */
export function explainRefusedCertificate(
  reason: string,
  certificate: PeerCertificate,
  expected: TlsExpectation,
): TlsFailure {
  const values = {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    name: expected.serverName,
    names: certificate.subjectaltname ?? nameOf(certificate.subject),
    from: certificate.valid_from ?? '',
    until: certificate.valid_to ?? '',
    roots: expected.roots,
    detail: reason.toLowerCase().replaceAll('_', ' '),
  };
  if (reason === 'CERT_HAS_EXPIRED') return { code: 'upstream-certificate-expired', values };
  if (reason === 'CERT_NOT_YET_VALID') return { code: 'upstream-certificate-not-yet-valid', values };
  if (reason === 'CERT_REVOKED') return { code: 'upstream-certificate-revoked', values };
  if (reason === 'DEPTH_ZERO_SELF_SIGNED_CERT') return { code: 'upstream-certificate-self-signed', values };
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID') return { code: 'upstream-certificate-name-mismatch', values };
  return { code: UNTRUSTED.has(reason) ? 'upstream-certificate-untrusted' : 'upstream-certificate-refused', values };
}

/** The handshake broke off with `error`; undefined where the error is not one of TLS. */
export function explainHandshakeError(error: NodeJS.ErrnoException, expected: TlsExpectation): TlsFailure | undefined {
  const code = error.code ?? '';
  if (!code.startsWith('ERR_SSL_') && !code.startsWith('ERR_OSSL_') && code !== 'EPROTO') {
    // Node's word for a connection that closed in the middle of the handshake.
    return code === 'ECONNRESET'
      ? { code: 'upstream-tls-failed', values: { detail: 'it closed the connection during the handshake' } }
      : undefined;
  }
  const values = { detail: reasonOf(error), name: expected.serverName };
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE/.test(code)) {
    return { code: 'upstream-speaks-no-tls', values };
  }
  if (/UNRECOGNIZED_NAME/.test(code)) return { code: 'upstream-knows-no-such-name', values };
  const about = tlsAlertCode(error);
  // Without a certificate of ours, such an alert speaks of something else.
  if (about === 'upstream-wants-client-certificate' || expected.showsCertificate) {
    if (about !== undefined) return { code: about, values };
  }
  return { code: 'upstream-tls-failed', values };
}

/**
 * What an alert says of the certificate that we showed or did not show (RFC 8446 section 6.2), or undefined. In TLS 1.3 it
 * comes behind the handshake, when the request may be on its way already.
 */
export function tlsAlertCode(
  error: NodeJS.ErrnoException,
): 'upstream-wants-client-certificate' | 'upstream-refused-client-certificate' | undefined {
  const code = error.code ?? '';
  if (/ALERT_CERTIFICATE_REQUIRED/.test(code)) return 'upstream-wants-client-certificate';
  return /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/.test(
    code,
  )
    ? 'upstream-refused-client-certificate'
    : undefined;
}

/** OpenSSL's reason without its source positions. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  const { reason } = error as { reason?: unknown };
  return typeof reason === 'string' && reason !== '' ? reason : (error.code ?? error.message);
}

function nameOf(name: PeerCertificate['subject'] | undefined): string {
  if (name === undefined) return '?';
  const text = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(', ') : value);
  return text(name.CN) ?? text(name.O) ?? text(name.OU) ?? '?';
}
