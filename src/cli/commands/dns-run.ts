import { RecordType } from '../../codec/dns/registry.ts';
import { lookAtAll } from '../../dns/authoritative-servers.ts';
import { explainFailure, explainResolution, tellServer, withoutDot } from '../../dns/explain.ts';
import { readAskedName, readAskedType } from '../../dns/question.ts';
import type { Resolution } from '../../dns/resolution.ts';
import { systemSurroundings } from '../../dns/socket-transport.ts';
import { viewsThatDiffer } from '../../dns/view-comparison.ts';
import type { Language } from '../../story/catalog.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderFindings } from '../report.ts';
import { dnsExitCode } from './dns-exit.ts';
import { dnsJson } from './dns-json.ts';
import { renderDns } from './dns-report.ts';
import type { DnsFlags } from './dns.ts';
import { openNames, type Names } from './name-memory.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs `menshen dns` and gives what to print and the exit code. */
export async function runDns(
  typed: string,
  typedType: string | undefined,
  flags: DnsFlags,
  language: Language,
  environment: Environment,
): Promise<{ readonly code: number; readonly text: string }> {
  let question: Question;
  let names: Names;
  try {
    question = readQuestion(typed, typedType);
    names = await openNames(flags, environment);
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    return { code: exitCodes.usage, text: renderFindings([error.finding], language) };
  }
  const resolutions: Resolution[] = [];
  for (const type of question.types) {
    resolutions.push(await names.resolver.resolve(question.text, type));
    // What failed for one type fails for the other, and takes its time again.
    if (resolutions.at(-1)?.kind === 'failed') break;
  }
  const [first] = resolutions;
  const all = flags.all === true && first?.kind !== 'failed' ? await lookAround(first!, names) : undefined;
  await names.keep();
  const found = resolutions.some(({ kind }) => kind === 'found');
  const findings = found ? [] : mostTelling(resolutions);
  if (all !== undefined) findings.push(...explainAll(all));
  const worst = findings.find(({ severity }) => severity === 'error');
  const code = worst === undefined ? exitCodes.fine : dnsExitCode(worst.code);
  const page = { language, resolutions, all, findings, nowMs: systemSurroundings.nowMs(), exitCode: code };
  return { code, text: flags.json === true ? dnsJson(page) : renderDns(page) };
}

/** Every authoritative server of the zone at the end of the aliases. */
const lookAround = ({ canonicalName, type }: Resolution, { resolver, port }: Names): ReturnType<typeof lookAtAll> =>
  lookAtAll(canonicalName, type, resolver, systemSurroundings, { port });

interface Question {
  /** What goes to the search list, or a whole name with its dot. */
  readonly text: string;
  readonly types: readonly number[];
}

/** Reads name and type as typed; throws a FindingError. */
function readQuestion(typed: string, typedType: string | undefined): Question {
  const type = typedType === undefined ? undefined : readAskedType(typedType);
  if (typedType !== undefined && type === undefined)
    throw new FindingError(finding('dns-type-unclear', { type: typedType }));
  const name = readAskedName(typed);
  if (!name.ok) throw new FindingError(finding('dns-not-a-name', { name: typed, problem: name.problem }));
  const usual = name.isAddress ? [RecordType.PTR] : [RecordType.A, RecordType.AAAA];
  return { text: name.text, types: type === undefined ? usual : [type] };
}

/** A failure of one type hides behind the denial of the other: what to mend first comes first. */
function mostTelling(resolutions: readonly Resolution[]): Finding[] {
  const rank: readonly Resolution['kind'][] = ['failed', 'no-such-name', 'no-data', 'found'];
  const [first] = resolutions.toSorted((one, other) => rank.indexOf(one.kind) - rank.indexOf(other.kind));
  const found = first && explainResolution(first);
  return found === undefined ? [] : [found];
}

function explainAll(all: Awaited<ReturnType<typeof lookAtAll>>): Finding[] {
  if ('ok' in all) return [explainFailure(all.failure, withoutDot(all.name))];
  const behind = viewsThatDiffer(all);
  if (behind.length === 0) return [];
  const servers = behind.map(({ server, serverName }) => tellServer(server, serverName)).join(', ');
  return [finding('dns-records-differ', { zone: withoutDot(all.zone), name: withoutDot(all.canonicalName), servers })];
}
