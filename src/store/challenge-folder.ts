/**
 * Open challenges as plain files, one each: `challenges/http-01.<digest of the token>.json`. A token comes from the CA
 * and, in a request, from anybody: its digest is the file's name, so that it is never part of a path.
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

  constructor(folder: Folder, clock: () => number) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async put(challenge: Challenge): Promise<void> {
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
    await this.#folder.write({ name: fileOf(type, token), content: writeRecord(record), secret: true });
  }

  async remove({ type, token }: Challenge): Promise<void> {
    await this.#folder.remove(fileOf(type, token));
  }

  async find(type: ChallengeType, tokenOrName: string): Promise<readonly Challenge[]> {
    if (type === 'http-01') {
      const found = await this.#read(fileOf(type, tokenOrName));
      return found?.token === tokenOrName ? [found] : [];
    }
    const name = tokenOrName.toLowerCase();
    const found: Challenge[] = [];
    for (const entry of await this.#folder.list('challenges')) {
      const challenge = entry.startsWith(`${type}.`) ? await this.#read(`challenges/${entry}`) : undefined;
      if (challenge !== undefined && validatedName(challenge.identifier).toLowerCase() === name) found.push(challenge);
    }
    return found;
  }

  async #read(file: string): Promise<Challenge | undefined> {
    const record = readRecord(challengeRecord, await this.#folder.read(file));
    if (record === undefined || this.#clock() - record.presentedAtMs > LONGEST_OPEN_MS) return undefined;
    const { type, identifier, token, keyAuthorization } = record;
    return { type, identifier, token, keyAuthorization, digest: Uint8Array.from(Buffer.from(record.digest, 'hex')) };
  }
}

const fileOf = (type: ChallengeType, token: string): string => `challenges/${type}.${opaqueEntry(token)}.json`;
