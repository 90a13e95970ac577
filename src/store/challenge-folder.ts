/**
 * Open challenges as plain files, one each:
 *
 *     challenges/http-01.<digest of the token>.json
 *     challenges/tls-alpn-01.<digest of the name>.<digest of the token>.json
 *
 * Tokens come from the CA and, in a request, tokens and names from anybody: digests are the names of the files, so that
 * what was asked for is never part of a path.
 */
import type { Challenge, ChallengeType } from '../acme/issuer.ts';
import { validatedName } from '../acme/identifier.ts';
import { opaqueEntry } from './entry-name.ts';
import type { Folder } from './folder.ts';
import { challengeRecord, readRecord, writeRecord } from './record.ts';

/** What is older was left behind by a process that died: no order stays open for longer (Let's Encrypt: seven days). */
const LONGEST_OPEN_MS = 7 * 86_400_000;

export class ChallengeFolder {
  readonly #folder: Folder;
  readonly #clock: () => number;
  #clearedAtMs = -Infinity;

  constructor(folder: Folder, clock: () => number) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async put(challenge: Challenge): Promise<void> {
    await this.#clear();
    const { type, identifier, token, keyAuthorization, digest } = challenge;
    const presentedAtMs = this.#clock();
    const record = {
      type,
      identifier,
      token,
      keyAuthorization,
      digest: Buffer.from(digest).toString('hex'),
      presentedAtMs,
    };
    await this.#folder.write({ name: fileOf(challenge), content: writeRecord(record), secret: true });
  }

  async remove(challenge: Challenge): Promise<void> {
    await this.#folder.remove(fileOf(challenge));
  }

  async find(type: ChallengeType, tokenOrName: string): Promise<readonly Challenge[]> {
    if (type === 'http-01') {
      const found = await this.#read(tokenFile(tokenOrName));
      return found?.token === tokenOrName ? [found] : [];
    }
    const name = tokenOrName.toLowerCase();
    const start = nameStart(type, name);
    const found: Challenge[] = [];
    for (const entry of await this.#folder.list(PLACE)) {
      const challenge = entry.startsWith(start) ? await this.#read(`${PLACE}/${entry}`) : undefined;
      if (challenge !== undefined && nameOf(challenge) === name) found.push(challenge);
    }
    return found;
  }

  /** Takes away what died with its process, once a day. */
  async #clear(): Promise<void> {
    const nowMs = this.#clock();
    if (nowMs - this.#clearedAtMs < 86_400_000) return;
    this.#clearedAtMs = nowMs;
    for (const entry of await this.#folder.list(PLACE)) {
      const file = `${PLACE}/${entry}`;
      if ((await this.#read(file)) === undefined) await this.#folder.remove(file);
    }
  }

  async #read(file: string): Promise<Challenge | undefined> {
    const record = readRecord(challengeRecord, await this.#folder.read(file));
    if (record === undefined || this.#clock() - record.presentedAtMs > LONGEST_OPEN_MS) return undefined;
    const { type, identifier, token, keyAuthorization } = record;
    return { type, identifier, token, keyAuthorization, digest: Uint8Array.from(Buffer.from(record.digest, 'hex')) };
  }
}

const PLACE = 'challenges';
const nameOf = ({ identifier }: Challenge): string => validatedName(identifier).toLowerCase();
const tokenFile = (token: string): string => `${PLACE}/http-01.${opaqueEntry(token)}.json`;
const nameStart = (type: ChallengeType, name: string): string => `${type}.${opaqueEntry(name)}.`;

function fileOf(challenge: Challenge): string {
  const { type, token } = challenge;
  if (type === 'http-01') return tokenFile(token);
  return `${PLACE}/${nameStart(type, nameOf(challenge))}${opaqueEntry(token)}.json`;
}
