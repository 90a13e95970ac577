import net from 'node:net';
import { ipFamily } from '../../codec/ip-text.ts';
import tls from 'node:tls';
import { looksLikeRecord } from '../../codec/tls/record.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { readServerFlight, type ServerFlight } from './server-flight.ts';
import { TappedStream } from './tapped-stream.ts';

export interface HostTarget {
  /** A name or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Asked for by SNI and what OpenSSL compares the certificate with. */
  readonly serverName: string;
}

export interface ConnectOptions {
  readonly timeoutMs: number;
  /** Whom OpenSSL trusts for its verdict, PEM. */
  readonly anchors: readonly string[];
  readonly client?: ClientCredentials | undefined;
}

export interface ClientCredentials {
  /** Named in findings. */
  readonly file: string;
  /** Either PEM certificate and key, or a PKCS #12 file. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly pfx?: Buffer;
  readonly passphrase?: string;
}

/** What a server showed of itself in one handshake. */
export interface Presentation {
  readonly flight: ServerFlight;
  readonly address: string;
  readonly port: number;
  /** `TLSv1.3`; undefined where the handshake did not end well. */
  readonly protocol: string | undefined;
  readonly cipherSuite: string | undefined;
  readonly connectMs: number;
  readonly handshakeMs: number;
  /** OpenSSL's code for its verdict, '' where it trusts; undefined where it gave none. */
  readonly opensslCode: string | undefined;
  /** What was said about the client's side. */
  readonly findings: readonly Finding[];
}

/** How long to wait for a server's word on the client certificate after a handshake of TLS 1.3. */
const CLIENT_VERDICT_MS = 1_500;

/**
 * Connects, shakes hands and closes, without a request. OpenSSL checks nothing here, so that whatever is wrong can be
 * shown; old versions, weak keys and weak signatures are let in for the same reason. A finding where no certificate came.
 */
export async function presentServer(target: HostTarget, options: ConnectOptions): Promise<Presentation | Finding> {
  const context = createContext(options);
  if ('code' in context) return context;
  return new Promise((resolve) => {
    const startedMs = performance.now();
    let connectMs = 0;
    let stage = 'DNS';
    let address = target.host;
    let tap: TappedStream | undefined;
    let secure: tls.TLSSocket | undefined;
    const keyLog: string[] = [];
    const socket = net.connect({ host: placeOf(target.host), port: target.port });
    let settled = false;
    const end = (result: Presentation | Finding): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(result);
      secure?.destroy();
      socket.destroy();
    };
    const timer = setTimeout(() => {
      const seconds = options.timeoutMs / 1_000;
      end(finding('verify-timeout', { address, port: target.port, seconds, stage }));
    }, options.timeoutMs);
    /** Ends with what was seen; `error` is why the connection ended, if it did. */
    const tell = (error: NodeJS.ErrnoException | undefined, agreed: Agreed | undefined): void => {
      if (settled) return;
      const received = tap?.received ?? Buffer.alloc(0);
      const flight = readServerFlight(received, keyLog);
      if (flight.certificates.length === 0) {
        end(explainNothing(error, flight, received, { ...target, address }));
        return;
      }
      const alert = alertOf(error);
      end({
        flight,
        address,
        port: target.port,
        protocol: agreed?.protocol,
        cipherSuite: agreed?.cipherSuite,
        connectMs,
        handshakeMs: performance.now() - startedMs - connectMs,
        opensslCode: agreed?.opensslCode,
        findings: clientFindings(flight, alert, options.client !== undefined),
      });
    };
    socket.once('lookup', (error) => {
      if (error === null) stage = 'TCP';
    });
    socket.once('error', (error) => {
      if (secure === undefined) end(explainUnconnected(error, { ...target, address }));
    });
    socket.once('connect', () => {
      stage = 'TLS';
      connectMs = performance.now() - startedMs;
      address = socket.remoteAddress ?? target.host;
      tap = new TappedStream(socket);
      const isName = ipFamily(target.serverName) === 0;
      secure = tls.connect({
        socket: tap,
        host: target.serverName,
        ...(isName && { servername: target.serverName }),
        secureContext: context.context,
        rejectUnauthorized: false,
        requestOCSP: true,
        ALPNProtocols: ['h2', 'http/1.1'],
      });
      const connection = secure;
      let agreed: Agreed | undefined;
      connection.on('keylog', (line: Buffer) => keyLog.push(line.toString('latin1')));
      connection.once('error', (error: NodeJS.ErrnoException) => tell(error, agreed));
      connection.once('close', () => tell(undefined, agreed));
      connection.once('secureConnect', () => {
        agreed = agreedOn(connection);
        const { asksClient } = readServerFlight(tap?.received ?? Buffer.alloc(0), keyLog);
        // In TLS 1.3 the client is done before the server has looked at its certificate (RFC 8446 section 4.4.2.4).
        // A ticket says that it was content; an alert, that it was not.
        if (!asksClient || agreed.protocol !== 'TLSv1.3') {
          tell(undefined, agreed);
          return;
        }
        connection.once('session', () => tell(undefined, agreed));
        connection.resume();
        setTimeout(() => tell(undefined, agreed), Math.min(CLIENT_VERDICT_MS, options.timeoutMs)).unref();
      });
    });
  });
}

/** Names under localhost are this machine, whatever the resolver knows (RFC 6761 section 6.3). */
const placeOf = (host: string): string => (/\.localhost\.?$/i.test(host) ? 'localhost' : host);

function createContext({ anchors, client }: ConnectOptions): { readonly context: tls.SecureContext } | Finding {
  const base: tls.SecureContextOptions = { ca: [...anchors], minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' };
  try {
    const { cert, key, pfx, passphrase } = client ?? {};
    const own = { ...(cert && { cert }), ...(key && { key }), ...(pfx && { pfx }), ...(passphrase && { passphrase }) };
    return { context: tls.createSecureContext({ ...base, ...own }) };
  } catch (error) {
    const { reason, message } = error as { reason?: string; message: string };
    return finding('verify-client-certificate-unusable', { file: client?.file ?? '', reason: reason ?? message });
  }
}

/** What both sides agreed on, asked while the connection is there. */
interface Agreed {
  readonly protocol: string | undefined;
  readonly cipherSuite: string;
  readonly opensslCode: string;
}

const agreedOn = (secure: tls.TLSSocket): Agreed => ({
  protocol: secure.getProtocol() ?? undefined,
  cipherSuite: secure.getCipher().standardName,
  opensslCode: codeOf(secure),
});

/** `CERT_HAS_EXPIRED`, or '' for a certificate that OpenSSL and Node's own comparison of names are content with. */
function codeOf(secure: tls.TLSSocket): string {
  if (secure.authorized) return '';
  const error: unknown = secure.authorizationError;
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}

/** `certificate required`, from OpenSSL's `tlsv13 alert certificate required`. */
function alertOf(error: NodeJS.ErrnoException | undefined): string | undefined {
  const { reason, message } = (error ?? {}) as { reason?: string; message?: string };
  return / alert (.+?)(?::|$)/.exec(reason ?? message ?? '')?.[1];
}

function clientFindings({ asksClient }: ServerFlight, alert: string | undefined, given: boolean): Finding[] {
  if (!asksClient) return [];
  if (alert === undefined) return given ? [] : [finding('verify-client-certificate-asked')];
  const code = given ? 'verify-client-certificate-refused' : 'verify-client-certificate-required';
  return [finding(code, { alert })];
}

interface Place extends HostTarget {
  readonly address: string;
}

function explainUnconnected(error: NodeJS.ErrnoException, { host, port, address }: Place): Finding {
  // With several addresses each has an error of its own; the first one stands for them.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : error;
  const code = first?.code ?? error.code ?? error.message;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA')
    return finding('verify-unresolved', { host, reason: code });
  const tried = (first as { address?: string } | undefined)?.address ?? address;
  if (code === 'ECONNREFUSED') return finding('verify-refused', { address: tried, port });
  return finding('verify-unreachable', { address: tried, port, reason: code });
}

function explainNothing(
  error: NodeJS.ErrnoException | undefined,
  flight: ServerFlight,
  received: Buffer,
  { address, port, serverName }: Place,
): Finding {
  if (received.length > 0 && !looksLikeRecord(received)) {
    const answer = received.toString('latin1', 0, 60).replace(/[^\x20-\x7e].*$/s, '');
    return finding('verify-not-tls', { address, port, answer: JSON.stringify(answer) });
  }
  const alert = alertOf(error);
  if (alert !== undefined) return finding('verify-handshake-failed', { reason: alert, serverName });
  const { reason, message, code } = (error ?? {}) as { reason?: string; message?: string; code?: string };
  if (received.length === 0) {
    const why = code ?? message ?? 'closed without a word';
    return finding('verify-unreachable', { address, port, reason: why });
  }
  if (error === undefined) return finding('verify-certificate-unseen', { reason: flight.unread ?? '' });
  return finding('verify-handshake-failed', { reason: reason ?? message ?? code ?? '', serverName });
}
