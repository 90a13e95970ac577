/** Lines of explanation for the fields of a message: what a field is for, and what its value says. */
import type { Detail } from '../observation.ts';
import { notes, type NoteKey } from '../words/index.ts';
import { readCacheControl } from './http-caching.ts';
import { readSetCookie } from './http-cookies.ts';
import { readHsts } from './http-hsts.ts';

/** A field line, and where it stands. */
export interface FieldLine {
  readonly name: string;
  readonly value: string;
  readonly range: readonly [number, number];
}

/** Fields whose values let their reader act as somebody else. */
const secretFields: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** The value may be shown to anybody; of Set-Cookie only the name and the attributes are. */
export function isSecretField(name: string): boolean {
  return secretFields.has(name.toLowerCase());
}

/** `session=abc; Path=/` → `session=…; Path=/`. */
export const withoutCookieValue = (value: string): string => value.replace(/=[^;]*/, '=…');

/** Fields as details, each with its note. Secrets are hidden unless `showSecrets`. */
export function tellFields(fields: readonly FieldLine[], showSecrets: boolean): Detail[] {
  return fields.map(({ name, value, range }) => {
    const key = name.toLowerCase();
    const note = noteOf(key, value, showSecrets);
    const hidden = !showSecrets && (isSecretField(key) || key === 'set-cookie');
    const shown = !hidden ? value : key === 'set-cookie' ? withoutCookieValue(value) : hiddenText(key, value);
    const place = range[1] > range[0] ? { range } : {};
    return {
      label: { literal: name },
      value: shown,
      ...(note !== undefined && { note }),
      ...place,
      ...(hidden && { hidden }),
    };
  });
}

/** `Bearer …` keeps its scheme, which is no secret. */
function hiddenText(key: string, value: string): string {
  if (key === 'cookie') return value.replaceAll(/=[^;]*/g, '=…');
  const scheme = /^([A-Za-z][\w-]*) /.exec(value)?.[1];
  return scheme === undefined ? '…' : `${scheme} …`;
}

function noteOf(key: string, value: string, showSecrets: boolean): Detail['note'] {
  switch (key) {
    case 'authorization':
    case 'proxy-authorization':
      if (!showSecrets) return { key: 'hidden-secret', values: { bytes: value.length } };
      break;
    case 'cookie':
      return { key: 'cookie-request', values: { count: value.split(';').length } };
    case 'set-cookie': {
      const { name, attributes } = readSetCookie(value);
      return { key: 'cookie-flags', values: { name, flags: attributes.join('; ') || '-' } };
    }
    case 'strict-transport-security': {
      const hsts = readHsts(value);
      if (hsts === undefined) break;
      if (hsts.maxAgeSeconds === 0) return { key: 'hsts-off' };
      const days = Math.round(hsts.maxAgeSeconds / 8_640) / 10;
      return { key: 'hsts-age', values: { days, subdomains: hsts.includeSubDomains ? ', includeSubDomains' : '' } };
    }
    case 'cache-control': {
      const { noStore, noCache, freshSeconds, shared } = readCacheControl(value);
      if (noStore) return { key: 'cache-no-store' };
      if (noCache) return { key: 'cache-no-cache' };
      if (freshSeconds !== undefined)
        return { key: 'cache-fresh', values: { seconds: freshSeconds, who: shared ? 'public' : 'private' } };
      break;
    }
    default:
      break;
  }
  const plain = `field:${key}`;
  return Object.hasOwn(notes, plain) ? { key: plain as NoteKey } : undefined;
}
