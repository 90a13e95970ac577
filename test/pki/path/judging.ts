import assert from 'node:assert/strict';
import { parseHost } from '../../../src/pki/names/peer-name.ts';
import { type PathPolicy, serverPolicy } from '../../../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../../../src/pki/path/trust-anchors.ts';
import { verifyPath } from '../../../src/pki/path/verify-path.ts';
import type { Finding } from '../../../src/story/finding.ts';
import {
  type Chain,
  type ChainChanges,
  NOW,
  caExtensions,
  chain,
  type ExtensionSpec,
  intermediateKey,
  leafExtensions,
  replacing,
  rootKey,
} from '../issue.ts';

/** What the tests of path rules share: the usual chain for `host.example`, changed and judged. */

export const host = parseHost('host.example')!;
export const codes = (found: readonly Finding[]): string[] => found.map(({ code }) => code);

export function judge({ root, intermediate, leaf }: Chain, choices: Partial<PathPolicy> = {}) {
  const policy = serverPolicy({ timeMs: NOW, peers: [host], ...choices });
  return verifyPath(leaf, [intermediate], new TrustAnchors([root]), policy);
}

/** The codes for which the one path of a changed chain is refused. */
export const refusals = (change: ChainChanges, choices: Partial<PathPolicy> = {}): string[] => {
  const verdict = judge(chain(change), choices);
  assert.equal(verdict.ok, verdict.reasons.length === 0);
  return codes(verdict.reasons);
};

export const strict = { conformance: 'strict' } as const;
export const leafBase = leafExtensions(intermediateKey(), ['dns:host.example']);
export const caBase = caExtensions(intermediateKey(), rootKey());

/** Checks what a change to the leaf's extensions leads to, in both readings. */
export function leafRefused(
  change: ExtensionSpec[],
  common: string[],
  strictly: string[],
  choices: Partial<PathPolicy> = {},
): void {
  const extensions = replacing(leafBase, ...change);
  assert.deepEqual(refusals({ leaf: { extensions } }, choices), common);
  assert.deepEqual(refusals({ leaf: { extensions } }, { ...strict, ...choices }), strictly);
}
