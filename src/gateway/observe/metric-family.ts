/** A metric as plain data: what prom-client's registry gives as JSON, and takes again through an object with `get()`. */
import type { Metric, Registry } from 'prom-client';

export interface MetricSample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Where it differs from the family's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly MetricSample[];
}

/** prom-client's registry asks a metric for its name and for `get()`, and takes any object that has them. */
export function registerFamily(
  registry: Registry,
  { name, help, type }: Omit<MetricFamily, 'values'>,
  read: () => Iterable<MetricSample>,
): void {
  const get = (): Promise<MetricFamily> => Promise.resolve({ name, help, type, values: [...read()] });
  registry.registerMetric({ name, help, type, get } as unknown as Metric);
}
