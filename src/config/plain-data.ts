import type { FindingCode } from '../story/catalog/index.ts';
import type { Finding, FindingValues } from '../story/finding.ts';
import { formatPath, mistakeAt, show, type ConfigPath } from './mistake.ts';

type Report = (path: ConfigPath, code: FindingCode, values?: FindingValues) => void;

/**
 * Everything in `input` that is not plain data: functions, symbols, bigints, instances of classes, getters, cycles.
 * A configuration crosses to workers, is compared on a reload and shown in the console, which only plain data survives.
 * `onDemand.ask` may be a function all the same: it stays in the process that owns the gateway.
 */
export function findImpureParts(input: unknown, spoken: (path: ConfigPath) => string = formatPath): Finding[] {
  const found: Finding[] = [];
  visit(input, [], new Set(), (path, code, values = {}) => found.push(mistakeAt(path, code, values, spoken)));
  return found;
}

function visit(value: unknown, path: ConfigPath, above: Set<object>, report: Report): void {
  if (typeof value === 'function' && path.length === 2 && path[0] === 'onDemand' && path[1] === 'ask') return;
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    report(path, 'config-not-plain', { found: show(value) });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (above.has(value)) {
    report(path, 'config-cycle');
    return;
  }
  const kind = classOf(value);
  if (kind !== '') {
    report(path, 'config-not-plain', { found: kind });
    return;
  }
  above.add(value);
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (!property.enumerable) continue;
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    if (property.get) report(place, 'config-not-plain', { found: `get ${key}()` });
    else visit(property.value, place, above, report);
  }
  above.delete(value);
}

/** '' for plain objects and lists, also of another realm (jiti evaluates in this one, vm contexts do not). */
function classOf(value: object): string {
  if (Array.isArray(value)) return '';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return '';
  const made: unknown = (value as { constructor?: unknown }).constructor;
  return typeof made === 'function' && made.name !== '' ? made.name : 'object';
}
