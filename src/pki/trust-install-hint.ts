import type { Language } from '../story/catalog.ts';
import { finding, tellFinding } from '../story/finding.ts';

/** One line that says how curl and browsers come to trust the local root, to be printed until they do. */
export function trustHint(language: Language, rootFile: string, exampleUrl: string): string {
  const { cause, mend } = tellFinding(finding('trust-hint', { command: curlWithRoot(rootFile, exampleUrl) }), language);
  return `${cause}${language === 'zh' ? '' : ' '}${mend}`;
}

/** A command line to copy: curl with the root named. */
export function curlWithRoot(rootFile: string, url: string): string {
  return ['curl', '--cacert', rootFile, url].map(quoteForShell).join(' ');
}

/** As a POSIX shell reads it back: plain words as they are, all else within single quotes. */
function quoteForShell(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
