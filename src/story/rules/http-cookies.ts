import { finding, type Finding } from '../finding.ts';

export interface SetCookie {
  readonly name: string;
  /** As they were written: `Secure`, `Path=/`. */
  readonly attributes: readonly string[];
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: string | undefined;
}

/** Reads a Set-Cookie value (RFC 6265 section 5.2); the cookie's value is left aside. */
export function readSetCookie(value: string): SetCookie {
  const [pair = '', ...rest] = value.split(';').map((part) => part.trim());
  const attributes = rest.filter((part) => part !== '');
  const named = (name: string): string | undefined => {
    const found = attributes.find((part) => part.toLowerCase().split('=', 1)[0]!.trim() === name);
    return found === undefined ? undefined : found.slice(found.indexOf('=') + 1).trim();
  };
  return {
    name: pair.includes('=') ? pair.slice(0, pair.indexOf('=')) : '',
    attributes,
    secure: named('secure') !== undefined,
    httpOnly: named('httponly') !== undefined,
    sameSite: named('samesite'),
  };
}

/** Names that belong to sessions: without HttpOnly a script that gets into the page steals them. */
const sessionLike = /sess|sid$|auth|token|login|jwt/i;

export function judgeCookie(value: string, isSecure: boolean): Finding[] {
  const cookie = readSetCookie(value);
  const missing: string[] = [];
  if (isSecure && !cookie.secure) missing.push('Secure');
  if (!cookie.httpOnly && sessionLike.test(cookie.name)) missing.push('HttpOnly');
  // Without it browsers take Lax, or none at all in older ones.
  if (cookie.sameSite?.toLowerCase() === 'none' && !cookie.secure) missing.push('Secure (SameSite=None)');
  if (missing.length === 0) return [];
  return [finding('trace-cookie-weak', { cookie: cookie.name, missing: missing.join(', ') })];
}
