/**
 * The CA of this machine: made on first use, bound to the names that it serves, trusted through `menshen trust`.
 *
 * Its life: `openLocalCa` picks or makes the root for the sites' names; `issue` hands out a leaf a name, reused while
 * fresh; the gateway asks `needsRenewal` from time to time and issues again. When a reload brings names beyond the root,
 * `openLocalCa` is called again and makes another root; there is never one without constraints.
 */
import { FindingError } from '../story/finding-error.ts';
import { finding, type Finding } from '../story/finding.ts';
import { PRESENT_ROOT, type LocalCaFolder } from './local-ca-folder.ts';
import { issueLeaf, type IssuedLeaf, type LeafKeyType } from './local-ca-leaf.ts';
import { chooseRoot } from './local-ca-root.ts';
import { readTrustRecord } from './local-ca-trust-record.ts';
import { permits, permittedSubtrees } from './local-name-constraints.ts';
import { parseLocalName, type LocalName } from './local-name.ts';

export interface LocalCaOptions {
  /** The state folder; the CA keeps to `local-ca/` in it. */
  readonly folder: LocalCaFolder;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly random: (byteLength: number) => Uint8Array;
  /** Host name of the machine, which the root's name mentions. */
  readonly machine: string;
  /** Life of a leaf; seven days unless said otherwise. */
  readonly leafLifetimeMs?: number;
}

export interface LocalCa {
  readonly rootPem: string;
  /** SHA-256, 64 lower-case hex digits. */
  readonly rootFingerprint: string;
  /** Absolute path of the root certificate; the same for every generation. */
  readonly rootFile: string;
  /** Common name of the root. */
  readonly rootName: string;
  /** Counts up with every root made in this folder. */
  readonly generation: number;
  /** DNS subtrees that the root may certify; loopback addresses always. */
  readonly permitted: readonly string[];
  /** Whether `menshen trust` has installed this root. */
  readonly trusted: boolean;
  /** What the operator should know, such as `local-ca-trust-stale`. */
  readonly findings: readonly Finding[];
  /**
   * A leaf for a host name, a wildcard or a loopback address; the kept one while it is fresh.
   * Throws a FindingError for a name that no certificate can carry (`local-name-…`) or that is outside of the root's
   * constraints (`local-ca-name-outside`).
   */
  issue(name: string, keyType?: LeafKeyType): Promise<IssuedLeaf>;
  /** Whether two thirds of the leaf's life are over. */
  needsRenewal(leaf: Pick<IssuedLeaf, 'renewAtMs'>): boolean;
}

/** Short, since renewal costs nothing here: a leaf that leaks is soon worthless, and renewal is exercised all the time. */
const LEAF_LIFETIME_MS = 7 * 24 * 3_600_000;

/**
 * Opens the CA of the state folder for these site names. Without names the present root is taken as it is.
 * Throws a FindingError: a name (`local-name-…`), the folder (`state-folder-…`), a broken root (`local-ca-root-damaged`).
 */
export async function openLocalCa(options: LocalCaOptions, names: readonly string[]): Promise<LocalCa> {
  const { folder, clock, random, machine, leafLifetimeMs: lifetimeMs = LEAF_LIFETIME_MS } = options;
  const nowMs = clock();
  const wanted = permittedSubtrees(names.map(localName));
  const { root, made } = await chooseRoot({ folder, nowMs, random, machine }, wanted, nowMs + lifetimeMs);
  const present = String((await folder.read(PRESENT_ROOT)) ?? '');
  if (present !== root.pem) await folder.write({ name: PRESENT_ROOT, content: root.pem, secret: false });

  const installed = await readTrustRecord(folder);
  const trusted = installed.includes(root.fingerprint);
  const stale = !trusted && (installed.length > 0 || (made && root.generation > 1));
  const issuing = { folder, root, clock, random, lifetimeMs };
  const underWay = new Map<string, Promise<IssuedLeaf>>();

  return {
    rootPem: root.pem,
    rootFingerprint: root.fingerprint,
    rootFile: folder.fileOf(PRESENT_ROOT),
    rootName: root.name,
    generation: root.generation,
    permitted: root.permitted,
    trusted,
    findings: stale ? [finding('local-ca-trust-stale', { name: root.name })] : [],
    async issue(text, keyType = 'ecdsa') {
      const name = localName(text);
      if (!permits(root.permitted, name.kind === 'dns' ? [name.subtree] : [])) {
        const permitted = root.permitted.join(', ');
        throw new FindingError(finding('local-ca-name-outside', { name: name.text, permitted }));
      }
      const task = `${name.text} ${keyType}`;
      const running = underWay.get(task) ?? issueLeaf(issuing, name, keyType).finally(() => underWay.delete(task));
      underWay.set(task, running);
      return running;
    },
    needsRenewal: (leaf) => clock() >= leaf.renewAtMs,
  };
}

function localName(text: string): LocalName {
  const result = parseLocalName(text);
  if (!result.ok) throw new FindingError(result.finding);
  return result.name;
}
