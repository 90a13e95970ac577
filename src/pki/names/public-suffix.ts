import { parse } from 'tldts';

/**
 * Who may have names under a domain: `icann` for a public suffix of the domain registries (`com`, `co.uk`, and every
 * single label), `private` for one whose owner gives names to others (`github.io`), undefined otherwise.
 */
export function publicSuffixKind(domain: string): 'icann' | 'private' | undefined {
  if (!domain.includes('.')) return 'icann';
  const found = parse(domain, { allowPrivateDomains: true, validateHostname: false });
  if (found.publicSuffix !== domain) return undefined;
  return found.isPrivate === true ? 'private' : 'icann';
}
