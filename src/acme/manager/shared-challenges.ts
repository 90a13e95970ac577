import { FindingError } from '../../story/finding-error.ts';
import type { CertificateStore } from '../../store/certificate-store.ts';
import type { ChallengeSolver } from '../issuer.ts';

/**
 * Lets every node of a fleet answer the challenges of each: the CA may reach any of them. What is presented is in the
 * store before the solver presents it here.
 */
export function shareChallenges(solver: ChallengeSolver, store: CertificateStore): ChallengeSolver {
  return {
    type: solver.type,
    covers: (identifier) => solver.covers(identifier),
    async present(challenge, signal) {
      try {
        await store.putChallenge(challenge);
      } catch (error) {
        if (error instanceof FindingError) return error.finding;
        throw error;
      }
      return solver.present(challenge, signal);
    },
    async withdraw(challenge) {
      await solver.withdraw(challenge);
      try {
        await store.removeChallenge(challenge);
      } catch (error) {
        // One that stays is never asked for again, and ends by itself.
        if (!(error instanceof FindingError)) throw error;
      }
    },
  };
}
