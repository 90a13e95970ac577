/** What Cache-Control says (RFC 9111 section 5.2.2), as far as it decides. */
export interface CacheControl {
  readonly noStore: boolean;
  readonly noCache: boolean;
  /** max-age, or s-maxage where there is no max-age. */
  readonly freshSeconds: number | undefined;
  /** Shared caches may keep it. */
  readonly shared: boolean;
}

export function readCacheControl(value: string): CacheControl {
  const directives = new Map<string, string>();
  for (const part of value.toLowerCase().split(',')) {
    const [name = '', argument = ''] = part.trim().split('=', 2);
    if (name !== '') directives.set(name.trim(), argument.trim().replaceAll('"', ''));
  }
  const seconds = (name: string): number | undefined => {
    const text = directives.get(name);
    return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  };
  return {
    noStore: directives.has('no-store'),
    noCache: directives.has('no-cache'),
    freshSeconds: seconds('max-age') ?? seconds('s-maxage'),
    shared: !directives.has('private'),
  };
}
