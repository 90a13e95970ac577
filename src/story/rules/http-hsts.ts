/** Strict-Transport-Security (RFC 6797 section 6.1). */
export interface Hsts {
  readonly maxAgeSeconds: number;
  readonly includeSubDomains: boolean;
  readonly preload: boolean;
}

/** Undefined where max-age is missing or not a number: browsers ignore such a field. */
export function readHsts(value: string): Hsts | undefined {
  const directives = value
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const age = directives.find((part) => part.startsWith('max-age'));
  const digits = /^max-age\s*=\s*"?(\d{1,12})"?$/.exec(age ?? '')?.[1];
  if (digits === undefined) return undefined;
  return {
    maxAgeSeconds: Number(digits),
    includeSubDomains: directives.includes('includesubdomains'),
    preload: directives.includes('preload'),
  };
}
