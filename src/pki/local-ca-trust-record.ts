import { CA_FOLDER, type LocalCaFolder } from './local-ca-folder.ts';

const RECORD = `${CA_FOLDER}/trusted.json`;

/** Fingerprints (SHA-256, hex) of the roots that `menshen trust` has installed and not taken out since. */
export async function readTrustRecord(folder: LocalCaFolder): Promise<readonly string[]> {
  const json = await folder.read(RECORD);
  if (!json) return [];
  try {
    const value: unknown = JSON.parse(String(json));
    if (typeof value !== 'object' || value === null || !('trusted' in value) || !Array.isArray(value.trusted))
      return [];
    return value.trusted.filter((entry) => typeof entry === 'string');
  } catch {
    // A record is a convenience: without it the hint to run `menshen trust` is shown once more.
    return [];
  }
}

/** Writes down which roots are installed. */
export async function writeTrustRecord(folder: LocalCaFolder, trusted: readonly string[]): Promise<void> {
  await folder.write({ name: RECORD, content: `${JSON.stringify({ trusted }, undefined, 2)}\n`, secret: false });
}
