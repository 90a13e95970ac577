import type net from 'node:net';
import type tls from 'node:tls';
import {
  DECODE_ERROR,
  encodeAlertRecord,
  FATAL,
  HANDSHAKE_FAILURE,
  PROTOCOL_VERSION,
  UNRECOGNIZED_NAME,
} from '../../codec/tls/alert.ts';
import type { ClientHello } from '../../codec/tls/client-hello.ts';
import { TLS_1_0, TLS_1_2 } from '../../codec/tls/registry/versions.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { HandshakeEnd } from '../../story/rules/handshake-failure.ts';
import { readOpensslFailure } from '../../story/rules/handshake-openssl.ts';
import type { Clock } from '../engine.ts';
import type { HandshakeFailure } from '../observe/handshake-failure.ts';
import { ChallengeHandshakes } from './challenge-handshake.ts';
import { handshakeFailure } from './failed-handshake.ts';
import { peekHello, type Peek, type PeekOutcome } from './hello-peek.ts';
import { OnDemandPolicies, type CertificateFor } from './on-demand.ts';
import type { CertificatePem, TlsSnapshot } from './site-input.ts';
import { readSiteMaterial, type SiteMaterial } from './site-material.ts';
import { buildSiteTable, matchSite, type SiteTable } from './site-match.ts';
import { buildPolicy, SitePolicy, type CommonToPolicies } from './site-policy.ts';
import { freshTicketKeys, rotatedTicketKeys, type RandomBytes, type TicketKeys } from './ticket-keys.ts';
import { plainAddress, readTlsInfo, type TlsInfo } from './tls-info.ts';

export interface TlsFrontBounds {
  /** From the accepted connection to the end of the handshake, milliseconds. */
  readonly handshakeTimeoutMs: number;
  /** Octets of a ClientHello message. */
  readonly clientHelloBytes: number;
}

export interface TlsFrontOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly bounds: TlsFrontBounds;
  /** ALPN names in order of preference. */
  readonly alpn: readonly string[];
  /** False where ticket keys come from outside (`importTicketKeys`): then they never rotate by themselves. */
  readonly rotatesTicketKeys?: boolean;
  /** A handshake is complete. The socket has no listeners yet: attach `error` and `close` before returning. */
  onSecure(socket: tls.TLSSocket, info: TlsInfo): void;
  /** A handshake has failed; its connection is closed or closing. */
  onHandshakeFailure(failure: HandshakeFailure): void;
  /** Certificates for names that no site has; without it such names get the default site's own. */
  readonly certificateFor?: CertificateFor | undefined;
  /** Certificates for TLS-ALPN-01 that another gateway has put up, by server name; undefined where nobody is asked. */
  readonly challengeElsewhere?: ((serverName: string) => Promise<CertificatePem | undefined> | undefined) | undefined;
  /** What the operator should know of certificates that came from `certificateFor`, and of challenges. */
  report?(found: Finding): void;
  /** Plain HTTP came, after `onHandshakeFailure` said so: answer on the raw socket and close it. */
  onPlainHttp(socket: net.Socket, firstBytes: Uint8Array): void;
}

/** A site's ticket keys as they travel between processes. Secret. */
export interface SharedTicketKeys {
  readonly site: string;
  /** Keys fit only the client-certificate policy that they were made for. */
  readonly clientAuthId: string;
  readonly keys: TicketKeys;
}

export type ApplyResult = { readonly ok: true } | { readonly ok: false; readonly findings: readonly Finding[] };

/** Sites whose TLS is made but not in force. */
export interface PreparedSites {
  readonly ok: true;
  /** Ticket keys of these sites, for other processes that are to serve them too. */
  readonly ticketKeys: readonly SharedTicketKeys[];
  /** Puts them in force, in one turn of the event loop. Not to be called when others came into force since. */
  commit(): void;
}

/** A connection from its acceptance to the end of its handshake. */
interface PendingHandshake {
  readonly socket: net.Socket;
  readonly peer: string;
  readonly peerPort: number;
  readonly timer: NodeJS.Timeout;
  /** `allowHalfOpen` of the connection as it was accepted. */
  readonly halfOpen: boolean;
  peek: Peek | undefined;
  /** Listens for the end of the connection while OpenSSL has it; taken off again, since it holds the hello. */
  onLost: (() => void) | undefined;
  hello: ClientHello | undefined;
  /** Clock reading when the hello was whole. */
  helloAt: number;
  serverName: string;
  policy: SitePolicy | undefined;
}

/** Every Duplex has it, readable and writable; the types of net.Socket leave it out. */
type HalfOpen = { allowHalfOpen: boolean };

/** How long a refused connection may take to read its alert. Milliseconds; a round trip to the far side of the earth. */
const ALERT_LINGER_MS = 1_000;

/**
 * The way from an accepted TCP connection to a secure one. The ClientHello is read before OpenSSL sees it and picks the
 * site; the site's policy makes the handshake; every handshake that fails is explained.
 *
 *     accept → peek hello → site → policy (or its twin for old tickets) → OpenSSL → onSecure
 *                 └ foreign, malformed, unknown name, timeout, refused, closed → onHandshakeFailure
 */
export class TlsFront {
  /** May be replaced at any time; counts for connections accepted from then on. */
  bounds: TlsFrontBounds;
  readonly #options: TlsFrontOptions;
  readonly #common: CommonToPolicies;
  readonly #pending = new Map<net.Socket, PendingHandshake>();
  readonly #refused = new Set<net.Socket>();
  readonly #challenges: ChallengeHandshakes;
  readonly #onDemand: OnDemandPolicies | undefined;
  #policies: ReadonlyMap<string, SitePolicy> = new Map();
  #table: SiteTable<SitePolicy> = buildSiteTable([]);
  #defaultPolicy: SitePolicy | undefined;
  #closed = false;

  constructor(options: TlsFrontOptions) {
    this.#options = options;
    this.bounds = options.bounds;
    const listener = {
      onSecure: (socket: tls.TLSSocket, policy: SitePolicy) => this.#secured(socket, policy),
      onFailed: (error: Error, socket: tls.TLSSocket) => this.#failedInOpenssl(error, socket),
    };
    const { alpn, clock, certificateFor } = options;
    const report = (found: Finding): void => options.report?.(found);
    this.#common = { alpn, listener, wallNow: () => clock.wallNow() };
    this.#onDemand = certificateFor && new OnDemandPolicies(certificateFor, this.#common, () => clock.now(), report);
    this.#challenges = new ChallengeHandshakes({
      onSecure: (socket) => this.#challenged(socket),
      onFailed: listener.onFailed,
      lookElsewhere: (serverName) => options.challengeElsewhere?.(serverName),
    });
  }

  get handshakesInFlight(): number {
    return this.#pending.size;
  }

  /** By site: equal where certificates and client authentication are (see TlsInfo.policyId). */
  get policyIds(): ReadonlyMap<string, string> {
    return new Map([...this.#policies.values()].map((policy) => [policy.site, policy.policyId]));
  }

  /**
   * Goes over to another set of sites, all of it or, on mistakes, nothing. Open connections and handshakes under way are
   * untouched; policies without a change stay as they are; a site keeps its ticket keys as long as its client
   * authentication is the same. `shared` are ticket keys from another process for sites that have none here yet.
   */
  apply(snapshot: TlsSnapshot, shared: readonly SharedTicketKeys[] = []): ApplyResult {
    const prepared = this.prepare(snapshot, shared);
    if (prepared.ok) prepared.commit();
    return prepared;
  }

  /** The first half of `apply`: everything that can fail. What is in force stays so until `commit`. */
  prepare(
    snapshot: TlsSnapshot,
    shared: readonly SharedTicketKeys[] = [],
  ): PreparedSites | Extract<ApplyResult, { ok: false }> {
    const policies = new Map<string, SitePolicy>();
    const findings: Finding[] = [];
    for (const site of snapshot.sites) {
      const material = readSiteMaterial(site);
      if (!('inputId' in material)) {
        findings.push(...material);
        continue;
      }
      const running = this.#policies.get(site.name);
      if (running?.inputId === material.inputId) {
        policies.set(site.name, running);
        continue;
      }
      const kept =
        running?.clientAuthId === material.clientAuthId ? running : this.#firstKeys(material, site.name, shared);
      const policy = buildPolicy(site, material, kept, this.#common);
      if (policy instanceof SitePolicy) policies.set(site.name, policy);
      else findings.push(policy);
    }
    if (findings.length > 0) return { ok: false, findings };
    return {
      ok: true,
      ticketKeys: [...policies.values()].map(keysToShare),
      commit: () => {
        this.#policies = policies;
        this.#table = buildSiteTable(policies);
        this.#defaultPolicy = policies.get(snapshot.defaultSite);
        if (this.#onDemand === undefined) return;
        const input = snapshot.sites.find(({ name }) => name === snapshot.defaultSite);
        const isAsked = input !== undefined && snapshot.onDemand !== false;
        this.#onDemand.base = isAsked ? { input, policy: this.#defaultPolicy! } : undefined;
      },
    };
  }

  #firstKeys(
    material: SiteMaterial,
    site: string,
    shared: readonly SharedTicketKeys[],
  ): { readonly ticketKeys: TicketKeys } {
    const given = shared.find((entry) => entry.site === site && entry.clientAuthId === material.clientAuthId);
    const { random, clock } = this.#options;
    return { ticketKeys: given?.keys ?? freshTicketKeys(random, clock.wallNow()) };
  }

  /** The ticket keys of every site, rotated as far as due, for another process to import. */
  exportTicketKeys(): readonly SharedTicketKeys[] {
    return [...this.#policies.values()].map((policy) => {
      this.#rotate(policy);
      return keysToShare(policy);
    });
  }

  /** Takes over ticket keys; those of unknown sites or of another client-certificate policy are passed over. */
  importTicketKeys(shared: readonly SharedTicketKeys[]): void {
    for (const { site, clientAuthId, keys } of shared) {
      const policy = this.#policies.get(site);
      if (policy?.clientAuthId === clientAuthId) policy.ticketKeys = keys;
    }
  }

  /**
   * Answers TLS-ALPN-01 for these server names, and for no others, with these certificates. With a finding nothing has
   * changed.
   */
  answerChallenges(certificates: ReadonlyMap<string, CertificatePem>): Finding | undefined {
    return this.#challenges.replace(certificates);
  }

  /** Takes a connection over, from a listener with or without `pauseOnConnect`. Nothing of it may have been read. */
  accept(socket: net.Socket): void {
    // A reset may come at any time, also after somebody else has the socket; what it means is told by `close`.
    socket.on('error', ignore);
    if (this.#closed || socket.destroyed) {
      socket.destroy();
      return;
    }
    const pending: PendingHandshake = {
      socket,
      peer: plainAddress(socket.remoteAddress),
      peerPort: socket.remotePort ?? 0,
      timer: setTimeout(() => this.#timedOut(pending), this.bounds.handshakeTimeoutMs),
      halfOpen: (socket as HalfOpen).allowHalfOpen,
      peek: undefined,
      onLost: undefined,
      hello: undefined,
      helloAt: 0,
      serverName: '',
      policy: undefined,
    };
    this.#pending.set(socket, pending);
    pending.peek = peekHello(socket, this.bounds.clientHelloBytes, (outcome, bytes) =>
      this.#peeked(pending, outcome, bytes),
    );
  }

  /** Ends handshakes under way and refuses new ones. Secure connections are not touched. */
  close(): void {
    this.#closed = true;
    for (const pending of this.#pending.values()) {
      this.#fail(pending, { kind: 'gateway-stopped' });
      pending.socket.destroy();
    }
    for (const socket of this.#refused) socket.destroy();
  }

  #peeked(pending: PendingHandshake, outcome: PeekOutcome, bytes: Uint8Array): void {
    switch (outcome.kind) {
      case 'hello':
        this.#handOver(pending, outcome.hello, bytes);
        break;
      case 'foreign':
        if (outcome.foreign.protocol === 'http') {
          this.#fail(pending, outcome);
          this.#options.onPlainHttp(pending.socket, bytes);
        } else if (outcome.foreign.protocol === 'sslv2-hello') {
          this.#refuse(pending, outcome, PROTOCOL_VERSION);
        } else {
          this.#fail(pending, outcome);
          pending.socket.destroy();
        }
        break;
      case 'malformed':
        this.#refuse(pending, outcome, DECODE_ERROR);
        break;
      case 'too-large':
        this.#refuse(pending, outcome, HANDSHAKE_FAILURE);
        break;
      case 'closed':
        this.#fail(pending, { kind: 'closed', byteLength: bytes.length });
        pending.socket.destroy();
        break;
    }
  }

  #handOver(pending: PendingHandshake, hello: ClientHello, bytes: Uint8Array): void {
    pending.peek = undefined;
    pending.hello = hello;
    pending.helloAt = this.#options.clock.now();
    pending.serverName = hello.serverName?.name ?? '';
    const challenged = this.#challenges.serverFor(hello);
    if (challenged === undefined) this.#serve(pending, hello, bytes);
    else if (!(challenged instanceof Promise)) this.#shake(pending, challenged, bytes);
    else {
      void challenged.then((server) => {
        if (!this.#isStillThere(pending)) return;
        if (server === undefined) this.#serve(pending, hello, bytes);
        else this.#shake(pending, server, bytes);
      });
    }
  }

  #serve(pending: PendingHandshake, hello: ClientHello, bytes: Uint8Array): void {
    const policy = this.#choose(pending, hello);
    if (!(policy instanceof Promise)) {
      this.#begin(pending, policy, hello, bytes);
      return;
    }
    void policy.then((given) => {
      if (this.#isStillThere(pending)) this.#begin(pending, given ?? this.#defaultPolicy, hello, bytes);
    });
  }

  /** After a wait: it may have timed out or been closed meanwhile. */
  #isStillThere(pending: PendingHandshake): boolean {
    if (!this.#pending.has(pending.socket)) return false;
    if (!pending.socket.destroyed) return true;
    this.#fail(pending, { kind: 'closed', byteLength: 0 });
    return false;
  }

  #begin(pending: PendingHandshake, policy: SitePolicy | undefined, hello: ClientHello, bytes: Uint8Array): void {
    if (policy === undefined) {
      this.#refuse(pending, { kind: 'no-site' }, UNRECOGNIZED_NAME);
      return;
    }
    pending.policy = policy;
    if (this.#options.rotatesTicketKeys !== false) this.#rotate(policy);
    this.#shake(pending, policy.serverFor(hello), bytes);
  }

  #shake(pending: PendingHandshake, server: tls.Server, bytes: Uint8Array): void {
    const { socket } = pending;
    pending.onLost = () => this.#fail(pending, { kind: 'closed', byteLength: 0 });
    socket.on('close', pending.onLost);
    // A client that closes before its Finished has nothing more to say: with half-open connections its handshake would
    // wait for the timeout. TLSSocket takes this over as it is here.
    (socket as HalfOpen).allowHalfOpen = false;
    socket.unshift(bytes);
    server.emit('connection', socket);
  }

  /** A client that names an address, or nothing at all, means the site of that address where there is one. */
  #choose(
    { socket, peer }: PendingHandshake,
    { serverName }: ClientHello,
  ): SitePolicy | undefined | Promise<SitePolicy | undefined> {
    const base = this.#defaultPolicy;
    if (serverName?.kind === 'invalid') return base;
    const name = serverName?.name ?? plainAddress(socket.localAddress);
    const site = matchSite(this.#table, name);
    if (site !== undefined || this.#onDemand === undefined || serverName?.kind !== 'name') return site ?? base;
    // Names without a site of their own have the ticket keys of the default site, in every process.
    if (base !== undefined && this.#options.rotatesTicketKeys !== false) this.#rotate(base);
    const given = this.#onDemand.policyFor(name, peer);
    if (given instanceof SitePolicy && base !== undefined) given.ticketKeys = base.ticketKeys;
    return given ?? base;
  }

  #rotate(policy: SitePolicy): void {
    const { random, clock } = this.#options;
    const keys = rotatedTicketKeys(policy.ticketKeys, random, clock.wallNow(), policy.ticketLifetimeMs);
    if (keys !== policy.ticketKeys) policy.ticketKeys = keys;
  }

  #secured(socket: tls.TLSSocket, policy: SitePolicy): void {
    const pending = this.#pendingOf(socket);
    // It failed in the same moment (a timeout, `close`): there is nobody to hand it to.
    if (pending === undefined) {
      socket.destroy();
      return;
    }
    this.#settle(pending);
    // From here on whoever closes for writing may still read the answer (see listeners).
    (socket as HalfOpen).allowHalfOpen = pending.halfOpen;
    (pending.socket as HalfOpen).allowHalfOpen = pending.halfOpen;
    const { clock } = this.#options;
    const { peer, peerPort, hello, helloAt } = pending;
    const serverName = hello?.serverName?.kind === 'name' ? pending.serverName : '';
    const origin = { peer, peerPort, serverName, handshakeMs: clock.now() - helloAt };
    this.#options.onSecure(socket, readTlsInfo(socket, policy, origin, clock.wallNow()));
  }

  /** A CA has seen the certificate of its challenge: that was all (RFC 8737 section 3). */
  #challenged(socket: tls.TLSSocket): void {
    const pending = this.#pendingOf(socket);
    socket.on('error', ignore);
    if (pending !== undefined) {
      this.#settle(pending);
      this.#options.report?.(finding('challenge-handshake', { name: pending.serverName, peer: pending.peer }));
    }
    const timer = setTimeout(() => socket.destroy(), ALERT_LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.resume();
    socket.end();
  }

  #failedInOpenssl(error: NodeJS.ErrnoException, socket: tls.TLSSocket): void {
    const pending = this.#pendingOf(socket);
    socket.destroy();
    if (pending === undefined) return;
    const failure = readOpensslFailure(error);
    const end: HandshakeEnd = failure ? { kind: 'openssl', failure } : { kind: 'closed', byteLength: 0 };
    this.#fail(pending, end);
  }

  #timedOut(pending: PendingHandshake): void {
    const byteLength = pending.peek?.byteLength ?? 0;
    this.#fail(pending, { kind: 'timed-out', byteLength });
    pending.socket.destroy();
  }

  /** Ends a connection that OpenSSL has not seen, with an alert of our own in the clear. */
  #refuse(pending: PendingHandshake, end: HandshakeEnd, alert: number): void {
    this.#fail(pending, end, alert);
    const { socket, hello } = pending;
    // The version of the record that a client of that age understands; TLS 1.3 wants 0x0303 (RFC 8446 section 5.1).
    const version = Math.min(Math.max(hello?.legacyVersion ?? TLS_1_2, TLS_1_0), TLS_1_2);
    const timer = setTimeout(() => socket.destroy(), ALERT_LINGER_MS);
    this.#refused.add(socket);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refused.delete(socket);
    });
    socket.end(encodeAlertRecord(alert, FATAL, version));
    // What still comes must be read, else closing answers with a reset that may overtake the alert.
    socket.resume();
  }

  #fail(pending: PendingHandshake, end: HandshakeEnd, alertWritten?: number): void {
    this.#settle(pending);
    const { peer, peerPort, hello, serverName, policy } = pending;
    const timeMs = this.#options.clock.wallNow();
    const site = policy?.site ?? '';
    const failed = { timeMs, peer, peerPort, end, hello, serverName, site, policy: policy?.offered, alertWritten };
    this.#options.onHandshakeFailure(handshakeFailure(failed));
  }

  #settle(pending: PendingHandshake): void {
    this.#pending.delete(pending.socket);
    clearTimeout(pending.timer);
    pending.peek?.stop();
    if (pending.onLost !== undefined) pending.socket.off('close', pending.onLost);
  }

  #pendingOf(socket: tls.TLSSocket): PendingHandshake | undefined {
    const raw = rawSocketOf(socket);
    return raw && this.#pending.get(raw);
  }
}

/**
 * The socket under a TLSSocket. No public property leads there, and its address is gone once the peer has closed, which
 * is when failures are told; Node has kept it under this name since version 1, and the tests hold it to that.
 */
function rawSocketOf(socket: tls.TLSSocket): net.Socket | undefined {
  return (socket as { readonly _parent?: net.Socket })._parent;
}

function ignore(): void {
  // Told elsewhere.
}

function keysToShare({ site, clientAuthId, ticketKeys }: SitePolicy): SharedTicketKeys {
  return { site, clientAuthId, keys: ticketKeys };
}
