/**
 * Durations and sizes as people write them: `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'7d'`; `'512B'`, `'64KiB'`, `'1MB'`.
 * A plain number is already in the unit that the gateway counts in (milliseconds, octets).
 */

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

// IEC 80000-13: KiB is 1024, kB is 1000. People write KB for kB; case is not told apart.
const sizeUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

const measure = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/;

/** Milliseconds, or undefined where the text is no duration (a unit is missing or unknown). */
export function parseDuration(text: string): number | undefined {
  return parseMeasure(text, durationUnits, (unit) => unit);
}

/** Octets, or undefined where the text is no size. */
export function parseSize(text: string): number | undefined {
  return parseMeasure(text, sizeUnits, (unit) => unit.toLowerCase());
}

function parseMeasure(
  text: string,
  units: Readonly<Record<string, number>>,
  nameOf: (unit: string) => string,
): number | undefined {
  const match = measure.exec(text.trim());
  if (!match) return undefined;
  const [, amount = '', unit = ''] = match;
  const name = nameOf(unit);
  const factor = Object.hasOwn(units, name) ? units[name] : undefined;
  return factor === undefined ? undefined : Math.round(Number(amount) * factor);
}

/** A duration in its largest whole unit: `90s`, `5m`, `1h`. */
export function formatDuration(ms: number): string {
  return format(ms, ['d', 'h', 'm', 's', 'ms'], durationUnits, 'ms');
}

/** A size in its largest whole binary unit: `64KiB`, `1000B`. */
export function formatSize(octets: number): string {
  const units = { GiB: sizeUnits.gib ?? 1, MiB: sizeUnits.mib ?? 1, KiB: sizeUnits.kib ?? 1, B: 1 };
  return format(octets, ['GiB', 'MiB', 'KiB', 'B'], units, 'B');
}

function format(
  value: number,
  order: readonly string[],
  units: Readonly<Record<string, number>>,
  smallest: string,
): string {
  const unit = value === 0 ? smallest : order.find((name) => value % (units[name] ?? 1) === 0);
  return unit === undefined ? `${value}${smallest}` : `${value / (units[unit] ?? 1)}${unit}`;
}
