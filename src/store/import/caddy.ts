/**
 * Caddy's data folder:
 *
 *     certificates/acme-v02.api.letsencrypt.org-directory/NAME/NAME.{crt,key,json}
 *     acme/acme-v02.api.letsencrypt.org-directory/users/EMAIL/{NAME.json,NAME.key}
 *
 * Certificates of its own local CA (`certificates/local`) are left: ours makes others.
 */
import { createPrivateKey } from 'node:crypto';
import path from 'node:path';
import { finding } from '../../story/finding.ts';
import { ImportWork, type ImportedFolder } from './imported.ts';

/** Directories whose URL cannot be made out of the folder's name, which has `-` for `/`. */
const knownDirectories: Readonly<Record<string, string>> = {
  'acme-v02.api.letsencrypt.org-directory': 'https://acme-v02.api.letsencrypt.org/directory',
  'acme-staging-v02.api.letsencrypt.org-directory': 'https://acme-staging-v02.api.letsencrypt.org/directory',
  'acme.zerossl.com-v2-dv90': 'https://acme.zerossl.com/v2/DV90',
};

export async function readCaddyFolder(folder: string, nowMs: number): Promise<ImportedFolder> {
  const work = new ImportWork(nowMs);
  const certificates = path.join(folder, 'certificates');
  for (const issuer of await work.entries(certificates)) {
    if (issuer === 'local') continue;
    for (const label of await work.entries(path.join(certificates, issuer))) {
      const base = path.join(certificates, issuer, label, label);
      await work.addPair({
        label,
        directoryUrl: (await directoryOf(work, `${base}.json`)) ?? knownDirectories[issuer] ?? '',
        certificateFile: `${base}.crt`,
        keyFile: `${base}.key`,
      });
    }
  }
  const directories = path.join(folder, 'acme');
  for (const issuer of await work.entries(directories)) {
    const users = path.join(directories, issuer, 'users');
    for (const user of await work.entries(users)) {
      await readAccount(work, path.join(users, user), knownDirectories[issuer]);
    }
  }
  return work.result;
}

/** The JSON beside a certificate names its own URL (`issuer_data.url`); the directory is only known by the host. */
async function directoryOf(work: ImportWork, file: string): Promise<string | undefined> {
  const meta = await work.json(file);
  const data = meta?.['issuer_data'] as { url?: unknown; ca?: unknown } | undefined;
  return typeof data?.ca === 'string' ? data.ca : undefined;
}

async function readAccount(work: ImportWork, place: string, directoryUrl: string | undefined): Promise<void> {
  const entries = await work.entries(place);
  const keyFile = entries.find((entry) => entry.endsWith('.key'));
  const jsonFile = entries.find((entry) => entry.endsWith('.json'));
  if (keyFile === undefined) return;
  const pem = await work.text(path.join(place, keyFile));
  const meta = jsonFile === undefined ? undefined : await work.json(path.join(place, jsonFile));
  const url = meta?.['location'];
  const contact = meta?.['contact'];
  try {
    if (pem === undefined || directoryUrl === undefined) throw new TypeError('not known');
    const privateKeyPem = createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' });
    work.accounts.push({
      directoryUrl,
      record: { privateKeyPem, ...(typeof url === 'string' && { url }) },
      contacts: Array.isArray(contact) ? contact.filter((one) => typeof one === 'string') : [],
    });
  } catch {
    work.findings.push(finding('import-account-unusable', { path: path.join(place, keyFile) }));
  }
}
