/** What the protocol engines of one process share. */
import type { Limits, Timeouts } from '../config/config.ts';
import type { FindingCode } from '../story/catalog/index.ts';
import type { AccessRecord } from './access-record.ts';
import type { Downstream, Responder } from './exchange.ts';
import type { Sweeper } from './sweeper.ts';
import type { Gather } from './transport/gather.ts';
import type { TransportLevel } from './transport/transport.ts';

/** The clocks of the gateway, passed in so that tests can hold them. */
export interface Clock {
  /** Monotonic, milliseconds with fractions. */
  now(): number;
  /** Epoch milliseconds. */
  wallNow(): number;
}

/** What stands above an engine: routes requests and takes note of finished ones. */
export interface RequestHandler {
  /** Chooses who answers a request. May answer before it returns. */
  handle(downstream: Downstream): Responder;
  /** An exchange has ended, well or not. The record is reused: copy what is kept. */
  finished(record: AccessRecord): void;
  /** A whole HTTP/1.1 response with `Connection: close` for a request that could not be read or taken. */
  refusal(code: FindingCode): { readonly status: number; readonly bytes: Buffer };
}

export interface Engine {
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  readonly gather: Gather;
  readonly level: TransportLevel;
  /** Access records are to carry referer and user agent. */
  readonly wantsAgent: boolean;
  readonly handler: RequestHandler;
}

/** What bounds the connections of one listener or site. */
export interface EngineBounds {
  readonly timeouts: Timeouts;
  readonly limits: Limits;
}
