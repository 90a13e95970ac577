/** Makes connections: name, route, TCP, TLS, certificate, each told as a stage. Nothing of HTTP is sent here. */
import type net from 'node:net';
import { ipFamily } from '../../codec/ip-text.ts';
import { recogniseAnswer } from './first-answer.ts';
import { sameBytes } from '../../codec/der/octets.ts';
import type { SentCertificate } from '../../codec/tls/certificate-message.ts';
import type { StoryLog, OpenStage } from '../../story/stages.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { judgeAttempts } from '../../story/rules/tcp-connect.ts';
import { judgeClientAlert, judgeHandshakeFailure } from '../../story/rules/tls-end.ts';
import type { TraceOptions } from '../options.ts';
import { raceConnect, type ConnectTry } from '../tcp/happy-eyeballs.ts';
import type { Endpoints } from '../tcp/kernel-facts.ts';
import { KernelTelling } from '../tcp/kernel-telling.ts';
import { findRoute } from '../tcp/route.ts';
import { tellRoute, tellTries } from '../tcp/tell-tcp.ts';
import { TlsTelling } from '../tls-stage/tell-handshake.ts';
import { Connection } from './connection.ts';
import { findAddresses, hostOf } from './find-addresses.ts';
import { judgeServer, type ServerJudgement } from './judge-server.ts';
import { shakeHands, type HandshakeResult, type HandshakeSettings } from './shake-hands.ts';
import { WireTap } from './wire-tap.ts';

/** A handshake that takes longer than this is one that waits. */
const SLOW_MS = 250;

export interface ConnectorParts {
  readonly log: StoryLog;
  readonly options: TraceOptions;
  readonly signal: AbortSignal;
  /** Work that may end after its stage: what the kernel tells. Waited for at the end of the trace. */
  readonly pending: Promise<unknown>[];
}

/** What is known of a connection before anything is said over it. */
interface ConnectionBase {
  readonly url: URL;
  readonly number: number;
  readonly tap: WireTap;
  readonly ends: Endpoints;
  readonly tcpStage: OpenStage;
  readonly kernel: KernelTelling;
}

export class Connector {
  /** Every connection that was made, in order. */
  readonly connections: Connection[] = [];
  readonly #parts: ConnectorParts;
  /** Sessions to resume and judgements to trust again, by origin. */
  readonly #sessions = new Map<string, { readonly session: Buffer; readonly judgement: ServerJudgement }>();
  readonly #judgements = new Map<Connection, ServerJudgement>();
  #count = 0;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  /** Keeps the newest session of a connection, to be resumed by the next one to the same origin. */
  keepSession(connection: Connection): void {
    const session = connection.parts.secure?.session();
    const judgement = this.#judgements.get(connection);
    if (session !== undefined && judgement !== undefined)
      this.#sessions.set(connection.parts.origin, { session, judgement });
  }

  /** Connects for a URL; undefined where that failed, and the stages say why. */
  async connect(url: URL, chapter: number): Promise<Connection | undefined> {
    const { log, options, signal } = this.#parts;
    if (signal.aborted) return undefined;
    const host = hostOf(url);
    this.#count += 1;
    const number = this.#count;
    const nameStage = log.open('name', chapter, number, host);
    const { addresses, port } = await findAddresses(
      nameStage,
      url,
      options,
      log.startedAtMs,
      signal,
      this.#parts.pending,
    );
    nameStage.close();
    if (addresses.length === 0) return undefined;
    const apart = await this.#judgeBefore(url, chapter, number, addresses, port);
    if (apart !== undefined && !apart.trusted && !options.tls.insecure) return undefined;
    const route = this.#tellRoutes(addresses, chapter, number);
    const tcpStage = log.open('tcp', chapter, number, `${host}:${port}`);
    const { limits } = options;
    const nowMs = (): number => log.nowMs();
    const timeoutMs = this.#within(limits.connectMs);
    const race = await raceConnect(addresses, { port, timeoutMs, nowMs });
    const { socket, winner } = race;
    const ends = socket && endsOf(socket);
    tellTries(tcpStage, race.tries, ends);
    tcpStage.conclude(...judgeAttempts(race.tries, timeoutMs));
    tcpStage.close(winner?.endMs);
    route.tell(race.tries);
    if (socket === undefined || winner === undefined || ends === undefined) return undefined;
    const tap = new WireTap(socket, nowMs);
    const mayStandStill = options.ownProcess && !options.page;
    const kernel = new KernelTelling({ stage: tcpStage, ends, mayStandStill, nowMs, pending: this.#parts.pending });
    const base: ConnectionBase = { url, number, tap, ends, tcpStage, kernel };
    if (url.protocol === 'https:') return this.#secure(base, chapter, winner, apart);
    await kernel.tellStanding();
    return this.#stand(base);
  }

  /** No longer than what is left of the whole trace. */
  #within(ms: number): number {
    const { log, options } = this.#parts;
    return Math.max(1, Math.min(ms, options.limits.totalMs - log.nowMs()));
  }

  #tellRoutes(
    addresses: readonly string[],
    chapter: number,
    number: number,
  ): { tell: (tries: readonly ConnectTry[]) => void } {
    const { log, pending } = this.#parts;
    const stage = log.open('route', chapter, number, addresses[0] ?? '');
    stage.close();
    return {
      tell: (tries) => {
        const chosen = tries.find(({ outcome }) => outcome === 'connected') ?? tries[0];
        if (chosen === undefined) return;
        stage.title = chosen.address;
        pending.push(findRoute(chosen.address).then((found) => tellRoute(stage, chosen, tries, addresses, found)));
      },
    };
  }

  async #secure(
    base: ConnectionBase,
    chapter: number,
    winner: ConnectTry,
    apart: ServerJudgement | undefined,
  ): Promise<Connection | undefined> {
    const { url, number, tap, kernel } = base;
    const { log, options, signal } = this.#parts;
    const { limits, trust } = options;
    const host = hostOf(url);
    const serverName = ipFamily(host) === 0 ? host.replace(/\.$/, '') : '';
    const kept = this.#sessions.get(url.origin);
    const client = this.#clientFor(url);
    const tlsStage = log.open('tls', chapter, number, serverName === '' ? host : serverName);
    const settings = {
      ...options.tls,
      serverName,
      client,
      session: kept?.session,
      timeoutMs: this.#within(limits.handshakeMs),
    };
    const patience = setTimeout(() => kernel.tellWaiting(), SLOW_MS);
    const result = await shakeHands(tap, settings, signal);
    clearTimeout(patience);
    const telling = new TlsTelling(tlsStage, result, settings);
    telling.tellAgreement();
    tlsStage.close();
    telling.tell();
    if (result.agreement !== undefined) await kernel.tellStanding();
    if (result.agreement === undefined) {
      tlsStage.conclude(this.#explainFailure(result, tap, settings, winner));
      telling.finish();
      return undefined;
    }
    const sent = sentCertificates(result);
    let judgement: ServerJudgement;
    if (result.agreement.resumed && kept !== undefined) {
      ({ judgement } = kept);
      const stage = log.open('certificate', chapter, number, host);
      stage.observe({ label: 'certificate.resumed' });
      stage.close();
    } else if (apart?.leaf !== undefined && sent[0] !== undefined && sameBytes(apart.leaf.bytes, sent[0].der)) {
      judgement = apart;
    } else {
      const stage = log.open('certificate', chapter, number, host);
      judgement = await judgeServer(stage, sent, host, winner.address, trust);
      stage.close();
      this.#putUpWith(stage, judgement);
    }
    if (!judgement.trusted && !options.tls.insecure) {
      result.socket.end();
      telling.finish();
      tap.destroy();
      return undefined;
    }
    return this.#stand(base, result, telling, judgement);
  }

  /** The key is for the server that was named, not for whoever that one points at. */
  #clientFor(url: URL): TraceOptions['tls']['client'] {
    const { options } = this.#parts;
    return url.protocol === 'https:' && url.origin === options.url.origin ? options.tls.client : undefined;
  }

  /**
   * In TLS 1.3 OpenSSL shows the client's certificate before anybody could judge the server's: so that is done before.
   * No other connection is held meanwhile: a server that serves one after the other would wait for that one. Undefined
   * without a client certificate, and where nobody can be connected to, which the attempts that follow tell.
   */
  async #judgeBefore(
    url: URL,
    chapter: number,
    number: number,
    addresses: readonly string[],
    port: number,
  ): Promise<ServerJudgement | undefined> {
    if (this.#clientFor(url) === undefined) return undefined;
    const { log, options } = this.#parts;
    const timeoutMs = this.#within(options.limits.connectMs);
    const { socket, winner } = await raceConnect(addresses, { port, timeoutMs, nowMs: () => log.nowMs() });
    socket?.destroy();
    return winner && this.#judgeApart(url, chapter, number, winner);
  }

  /** Judges the server on a connection of its own, so that no stranger learns of the client certificate. */
  async #judgeApart(url: URL, chapter: number, number: number, winner: ConnectTry): Promise<ServerJudgement> {
    const { log, options } = this.#parts;
    const host = hostOf(url);
    const stage = log.open('certificate', chapter, number, host);
    stage.observe({ label: 'certificate.judged-apart' });
    const { address, port } = winner;
    const target = { host: address, port, serverName: host };
    const { presentServer } = await import('../verify/present.ts');
    const shown = await presentServer(target, { timeoutMs: this.#within(options.limits.handshakeMs), anchors: [] });
    let judgement: ServerJudgement = { trusted: false, cause: 'cannot-connect', leaf: undefined };
    if ('code' in shown) stage.conclude(shown);
    else judgement = await judgeServer(stage, shown.flight.certificates, host, address, options.trust);
    stage.close();
    this.#putUpWith(stage, judgement);
    return judgement;
  }

  /** `--insecure`: what is wrong stays told, and decides nothing. */
  #putUpWith(stage: OpenStage, { trusted }: ServerJudgement): void {
    if (trusted || !this.#parts.options.tls.insecure) return;
    const found = stage.findings
      .splice(0)
      .map((one) => (one.severity === 'error' ? { ...one, severity: 'warning' as const } : one));
    stage.conclude(...found, finding('trace-insecure'));
  }

  #explainFailure(
    { failure, readAlong }: HandshakeResult,
    tap: WireTap,
    settings: HandshakeSettings,
    { address, port }: ConnectTry,
  ): Finding {
    const received = tap.octets('received');
    const { answer, isHttp } = recogniseAnswer(received);
    const asksClient = readAlong().handshake.certificateRequest !== undefined;
    const { kind = 'closed', alert = '', code = '', reason = '' } = failure ?? {};
    const { serverName, alpn, minVersion, maxVersion, client } = settings;
    return judgeHandshakeFailure({
      kind,
      alert,
      code,
      reason,
      address,
      port,
      serverName,
      answer,
      answeredHttp: isHttp,
      offeredVersions: minVersion === maxVersion ? maxVersion : `${minVersion} … ${maxVersion}`,
      offeredProtocols: alpn.join(', '),
      timeoutSeconds: Math.round(settings.timeoutMs / 100) / 10,
      asksClient,
      gaveCertificate: client !== undefined,
    });
  }

  #stand(
    { url, number, tap, ends, tcpStage, kernel }: ConnectionBase,
    secure?: HandshakeResult,
    tlsTelling?: TlsTelling,
    judgement?: ServerJudgement,
  ): Connection {
    const { log, options } = this.#parts;
    const hasCertificate = url.origin === options.url.origin && options.tls.client !== undefined;
    const connection = new Connection({
      number,
      origin: url.origin,
      host: hostOf(url),
      tap,
      ends,
      secure,
      tcpStage,
      kernel,
      tlsTelling,
      limits: options.limits,
      nowMs: () => log.nowMs(),
      explainEnd: () => {
        const late = secure?.lateFailure();
        if (late?.kind === 'alert') return judgeClientAlert(late.alert, hasCertificate);
        return tap.ending.resetMs === undefined ? undefined : finding('trace-reset', { stage: 'HTTP' });
      },
    });
    this.connections.push(connection);
    if (judgement !== undefined) this.#judgements.set(connection, judgement);
    return connection;
  }
}

/** The server's chain as it was sent; none where a session was resumed. */
function sentCertificates({ readAlong }: HandshakeResult): SentCertificate[] {
  const { serverCertificate, ocspResponse } = readAlong().handshake;
  return (serverCertificate?.entries ?? []).map(({ der }, index) => ({
    der,
    ocspResponse: index === 0 ? ocspResponse : undefined,
  }));
}

function endsOf(socket: net.Socket): Endpoints {
  return {
    localAddress: socket.localAddress ?? '',
    localPort: socket.localPort ?? 0,
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
  };
}
