/** Who ended a connection, and whether it was ended well. */
import { finding, type Finding } from '../finding.ts';

export interface CloseFacts {
  readonly isTls: boolean;
  /** The server's close_notify came. */
  readonly notifyReceived: boolean;
  /** The server's FIN came. */
  readonly finReceived: boolean;
  readonly resetReceived: boolean;
  /** We closed before the server did. */
  readonly weClosedFirst: boolean;
  /** The content of the last answer ended with the connection. */
  readonly untilClose: boolean;
}

export function judgeClose(facts: CloseFacts): Finding[] {
  const { isTls, notifyReceived, finReceived, resetReceived, weClosedFirst, untilClose } = facts;
  // RFC 8446 section 6.1: without close_notify nobody can tell the end from an attack that cuts.
  if (isTls && finReceived && !notifyReceived && !resetReceived && (untilClose || !weClosedFirst))
    return [finding('trace-no-close-notify')];
  return [];
}
