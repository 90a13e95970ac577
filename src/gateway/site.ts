/** A site at work: its configuration, the apps behind it, and who answers its requests. */
import { RequestHeadReader } from '../codec/http1/request-head.ts';
import { ResponseHeadReader } from '../codec/http1/response-head.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Language } from '../story/catalog.ts';
import type { Finding } from '../story/finding.ts';
import { createStaticHandler } from './answer/static-files.ts';
import type { Engine, EngineBounds } from './engine.ts';
import type { Downstream, Responder } from './exchange.ts';
import type { NameResolver } from './upstream/resolver.ts';
import { UpstreamGroup } from './upstream/upstream-group.ts';
import type { UpstreamTallies } from './upstream/upstream-tally.ts';
import { UpstreamLeg, type LegEnvironment } from './upstream/upstream-leg.ts';

export interface SiteSurroundings {
  readonly engine: Engine;
  readonly resolver: NameResolver;
  readonly leg: LegEnvironment;
  readonly tallies: UpstreamTallies;
  /** What the operator should know of the way to the apps. */
  readonly report?: (found: Finding) => void;
  readonly language: Language;
  readonly nextRequestId: () => string;
}

export class Site {
  readonly config: SiteConfig;
  readonly bounds: EngineBounds;
  /** Shared by this site's connections. */
  readonly reader: RequestHeadReader;
  readonly #group: UpstreamGroup;
  readonly #leg: LegEnvironment;
  readonly #files: ((downstream: Downstream) => Responder) | undefined;

  constructor(config: SiteConfig, surroundings: SiteSurroundings) {
    const { limits, timeouts } = config;
    this.config = config;
    this.bounds = { limits, timeouts };
    this.#leg = surroundings.leg;
    this.reader = new RequestHeadReader({
      headBytes: limits.requestHeadBytes,
      targetBytes: limits.requestTargetBytes,
      fieldCount: limits.requestFieldCount,
    });
    const responseReader = new ResponseHeadReader({
      headBytes: limits.responseHeadBytes,
      targetBytes: 0,
      // An app is trusted to know how many fields it needs; the size of its head is bounded.
      fieldCount: limits.responseHeadBytes,
    });
    this.#group = new UpstreamGroup(
      config.upstreams,
      surroundings.engine,
      this.bounds,
      surroundings.resolver,
      responseReader,
      surroundings.tallies,
      surroundings.report ?? (() => {}),
    );
    const fallback =
      config.upstreams.length > 0 ? (downstream: Downstream) => this.#toApp(downstream, this.#leg.now()) : undefined;
    const { root } = config;
    if (root !== undefined) {
      this.#files = createStaticHandler({
        site: config.name,
        root,
        fallback,
        language: surroundings.language,
        nextRequestId: surroundings.nextRequestId,
        now: surroundings.engine.clock.wallNow,
      });
    }
  }

  get name(): string {
    return this.config.name;
  }

  answer(downstream: Downstream): Responder {
    return this.#files === undefined ? this.#toApp(downstream, downstream.startedMs) : this.#files(downstream);
  }

  #toApp(downstream: Downstream, startedMs: number): Responder {
    const leg = new UpstreamLeg(downstream, this.#group, this.#leg, startedMs);
    leg.start();
    return leg;
  }

  /** No new request comes; those in flight end by themselves. */
  close(): void {
    this.#group.close();
  }
}
