import { ipFamily } from '../codec/ip-text.ts';
import { domainToASCII } from 'node:url';
import type { NameProblem } from '../codec/dns/name.ts';
import { parseName } from '../codec/dns/name.ts';
import { RecordType, typeNumber } from '../codec/dns/registry.ts';
import { reverseName } from './reverse-name.ts';

export type AskedName =
  | {
      readonly ok: true;
      /** What goes to the search list, or a whole name with its dot. */
      readonly text: string;
      /** An address was typed; the text is its reverse name. */
      readonly isAddress: boolean;
    }
  | { readonly ok: false; readonly problem: NameProblem };

/** A name as people write it: in other scripts it becomes A-labels (RFC 5890), an address its reverse name. */
export function readAskedName(typed: string): AskedName {
  const reverse = ipFamily(typed) === 0 ? undefined : reverseName(typed.split('%')[0]!);
  if (reverse !== undefined) return { ok: true, text: reverse, isAddress: true };
  const text = /^[\x00-\x7f]*$/.test(typed) ? typed : domainToASCII(typed) || typed;
  const parsed = parseName(text);
  return parsed.ok ? { ok: true, text, isAddress: false } : { ok: false, problem: parsed.problem };
}

/** What stands for no record that could be asked for. */
const unaskable: ReadonlySet<number> = new Set([0, RecordType.OPT, RecordType.TSIG, RecordType.AXFR, RecordType.IXFR]);

/** A record type by mnemonic or as `TYPE65`; undefined for what cannot be asked for. */
export function readAskedType(typed: string): number | undefined {
  const type = typeNumber(typed);
  return type === undefined || unaskable.has(type) ? undefined : type;
}
