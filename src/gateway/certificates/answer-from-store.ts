import { challengedIdentifier } from '../../acme/challenges/server-name.ts';
import { TlsAlpnCertificates } from '../../acme/challenges/tls-alpn-certificates.ts';
import type { CertificateStore } from '../../store/certificate-store.ts';
import type { ChallengeAnswer, ChallengeQuestion } from '../challenge-board.ts';

/**
 * The answer to a challenge that another gateway on the same store has put up; undefined where there is none. The
 * certificate for TLS-ALPN-01 is made here: only what it has to say travels, no key. Throws a FindingError where the
 * store cannot be read.
 */
export async function answerFromStore(
  store: CertificateStore,
  question: ChallengeQuestion,
): Promise<ChallengeAnswer | undefined> {
  if (question.type === 'http-01') {
    const [found] = await store.challenges('http-01', question.token);
    return found && { type: 'http-01', token: found.token, keyAuthorization: found.keyAuthorization };
  }
  const [found] = await store.challenges('tls-alpn-01', challengedIdentifier(question.serverName).value);
  if (found === undefined) return undefined;
  const made = new TlsAlpnCertificates();
  await made.present(found);
  const certificate = made.lookup(question.serverName);
  return certificate && { type: 'tls-alpn-01', identifier: found.identifier, certificate };
}
