import type { Responder } from '../exchange.ts';

const nothing = (): void => {};

/** The Responder of an exchange that has been answered: request content that still comes is drained and forgotten. */
export const finished: Responder = Object.freeze({
  onContent: nothing,
  onContentEnd: nothing,
  flush: nothing,
  onDrain: nothing,
  onAbort: nothing,
});
