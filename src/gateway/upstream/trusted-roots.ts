/** The certificate authorities that this machine trusts, for OpenSSL: from the places that `pki/trust-store` knows. */
import { readFileSync } from 'node:fs';
import { nativeRoots, systemBundles, thisMachine, type TrustPlaces } from '../../pki/trust-store/trust-places.ts';

export interface Roots {
  /** PEM, one certificate or many each. */
  readonly certificates: readonly string[];
  /** Where they come from, in words. */
  readonly source: string;
}

type Places = Pick<TrustPlaces, 'environment' | 'platform' | 'native' | 'mozilla'>;

/**
 * The system's store, as it stands now; where there is none (slim containers), the list that Node brings along. What
 * NODE_EXTRA_CA_CERTS names is added to either. Unlike `openTrustStore` it does not wait: a connection is being made.
 */
export function readSystemRoots(places: Places = thisMachine, read: (file: string) => string = readText): Roots {
  const { certificates, source } = systemRoots(places, read);
  const extra = places.environment['NODE_EXTRA_CA_CERTS'] ?? '';
  const added = extra === '' ? '' : read(extra);
  return added === ''
    ? { certificates, source }
    : { certificates: [...certificates, added], source: `${source}, ${extra}` };
}

function systemRoots(places: Places, read: (file: string) => string): Roots {
  for (const bundle of systemBundles(places)) {
    const text = read(bundle);
    if (text !== '') return { certificates: [text], source: bundle };
  }
  const native = nativeRoots(places);
  return native.length > 0
    ? { certificates: native, source: 'the system store' }
    : { certificates: places.mozilla, source: 'Node' };
}

/** '' where there is nothing to read. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
