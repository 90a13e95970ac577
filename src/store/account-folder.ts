/**
 * Accounts as plain files; the key never changes under its name, a new one comes beside it:
 *
 *     accounts/letsencrypt/first/account.json    who was first to make an account here
 *     accounts/letsencrypt/account.json          what counts, once it has changed
 *
 * Both hold keys and are 0600. Of several processes that start at once, one makes the account; the others take it over.
 */
import * as z from 'zod';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import type { AccountPlace, AccountRecord } from './certificate-store.ts';
import { issuerEntry } from './entry-name.ts';
import type { Folder } from './folder.ts';
import { readRecord, writeRecord } from './record.ts';
import type { Seal } from './seal.ts';

const accountRecord = z.object({
  privateKeyPem: z.string(),
  url: z.string().optional(),
  nextPrivateKeyPem: z.string().optional(),
});

export function accountIn(folder: Folder, seal: Seal, issuer: string): AccountPlace {
  const place = `accounts/${issuerEntry(issuer)}`;
  const open = (text: string, file: string): string => {
    const opened = seal.open(text, place);
    if (opened !== undefined) return opened;
    throw new FindingError(finding('store-key-sealed', { path: folder.fileOf(file) }));
  };
  const read = async (file: string): Promise<AccountRecord | undefined> => {
    const content = await folder.read(file);
    if (content === undefined) return undefined;
    const record = readRecord(accountRecord, content);
    // An account is not made anew behind the back of a damaged one: its authorizations and limits hang on it.
    if (record === undefined) {
      throw new FindingError(finding('store-account-damaged', { path: folder.fileOf(file), issuer }));
    }
    const { privateKeyPem, url, nextPrivateKeyPem } = record;
    return {
      privateKeyPem: open(privateKeyPem, file),
      ...(url !== undefined && { url }),
      ...(nextPrivateKeyPem !== undefined && { nextPrivateKeyPem: open(nextPrivateKeyPem, file) }),
    };
  };
  const spell = ({ privateKeyPem, url, nextPrivateKeyPem }: AccountRecord): string =>
    writeRecord({
      issuer,
      url,
      privateKeyPem: seal.seal(privateKeyPem, place),
      nextPrivateKeyPem: nextPrivateKeyPem === undefined ? undefined : seal.seal(nextPrivateKeyPem, place),
    });
  const load = async (): Promise<AccountRecord | undefined> =>
    (await read(`${place}/account.json`)) ?? (await read(`${place}/first/account.json`));
  return {
    load,
    async create(record) {
      const made = await folder.publish(`${place}/first`, [
        { name: 'account.json', content: spell(record), secret: true },
      ]);
      return made ? record : ((await load()) ?? record);
    },
    async replace(record) {
      await folder.write({ name: `${place}/account.json`, content: spell(record), secret: true });
    },
  };
}
