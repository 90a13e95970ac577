import { createHash } from 'node:crypto';
import type { CertificateFiles, UpstreamAddress } from './config.ts';
import type { ConfigFiles } from './files.ts';
import { good, wrong, type Reading } from './mistake.ts';

/** A target as an object, its parts read: the address, and how the gateway and the app prove who they are. */
export interface TargetParts {
  readonly url: UpstreamAddress;
  readonly ca?: string | undefined;
  readonly serverName?: string | undefined;
  readonly clientCertificate?: CertificateFiles | undefined;
  readonly verify?: boolean | undefined;
}

/** Puts the parts together. What concerns TLS is refused where there is none: it would promise what does not happen. */
export function joinTarget(parts: TargetParts, files: ConfigFiles): Reading<UpstreamAddress> {
  const { url, ca, serverName, clientCertificate, verify } = parts;
  if (url.tls === undefined) {
    const setting = Object.entries({ ca, serverName, clientCertificate, verify }).find(
      ([, value]) => value !== undefined,
    );
    return setting === undefined
      ? good(url)
      : wrong('config-upstream-tls-options', { setting: setting[0], found: url.label });
  }
  const named = [ca, clientCertificate?.certFile, clientCertificate?.keyFile].filter((file) => file !== undefined);
  return good({
    ...url,
    tls: {
      serverName: serverName ?? url.tls.serverName,
      caFile: ca ?? '',
      certificate: clientCertificate,
      verify: verify ?? true,
      revision: named.length === 0 ? '' : digest(named, files),
    },
  });
}

function digest(names: readonly string[], files: ConfigFiles): string {
  const hash = createHash('sha256');
  for (const name of names) hash.update(files.read(name)).update('\0');
  return hash.digest('hex');
}
