/** Sites by name: `exact` by the whole name, `wildcard` by what follows `*.`. */
export interface SiteTable<T> {
  readonly exact: ReadonlyMap<string, T>;
  readonly wildcard: ReadonlyMap<string, T>;
}

/** `sites` by their configured names, lower case, A-labels. */
export function buildSiteTable<T>(sites: Iterable<readonly [name: string, site: T]>): SiteTable<T> {
  const exact = new Map<string, T>();
  const wildcard = new Map<string, T>();
  for (const [name, site] of sites) {
    if (name.startsWith('*.')) wildcard.set(name.slice(2), site);
    else exact.set(name, site);
  }
  return { exact, wildcard };
}

/**
 * The site of a host name in lower case: the exact name, then the wildcard over its first label, and nothing else.
 * `*.example.com` covers exactly one label, which is not empty (RFC 9525 section 6.3). The default site is for the
 * caller: "no such name" and "no name" are told apart in the log.
 */
export function matchSite<T>(table: SiteTable<T>, name: string): T | undefined {
  const exact = table.exact.get(name);
  if (exact !== undefined || table.wildcard.size === 0) return exact;
  const dot = name.indexOf('.');
  return dot > 0 ? table.wildcard.get(name.slice(dot + 1)) : undefined;
}
