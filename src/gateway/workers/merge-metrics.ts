/** The metrics of several processes as one. */
import { Registry } from 'prom-client';
import { registerFamily, type MetricFamily, type MetricSample } from '../observe/metric-family.ts';

/** One process's metrics, under the name that its own (memory, CPU, event loop) are told apart by. */
export interface ProcessMetrics {
  /** Value of the label `worker`; '' leaves what is about the process itself out. */
  readonly worker: string;
  readonly families: readonly MetricFamily[];
}

/** What says the same in every process, or nearly: the greatest counts. Everything else of ours is added up. */
const alike = new Set([
  'menshen_build_info',
  'menshen_config_generation',
  'menshen_certificate_expiry_timestamp_seconds',
  'menshen_certificate_remaining_seconds',
]);

/** Adds up what the processes did together; what is about one process stands beside, with a label `worker`. */
export function mergeMetrics(parts: readonly ProcessMetrics[]): readonly MetricFamily[] {
  const merged = new Map<string, { readonly family: MetricFamily; readonly samples: Map<string, MetricSample> }>();
  for (const { worker, families } of parts) {
    for (const family of families) {
      const own = isAboutProcess(family.name);
      if (own && worker === '') continue;
      let entry = merged.get(family.name);
      if (entry === undefined) merged.set(family.name, (entry = { family, samples: new Map() }));
      for (const sample of family.values) {
        const labels = own ? { ...sample.labels, worker } : sample.labels;
        const key = keyOf(sample.metricName ?? '', labels);
        const known = entry.samples.get(key)?.value;
        const value = combine(family.name, known, sample.value);
        entry.samples.set(key, { ...sample, labels, value });
      }
    }
  }
  return [...merged.values()].map(({ family, samples }) => ({ ...family, values: [...samples.values()] }));
}

/**
 * What processes that are gone have counted: counters never go down, also when the worker that counted ends. Of sites and
 * upstreams that the configuration no longer has nothing is kept, as in a single process.
 */
export class DepartedMetrics {
  #families: readonly MetricFamily[] = [];

  get families(): readonly MetricFamily[] {
    return this.#families;
  }

  add(families: readonly MetricFamily[]): void {
    const lasting = families.filter(({ name, type }) => type !== 'gauge' && !isAboutProcess(name));
    this.#families = mergeMetrics([
      { worker: '', families: this.#families },
      { worker: '', families: lasting },
    ]);
  }

  keepOnly(sites: ReadonlySet<string>, upstreams: ReadonlySet<string>): void {
    const isKept = ({ labels: { site, upstream } }: MetricSample): boolean =>
      (site === undefined || site === '' || sites.has(String(site))) &&
      (upstream === undefined || upstreams.has(String(upstream)));
    this.#families = this.#families.map((family) => ({ ...family, values: family.values.filter(isKept) }));
  }
}

/** The metrics in Prometheus' text format. */
export function exposeFamilies(families: readonly MetricFamily[]): Promise<string> {
  const registry = new Registry();
  for (const family of families) registerFamily(registry, family, () => family.values);
  return registry.metrics();
}

function isAboutProcess(name: string): boolean {
  return name.startsWith('process_') || name.startsWith('nodejs_');
}

function combine(name: string, known: number | undefined, value: number): number {
  if (known === undefined) return value;
  return alike.has(name) ? Math.max(known, value) : known + value;
}

function keyOf(name: string, labels: MetricSample['labels']): string {
  return JSON.stringify([name, ...Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))]);
}
