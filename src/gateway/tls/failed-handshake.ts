import { offeredVersions, type ClientHello } from '../../codec/tls/client-hello.ts';
import { cipherSuiteName } from '../../codec/tls/registry/cipher-suites.ts';
import { isGrease } from '../../codec/tls/registry/grease.ts';
import { versionName } from '../../codec/tls/registry/versions.ts';
import {
  explainClientAlert,
  explainHandshakeFailure,
  type HandshakeEnd,
  type OfferedPolicy,
} from '../../story/rules/handshake-failure.ts';
import {
  alertSentFor,
  alertText,
  lateHandshakeAlert,
  readOpensslFailure,
  type ErrorFacts,
} from '../../story/rules/handshake-openssl.ts';
import type { HandshakeFailure } from '../observe/handshake-failure.ts';
import type { TlsInfo } from './tls-info.ts';

/** What was known of a handshake when it failed. */
export interface FailedHandshake {
  /** Epoch milliseconds. */
  readonly timeMs: number;
  readonly peer: string;
  readonly peerPort: number;
  readonly end: HandshakeEnd;
  readonly hello: ClientHello | undefined;
  readonly serverName: string;
  readonly site: string;
  readonly policy: OfferedPolicy | undefined;
  /** The alert that the gateway wrote itself; undefined where it left that to OpenSSL. */
  readonly alertWritten: number | undefined;
}

/** The record of a failed handshake: the whole of its log line. */
export function handshakeFailure(failed: FailedHandshake): HandshakeFailure {
  const { end, hello } = failed;
  const openssl = end.kind === 'openssl' ? end.failure : undefined;
  const alert = failed.alertWritten ?? openssl?.alertReceived ?? (openssl && alertSentFor(openssl));
  return {
    timeMs: failed.timeMs,
    peer: peerText(failed.peer, failed.peerPort),
    serverName: failed.serverName,
    site: failed.site,
    offeredVersions: names(hello && offeredVersions(hello), versionName),
    offeredCiphers: names(hello?.cipherSuites, cipherSuiteName),
    offeredAlpn: hello?.alpn ?? [],
    alert: alertText(alert),
    opensslError: openssl === undefined ? '' : `${openssl.code}: ${openssl.reason}`,
    finding: explainHandshakeFailure(failed),
  };
}

/**
 * A client of TLS 1.3 that refuses the certificate says so when the server already takes the handshake for complete: the
 * alert surfaces as an `error` of the secure socket. Given such an error, this is the record of the failed handshake;
 * for any other error undefined. Of what the client offered, it knows what was agreed on.
 */
export function lateHandshakeFailure(error: ErrorFacts, info: TlsInfo, timeMs: number): HandshakeFailure | undefined {
  const alert = lateHandshakeAlert(error);
  const openssl = readOpensslFailure(error);
  if (alert === undefined || openssl === undefined) return undefined;
  const { site, serverName, offered } = info;
  return {
    timeMs,
    peer: peerText(info.peer, info.peerPort),
    serverName,
    site,
    offeredVersions: [info.tlsVersion],
    offeredCiphers: [info.cipherSuite],
    offeredAlpn: info.alpn === '' ? [] : [info.alpn],
    alert: alertText(alert),
    opensslError: `${openssl.code}: ${openssl.reason}`,
    finding: explainClientAlert(alert, { site, serverName, policy: offered }),
  };
}

/** Names without GREASE, which offers nothing (RFC 8701). */
function names(codes: readonly number[] | undefined, name: (code: number) => string): readonly string[] {
  return (codes ?? []).filter((code) => !isGrease(code)).map(name);
}

function peerText(peer: string, port: number): string {
  return peer.includes(':') ? `[${peer}]:${port}` : `${peer}:${port}`;
}
