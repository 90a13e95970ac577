/** One TLS handshake: OpenSSL's, over a tapped connection. Nothing is judged here, and nothing is sent after it. */
import tls from 'node:tls';
import { TlsConversation } from '../../codec/tls/conversation/conversation.ts';
import { secretsOfSession } from '../../codec/tls/openssl-session.ts';
import { looksLikeRecord } from '../../codec/tls/record.ts';
import { nodeTlsCrypto } from '../../pki/tls-crypto.ts';
import type { ClientCredentials } from '../verify/present.ts';
import type { WireChunk, WireTap } from './wire-tap.ts';

export interface HandshakeSettings {
  /** For SNI; '' where the URL has an address. */
  readonly serverName: string;
  readonly alpn: readonly string[];
  readonly minVersion: tls.SecureVersion;
  readonly maxVersion: tls.SecureVersion;
  readonly client: ClientCredentials | undefined;
  /** Session of before, to be resumed. */
  readonly session: Buffer | undefined;
  readonly timeoutMs: number;
}

/** What the two sides agreed on. */
export interface Agreement {
  /** `TLSv1.3`. */
  readonly protocol: string;
  /** IANA name. */
  readonly cipherSuite: string;
  /** `X25519`; undefined where OpenSSL does not tell. */
  readonly group: string | undefined;
  /** Undefined where no ALPN was agreed on. */
  readonly alpn: string | undefined;
  readonly resumed: boolean;
}

/** Why there was no handshake. */
export interface HandshakeFailure {
  readonly kind: 'timed-out' | 'closed' | 'reset' | 'alert' | 'not-tls' | 'openssl' | 'aborted';
  /** The server's alert as OpenSSL words it: `handshake failure`. */
  readonly alert: string;
  /** OpenSSL's code and words. */
  readonly code: string;
  readonly reason: string;
}

export interface HandshakeResult {
  readonly socket: tls.TLSSocket;
  /** Every record and message of both directions so far, decrypted with this connection's own secrets. */
  readonly readAlong: () => TlsConversation;
  readonly agreement: Agreement | undefined;
  readonly failure: HandshakeFailure | undefined;
  /** Lines of NSS key log format; grows while the connection lives. */
  readonly keyLog: readonly string[];
  /** The newest ticket or session, once there is one. */
  readonly session: () => Buffer | undefined;
  /** What ended the connection after the handshake (a late alert, say), if anything did. */
  readonly lateFailure: () => HandshakeFailure | undefined;
}

/** Throws where OpenSSL takes not even the settings (a key that does not fit the certificate). */
export function shakeHands(tap: WireTap, settings: HandshakeSettings, signal: AbortSignal): Promise<HandshakeResult> {
  const { serverName, alpn, minVersion, maxVersion, client, session, timeoutMs } = settings;
  const { cert, key, pfx, passphrase } = client ?? {};
  const secureContext = tls.createSecureContext({
    // We judge ourselves; without this Node would parse its whole list of roots first.
    ca: [],
    minVersion,
    maxVersion,
    // Weak things are let in so that they can be told of; the judgement comes before anything is sent.
    ciphers: `${tls.DEFAULT_CIPHERS}:@SECLEVEL=0`,
    ...(cert && { cert }),
    ...(key && { key }),
    ...(pfx && { pfx }),
    ...(passphrase !== undefined && { passphrase }),
  });
  return new Promise((resolve) => {
    const keyLog: string[] = [];
    let newest: Buffer | undefined;
    let late: HandshakeFailure | undefined;
    const readAlong = createReadAlong(tap, session, keyLog);
    const socket = tls.connect({
      socket: tap,
      secureContext,
      rejectUnauthorized: false,
      requestOCSP: true,
      ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
      ...(serverName !== '' && { servername: serverName }),
      ...(session && { session }),
    });
    let settled = false;
    const settle = (agreement: Agreement | undefined, failure: HandshakeFailure | undefined): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (failure !== undefined) socket.destroy();
      resolve({ socket, readAlong, agreement, failure, keyLog, session: () => newest, lateFailure: () => late });
    };
    const fail = (kind: HandshakeFailure['kind'], error?: NodeJS.ErrnoException & { reason?: string }): void => {
      const code = error?.code ?? '';
      const reason = error?.reason ?? error?.message ?? '';
      const failure = { kind, code, reason, alert: alertOf(reason) };
      // The first one is the reason; that the connection closes follows from it.
      if (settled) late ??= failure;
      else settle(undefined, failure);
    };
    const abort = (): void => fail('aborted');
    const timer = setTimeout(() => fail('timed-out'), timeoutMs);
    signal.addEventListener('abort', abort);
    socket.on('keylog', (line: Buffer) => keyLog.push(line.toString('latin1').trimEnd()));
    socket.on('session', (one: Buffer) => (newest = one));
    socket.on('error', (error: NodeJS.ErrnoException & { reason?: string }) => {
      const received = tap.octets('received');
      if (received.length > 0 && !looksLikeRecord(received)) fail('not-tls', error);
      else if (alertOf(error.reason ?? error.message) !== '') fail('alert', error);
      else if (tap.ending.resetMs !== undefined || error.code === 'ECONNRESET') {
        // Node says ECONNRESET also for a plain FIN in the middle of a handshake.
        fail(tap.ending.resetMs === undefined ? 'closed' : 'reset', error);
      } else fail('openssl', error);
    });
    socket.on('close', () => fail('closed'));
    socket.once('secureConnect', () => settle(agreementOf(socket), undefined));
    if (signal.aborted) abort();
  });
}

/**
 * Reads what has passed, when it is asked for and not while it passes: decoding must not slow down what is measured. Each
 * octet keeps the time at which it came.
 */
function createReadAlong(tap: WireTap, session: Buffer | undefined, keyLog: readonly string[]): () => TlsConversation {
  // What was saved: the key of the ticket, with which the binder is checked, or the master secret of TLS 1.2.
  const known = session && secretsOfSession(session);
  const conversation = new TlsConversation({ crypto: nodeTlsCrypto, keysMayCome: true, known });
  let lines = 0;
  let chunks = 0;
  let ends = 0;
  return () => {
    for (; lines < keyLog.length; lines += 1) conversation.addKeyLog(keyLog[lines]!);
    for (; chunks < tap.chunks.length; chunks += 1) {
      const { direction, bytes, atMs } = tap.chunks[chunks]!;
      conversation.feed(senderOf(direction), bytes, atMs);
    }
    for (; ends < tap.ends.length; ends += 1) {
      const { direction, how, atMs } = tap.ends[ends]!;
      conversation.end(senderOf(direction), atMs, how);
    }
    return conversation;
  };
}

const senderOf = (direction: WireChunk['direction']): 'client' | 'server' =>
  direction === 'sent' ? 'client' : 'server';

function agreementOf(socket: tls.TLSSocket): Agreement {
  // Node's types leave `name` out; EC groups of TLS 1.3 come as `{ type: 'ECDH', name: 'X25519' }`.
  const ephemeral = socket.getEphemeralKeyInfo() as { name?: string; type?: string; size?: number } | null;
  const { alpnProtocol } = socket;
  return {
    protocol: socket.getProtocol() ?? '',
    cipherSuite: socket.getCipher().standardName,
    group: ephemeral?.name ?? (ephemeral?.type === 'DH' ? `DH ${ephemeral.size}` : undefined),
    alpn: typeof alpnProtocol === 'string' && alpnProtocol !== '' ? alpnProtocol : undefined,
    resumed: socket.isSessionReused(),
  };
}

/** `handshake failure`, from OpenSSL's `sslv3 alert handshake failure`. */
function alertOf(reason: string): string {
  return / alert (.+?)(?::|$)/.exec(reason)?.[1] ?? '';
}
