import { alertName } from '../../codec/tls/registry/alerts.ts';

/** What OpenSSL says about a connection that it ended, out of the error that Node makes of it. */
export interface OpensslFailure {
  /** OpenSSL's own name, as Node gives it: `ERR_SSL_NO_SHARED_CIPHER`. */
  readonly code: string;
  /** For people: `no shared cipher`. */
  readonly reason: string;
  /** The alert that the client sent, if that was the end; else undefined. */
  readonly alertReceived: number | undefined;
}

/** The parts of an Error that matter here. */
export interface ErrorFacts {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * `40E3…:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:…`: the eight digits are library and
 * reason, the reason in the lower 23 bits. Reasons from 1000 on are alerts of the peer: 0x418 is 1048, alert 48.
 */
const packedCode = /error:([0-9A-Fa-f]{8}):[^:]*:[^:]*:([^:]*):/;
const REASON_MASK = 0x7f_ffff;
const FIRST_ALERT_REASON = 1_000;
const LAST_ALERT_REASON = FIRST_ALERT_REASON + 0xff;

/** Reads an error of node:tls; undefined where it does not come from OpenSSL's TLS code. */
export function readOpensslFailure(error: ErrorFacts): OpensslFailure | undefined {
  const packed = packedCode.exec(error.message ?? '');
  const code = error.code ?? '';
  if (packed === null && !code.startsWith('ERR_SSL_')) return undefined;
  const number = packed === null ? 0 : Number.parseInt(packed[1]!, 16) & REASON_MASK;
  const isAlert = number >= FIRST_ALERT_REASON && number <= LAST_ALERT_REASON;
  const spoken = error.reason ?? packed?.[2] ?? '';
  const reason =
    spoken === ''
      ? code
          .replace(/^ERR_SSL_/, '')
          .toLowerCase()
          .replaceAll('_', ' ')
      : spoken;
  return { code, reason, alertReceived: isAlert ? number - FIRST_ALERT_REASON : undefined };
}

/** What OpenSSL tells the client when it ends a handshake for one of these reasons. */
const alertsSent: ReadonlyMap<string, number> = new Map([
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 70],
  ['ERR_SSL_VERSION_TOO_LOW', 70],
  ['ERR_SSL_VERSION_TOO_HIGH', 70],
  ['ERR_SSL_NO_PROTOCOLS_AVAILABLE', 70],
  ['ERR_SSL_UNKNOWN_PROTOCOL', 70],
  ['ERR_SSL_WRONG_SSL_VERSION', 70],
  ['ERR_SSL_NO_SHARED_CIPHER', 40],
  ['ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS', 40],
  ['ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM', 40],
  ['ERR_SSL_NO_SHARED_GROUPS', 40],
  ['ERR_SSL_NO_SUITABLE_GROUPS', 40],
  ['ERR_SSL_NO_SUITABLE_KEY_SHARE', 40],
  ['ERR_SSL_NO_APPLICATION_PROTOCOL', 120],
  ['ERR_SSL_INAPPROPRIATE_FALLBACK', 86],
  ['ERR_SSL_UNEXPECTED_MESSAGE', 10],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 20],
  ['ERR_SSL_BAD_SIGNATURE', 51],
  ['ERR_SSL_DIGEST_CHECK_FAILED', 51],
  ['ERR_SSL_BINDER_DOES_NOT_VERIFY', 47],
  ['ERR_SSL_BAD_KEY_SHARE', 47],
  ['ERR_SSL_LENGTH_MISMATCH', 50],
  ['ERR_SSL_BAD_EXTENSION', 50],
]);

/** The alert that went to the client; undefined where none did or which is not known. */
export function alertSentFor(failure: OpensslFailure): number | undefined {
  return failure.alertReceived === undefined ? alertsSent.get(failure.code) : undefined;
}

/** Alerts that judge the handshake itself. The others end a connection that was fine (close_notify, user_canceled). */
const handshakeAlerts: ReadonlySet<number> = new Set([
  40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 70, 71, 109, 110, 111, 112, 113, 114, 115, 116, 120, 121,
]);

/**
 * The alert with which a client refuses a handshake that has already ended on our side; else undefined. In TLS 1.3 the
 * server is done before the client has judged its certificate (RFC 8446 section 2), so that the refusal comes as an
 * error of the secure socket, often before any request.
 */
export function lateHandshakeAlert(error: ErrorFacts): number | undefined {
  const alert = readOpensslFailure(error)?.alertReceived;
  return alert !== undefined && handshakeAlerts.has(alert) ? alert : undefined;
}

/** `unknown_ca`; '' for none. */
export function alertText(alert: number | undefined): string {
  return alert === undefined ? '' : alertName(alert);
}
