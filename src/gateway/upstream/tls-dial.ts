/**
 * TLS connections to one app: verified against the system's roots or a CA of its own, by name, and refused with the reason
 * where they do not hold. Nothing of a request is sent before the certificate has been judged.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { UpstreamTls } from '../../config/config.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import { finding, type Finding, type FindingValues } from '../../story/finding.ts';
import type { Engine } from '../engine.ts';
import { connectFailure } from './connect-failure.ts';
import type { DialTarget } from './dial-target.ts';
import {
  explainHandshakeError,
  explainRefusedCertificate,
  reasonOf,
  tlsAlertCode,
  type TlsExpectation,
} from './tls-failure.ts';
import { readSystemRoots } from './trusted-roots.ts';
import type { UpstreamFailure } from './upstream-channel.ts';

/** The same reason for the same app is told again only after this long: every request would repeat it otherwise. */
const REPEAT_MS = 10_000;

export type Protocol = 'h2' | 'http/1.1';

export interface DialResult {
  onSecured(socket: tls.TLSSocket, protocol: Protocol): void;
  /** `protocolsRefused` says that the app speaks none of those that were offered (RFC 7301 section 3.2). */
  onFailed(failure: UpstreamFailure, protocolsRefused: boolean): void;
}

interface Material {
  readonly context: tls.SecureContext;
  readonly expected: TlsExpectation;
}

export class TlsDialer {
  readonly #settings: UpstreamTls;
  readonly #label: string;
  readonly #engine: Engine;
  readonly #timeoutMs: number;
  readonly #report: (found: Finding) => void;
  #material: Material | undefined;
  #session: Buffer | undefined;
  #told = '';
  #toldMs = 0;

  /** `label` names the app in findings. Files are read when the first connection is made. */
  constructor(
    settings: UpstreamTls,
    label: string,
    engine: Engine,
    timeoutMs: number,
    report: (found: Finding) => void,
  ) {
    this.#settings = settings;
    this.#label = label;
    this.#engine = engine;
    this.#timeoutMs = timeoutMs;
    this.#report = report;
  }

  /** Connects and shakes hands, offering `protocols`; one call of `result` follows, never within this one. */
  dial(target: DialTarget, protocols: readonly Protocol[], result: DialResult): void {
    let material: Material;
    try {
      material = this.#material ??= this.#read();
    } catch (error) {
      this.#tell('upstream-tls-material', { detail: reasonOf(error as NodeJS.ErrnoException) });
      setImmediate(() => result.onFailed('upstream-tls-material', false));
      return;
    }
    this.#connect(target, protocols, material, result);
  }

  #read(): Material {
    const { caFile, certificate, serverName } = this.#settings;
    const roots =
      caFile === '' ? readSystemRoots() : { certificates: [readFileSync(caFile, 'latin1')], source: caFile };
    const context = tls.createSecureContext({
      ca: [...roots.certificates],
      minVersion: 'TLSv1.2',
      ...(certificate === undefined
        ? {}
        : { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) }),
    });
    return { context, expected: { serverName, roots: roots.source, showsCertificate: certificate !== undefined } };
  }

  #connect(target: DialTarget, protocols: readonly Protocol[], material: Material, result: DialResult): void {
    const { serverName, verify } = this.#settings;
    const raw = net.connect({ host: target.address, port: target.port, noDelay: true });
    let tcpError: NodeJS.ErrnoException | undefined;
    raw.once('error', (error) => {
      tcpError = error;
    });
    const socket = tls.connect({
      socket: raw,
      // The name that the certificate is compared with; RFC 6066 section 3 keeps addresses out of the hello.
      host: serverName,
      servername: net.isIP(serverName) === 0 ? serverName : '',
      secureContext: material.context,
      ALPNProtocols: [...protocols],
      // Judged below, before an octet of a request is written: Node would drop the certificate with the connection, and
      // nobody could say what was wrong with it.
      rejectUnauthorized: false,
      ...(this.#session === undefined || !verify ? {} : { session: this.#session }),
    });
    let settled = false;
    let accepted = false;
    let latest: Buffer | undefined;
    const deadlineMs = this.#engine.clock.now() + this.#timeoutMs;
    const watch = {
      sweep: (nowMs: number) => {
        if (nowMs >= deadlineMs) fail('upstream-connect-timeout');
      },
    };
    const fail = (failure: UpstreamFailure, protocolsRefused = false) => {
      if (settled) return;
      settled = true;
      this.#engine.sweeper.delete(watch);
      // A ticket may be what the app stumbles over.
      this.#session = undefined;
      socket.destroy();
      raw.destroy();
      result.onFailed(failure, protocolsRefused);
    };
    this.#engine.sweeper.add(watch);
    socket.on('session', (session: Buffer) => {
      // A resumed session is not judged again: one of a connection that was refused must not be kept.
      if (accepted) this.#session = session;
      else latest = session;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (settled) this.#tellLate(error);
      else {
        const failure = this.#explain(tcpError ?? error, material.expected, tcpError !== undefined && raw.connecting);
        fail(failure, error.code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
      }
    });
    socket.once('close', () => fail(tcpError === undefined ? 'upstream-tls-failed' : connectFailure(tcpError)));
    socket.once('secureConnect', () => {
      if (settled) return;
      if (verify && !socket.authorized) {
        // The types say Error; what is there is the name of the error.
        const reason = String(socket.authorizationError);
        const refused = explainRefusedCertificate(reason, socket.getPeerCertificate(), material.expected);
        this.#tell(refused.code, refused.values);
        fail(refused.code);
        return;
      }
      settled = true;
      this.#engine.sweeper.delete(watch);
      accepted = verify;
      if (accepted) this.#session = latest ?? this.#session;
      result.onSecured(socket, socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1');
    });
  }

  #explain(error: NodeJS.ErrnoException, expected: TlsExpectation, connecting: boolean): UpstreamFailure {
    const failed = connecting ? undefined : explainHandshakeError(error, expected);
    if (failed === undefined) return connectFailure(error);
    this.#tell(failed.code, failed.values);
    return failed.code;
  }

  /** TLS 1.3: what the app thinks of our certificate comes behind the handshake. */
  #tellLate(error: NodeJS.ErrnoException): void {
    const code = tlsAlertCode(error);
    if (code !== undefined) this.#tell(code, { detail: reasonOf(error) });
  }

  #tell(code: FindingCode, values: FindingValues): void {
    const nowMs = this.#engine.clock.now();
    if (code === this.#told && nowMs - this.#toldMs < REPEAT_MS) return;
    this.#told = code;
    this.#toldMs = nowMs;
    this.#report(finding(code, { upstream: this.#label, ...values }));
  }
}
