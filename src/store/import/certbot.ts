/**
 * certbot's folder, usually /etc/letsencrypt:
 *
 *     live/NAME/{fullchain,privkey}.pem      links into archive/, the present certificate
 *     renewal/NAME.conf                      how it is renewed: `server = https://…/directory`
 *     accounts/HOST/PATH/DIGEST/             private_key.json (a JWK), regr.json (`uri`)
 */
import { createPrivateKey, type JsonWebKeyInput } from 'node:crypto';
import path from 'node:path';
import { finding } from '../../story/finding.ts';
import { ImportWork, type ImportedFolder } from './imported.ts';

/** Default of certbot where a renewal file names no server. */
const DEFAULT_DIRECTORY = 'https://acme-v02.api.letsencrypt.org/directory';

export async function readCertbotFolder(folder: string, nowMs: number): Promise<ImportedFolder> {
  const work = new ImportWork(nowMs);
  for (const label of await work.entries(path.join(folder, 'live'))) {
    // The folder holds a README too.
    if (label === 'README') continue;
    const renewal = await work.text(path.join(folder, 'renewal', `${label}.conf`));
    await work.addPair({
      label,
      directoryUrl: /^\s*server\s*=\s*(\S+)\s*$/m.exec(renewal ?? '')?.[1] ?? DEFAULT_DIRECTORY,
      certificateFile: path.join(folder, 'live', label, 'fullchain.pem'),
      keyFile: path.join(folder, 'live', label, 'privkey.pem'),
    });
  }
  await readAccounts(work, path.join(folder, 'accounts'), [], 0);
  return work.result;
}

/** `accounts/acme-v02.api.letsencrypt.org/directory/DIGEST/`: the path between is that of the directory's URL. */
async function readAccounts(work: ImportWork, place: string, parts: readonly string[], depth: number): Promise<void> {
  const entries = await work.entries(place);
  if (entries.includes('private_key.json')) {
    await readAccount(work, place, `https://${parts.slice(0, -1).join('/')}`);
    return;
  }
  if (depth >= 6) return;
  for (const entry of entries) await readAccounts(work, path.join(place, entry), [...parts, entry], depth + 1);
}

async function readAccount(work: ImportWork, place: string, directoryUrl: string): Promise<void> {
  const file = path.join(place, 'private_key.json');
  const jwk = await work.json(file);
  const registration = await work.json(path.join(place, 'regr.json'));
  const url = registration?.['uri'];
  const contact = (registration?.['body'] as { contact?: unknown } | undefined)?.contact;
  try {
    const privateKeyPem = createPrivateKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' }).export({
      type: 'pkcs8',
      format: 'pem',
    });
    work.accounts.push({
      directoryUrl,
      record: { privateKeyPem, ...(typeof url === 'string' && { url }) },
      contacts: Array.isArray(contact) ? contact.filter((one) => typeof one === 'string') : [],
    });
  } catch {
    work.findings.push(finding('import-account-unusable', { path: file }));
  }
}
