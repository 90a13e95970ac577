import { encodeFieldBlock, httpDate } from './field-block.ts';
import { finished } from './finished.ts';
import type { Downstream, Responder } from '../exchange.ts';

/** Where the answers to HTTP-01 challenges (RFC 8555 section 8.3) are found while an order is open. */
export interface ChallengeSource {
  /** The key authorization of a token, or undefined where no open challenge has it. */
  lookup(token: string): string | undefined;
  /** The same beyond this gateway, which takes a moment. Undefined where nobody is asked. Never rejects. */
  lookElsewhere?(token: string): Promise<string | undefined> | undefined;
}

const prefix = '/.well-known/acme-challenge/';
/** base64url without padding; RFC 8555 asks for 128 bits or more, and known CAs send 43 characters. */
const token = /^[A-Za-z0-9_-]{16,256}$/;

/**
 * Answers a challenge request of a CA. Undefined where the request is none, or its token is not ours: an app behind the
 * gateway may be running an ACME client of its own, so such a request goes the way of every other, which is `otherwise`
 * where that turns out later.
 */
export function answerChallenge(
  downstream: Downstream,
  challenges: ChallengeSource,
  nowMs: number,
  otherwise: () => Responder,
): Responder | undefined {
  const { method, target } = downstream.head;
  if (!target.startsWith(prefix) || (method !== 'GET' && method !== 'HEAD')) return undefined;
  const asked = target.slice(prefix.length);
  if (!token.test(asked)) return undefined;
  const answer = (keyAuthorization: string): Responder => send(downstream, method, keyAuthorization, nowMs);
  const keyAuthorization = challenges.lookup(asked);
  if (keyAuthorization !== undefined) return answer(keyAuthorization);
  const elsewhere = challenges.lookElsewhere?.(asked);
  return (
    elsewhere &&
    new LaterResponder(elsewhere.then((found) => () => (found === undefined ? otherwise() : answer(found))))
  );
}

function send(downstream: Downstream, method: string, keyAuthorization: string, nowMs: number): Responder {
  const content = Buffer.from(keyAuthorization, 'latin1');
  const block = encodeFieldBlock([
    ['Date', httpDate(nowMs)],
    ['Content-Type', 'application/octet-stream'],
    ['Cache-Control', 'no-store'],
    ['Content-Length', String(content.length)],
  ]);
  const hasContent = method === 'GET';
  downstream.sendHead(200, block, 0, block.length, content.length, hasContent);
  if (hasContent) downstream.sendContent(content, 0, content.length);
  downstream.end();
  return finished;
}

/** Waits for who answers, who then does so in full. Content of the request is not waited for, nor kept. */
class LaterResponder implements Responder {
  #aborted = false;

  constructor(answer: Promise<() => Responder>) {
    void answer.then((begin) => this.#aborted || begin());
  }

  onContent(): void {}
  onContentEnd(): void {}
  flush(): void {}
  onDrain(): void {}
  onAbort(): void {
    this.#aborted = true;
  }
}
