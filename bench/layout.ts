/** Which cores do what. */
export interface Layout {
  readonly peer: readonly number[];
  /** The load clients and the apps behind the peers. */
  readonly load: readonly number[];
}

/**
 * Peers have the first cores, one for each worker; the load has others where the machine has as many. On two cores, two
 * workers share both of them with the load: what is served then depends on the load's own cost, the same with every peer.
 */
export function layoutFor(workers: 1 | 2, cores: number): Layout {
  const peer = cores < 2 ? [0] : Array.from({ length: workers }, (_, core) => core);
  if (cores >= 3) return { peer, load: cores >= 4 ? [2, 3] : [2] };
  return { peer, load: cores === 2 && workers === 1 ? [1] : peer };
}
