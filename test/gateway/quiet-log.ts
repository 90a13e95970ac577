import type { Log } from '../../src/gateway/observe/log.ts';

/** A log that writes nothing; `parts` hear what they are for. */
export const quietLog = (parts: Partial<Log> = {}): Log => ({
  wantsAgent: false,
  lostLines: 0,
  event() {},
  finding() {},
  access() {},
  handshakeFailure() {},
  flush: () => Promise.resolve(),
  relay() {},
  reopen() {},
  close: () => Promise.resolve(),
  ...parts,
});
