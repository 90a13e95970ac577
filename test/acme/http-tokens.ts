import type { Finding } from '../../src/story/finding.ts';
import { isWildcard } from '../../src/acme/identifier.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../../src/acme/issuer.ts';

/**
 * Open HTTP-01 challenges (RFC 8555 section 8.3), by token: the CA asks port 80 for
 * `/.well-known/acme-challenge/TOKEN` and wants the key authorization. Whoever serves port 80 looks it up here.
 */
export class HttpTokens implements ChallengeSolver {
  readonly type = 'http-01';
  readonly #open = new Map<string, string>();

  /** The key authorization of a token, or undefined where no open challenge has it. */
  lookup(token: string): string | undefined {
    return this.#open.get(token);
  }

  /** Names and addresses (RFC 8738 section 4), but no wildcard. */
  covers(identifier: Identifier): boolean {
    return !isWildcard(identifier);
  }

  async present({ token, keyAuthorization }: Challenge): Promise<Finding | undefined> {
    this.#open.set(token, keyAuthorization);
    return undefined;
  }

  async withdraw({ token }: Challenge): Promise<void> {
    this.#open.delete(token);
  }
}
