import type { Certificate } from '../../codec/x509/certificate.ts';
import { Oid } from '../../codec/x509/oid.ts';
import { isSelfIssued } from './identity.ts';
import type { CertificatePolicySettings } from './path-policy.ts';
import type { ReasonList } from './reason.ts';

/**
 * Certificate policies (RFC 5280 section 6.1) over the policy graph of RFC 9618. The graph says the same as the RFC's
 * tree, with one node for a policy at a depth instead of one for every way to it, so that mappings cannot make it grow
 * exponentially.
 */
interface PolicyNode {
  readonly policy: string;
  expected: ReadonlySet<string>;
  readonly parents: Set<PolicyNode>;
}

type Level = Map<string, PolicyNode>;

const { anyPolicy } = Oid;

/** Checks the path, anchor last. `spend` is asked for every node; where it refuses, the check ends. */
export function checkPolicies(
  path: readonly Certificate[],
  settings: CertificatePolicySettings,
  spend: (nodes: number) => boolean,
  reasons: ReasonList,
): void {
  const length = path.length - 1;
  const root: PolicyNode = { policy: anyPolicy, expected: new Set([anyPolicy]), parents: new Set() };
  let levels: Level[] = [new Map([[anyPolicy, root]])];
  let explicitPolicy = settings.requireExplicitPolicy ? 0 : length + 1;
  let inhibitAny = settings.inhibitAnyPolicy ? 0 : length + 1;
  let policyMapping = settings.inhibitPolicyMapping ? 0 : length + 1;
  for (let depth = 1; depth <= length; depth++) {
    const position = length - depth;
    const certificate = path[position];
    if (certificate === undefined) return;
    const { certificatePolicies, inhibitAnyPolicy, policyConstraints, policyMappings } = certificate.extensions.known;
    const selfIssued = isSelfIssued(certificate);
    const isLast = depth === length;

    // 6.1.3 (d) to (f).
    const policies = certificatePolicies?.value.map(({ policy }) => policy);
    if (policies === undefined) levels = [];
    else if (levels.length > 0) {
      const mayUseAny = inhibitAny > 0 || (!isLast && selfIssued);
      levels.push(nextLevel(levels.at(-1) ?? new Map<string, PolicyNode>(), policies, mayUseAny));
      levels = prune(levels);
      if (!spend(levels.at(-1)?.size ?? 0)) return;
    }
    if (explicitPolicy === 0 && levels.length === 0)
      return reasons.add('certificate-policy-missing', position, certificate);

    if (!isLast) {
      // 6.1.4 (a) and (b).
      const mappings = policyMappings?.value ?? [];
      if (
        mappings.some(
          (mapping) => mapping.issuerDomainPolicy === anyPolicy || mapping.subjectDomainPolicy === anyPolicy,
        )
      )
        return reasons.add('certificate-policy-mapping-any', position, certificate);
      levels = applyMappings(levels, groupMappings(mappings), policyMapping > 0);
      // 6.1.4 (h) to (j).
      if (!selfIssued) {
        explicitPolicy = Math.max(0, explicitPolicy - 1);
        policyMapping = Math.max(0, policyMapping - 1);
        inhibitAny = Math.max(0, inhibitAny - 1);
      }
      explicitPolicy = Math.min(explicitPolicy, policyConstraints?.value.requireExplicitPolicy ?? explicitPolicy);
      policyMapping = Math.min(policyMapping, policyConstraints?.value.inhibitPolicyMapping ?? policyMapping);
      inhibitAny = Math.min(inhibitAny, inhibitAnyPolicy?.value ?? inhibitAny);
    } else {
      // 6.1.5 (a), (b) and (g).
      explicitPolicy = Math.max(0, explicitPolicy - 1);
      if (policyConstraints?.value.requireExplicitPolicy === 0) explicitPolicy = 0;
      if (explicitPolicy === 0 && !hasAcceptable(levels, settings.acceptable))
        reasons.add('certificate-policy-missing', position, certificate);
    }
  }
}

/** 6.1.3 (d) (1) and (2): the nodes of one more certificate. */
function nextLevel(above: Level, policies: readonly string[], mayUseAny: boolean): Level {
  const level: Level = new Map();
  const expecting = new Map<string, PolicyNode[]>();
  for (const node of above.values()) {
    for (const policy of node.expected) {
      const nodes = expecting.get(policy);
      if (nodes === undefined) expecting.set(policy, [node]);
      else nodes.push(node);
    }
  }
  const add = (policy: string, parents: readonly PolicyNode[]): void => {
    level.set(policy, { policy, expected: new Set([policy]), parents: new Set(parents) });
  };
  const anyAbove = above.get(anyPolicy);
  for (const policy of policies) {
    if (policy === anyPolicy) continue;
    const parents = expecting.get(policy);
    if (parents !== undefined) add(policy, parents);
    else if (anyAbove !== undefined) add(policy, [anyAbove]);
  }
  if (policies.includes(anyPolicy) && mayUseAny) {
    for (const [policy, parents] of expecting) if (!level.has(policy)) add(policy, parents);
  }
  return level;
}

/** 6.1.3 (d) (3): removes nodes without children, from the bottom up; an empty bottom empties the graph. */
function prune(levels: readonly Level[]): Level[] {
  const kept: Level[] = [];
  let children: Level | undefined;
  for (const level of levels.toReversed()) {
    if (children === undefined) children = level;
    else {
      const needed = new Set<PolicyNode>();
      for (const child of children.values()) for (const parent of child.parents) needed.add(parent);
      children = new Map([...level].filter(([, node]) => needed.has(node)));
    }
    if (children.size === 0) return [];
    kept.unshift(children);
  }
  return kept;
}

function groupMappings(
  mappings: readonly { issuerDomainPolicy: string; subjectDomainPolicy: string }[],
): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { issuerDomainPolicy, subjectDomainPolicy } of mappings) {
    const group = groups.get(issuerDomainPolicy);
    if (group === undefined) groups.set(issuerDomainPolicy, new Set([subjectDomainPolicy]));
    else group.add(subjectDomainPolicy);
  }
  return groups;
}

/** 6.1.4 (b): maps the expected policies of the last level, or removes mapped nodes where mapping is inhibited. */
function applyMappings(levels: Level[], groups: ReadonlyMap<string, ReadonlySet<string>>, allowed: boolean): Level[] {
  const last = levels.at(-1);
  if (last === undefined || groups.size === 0) return levels;
  const anyNode = last.get(anyPolicy);
  for (const [policy, expected] of groups) {
    const node = last.get(policy);
    if (!allowed) last.delete(policy);
    else if (node !== undefined) node.expected = expected;
    else if (anyNode !== undefined) last.set(policy, { policy, expected, parents: new Set(anyNode.parents) });
  }
  return allowed ? levels : prune(levels);
}

/** 6.1.5 (g): whether a policy that the relying party takes, in the terms of the anchor's domain, reaches the leaf. */
function hasAcceptable(levels: readonly Level[], acceptable: readonly string[] | undefined): boolean {
  const last = levels.at(-1);
  if (last === undefined) return false;
  if (acceptable === undefined || acceptable.includes(anyPolicy) || last.has(anyPolicy)) return true;
  return levels.some((level) =>
    [...level.values()].some(
      (node) => acceptable.includes(node.policy) && [...node.parents].some((parent) => parent.policy === anyPolicy),
    ),
  );
}
