import path from 'node:path';
import { finding, type Finding } from '../story/finding.ts';
import { formatPath, show, type ConfigPath } from './mistake.ts';
import { isPlainObject } from './schema-parts.ts';

/** What `serve` and `check` take from the command line, as it was typed. Sites are `name=target` words. */
export interface ConfigFlags {
  readonly sites: readonly string[];
  readonly config?: string | undefined;
  readonly httpsPort?: string | undefined;
  readonly httpPort?: string | undefined;
  readonly host?: readonly string[] | undefined;
  readonly state?: string | undefined;
  readonly workers?: string | undefined;
  readonly log?: string | undefined;
  readonly lang?: string | undefined;
  readonly adminPort?: string | undefined;
}

/** A part of a configuration that came from the command line. */
export interface FlagOverlay {
  /** Settings by their place. */
  readonly settings: readonly { readonly path: ConfigPath; readonly value: unknown }[];
  /** Undefined where no site was named. */
  readonly sites: Readonly<Record<string, unknown>> | undefined;
  readonly findings: readonly Finding[];
  /** A place as the person wrote it: the flag where one gave the value, else the path in the file. */
  readonly spoken: (path: ConfigPath) => string;
}

const places: readonly { readonly flag: string; readonly key: keyof ConfigFlags; readonly path: ConfigPath }[] = [
  { flag: '--https-port', key: 'httpsPort', path: ['listen', 'https'] },
  { flag: '--http-port', key: 'httpPort', path: ['listen', 'http'] },
  { flag: '--host', key: 'host', path: ['listen', 'host'] },
  { flag: '--state', key: 'state', path: ['state'] },
  { flag: '--workers', key: 'workers', path: ['workers'] },
  { flag: '--log', key: 'log', path: ['log'] },
  { flag: '--lang', key: 'lang', path: ['lang'] },
  { flag: '--admin-port', key: 'adminPort', path: ['admin', 'port'] },
];

/**
 * Turns flags into the shape of a configuration, for the same schema to judge. Paths on a command line start from the
 * working folder, as in every shell, wherever the configuration file lies.
 */
export function readFlags(flags: ConfigFlags, workingFolder: string): FlagOverlay {
  const given = new Map<string, string>();
  const settings = places.flatMap(({ flag, key, path: place }) => {
    const typed = flags[key];
    if (typed === undefined) return [];
    given.set(formatPath(place), flag);
    return [{ path: place, value: key === 'state' ? path.resolve(workingFolder, String(typed)) : numberOr(typed) }];
  });
  const sites: Record<string, unknown> = {};
  const findings: Finding[] = [];
  for (const argument of flags.sites) {
    const equals = argument.indexOf('=');
    const name = argument.slice(0, Math.max(equals, 0));
    const target = argument.slice(equals + 1);
    if (name === '' || target === '') findings.push(finding('cli-site-form', { argument: show(argument) }));
    else if (Object.hasOwn(sites, name)) findings.push(finding('cli-site-twice', { name }));
    else {
      sites[name] = readTarget(target, workingFolder);
      given.set(formatPath(['sites', name]), argument);
    }
  }
  return {
    settings,
    sites: flags.sites.length > 0 ? sites : undefined,
    findings,
    spoken: (place) => {
      for (let length = place.length; length > 0; length -= 1) {
        const words = given.get(formatPath(place.slice(0, length)));
        if (words !== undefined) return words;
      }
      return formatPath(place);
    },
  };
}

/** Only digits become a number: what else was typed stays for the schema to refuse as it was typed. */
function numberOr(typed: unknown): unknown {
  return typeof typed === 'string' && /^\d{1,15}$/.test(typed) ? Number(typed) : typed;
}

/** `3000`, `3000,3001`, `unix:/run/app.sock`; what begins like a path is a folder of files. */
function readTarget(target: string, workingFolder: string): unknown {
  if (/^(?:\.{0,2}\/|\.{1,2}$)/.test(target)) return { root: path.resolve(workingFolder, target) };
  const targets = target
    .split(',')
    .map((one) =>
      one.replace(/^unix:(?!\/)(.+)$/, (_, socket: string) => `unix:${path.resolve(workingFolder, socket)}`),
    );
  return targets.length === 1 ? targets[0] : targets;
}

/**
 * Lays flags over what a file gave. With `replaceSites` (the file was found, not named) sites of the command line stand
 * alone, and the file's default with them goes; otherwise they are added to the file's and win over the same names.
 */
export function overlayFlags(base: unknown, overlay: FlagOverlay, replaceSites: boolean): unknown {
  if (!isPlainObject(base)) return base;
  const result: Record<string, unknown> = { ...base };
  if (overlay.sites) {
    const kept = !replaceSites && isPlainObject(base.sites) ? base.sites : {};
    result.sites = { ...kept, ...overlay.sites };
    if (replaceSites) delete result.defaultSite;
  }
  for (const {
    path: [first, second],
    value,
  } of overlay.settings) {
    if (second === undefined) result[String(first)] = value;
    else {
      const inner = result[String(first)];
      result[String(first)] = { ...(isPlainObject(inner) ? inner : {}), [second]: value };
    }
  }
  return result;
}
