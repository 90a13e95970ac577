/**
 * What a figure is to be at most, in nginx's figures of the same round: what a data plane in TypeScript was found to reach.
 * Connections with resumed handshakes, churn, two workers and memory have no goal.
 */
const goals: readonly { readonly figures: RegExp; readonly atMost: number; readonly onCurrentNode?: number }[] = [
  { figures: /^(?:bare|browser)$/, atMost: 1.2, onCurrentNode: 1 },
  { figures: /^h2-/, atMost: 0.9 },
  { figures: /^down-/, atMost: 1 },
  { figures: /^up-/, atMost: 1.1 },
  { figures: /^full$/, atMost: 1.4 },
];

/** The first Node major that counts as current here: Node 20 has its own goals. */
const CURRENT = 24;

/** The goal for a figure on a Node of this major version; undefined where there is none. */
export function goalOf(figure: string, nodeMajor: number): number | undefined {
  const goal = goals.find(({ figures }) => figures.test(figure));
  return nodeMajor >= CURRENT ? (goal?.onCurrentNode ?? goal?.atMost) : goal?.atMost;
}
