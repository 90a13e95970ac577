import { countLabels, isWithin, joinLabels, labelsOf, MAX_NAME_OCTETS, sameName } from '../codec/dns/name.ts';
import type { Message, ResourceRecord } from '../codec/dns/record.ts';
import { Rcode, RecordClass, RecordType } from '../codec/dns/registry.ts';
import type { StepOutcome } from './step.ts';

/** What a response means to whoever asked `name` and `type` of a server of `zone`. Pure. */
export type Classified = {
  /** CNAME records on the way, in order; those that a DNAME stands for are made here. */
  readonly aliases: readonly ResourceRecord[];
  /** Where they lead. */
  readonly canonicalName: string;
} & (
  | { readonly kind: 'answer'; readonly records: readonly ResourceRecord[] }
  /** The aliases lead out of what this server may speak of, or it does not say what is there. */
  | { readonly kind: 'alias' }
  | { readonly kind: 'no-such-name' | 'no-data'; readonly soa: ResourceRecord | undefined }
  | {
      readonly kind: 'referral';
      readonly zone: string;
      readonly nameServers: readonly ResourceRecord[];
      /** Addresses of those name servers that this server may speak of. */
      readonly glue: readonly ResourceRecord[];
    }
  | { readonly kind: 'error'; readonly rcode: number }
  | { readonly kind: 'lame'; readonly referredTo: string }
  /** The aliases come back to a name that they led away from. */
  | { readonly kind: 'alias-loop' }
);

/**
 * Judges a response. Only records of names within `zone` count, whatever else was sent: a server is not believed about
 * others (RFC 5452 section 6, RFC 2181 section 5.4.1). For a recursive server `zone` is the root.
 */
export function classifyResponse(message: Message, name: string, type: number, zone: string): Classified {
  const { rcode } = message;
  const credible = (record: ResourceRecord): boolean => record.class === RecordClass.IN && isWithin(record.name, zone);
  const answers = message.answers.filter(credible);
  const authorities = message.authorities.filter(credible);
  const { aliases, canonicalName, looped } = followAliases(answers, name, type);
  const common = { aliases, canonicalName };
  // Some servers say SERVFAIL with a circle (BIND 9.18 does): the circle tells more.
  if (looped) return { ...common, kind: 'alias-loop' };
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) return { ...common, kind: 'error', rcode };
  const records = answers.filter(
    (record) => sameName(record.name, canonicalName) && (record.type === type || type === RecordType.ANY),
  );
  if (records.length > 0) return { ...common, kind: 'answer', records };
  // Beyond the zone this server has no say, whatever its RCODE claims about the end of the aliases.
  if (aliases.length > 0 && !isWithin(canonicalName, zone)) return { ...common, kind: 'alias' };
  const soa = authorities.find((record) => record.type === RecordType.SOA && isWithin(canonicalName, record.name));
  if (rcode === Rcode.NXDOMAIN) return { ...common, kind: 'no-such-name', soa };
  if (soa !== undefined) return { ...common, kind: 'no-data', soa };
  if (aliases.length > 0) return { ...common, kind: 'alias' };
  return { ...common, ...classifyDelegation(message, authorities, name, zone) };
}

/** No answer, no SOA: a referral downwards, a server that does not serve the zone, or an answer that nothing is there. */
function classifyDelegation(
  message: Message,
  authorities: readonly ResourceRecord[],
  name: string,
  zone: string,
):
  | { readonly kind: 'no-data'; readonly soa: undefined }
  | { readonly kind: 'lame'; readonly referredTo: string }
  | {
      readonly kind: 'referral';
      readonly zone: string;
      readonly nameServers: readonly ResourceRecord[];
      readonly glue: readonly ResourceRecord[];
    } {
  const all = message.authorities.filter(({ type }) => type === RecordType.NS);
  if (all.length === 0) return { kind: 'no-data', soa: undefined };
  const below = authorities.filter(
    (record) => record.type === RecordType.NS && isWithin(name, record.name) && !sameName(record.name, zone),
  );
  // The deepest cut, should several be told.
  const cut = below.toSorted((one, other) => countLabels(other.name) - countLabels(one.name))[0]?.name;
  // Upwards, sideways, or to the very zone that was asked for (RFC 1034 section 4.2.2, RFC 8499 "lame delegation").
  if (cut === undefined) return { kind: 'lame', referredTo: all[0]!.name };
  const nameServers = below.filter((record) => sameName(record.name, cut));
  const targets = nameServers.map(({ data }) => (data.kind === 'NS' ? data.target : ''));
  const glue = message.additionals.filter(
    (record) =>
      record.class === RecordClass.IN &&
      (record.type === RecordType.A || record.type === RecordType.AAAA) &&
      isWithin(record.name, zone) &&
      targets.some((target) => sameName(target, record.name)),
  );
  return { kind: 'referral', zone: cut, nameServers, glue };
}

interface Aliases {
  readonly aliases: readonly ResourceRecord[];
  readonly canonicalName: string;
  readonly looped: boolean;
}

/** More than any chain that a resolver would follow. */
const MAX_ALIASES = 64;

function followAliases(answers: readonly ResourceRecord[], name: string, type: number): Aliases {
  const aliases: ResourceRecord[] = [];
  let at = name;
  if (type === RecordType.CNAME || type === RecordType.ANY) return { aliases, canonicalName: at, looped: false };
  while (aliases.length < MAX_ALIASES) {
    const here = at;
    if (answers.some((record) => record.type === type && sameName(record.name, here))) break;
    const alias =
      answers.find((record) => record.type === RecordType.CNAME && sameName(record.name, here)) ??
      aliasOfDname(answers, here);
    if (alias?.data.kind !== 'CNAME') break;
    aliases.push(alias);
    at = alias.data.target;
    const next = at;
    if (sameName(next, name) || aliases.some((one) => sameName(one.name, next)))
      return { aliases, canonicalName: at, looped: true };
  }
  return { aliases, canonicalName: at, looped: false };
}

/** The CNAME that a DNAME above `name` stands for (RFC 6672 section 2.2); none where the name would grow too long. */
function aliasOfDname(answers: readonly ResourceRecord[], name: string): ResourceRecord | undefined {
  const found = answers.find(
    (record) => record.type === RecordType.DNAME && !sameName(record.name, name) && isWithin(name, record.name),
  );
  if (found?.data.kind !== 'DNAME') return undefined;
  const labels = labelsOf(name);
  const kept = labels.slice(0, labels.length - countLabels(found.name));
  const target = [...kept, ...labelsOf(found.data.target)];
  const length = target.reduce((sum, label) => sum + label.length + 1, 1);
  if (length > MAX_NAME_OCTETS) return undefined;
  return { ...found, name, type: RecordType.CNAME, data: { kind: 'CNAME', target: joinLabels(target) } };
}

/** The same in the words of a step. */
export function stepOutcomeOf(classified: Classified, message: Message): StepOutcome {
  switch (classified.kind) {
    case 'answer':
      return { kind: 'answer', authoritative: message.authoritative };
    case 'alias':
    case 'alias-loop':
      return { kind: 'alias', target: classified.canonicalName };
    case 'referral':
      return {
        kind: 'referral',
        zone: classified.zone,
        nameServers: classified.nameServers.map(({ data }) => (data.kind === 'NS' ? data.target : '')),
      };
    case 'error':
      return {
        kind: 'error',
        rcode: classified.rcode,
        extendedErrors: message.edns?.extendedErrors ?? [],
      };
    case 'lame':
      return { kind: 'lame', referredTo: classified.referredTo };
    case 'no-such-name':
    case 'no-data':
      break;
  }
  return { kind: classified.kind };
}
