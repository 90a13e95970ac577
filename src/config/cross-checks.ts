import type { FindingCode } from '../story/catalog/index.ts';
import type { Finding, FindingValues } from '../story/finding.ts';
import { mistakeAt, show, type ConfigPath } from './mistake.ts';
import { isPlainObject } from './schema-parts.ts';
import { readSiteName } from './site-name.ts';
import { nearest } from './suggestion.ts';

type Report = (path: ConfigPath, code: FindingCode, values?: FindingValues) => void;

/**
 * What only shows when parts are seen together: names that collide, defaults that conflict, ports that clash. These
 * checks read the configuration as it was written, so that they speak beside the schema's findings and not after them;
 * where a part is not of the right type they leave the word to the schema.
 */
export function findConflicts(input: Record<string, unknown>, spoken: (path: ConfigPath) => string): Finding[] {
  const found: Finding[] = [];
  const report: Report = (path, code, values = {}) => found.push(mistakeAt(path, code, values, spoken));
  checkPorts(input, report);
  checkTlsVersions(input.tls, undefined, ['tls'], report);
  if (isPlainObject(input.sites)) {
    const names = checkNames(input.sites, report);
    for (const [key, site] of Object.entries(input.sites)) {
      if (!isPlainObject(site)) continue;
      checkParts(site, ['sites', key], report);
      checkTlsVersions(site.tls, input.tls, ['sites', key, 'tls'], report);
    }
    checkDefault(input, input.sites, names, report);
  }
  return found;
}

/** Site names by the key they were written as; those that cannot be read are reported and left out. */
function checkNames(sites: Record<string, unknown>, report: Report): Map<string, string> {
  const names = new Map<string, string>();
  const firstKey = new Map<string, string>();
  if (Object.keys(sites).length === 0) report(['sites'], 'config-no-sites');
  for (const key of Object.keys(sites)) {
    const name = readSiteName(key);
    if (!name.ok) {
      report(['sites', key], name.code, name.values);
      continue;
    }
    const before = firstKey.get(name.value);
    if (before !== undefined) report(['sites', key], 'config-site-twice', { name: name.value, other: show(before) });
    else firstKey.set(name.value, key);
    names.set(key, name.value);
  }
  return names;
}

function checkParts(site: Record<string, unknown>, path: ConfigPath, report: Report): void {
  const has = (key: string) => site[key] !== undefined;
  if (has('to') && has('fallback')) report([...path, 'fallback'], 'config-fallback-beside-to');
  else if (has('to') && has('root')) report([...path, 'to'], 'config-to-beside-root');
  else if (has('fallback') && !has('root')) report([...path, 'fallback'], 'config-fallback-without-root');
  else if (!has('to') && !has('root') && !meantAnswer(site)) report(path, 'config-site-without-answer');
  if (has('index') && !has('root')) report([...path, 'index'], 'config-index-without-root');
}

/** Whether a misspelled key stands for what answers: then the finding about the key is enough. */
function meantAnswer(site: Record<string, unknown>): boolean {
  return Object.keys(site).some((key) => nearest(key, ['to', 'root']) !== undefined);
}

function checkDefault(
  input: Record<string, unknown>,
  sites: Record<string, unknown>,
  names: ReadonlyMap<string, string>,
  report: Report,
): void {
  const marked = Object.entries(sites)
    .filter(([, site]) => isPlainObject(site) && site.default === true)
    .map(([key]) => key);
  const [first, ...others] = marked;
  for (const key of others) report(['sites', key, 'default'], 'config-default-twice', { other: show(first) });
  if (typeof input.defaultSite !== 'string' || input.defaultSite.trim() === '') return;
  const wanted = readSiteName(input.defaultSite);
  const known = [...names.values()];
  if (!wanted.ok || !known.includes(wanted.value)) {
    const near = nearest(input.defaultSite, known) ?? known[0];
    // Without one good name the findings about the names themselves say it all.
    if (near !== undefined) {
      report(['defaultSite'], 'config-default-unknown', { found: show(input.defaultSite), suggestion: show(near) });
    }
  } else if (first !== undefined && names.get(first) !== wanted.value) {
    report(['defaultSite'], 'config-default-conflict', { found: show(wanted.value), other: show(first) });
  }
}

function checkPorts(input: Record<string, unknown>, report: Report): void {
  const listen = isPlainObject(input.listen) ? input.listen : {};
  const admin = isPlainObject(input.admin) ? input.admin : {};
  const ports = [
    { path: ['listen', 'https'], port: listen.https ?? 443 },
    { path: ['listen', 'http'], port: listen.http ?? 80 },
    { path: ['admin', 'port'], port: admin.port ?? 0 },
  ] as const;
  for (const [index, { path, port }] of ports.entries()) {
    const other = ports.slice(0, index).find((earlier) => earlier.port === port);
    if (!other || typeof port !== 'number' || port === 0) continue;
    report(path, 'config-ports-clash', { port, other: other.path.join('.') });
  }
}

/** `inherited` is what holds for all sites: it fills what a site that names no profile leaves open. */
function checkTlsVersions(tls: unknown, inherited: unknown, path: ConfigPath, report: Report): void {
  if (!isPlainObject(tls)) return;
  const base = tls.profile !== undefined ? {} : isPlainObject(inherited) ? inherited : { profile: inherited };
  const profile = tls.profile ?? base.profile;
  const minVersion = tls.minVersion ?? base.minVersion ?? (profile === 'modern' ? 'TLSv1.3' : 'TLSv1.2');
  const maxVersion = tls.maxVersion ?? base.maxVersion ?? 'TLSv1.3';
  if (minVersion !== 'TLSv1.3' || maxVersion !== 'TLSv1.2') return;
  const key = tls.maxVersion === undefined ? 'minVersion' : 'maxVersion';
  report([...path, key], 'config-tls-versions-crossed', { minVersion, maxVersion });
}
