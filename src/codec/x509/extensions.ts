import { DerFault, type DerError, type Range } from '../der/der-error.ts';
import { DerReader } from '../der/der-reader.ts';
import { Tag } from '../der/der-tag.ts';
import { extensionReaders } from './extension-readers.ts';
import type { ExtensionName, ExtensionValues } from './extension-values.ts';
import { oidName } from './oid.ts';

/** One extension as it stands in the message. */
export interface Extension extends Range {
  readonly oid: string;
  readonly critical: boolean;
  /** Content of extnValue: the extension's own DER. */
  readonly value: Range;
  /** Whether this codec reads its value. */
  readonly known: boolean;
}

/** A known extension's value, with its criticality and the place of the whole extension. */
export interface KnownExtension<T> extends Range {
  readonly critical: boolean;
  readonly value: T;
}

export type KnownExtensions = { readonly [N in ExtensionName]?: KnownExtension<ExtensionValues[N]> };

export interface Extensions {
  /** All of them, in order. */
  readonly list: readonly Extension[];
  /** Values of those that are known and well-formed. */
  readonly known: KnownExtensions;
  /** Known extensions whose value is malformed, and extensions that stand there twice. The rest is still usable. */
  readonly problems: readonly DerError[];
}

export const noExtensions: Extensions = { list: [], known: {}, problems: [] };

/** Certificates hold about ten, with private ones thirty. */
const MAX_EXTENSIONS = 128;

/**
 * Reads `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension` (RFC 5280 section 4.1):
 *
 *     30 0c                   Extension
 *        06 03 55 1d 13         2.5.29.19 basicConstraints
 *        01 01 ff               critical
 *        04 02 30 00            extnValue: an empty SEQUENCE
 */
export function readExtensions(reader: DerReader, field: string): Extensions {
  const sequence = reader.sequence(field);
  if (sequence.atEnd) sequence.fail('empty-not-allowed', '', sequence.position);
  const list: Extension[] = [];
  const known: Record<string, KnownExtension<unknown>> = {};
  const problems: DerError[] = [];
  const seen = new Set<string>();
  while (!sequence.atEnd) {
    if (list.length >= MAX_EXTENSIONS) sequence.fail('too-large', '', sequence.position);
    const start = sequence.position;
    const item = sequence.sequence('extension');
    const oid = item.oid('extnID');
    const critical = item.peek() === Tag.boolean ? item.boolean('critical') : false;
    const value = item.octetString('extnValue');
    item.finish();
    const name = oidName(oid);
    const reading = extensionReaders.get(oid);
    const range: Range = { start, end: sequence.position };
    list.push({
      oid,
      critical,
      value: { start: value.contentStart, end: value.end },
      known: reading !== undefined,
      ...range,
    });
    // "A certificate MUST NOT include more than one instance of a particular extension" (section 4.2).
    if (seen.has(oid)) problems.push({ problem: 'duplicate', field: sequence.path(name), offset: start });
    else if (reading !== undefined) {
      const content = new DerReader(reader.bytes, name, value.contentStart, value.end, sequence);
      const outcome = attempt(() => {
        const result = reading.read(content);
        content.finish();
        return result;
      });
      if ('problem' in outcome) problems.push(outcome.problem);
      else known[reading.name] = { critical, value: outcome.value, ...range };
    }
    seen.add(oid);
  }
  // Each value was stored under the name that its own reader is paired with in the table.
  return { list, known, problems };
}

function attempt<T>(read: () => T): { value: T } | { problem: DerError } {
  try {
    return { value: read() };
  } catch (fault) {
    if (fault instanceof DerFault) return { problem: fault.error };
    throw fault;
  }
}
