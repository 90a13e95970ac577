/** HTTP-01 and TLS-ALPN-01 on the gateway's own ports, in every process that takes connections. */
import { isWildcard } from '../../acme/identifier.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../../acme/issuer.ts';
import { challengeServerName } from '../../acme/challenges/server-name.ts';
import { TlsAlpnCertificates } from '../../acme/challenges/tls-alpn-certificates.ts';
import type { CertificateStore } from '../../store/certificate-store.ts';
import { onlyFinding } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import type { ChallengeAnswer, ChallengeBoard } from '../challenge-board.ts';

export function httpSolver(board: ChallengeBoard): ChallengeSolver {
  const answerOf = ({ token, keyAuthorization }: Challenge): ChallengeAnswer => ({
    type: 'http-01',
    token,
    keyAuthorization,
  });
  return {
    type: 'http-01',
    covers: (identifier) => !isWildcard(identifier),
    present: (challenge) => board.set(answerOf(challenge)),
    withdraw: (challenge) => board.remove(answerOf(challenge)),
  };
}

/**
 * A handshake has one answer for a name, so that two orders for one name (an ECDSA and an RSA certificate, a rehearsal)
 * take turns.
 */
export function tlsAlpnSolver(board: ChallengeBoard): ChallengeSolver {
  const made = new TlsAlpnCertificates();
  const turns = new Map<string, { readonly token: string; readonly over: Promise<void>; readonly end: () => void }>();
  return {
    type: 'tls-alpn-01',
    covers: (identifier) => !isWildcard(identifier),
    async present(challenge, signal) {
      const { identifier, token } = challenge;
      const name = challengeServerName(identifier);
      for (let turn = turns.get(name); turn !== undefined && !signal.aborted; turn = turns.get(name)) {
        await untilOver(turn.over, signal);
      }
      if (signal.aborted) return finding('renewal-stopped', { name: identifier.value });
      let end = (): void => undefined;
      const over = new Promise<void>((resolve) => (end = resolve));
      turns.set(name, { token, over, end });
      await made.present(challenge);
      const { certPem, keyPem } = made.lookup(name)!;
      return board.set({ type: 'tls-alpn-01', identifier, certificate: { certPem, keyPem } });
    },
    async withdraw(challenge) {
      const { identifier, token } = challenge;
      const name = challengeServerName(identifier);
      const turn = turns.get(name);
      if (turn?.token !== token) return;
      const answer = made.lookup(name);
      if (answer !== undefined) await board.remove({ type: 'tls-alpn-01', identifier, certificate: answer });
      await made.withdraw(challenge);
      turns.delete(name);
      turn.end();
    },
  };
}

function untilOver(over: Promise<void>, signal: AbortSignal): Promise<void> {
  return Promise.race([
    over,
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  ]);
}

/** A solver only for the names whose site allows its way; `wayOf` gives the only way of a name, undefined for any. */
export function onlyWhere(
  solver: ChallengeSolver,
  wayOf: (identifier: Identifier) => ChallengeSolver['type'] | undefined,
): ChallengeSolver {
  return {
    type: solver.type,
    covers: (identifier) => (wayOf(identifier) ?? solver.type) === solver.type && solver.covers(identifier),
    present: (challenge, signal) => solver.present(challenge, signal),
    withdraw: (challenge) => solver.withdraw(challenge),
  };
}

/** Puts what a solver presents into the store too: behind one address, the CA may ask another gateway. */
export function sharedOver(store: CertificateStore, solver: ChallengeSolver): ChallengeSolver {
  // A store that cannot take it fails the order at its next step, and is told of there.
  const tried = (work: Promise<void>): Promise<void> => work.catch(onlyFinding);
  return {
    type: solver.type,
    covers: (identifier) => solver.covers(identifier),
    async present(challenge, signal) {
      const refused = await solver.present(challenge, signal);
      if (refused === undefined) await tried(store.putChallenge(challenge));
      return refused;
    },
    async withdraw(challenge) {
      await tried(store.removeChallenge(challenge));
      await solver.withdraw(challenge);
    },
  };
}
