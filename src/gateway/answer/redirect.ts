/**
 * The plain port: every request for a site that is served here is sent to HTTPS, and challenges of a CA are answered.
 * Nothing reaches an app without TLS.
 */
import type { Language } from '../../story/catalog.ts';
import type { Downstream, Responder } from '../exchange.ts';
import { answerChallenge, type ChallengeSource } from './acme-challenge.ts';
import { answerError } from './error-answer.ts';
import { encodeFieldBlock, httpDate } from './field-block.ts';
import { finished } from './finished.ts';

export interface PlainPortOptions {
  /**
   * Whether a host (lower case, without port, IPv6 in brackets) belongs to a site: exact, wildcard, or any at all where a
   * default site takes what no name matches. Only such hosts are redirected to, so that this is no open redirect.
   */
  readonly isServed: (host: string) => boolean;
  readonly challenges: ChallengeSource;
  /** As the outside reaches it. */
  readonly httpsPort: number;
  readonly language: Language;
  /** Makes the number of a failed request. */
  readonly nextRequestId?: () => string;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Host of an authority: `[::1]:80` → `[::1]`, `example.com:80` → `example.com`. */
export function hostOfAuthority(authority: string): string {
  if (authority.startsWith('[')) return authority.slice(0, authority.indexOf(']') + 1);
  const colon = authority.indexOf(':');
  return colon < 0 ? authority : authority.slice(0, colon);
}

/**
 * Makes the handler of the plain port. It answers at once: 200 to a known challenge, 308 (which keeps method and content,
 * RFC 9110 section 15.4.9) to the same path and query of a served host, 404 to any other.
 */
export function createPlainPortHandler(options: PlainPortOptions): (downstream: Downstream) => Responder {
  const port = options.httpsPort === 443 ? '' : `:${options.httpsPort}`;
  const redirect = (downstream: Downstream, nowMs: number): Responder => {
    const { authority, target } = downstream.head;
    const host = hostOfAuthority(authority);
    if (host === '' || !options.isServed(host)) {
      return answerError(
        downstream,
        host === '' ? 'host-missing' : 'no-such-site',
        { authority: host },
        { language: options.language, requestId: options.nextRequestId?.() ?? '', nowMs },
      );
    }
    const path = target === '*' ? '' : target;
    const block = encodeFieldBlock([
      ['Date', httpDate(nowMs)],
      ['Location', `https://${host}${port}${path}`],
      // A redirect that browsers remember outlives the configuration; Strict-Transport-Security is what is meant to last.
      ['Cache-Control', 'no-store'],
      ['Content-Length', '0'],
    ]);
    downstream.sendHead(308, block, 0, block.length, 0, false);
    downstream.end();
    return finished;
  };
  return (downstream) => {
    const nowMs = options.now?.() ?? Date.now();
    const otherwise = (): Responder => redirect(downstream, nowMs);
    return answerChallenge(downstream, options.challenges, nowMs, otherwise) ?? otherwise();
  };
}
