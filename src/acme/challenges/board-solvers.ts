import { randomBytes } from 'node:crypto';
import type { Finding } from '../../story/finding.ts';
import { identifierKey, isWildcard } from '../identifier.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../issuer.ts';
import { makeAlpnAnswer, type AlpnAnswer, type AlpnSurroundings } from './tls-alpn-certificate.ts';

/** What every process that takes connections has to know while a challenge is open. */
export type BoardAnswer =
  | { readonly type: 'http-01'; readonly token: string; readonly keyAuthorization: string }
  | { readonly type: 'tls-alpn-01'; readonly identifier: Identifier; readonly certificate: AlpnAnswer };

/** Where answers are put up for all of these processes at once; the gateway has one. */
export interface AnswerBoard {
  /** Resolves when every process answers with it; with a finding it is up nowhere. */
  set(answer: BoardAnswer): Promise<Finding | undefined>;
  remove(answer: BoardAnswer): Promise<void>;
}

/** HTTP-01 and TLS-ALPN-01, in this order, answered by whoever reads the board. */
export function createBoardSolvers(
  board: AnswerBoard,
  surroundings: AlpnSurroundings = { clock: Date.now, random: randomBytes },
): readonly [http: ChallengeSolver, alpn: ChallengeSolver] {
  const make: Record<'http-01' | 'tls-alpn-01', (challenge: Challenge) => BoardAnswer> = {
    'http-01': ({ token, keyAuthorization }) => ({ type: 'http-01', token, keyAuthorization }),
    'tls-alpn-01': (challenge) => ({
      type: 'tls-alpn-01',
      identifier: challenge.identifier,
      certificate: makeAlpnAnswer(challenge, surroundings),
    }),
  };
  const solver = (type: 'http-01' | 'tls-alpn-01'): ChallengeSolver => {
    /** What is up, by what the board tells answers apart by; a later challenge takes the place of an earlier one. */
    const up = new Map<string, { readonly token: string; readonly answer: BoardAnswer }>();
    const keyOf = ({ token, identifier }: Challenge): string =>
      type === 'http-01' ? token : identifierKey(identifier);
    return {
      type,
      covers: (identifier) => !isWildcard(identifier),
      async present(challenge) {
        const answer = make[type](challenge);
        up.set(keyOf(challenge), { token: challenge.token, answer });
        return board.set(answer);
      },
      async withdraw(challenge) {
        const key = keyOf(challenge);
        const shown = up.get(key);
        if (shown?.token !== challenge.token) return;
        up.delete(key);
        // An answer that stays up serves nobody: its token is never asked for again.
        await board.remove(shown.answer).catch(() => undefined);
      },
    };
  };
  return [solver('http-01'), solver('tls-alpn-01')];
}
