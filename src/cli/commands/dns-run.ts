import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { domainToASCII } from 'node:url';
import { parseName } from '../../codec/dns/name.ts';
import { RecordType, typeNumber } from '../../codec/dns/registry.ts';
import { lookAtAll } from '../../dns/authoritative-servers.ts';
import { createDnsCache } from '../../dns/cache.ts';
import { readCacheFile, writeCacheFile } from '../../dns/cache-file.ts';
import { explainFailure, explainResolution, tellServer, withoutDot } from '../../dns/explain.ts';
import { parseHostsFile } from '../../dns/hosts-file.ts';
import { createIterativeResolver } from '../../dns/iterative-resolver.ts';
import { parseResolvConf } from '../../dns/resolv-conf.ts';
import type { Resolution } from '../../dns/resolution.ts';
import { reverseName } from '../../dns/reverse-name.ts';
import type { NameServerHint } from '../../dns/root-hints.ts';
import { systemSurroundings } from '../../dns/socket-transport.ts';
import { createStubResolver } from '../../dns/stub-resolver.ts';
import type { ServerAddress } from '../../dns/transport.ts';
import { viewsThatDiffer } from '../../dns/view-comparison.ts';
import type { Language } from '../../story/catalog.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, type Finding, type FindingValues } from '../../story/finding.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderFindings } from '../report.ts';
import { dnsExitCode } from './dns-exit.ts';
import { dnsJson } from './dns-json.ts';
import { renderDns } from './dns-report.ts';
import { dnsWords } from './dns-words.ts';
import type { DnsFlags } from './dns.ts';

const DNS_PORT = 53;

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
    question = readQuestion(typed, typedType, language);
    names = await openNames(flags, environment);
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    return { code: exitCodes.usage, text: renderFindings([error.finding], language) };
  }
  const resolutions: Resolution[] = [];
  for (const type of question.types) {
    resolutions.push(await names.resolve(question, type));
    // What failed for one type fails for the other, and takes its time again.
    if (resolutions.at(-1)?.kind === 'failed') break;
  }
  const [first] = resolutions;
  const all = flags.all === true && first?.kind !== 'failed' ? await names.lookAtAll(first!) : undefined;
  await names.keep();
  const found = resolutions.some(({ kind }) => kind === 'found');
  const findings = found ? [] : mostTelling(resolutions);
  if (all !== undefined) findings.push(...explainAll(all));
  const worst = findings.find(({ severity }) => severity === 'error');
  const code = worst === undefined ? exitCodes.fine : dnsExitCode(worst.code);
  const page = { language, resolutions, all, findings, nowMs: systemSurroundings.nowMs(), exitCode: code };
  return { code, text: flags.json === true ? dnsJson(page) : renderDns(page) };
}

interface Question {
  /** What goes to the search list, or a whole name with its dot. */
  readonly text: string;
  readonly types: readonly number[];
}

/** Reads name and type as typed; throws a FindingError. Names in other scripts become A-labels (RFC 5890). */
function readQuestion(typed: string, typedType: string | undefined, language: Language): Question {
  const type = typedType === undefined ? undefined : typeNumber(typedType);
  const isQuestionType = type !== undefined && type !== RecordType.OPT && type !== RecordType.TSIG && type !== 0;
  const isTransfer = type === RecordType.AXFR || type === RecordType.IXFR;
  if (typedType !== undefined && (!isQuestionType || isTransfer))
    throw mistake('dns-type-unclear', { type: typedType });
  const reverse = isIP(typed) === 0 ? undefined : reverseName(typed.split('%')[0]!);
  if (reverse !== undefined) return { text: reverse, types: [type ?? RecordType.PTR] };
  const isAscii = /^[\x00-\x7f]*$/.test(typed);
  const text = isAscii ? typed : domainToASCII(typed);
  const parsed = parseName(text === '' && !isAscii ? typed : text);
  if (!parsed.ok) {
    const problem = dnsWords[language].problems[parsed.problem];
    throw mistake('dns-not-a-name', { name: typed, problem });
  }
  return { text, types: type === undefined ? [RecordType.A, RecordType.AAAA] : [type] };
}

const mistake = (code: FindingCode, values: FindingValues): FindingError => new FindingError(finding(code, values));

interface Names {
  resolve(question: Question, type: number): Promise<Resolution>;
  lookAtAll(resolution: Resolution): ReturnType<typeof lookAtAll>;
  keep(): Promise<void>;
}

async function openNames(flags: DnsFlags, environment: Environment): Promise<Names> {
  const cache = createDnsCache();
  const hints = readHints(environment['MENSHEN_ROOT_HINTS']);
  const port = readPort(environment['MENSHEN_DNS_PORT']);
  const server = flags.server === undefined ? undefined : readServer(flags.server);
  // What a server that was named here says is not to be taken for the word of those that usually are asked.
  const isUsual = flags.cache && server === undefined && hints === undefined;
  const file = path.join(cacheFolder(environment), flags.iterative === true ? 'dns-iterative.json' : 'dns.json');
  if (isUsual) await readCacheFile(file, cache, systemSurroundings.nowMs());
  const keep = async (): Promise<void> => {
    if (isUsual) await writeCacheFile(file, cache, systemSurroundings.nowMs());
  };
  if (flags.iterative === true) {
    const resolver = createIterativeResolver(systemSurroundings, {
      port,
      cache,
      ...(hints !== undefined && { hints }),
    });
    return {
      resolve: ({ text }, type) => resolver.resolve(absolute(text), type),
      lookAtAll: ({ canonicalName, type }) => lookAtAll(canonicalName, type, resolver, systemSurroundings, { port }),
      keep,
    };
  }
  const [resolvConf, hosts] = await Promise.all([
    readFile('/etc/resolv.conf', 'utf8').catch(() => ''),
    readFile('/etc/hosts', 'utf8').catch(() => ''),
  ]);
  const system = parseResolvConf(resolvConf);
  const config = {
    ...system,
    ...(server !== undefined && { servers: [server] }),
    tcpOnly: system.tcpOnly || flags.tcp === true,
  };
  // Whoever names a server wants to hear that server.
  const resolver = createStubResolver(systemSurroundings, {
    config,
    cache,
    ...(server === undefined && { hosts: parseHostsFile(hosts) }),
  });
  return {
    resolve: ({ text }, type) => resolver.search(text, type),
    lookAtAll: ({ canonicalName, type }) => lookAtAll(canonicalName, type, resolver, systemSurroundings, { port }),
    keep,
  };
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
function readServer(text: string): ServerAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = isIP(text) !== 0 ? text : (bracketed ?? plain ?? '');
  const number = isIP(text) !== 0 || port === undefined ? DNS_PORT : Number(port);
  if (isIP(address) === 0 || number < 1 || number > 0xffff) throw mistake('dns-server-unclear', { server: text });
  return { address, port: number };
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DNS_PORT;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 0xffff)
    throw mistake('dns-server-unclear', { server: `MENSHEN_DNS_PORT=${text}` });
  return Number(text);
}

/** For worlds of their own: `a.root.=127.0.0.1,b.root.=127.0.0.2` instead of IANA's root servers. */
function readHints(text: string | undefined): NameServerHint[] | undefined {
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((pair) => {
    const [name = '', address = ''] = pair.split('=');
    const parsed = parseName(name);
    if (!parsed.ok || isIP(address) === 0) throw mistake('dns-server-unclear', { server: pair });
    return { name: parsed.name, addresses: [address] };
  });
}

function absolute(text: string): string {
  const parsed = parseName(text);
  return parsed.ok ? parsed.name : '.';
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

/** What was learnt is kept as the XDG base directory specification says. */
function cacheFolder(environment: Environment): string {
  const named = environment['XDG_CACHE_HOME'];
  const base = named !== undefined && path.isAbsolute(named) ? named : path.join(homedir(), '.cache');
  return path.join(base, 'menshen');
}
