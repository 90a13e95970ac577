import tls from 'node:tls';
import { namedGroupCode } from '../../codec/tls/registry/named-groups.ts';

/** What of a list of groups the running OpenSSL can use. */
export interface UsableGroups {
  /** For `ecdhCurve`: those that it knows, in the same order. */
  readonly groups: string;
  /** Names that no registry knows: mistakes. */
  readonly mistaken: readonly string[];
}

const tried = new Map<string, boolean>();

/**
 * Sorts a colon-separated list by what OpenSSL knows. A group that IANA has registered but this OpenSSL lacks, such as
 * X25519MLKEM768 before OpenSSL 3.5, is left out silently; another unknown name is a mistake.
 */
export function usableGroups(list: string): UsableGroups {
  const usable: string[] = [];
  const mistaken: string[] = [];
  for (const name of list.split(':')) {
    if (opensslKnows(name)) usable.push(name);
    else if (namedGroupCode(name) === undefined) mistaken.push(name);
  }
  return { groups: usable.join(':'), mistaken };
}

function opensslKnows(name: string): boolean {
  let known = tried.get(name);
  if (known === undefined) {
    try {
      // Without `ca`, the whole root store would be loaded for nothing.
      tls.createSecureContext({ ecdhCurve: name, ca: [] });
      known = name !== '';
    } catch {
      known = false;
    }
    tried.set(name, known);
  }
  return known;
}
