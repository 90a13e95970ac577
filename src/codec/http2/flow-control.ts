/** Flow-control windows (RFC 9113 section 5.2, section 6.9), in octets of DATA payload. */

/** What every window begins with. */
export const DEFAULT_WINDOW: number = 65_535;
/** 2^31 - 1: a window beyond it is a FLOW_CONTROL_ERROR. */
export const LARGEST_WINDOW: number = 0x7fffffff;

/** A window would have grown beyond LARGEST_WINDOW. */
export const WINDOW_OVERFLOW: number = Infinity;

/**
 * The send window after an increment, or after the peer's initial window changed by `change` (section 6.9.2: it may become
 * negative, and is then waited for); WINDOW_OVERFLOW where it grows too large.
 */
export function changeWindow(window: number, change: number): number {
  const changed = window + change;
  return changed > LARGEST_WINDOW ? WINDOW_OVERFLOW : changed;
}

/**
 * The window that we grant: what came in, what was used up, and when to say so. Credit is given back when half of the
 * window waits, so that small frames do not cost a WINDOW_UPDATE each and the peer never stands still for want of one.
 */
export class ReceiveWindow {
  /** Octets that may be on their way or unused here at any time. */
  size: number;
  /** Octets that the peer may still send. */
  available: number;
  #used = 0;

  constructor(size: number) {
    this.size = size;
    this.available = size;
  }

  /** `length` octets came in, padding included. False: more than was granted. */
  receive(length: number): boolean {
    this.available -= length;
    return this.available >= 0;
  }

  /** `length` octets were used up. Returns the increment that is due to be sent, or 0. */
  release(length: number): number {
    this.#used += length;
    return this.#used * 2 >= this.size ? this.grant() : 0;
  }

  /** All credit that waits, due or not. Whoever takes it sends it. */
  grant(): number {
    const increment = this.#used;
    this.#used = 0;
    this.available += increment;
    return increment;
  }

  /** Grants a larger window from now on; returns the increment to send. */
  enlarge(size: number): number {
    const more = size - this.size;
    this.size = size;
    this.available += more;
    return more;
  }
}
