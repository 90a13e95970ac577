/** The certificate authorities that this machine trusts. */
import { existsSync, readFileSync } from 'node:fs';
import tls from 'node:tls';

/** Where Linux distributions, the BSDs and Alpine keep their bundle. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface Roots {
  /** PEM, one certificate or many each. */
  readonly certificates: readonly string[];
  /** Where they come from, in words. */
  readonly source: string;
}

/**
 * The system's store, as it stands now; where there is none (slim containers), the list that Node brings along. What
 * NODE_EXTRA_CA_CERTS names is added to either.
 */
export function readSystemRoots(): Roots {
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  const added = extra !== undefined && existsSync(extra) ? [readFileSync(extra, 'latin1')] : [];
  const system = systemCertificates();
  const source = system.certificates.length > 0 ? system : { certificates: tls.rootCertificates, source: 'Node' };
  return {
    certificates: [...source.certificates, ...added],
    source: added.length > 0 ? `${source.source}, ${extra}` : source.source,
  };
}

function systemCertificates(): Roots {
  for (const bundle of [process.env['SSL_CERT_FILE'] ?? '', ...BUNDLES]) {
    if (bundle !== '' && existsSync(bundle)) return { certificates: [readFileSync(bundle, 'latin1')], source: bundle };
  }
  // macOS and Windows keep theirs in a store of their own, which Node 22.15 and later can read.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
  const certificates = process.platform === 'linux' ? [] : (getCACertificates?.('system') ?? []);
  return { certificates, source: 'the system store' };
}
