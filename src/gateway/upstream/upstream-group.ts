/**
 * The apps of one site: where they listen, which connections to them stand, and whose turn it is.
 *
 * Addresses take turns; one that has just refused a connection rests for a moment, unless all do. Idle connections are
 * used last in, first out, so that few stay warm and the rest run out.
 */
import type tls from 'node:tls';
import type { ResponseHeadReader } from '../../codec/http1/response-head.ts';
import type { UpstreamAddress } from '../../config/config.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import type { Finding } from '../../story/finding.ts';
import { createClientMemory, type ClientMemory } from '../h2/client-memory.ts';
import { sameTarget, type DialTarget } from './dial-target.ts';
import type { NameResolver, Resolution } from './resolver.ts';
import { SharedPool } from './shared-pool.ts';
import { TlsDialer } from './tls-dial.ts';
import type { UpstreamChannel } from './upstream-channel.ts';
import type { UpstreamTallies, UpstreamTally } from './upstream-tally.ts';
import { UpstreamConnection, type ConnectionOwner } from './upstream-connection.ts';

/** An address that failed is passed over this long where there are others. */
const REST_MS = 1000;
/** A request that must not be sent twice only takes a connection that was in use this recently: see `take`. */
const FRESH_MS = 1000;
/** What an app says of its idle timeout is undercut by this much: its FIN may be on its way. */
const IDLE_HINT_MARGIN_MS = 1000;

interface Origin {
  readonly address: UpstreamAddress;
  targets: readonly Target[];
  /** With `https` only. */
  readonly dialer: TlsDialer | undefined;
  /** Monotonic time until which the targets hold. */
  freshUntilMs: number;
  resolving: Promise<void> | undefined;
}

export interface Target extends DialTarget {
  /** As in the configuration, for the log. */
  readonly label: string;
  readonly tally: UpstreamTally;
  /** Connections over which HTTP/2 is or may be spoken; undefined for `http`. */
  readonly shared: SharedPool | undefined;
  restUntilMs: number;
}

export class UpstreamGroup implements ConnectionOwner {
  readonly addresses: readonly UpstreamAddress[];
  readonly #engine: Engine;
  readonly #bounds: EngineBounds;
  readonly #resolver: NameResolver;
  readonly #reader: ResponseHeadReader;
  readonly #tallies: UpstreamTallies;
  readonly #report: (found: Finding) => void;
  #memory: ClientMemory | undefined;
  readonly #origins: readonly Origin[];
  #targets: readonly Target[] = [];
  #turn = 0;
  readonly #idle: UpstreamConnection[] = [];
  readonly #open: Set<UpstreamConnection> = new Set();
  #closed = false;
  /** Exchanges that hold or wait for a connection. */
  inFlight = 0;

  constructor(
    addresses: readonly UpstreamAddress[],
    engine: Engine,
    bounds: EngineBounds,
    resolver: NameResolver,
    reader: ResponseHeadReader,
    tallies: UpstreamTallies,
    report: (found: Finding) => void,
  ) {
    this.#report = report;
    this.#tallies = tallies;
    this.addresses = addresses;
    this.#engine = engine;
    this.#bounds = bounds;
    this.#resolver = resolver;
    this.#reader = reader;
    this.#origins = addresses.map((address) => ({
      address,
      targets: [],
      dialer:
        address.tls === undefined
          ? undefined
          : new TlsDialer(address.tls, address.label, engine, bounds.timeouts.upstreamConnectMs, report),
      freshUntilMs: 0,
      resolving: undefined,
    }));
    for (const origin of this.#origins) {
      if (origin.address.socketPath !== '')
        this.#setTargets(origin, { addresses: [''], ttlMs: Number.POSITIVE_INFINITY });
    }
  }

  get bounds(): EngineBounds {
    return this.#bounds;
  }

  get openConnections(): number {
    return this.#targets.reduce((sum, { shared }) => sum + (shared?.openConnections ?? 0), this.#open.size);
  }

  get idleConnections(): number {
    return this.#idle.length;
  }

  /**
   * The next address, or undefined where no name has been resolved yet (then `resolve`). Addresses past their TTL are used
   * while they are looked up anew: nobody waits for a name that was known a moment ago.
   */
  nextTarget(nowMs: number): Target | undefined {
    for (const origin of this.#origins) {
      if (nowMs >= origin.freshUntilMs && origin.resolving === undefined) void this.#resolve(origin);
    }
    const targets = this.#targets;
    const count = targets.length;
    for (let k = 0; k < count; k += 1) {
      this.#turn = this.#turn + 1 >= count ? 0 : this.#turn + 1;
      const target = targets[this.#turn]!;
      if (target.restUntilMs <= nowMs) return target;
    }
    return targets[this.#turn];
  }

  get targetCount(): number {
    return this.#targets.length;
  }

  /** Looks all names up that are not known; resolves when that is done, whatever came of it. */
  async resolve(): Promise<void> {
    await Promise.all(
      this.#origins.filter((origin) => origin.targets.length === 0).map((origin) => this.#resolve(origin)),
    );
  }

  #resolve(origin: Origin): Promise<void> {
    origin.resolving ??= this.#resolver.resolve(origin.address.host).then(
      (resolution) => {
        origin.resolving = undefined;
        this.#setTargets(origin, resolution);
      },
      () => {
        origin.resolving = undefined;
        // What was known stays: a resolver that is down must not take the apps along. It is asked again soon.
        origin.freshUntilMs = this.#engine.clock.now() + REST_MS;
      },
    );
    return origin.resolving;
  }

  #setTargets(origin: Origin, resolution: Resolution): void {
    origin.freshUntilMs = this.#engine.clock.now() + resolution.ttlMs;
    const known = origin.targets;
    origin.targets = resolution.addresses.map((address) => {
      const { protocol, port, socketPath } = origin.address;
      const place: DialTarget = { protocol, address, port, socketPath };
      return known.find((other) => sameTarget(other, place)) ?? this.#newTarget(origin, place);
    });
    for (const target of known) if (!origin.targets.includes(target)) target.shared?.close();
    this.#targets = this.#origins.flatMap((each) => each.targets);
    // Connections to addresses that the name has left are not used again.
    for (const connection of this.#idle.slice()) {
      if (this.#targets.some((target) => sameTarget(target, connection.target))) continue;
      this.forget(connection);
      connection.destroy();
    }
  }

  #newTarget(origin: Origin, place: DialTarget): Target {
    const { label } = origin.address;
    const tally = this.#tallies(label);
    if (place.protocol === 'http') return { ...place, label, tally, shared: undefined, restUntilMs: 0 };
    const target: Target = {
      ...place,
      label,
      tally,
      shared: new SharedPool(place, {
        engine: this.#engine,
        bounds: this.#bounds,
        memory: (this.#memory ??= createClientMemory(this.#bounds.limits)),
        dialer: origin.dialer,
        label,
        tally,
        report: this.#report,
        adopt: (socket) => this.#connect(target, socket),
        release: (connection) => this.release(connection),
      }),
      restUntilMs: 0,
    };
    return target;
  }

  /** The address has failed: others go first for a moment, and its name is looked up anew. */
  rest(target: Target): void {
    const now = this.#engine.clock.now();
    target.restUntilMs = now + REST_MS;
    for (const origin of this.#origins) {
      if (origin.targets.includes(target) && origin.address.socketPath === '')
        origin.freshUntilMs = Math.min(origin.freshUntilMs, now);
    }
  }

  /**
   * A connection to `target`: idle, or a new one that is connecting. `repeatable` says that the request may be sent again
   * if the connection turns out to be closed. An app closes idle connections when it likes, and its FIN can cross our
   * request: what must not be sent twice therefore only takes a connection that was in use a moment ago. `upgrade` asks
   * for a way that can become a tunnel.
   */
  take(target: Target, repeatable: boolean, upgrade: boolean): UpstreamChannel {
    const idle = this.#idle;
    for (let k = idle.length - 1; k >= 0; k -= 1) {
      const connection = idle[k]!;
      if (connection.target !== target && !sameTarget(connection.target, target)) continue;
      if (!connection.usable || (!repeatable && this.#engine.clock.now() - connection.idleSinceMs > FRESH_MS)) {
        this.forget(connection);
        connection.destroy();
        continue;
      }
      if (k === idle.length - 1) idle.pop();
      else idle.splice(k, 1);
      connection.tally.idle -= 1;
      target.tally.reused += 1;
      return connection;
    }
    return this.dial(target, upgrade);
  }

  /** A new connection, or a place on one that is shared. */
  dial(target: Target, upgrade: boolean): UpstreamChannel {
    return target.shared === undefined ? this.#connect(target, undefined) : target.shared.take(upgrade);
  }

  #connect(target: Target, secured: tls.TLSSocket | undefined): UpstreamConnection {
    const connection = new UpstreamConnection(
      target,
      target.tally,
      this.#engine,
      this.#bounds,
      this,
      this.#reader,
      secured,
    );
    this.#open.add(connection);
    target.tally.open += 1;
    return connection;
  }

  release(connection: UpstreamConnection): void {
    if (this.#closed || this.#idle.length >= this.#bounds.limits.upstreamPoolSize) {
      connection.destroy();
      return;
    }
    const limit = this.#bounds.timeouts.upstreamPoolIdleMs;
    const hint = connection.idleHintMs;
    const idleMs = hint > 0 ? Math.min(hint - IDLE_HINT_MARGIN_MS, limit) : limit;
    if (idleMs <= 0) {
      connection.destroy();
      return;
    }
    connection.expireAfter(idleMs);
    this.#idle.push(connection);
    connection.tally.idle += 1;
  }

  forget(connection: UpstreamConnection): void {
    if (this.#open.delete(connection)) connection.tally.open -= 1;
    const at = this.#idle.lastIndexOf(connection);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    connection.tally.idle -= 1;
  }

  /** No new exchange will come: idle connections go now, the others when their exchange ends. */
  close(): void {
    this.#closed = true;
    for (const target of this.#targets) target.shared?.close();
    for (const connection of this.#idle.slice()) {
      this.forget(connection);
      connection.destroy();
    }
  }
}
