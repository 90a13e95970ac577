import path from 'node:path';
import { finding, type Finding } from '../story/finding.ts';
import type { Config } from './config.ts';
import { systemContext, type ConfigContext } from './files.ts';
import { overlayFlags, readFlags, type ConfigFlags } from './flags.ts';
import { findConfigFile, loadConfigFile } from './load.ts';
import { readConfig } from './read-config.ts';

/** A configuration from wherever it came, and what has to be watched for it to change. */
export interface ResolvedConfig {
  readonly config: Config | undefined;
  readonly findings: readonly Finding[];
  /** The configuration file, absolute; '' where there is none. */
  readonly file: string;
  /** Every file on which the configuration depends: itself, what it imports, certificates and bundles. */
  readonly watched: readonly string[];
}

/**
 * Finds, loads, overlays and checks: flags go over the file, the file over the defaults. Never throws on what people
 * write. `contextOf` makes what is outside (clock, file system) for the folder from which relative paths start.
 */
export async function resolveConfig(
  flags: ConfigFlags,
  workingFolder: string,
  contextOf: (folder: string) => ConfigContext = systemContext,
): Promise<ResolvedConfig> {
  const overlay = readFlags(flags, workingFolder);
  const named = flags.config === undefined ? '' : path.resolve(workingFolder, flags.config);
  const found = named === '' ? findConfigFile(workingFolder) : { file: named, findings: [] };
  const { file } = found;
  if (file === '' && !overlay.sites) {
    return { config: undefined, findings: [finding('config-none', { folder: workingFolder })], file, watched: [] };
  }
  const loaded = file === '' ? { value: {}, findings: [], files: [] } : await loadConfigFile(file);
  const early = [...loaded.findings, ...overlay.findings];
  if (loaded.findings.length > 0) {
    return { config: undefined, findings: [...early, ...found.findings], file, watched: loaded.files };
  }
  const input = overlayFlags(loaded.value, overlay, named === '');
  const reading = readConfig(input, contextOf(file === '' ? workingFolder : path.dirname(file)), overlay.spoken);
  const config = early.length === 0 ? reading.config : undefined;
  // Where the only site on the command line is malformed, its own finding says it all.
  const told = reading.findings.filter((one) => overlay.findings.length === 0 || one.code !== 'config-no-sites');
  const findings = [...early, ...told, ...found.findings];
  return { config, findings, file, watched: [...loaded.files, ...(config ? filesOf(config) : [])] };
}

/** Certificates, keys, bundles and CRLs that a configuration names. */
export function filesOf(config: Config): string[] {
  const files = config.sites.flatMap((site) => [
    ...site.certificates.flatMap(({ certFile, keyFile }) => [certFile, keyFile]),
    site.clientAuth?.caFile ?? '',
    site.clientAuth?.crlFile ?? '',
    ...site.upstreams.flatMap(({ tls }) => [
      tls?.caFile ?? '',
      tls?.certificate?.certFile ?? '',
      tls?.certificate?.keyFile ?? '',
    ]),
  ]);
  return [...new Set([...files, ...(config.issuance?.files ?? [])])].filter((file) => file !== '');
}
