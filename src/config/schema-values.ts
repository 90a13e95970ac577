import { BlockList, isIP, isIPv6 } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import type { ConfigContext, FileKind } from './files.ts';
import type { LimitEntry, LimitUnit } from './limits.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './measures.ts';
import { good, show, wrong, type Reading } from './mistake.ts';
import { readChoice, readText, type Reader } from './schema-parts.ts';
import { nearest } from './suggestion.ts';
import { postQuantumGroups } from './tls-profiles.ts';

/** Readers of single values: ports, addresses, paths, measures, TLS names. */

/** 0 is allowed: what it means (any free port, or off) stands with the setting. */
export const readListenPort: Reader<number> = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535
    ? good(value)
    : wrong('config-port', { found: show(value) });

/** An IP address without brackets, or `localhost`. */
export const readListenHost: Reader<string> = (value) => {
  const text = typeof value === 'string' ? value.trim().replace(/^\[(.*)\]$/, '$1') : '';
  if (isIP(text) !== 0 || text === 'localhost') return good(text);
  return wrong('config-listen-host', { found: show(value) });
};

/** A network in CIDR notation; a single address becomes a network of its own. */
export const readNetwork: Reader<string> = (value) => {
  const text = typeof value === 'string' ? value.trim() : '';
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (family === 0 || more.length > 0 || !(length <= bits) || address.includes('%')) {
    return wrong('config-network', { found: show(value) });
  }
  const network = new BlockList();
  network.addSubnet(address, length, isIPv6(address) ? 'ipv6' : 'ipv4');
  return good(`${address}/${length}`);
};

/** RFC 5321 in its everyday shape; the authority that gets it decides about the rest. */
export const readEmail: Reader<string> = (value) => {
  const text = typeof value === 'string' ? value.trim().replace(/^mailto:/i, '') : '';
  return /^[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,.]+$/.test(text) ? good(text) : wrong('config-email', { found: show(value) });
};

/** A name of a file inside a folder. */
export const readFileName: Reader<string> = (value) => {
  const text = readText(value);
  if (!text.ok) return text;
  return /[/\\\0]/.test(text.value) || text.value.startsWith('.')
    ? wrong('config-index-name', { found: show(value) })
    : text;
};

/** An absolute path; relative ones start from the context's folder. */
function readPath(context: ConfigContext): Reader<string> {
  return (value) => {
    const text = readText(value);
    if (!text.ok) return text;
    if (text.value.includes('\0')) return wrong('config-path-characters', { found: show(value) });
    return good(path.resolve(context.folder, text.value));
  };
}

/** The absolute path of something that exists and is `wanted`. */
export function readExisting(context: ConfigContext, wanted: 'file' | 'folder'): Reader<string> {
  const readAny = readPath(context);
  return (value) => {
    const read = readAny(value);
    if (!read.ok) return read;
    const file = read.value;
    const kind: FileKind = context.files.kind(file);
    if (kind === wanted) return read;
    if (kind === 'missing') return wrong(wanted === 'file' ? 'config-file-missing' : 'config-folder-missing', { file });
    if (kind === 'unreadable') return wrong('config-file-unreadable', { file });
    return wrong(wanted === 'file' ? 'config-not-a-file' : 'config-not-a-folder', { file });
  };
}

/** A folder that may be made later. */
export function readFutureFolder(context: ConfigContext): Reader<string> {
  const readAny = readPath(context);
  return (value) => {
    const read = readAny(value);
    if (!read.ok) return read;
    const kind = context.files.kind(read.value);
    return kind === 'file' || kind === 'other' ? wrong('config-not-a-folder', { file: read.value }) : read;
  };
}

/** A duration, size or count within the bounds of its entry, in the entry's unit. */
export function readMeasure(entry: Pick<LimitEntry<string>, 'unit' | 'minimum' | 'maximum'>): Reader<number> {
  return (value) => {
    const number = measureOf(value, entry.unit);
    if (!number.ok) return number;
    if (number.value >= entry.minimum && number.value <= entry.maximum) return number;
    return wrong('config-range', {
      found: show(value),
      minimum: formatMeasure(entry.minimum, entry.unit),
      maximum: formatMeasure(entry.maximum, entry.unit),
    });
  };
}

function measureOf(value: unknown, unit: LimitUnit): Reading<number> {
  if (typeof value === 'number')
    return Number.isInteger(value) ? good(value) : wrong('config-not-whole', { found: show(value) });
  if (unit !== 'ms' && unit !== 'octets') return wrong('config-type', { found: show(value), expected: 'number' });
  const parsed = typeof value !== 'string' ? undefined : unit === 'ms' ? parseDuration(value) : parseSize(value);
  if (parsed !== undefined) return good(parsed);
  return wrong(unit === 'ms' ? 'config-duration' : 'config-size', { found: show(value) });
}

/** As a person would write it in a configuration. */
export function formatMeasure(value: number, unit: LimitUnit): string {
  if (value === 0) return '0';
  if (unit === 'ms') return formatDuration(value);
  if (unit === 'octets') return value === Number.MAX_SAFE_INTEGER ? String(value) : formatSize(value);
  return unit === 'octets/s' ? `${value}/s` : String(value);
}

const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const;

export const readTlsVersion: Reader<(typeof tlsVersions)[number]> = (value) => {
  if (typeof value === 'string' && /^(?:TLS ?v?)?1(?:\.[01])?$|^SSL/i.test(value)) {
    return wrong('config-tls-version-old', { found: show(value) });
  }
  return readChoice(tlsVersions)(typeof value === 'number' ? String(value) : value);
};

/** Cipher suites by their OpenSSL names, colon separated or as a list; out comes the colon separated string. */
export const readCiphers: Reader<string> = (value) => {
  const known = tls.getCiphers().map((name) => name.toUpperCase());
  return readNames(value, (name) =>
    known.includes(name.toUpperCase()) ? good(name) : unknownName('config-tls-cipher', name, nearest(name, known)),
  );
};

/** Key exchange groups. Post-quantum ones may be named although this Node does not know them yet. */
export const readGroups: Reader<string> = (value) =>
  readNames(value, (name) => {
    if (postQuantumGroups.includes(name)) return good(name);
    try {
      tls.createSecureContext({ ecdhCurve: name });
      return good(name);
    } catch {
      const near = nearest(name, [...postQuantumGroups, 'X25519', 'X448', 'prime256v1', 'secp384r1', 'secp521r1']);
      return unknownName('config-tls-group', name, near);
    }
  });

function unknownName(code: 'config-tls-cipher' | 'config-tls-group', name: string, near: string | undefined) {
  return wrong(code, { name, suggestion: near ?? (code === 'config-tls-group' ? 'X25519' : 'TLS_AES_128_GCM_SHA256') });
}

function readNames(value: unknown, read: (name: string) => Reading<string>): Reading<string> {
  const list: unknown[] = typeof value === 'string' ? value.split(':') : Array.isArray(value) ? value : [];
  const names = list.map((name) => (typeof name === 'string' ? name.trim() : ''));
  if (names.length === 0 || names.includes('')) {
    return wrong('config-type', { found: show(value), expected: 'string | string[]' });
  }
  for (const name of names) {
    const reading = read(name);
    if (!reading.ok) return reading;
  }
  return good(names.join(':'));
}
