import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import tls from 'node:tls';
import { TlsConversation } from '../../../src/codec/tls/conversation/conversation.ts';
import type { TlsItem } from '../../../src/codec/tls/conversation/items.ts';
import { parseOpensslSession, secretsOfSession } from '../../../src/codec/tls/openssl-session.ts';
import { TLS_1_3 } from '../../../src/codec/tls/registry/versions.ts';
import { nodeTlsCrypto } from '../../../src/pki/tls-crypto.ts';
import { OctetTap, type TapListener } from './octet-tap.ts';

/** What to connect with. Names and values are node:tls's own where it has them. */
export interface TappedTlsOptions {
  /** A TCP connection that stands, and that nobody else reads. */
  readonly socket: Socket;
  /** Sent as SNI; undefined sends none, as for an address. */
  readonly servername?: string | undefined;
  /** What the certificate is compared with by OpenSSL where `rejectUnauthorized` asks for it. */
  readonly host?: string | undefined;
  readonly alpn?: readonly string[] | undefined;
  readonly minVersion?: tls.SecureVersion | undefined;
  readonly maxVersion?: tls.SecureVersion | undefined;
  /** Whom to trust, PEM; the system's by default. */
  readonly ca?: readonly string[] | undefined;
  readonly cert?: Buffer | string | undefined;
  readonly key?: Buffer | string | undefined;
  readonly pfx?: Buffer | undefined;
  readonly passphrase?: string | undefined;
  /** Cipher suites in OpenSSL's words, TLS 1.3's and older ones together. */
  readonly ciphers?: string | undefined;
  /** Groups in OpenSSL's words, the first of which gets a key share: `X25519:P-256`. */
  readonly groups?: string | undefined;
  readonly sigalgs?: string | undefined;
  /** A session of a connection before, from `sessions`: asks to resume it. */
  readonly session?: Buffer | undefined;
  /** Whether OpenSSL ends the handshake when it does not trust the certificate; a trace judges for itself: false. */
  readonly rejectUnauthorized?: boolean | undefined;
  readonly requestOcsp?: boolean | undefined;
  /** Called with every item as it comes to be. */
  readonly onItem?: ((item: TlsItem) => void) | undefined;
  /** Called with every line of the key log: only for whoever asked for it by name. */
  readonly onKeyLog?: ((line: string) => void) | undefined;
  /** Called with all octets as they pass, TLS records both ways. */
  readonly onOctets?: TapListener['onOctets'] | undefined;
  /** Milliseconds; performance.now() by default. */
  readonly now?: (() => number) | undefined;
  readonly maxKeptOctets?: number | undefined;
}

/** A TLS connection and what is seen of it. */
export interface TappedTls {
  readonly secure: tls.TLSSocket;
  readonly conversation: TlsConversation;
  /** Sessions that the server gave, newest last, to give to a later connection as `session`. */
  readonly sessions: readonly Buffer[];
  /** When the TCP connection is gone and no item will come any more, at most half a second after `secure`'s 'close'. */
  readonly closed: Promise<void>;
}

/**
 * Starts TLS over a TCP connection with OpenSSL, through a tap. `conversation` has an item for every record, message, alert
 * and check, decrypted with this connection's own key log; it goes on until the connection is closed.
 *
 * The caller listens to `secure` as to any TLSSocket ('secureConnect', 'error', 'close').
 */
export function tappedTlsConnect(options: TappedTlsOptions): TappedTls {
  const now = options.now ?? (() => performance.now());
  const conversation = new TlsConversation({
    crypto: nodeTlsCrypto,
    keysMayCome: true,
    known: options.session && secretsOfSession(options.session),
    onItem: options.onItem,
    maxKeptOctets: options.maxKeptOctets,
  });
  const tap = new OctetTap(
    options.socket,
    {
      onOctets: (sender, octets, atMs) => {
        options.onOctets?.(sender, octets, atMs);
        conversation.feed(sender, octets, atMs);
      },
      onEnd: (sender, how, atMs) => conversation.end(sender, atMs, how),
    },
    now,
  );
  const secure = tls.connect(connectionOptions(tap, options));
  const sessions: Buffer[] = [];
  secure.on('keylog', (line: Buffer) => {
    const text = line.toString('latin1').trimEnd();
    options.onKeyLog?.(text);
    conversation.addKeyLog(text);
  });
  secure.on('session', (session: Buffer) => {
    sessions.push(session);
    const saved = parseOpensslSession(session);
    // What OpenSSL saves of a session of TLS 1.2 is its master secret: the one that the key log told.
    if (saved.ok && saved.value.version < TLS_1_3) conversation.compareMasterSecret(saved.value.secret);
  });
  const closed = new Promise<void>((resolve) => {
    const finish = (): void => {
      conversation.finish();
      resolve();
    };
    if (options.socket.closed) finish();
    else options.socket.once('close', finish);
  });
  return { secure, conversation, sessions, closed };
}

function connectionOptions(tap: OctetTap, options: TappedTlsOptions): tls.ConnectionOptions {
  const { servername, host, alpn, minVersion, maxVersion, ca, cert, key, pfx, passphrase, ciphers } = options;
  const { groups, sigalgs, session, rejectUnauthorized = false, requestOcsp = true } = options;
  return {
    socket: tap,
    rejectUnauthorized,
    requestOCSP: requestOcsp,
    ...(servername !== undefined && { servername }),
    ...((host ?? servername) !== undefined && { host: host ?? servername }),
    ...(alpn !== undefined && alpn.length > 0 && { ALPNProtocols: [...alpn] }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ca !== undefined && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(pfx !== undefined && { pfx }),
    ...(passphrase !== undefined && { passphrase }),
    ...(ciphers !== undefined && { ciphers }),
    ...(groups !== undefined && { ecdhCurve: groups }),
    ...(sigalgs !== undefined && { sigalgs }),
    ...(session !== undefined && { session }),
  };
}
