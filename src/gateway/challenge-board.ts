/**
 * Where the answers to a CA's challenges are put up while an order is open: HTTP-01 (RFC 8555 section 8.3) on the plain
 * port, TLS-ALPN-01 (RFC 8737) in the handshake. Whoever orders certificates puts an answer up, waits until it is visible
 * in every process that takes connections, and takes it away again.
 */
import { challengeServerName } from '../acme/challenges/server-name.ts';
import type { Identifier } from '../acme/issuer.ts';
import type { Finding } from '../story/finding.ts';
import type { ChallengeSource } from './answer/acme-challenge.ts';
import type { ChallengesElsewhere } from './challenges-elsewhere.ts';
import type { CertificatePem } from './tls/site-input.ts';

export type ChallengeAnswer =
  | { readonly type: 'http-01'; readonly token: string; readonly keyAuthorization: string }
  /** `certificate` is the self-signed one that RFC 8737 section 3 describes. */
  | { readonly type: 'tls-alpn-01'; readonly identifier: Identifier; readonly certificate: CertificatePem };

export interface ChallengeBoard {
  /**
   * Puts an answer up, in the place of an earlier one for the same token or name. Resolves when every process answers
   * with it; with a finding it is up nowhere.
   */
  set(answer: ChallengeAnswer): Promise<Finding | undefined>;
  /** Takes an answer away; one that is not up is fine. */
  remove(answer: ChallengeAnswer): Promise<void>;
}

/** What a CA asks for, as it comes over the plain port or in a hello. */
export type ChallengeQuestion =
  | { readonly type: 'http-01'; readonly token: string }
  /** Lower case. */
  | { readonly type: 'tls-alpn-01'; readonly serverName: string };

/** The answers that are up. The key tells which answers take each other's place. */
export type ChallengeAnswers = ReadonlyMap<string, ChallengeAnswer>;

export function challengeKey(answer: ChallengeAnswer): string {
  return questionKey(
    answer.type === 'http-01' ? answer : { type: answer.type, serverName: challengeServerName(answer.identifier) },
  );
}

/** The same for a question: an answer with this key fits. */
export function questionKey(question: ChallengeQuestion): string {
  return question.type === 'http-01' ? `http ${question.token}` : `tls ${question.serverName}`;
}

/** The answers of one process: looked up for HTTP-01, handed on to the handshakes for TLS-ALPN-01. */
export class OpenChallenges implements ChallengeSource {
  readonly #handshakes: (certificates: ReadonlyMap<string, CertificatePem>) => Finding | undefined;
  readonly #elsewhere: ChallengesElsewhere | undefined;
  #tokens: ReadonlyMap<string, string> = new Map();

  /** `handshakes` takes the certificates by server name, all of them, or none and says why. */
  constructor(
    handshakes: (certificates: ReadonlyMap<string, CertificatePem>) => Finding | undefined,
    elsewhere?: ChallengesElsewhere,
  ) {
    this.#handshakes = handshakes;
    this.#elsewhere = elsewhere;
  }

  lookup(token: string): string | undefined {
    return this.#tokens.get(token);
  }

  lookElsewhere(token: string): Promise<string | undefined> | undefined {
    return this.#elsewhere?.keyAuthorization(token);
  }

  /** Goes over to these answers, or with a finding stays with the former. */
  replace(answers: Iterable<ChallengeAnswer>): Finding | undefined {
    const tokens = new Map<string, string>();
    const certificates = new Map<string, CertificatePem>();
    for (const answer of answers) {
      if (answer.type === 'http-01') tokens.set(answer.token, answer.keyAuthorization);
      else certificates.set(challengeServerName(answer.identifier), answer.certificate);
    }
    const refused = this.#handshakes(certificates);
    if (refused === undefined) this.#tokens = tokens;
    return refused;
  }
}

/** A board over whatever shows all answers at once: this process, or all workers. */
export class SharedBoard implements ChallengeBoard {
  readonly #show: (answers: readonly ChallengeAnswer[]) => Promise<Finding | undefined>;
  #answers: ChallengeAnswers = new Map();
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(show: (answers: readonly ChallengeAnswer[]) => Promise<Finding | undefined>) {
    this.#show = show;
  }

  /** What is up now, for a process that joins. */
  get answers(): readonly ChallengeAnswer[] {
    return [...this.#answers.values()];
  }

  set(answer: ChallengeAnswer): Promise<Finding | undefined> {
    return this.#change((answers) => answers.set(challengeKey(answer), answer));
  }

  async remove(answer: ChallengeAnswer): Promise<void> {
    await this.#change((answers) => answers.delete(challengeKey(answer)));
  }

  #change(change: (answers: Map<string, ChallengeAnswer>) => void): Promise<Finding | undefined> {
    const changed = this.#turn.then(async () => {
      const before = this.#answers;
      const next = new Map(before);
      change(next);
      this.#answers = next;
      const refused = await this.#show([...next.values()]);
      if (refused === undefined) return undefined;
      this.#answers = before;
      await this.#show([...before.values()]);
      return refused;
    });
    this.#turn = changed.catch(() => undefined);
    return changed;
  }
}
