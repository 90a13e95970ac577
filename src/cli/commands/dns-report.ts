import { formatRecordData } from '../../codec/dns/record-text.ts';
import { rcodeName, typeName } from '../../codec/dns/registry.ts';
import type { AllViews, ServerView, ZoneServers } from '../../dns/authoritative-servers.ts';
import { detailOf, tellData, tellServer, withoutDot } from '../../dns/explain.ts';
import type { KeptRecord, Resolution } from '../../dns/resolution.ts';
import type { DnsStep, StepOutcome } from '../../dns/step.ts';
import { viewsThatDiffer } from '../../dns/view-comparison.ts';
import type { Language } from '../../story/catalog.ts';
import type { Finding } from '../../story/finding.ts';
import { renderFindings, renderTable } from '../report.ts';
import { problemWords } from '../../story/words/problems.ts';
import { safeText } from '../render/safe-text.ts';
import { dnsWords, type DnsWords } from './dns-words.ts';

/** What one run of `menshen dns` has to tell. */
export interface DnsPage {
  readonly language: Language;
  readonly resolutions: readonly Resolution[];
  readonly all: AllViews | (ZoneServers & { readonly ok: false }) | undefined;
  readonly findings: readonly Finding[];
  readonly nowMs: number;
  readonly exitCode: number;
}

/** The page as text: the answer, where it comes from, every step, the servers compared, and what is wrong. */
export function renderDns(page: DnsPage): string {
  const words = dnsWords[page.language];
  const parts = page.resolutions.map((resolution) => renderAnswer(resolution, words, page.nowMs)).filter(Boolean);
  const steps = [...page.resolutions.flatMap((resolution) => resolution.steps), ...stepsOfAll(page.all)];
  if (steps.length > 0)
    parts.push(`${words.steps}\n${renderTable(steps.map((step, at) => stepRow(step, at + 1, page.language)))}`);
  if (page.all !== undefined && 'views' in page.all) parts.push(renderViews(page.all, page.language));
  if (page.findings.length > 0) parts.push(renderFindings(page.findings, page.language));
  return parts.map((part) => safeLines(part)).join('\n');
}

const stepsOfAll = (all: DnsPage['all']): readonly DnsStep[] => all?.steps ?? [];

/** Line ends are ours; whatever else could redraw a terminal came from a server. */
const safeLines = (text: string): string => text.split('\n').map(safeText).join('\n');

/** The aliases and the records, one a line, and who knew. */
function renderAnswer(resolution: Resolution, words: DnsWords, nowMs: number): string {
  if (resolution.kind !== 'found') return '';
  const type = typeName(resolution.type);
  const rows = [...resolution.aliases, ...resolution.records].map((record) => recordRow(record, words));
  const learnt =
    resolution.learntAtMs === undefined
      ? ''
      : `, ${fill(words.learnt, { seconds: secondsSince(resolution.learntAtMs, nowMs) })}`;
  return `${withoutDot(resolution.name)} ${type} (${words.sources[resolution.source]}${learnt})\n${renderTable(rows)}`;
}

const secondsSince = (thenMs: number, nowMs: number): number => Math.max(0, Math.round((nowMs - thenMs) / 1_000));

function recordRow({ name, type, ttl, data }: KeptRecord, words: DnsWords): string[] {
  const link = data.kind === 'CNAME' ? words.aliasOf : typeName(type);
  return [withoutDot(name), link, tellData(data), fill(words.seconds, { ttl })];
}

/** Number, who was asked how and for what, how long it took, octets each way, and what came of it. */
function stepRow(step: DnsStep, number: number, language: Language): string[] {
  const { server, serverName, question, protocol, durationMs, sent, received } = step;
  const indent = '  '.repeat(step.depth);
  return [
    String(number),
    `${indent}${withoutDot(question.name)} ${typeName(question.type)}`,
    tellServer(server, serverName),
    `${protocol.toUpperCase()} ${durationMs.toFixed(1)} ms`,
    `${sent.length} → ${received === undefined ? '–' : received.length}`,
    tellOutcome(step, language),
  ];
}

const MAX_SHOWN = 4;

function tellOutcome(step: Pick<DnsStep, 'outcome' | 'message' | 'question' | 'zone'>, language: Language): string {
  const { outcome } = step;
  const words = dnsWords[language];
  const text = fill(words.outcomes[outcome.kind], valuesOf(outcome, step, language));
  const isRemark = outcome.kind === 'answer' && !outcome.authoritative && step.zone !== '';
  return isRemark ? `${text} (${words.notAuthoritative})` : text;
}

function valuesOf(
  outcome: StepOutcome,
  { message, zone, question }: Pick<DnsStep, 'message' | 'zone' | 'question'>,
  language: Language,
): Readonly<Record<string, string | number>> {
  switch (outcome.kind) {
    case 'answer': {
      const answers = message?.answers.filter(({ type }) => type === question.type || question.type === 255) ?? [];
      return { records: shortList(answers.map(({ data }) => tellData(data))) };
    }
    case 'alias':
      return { target: withoutDot(outcome.target) };
    case 'referral':
      return { zone: withoutDot(outcome.zone), servers: shortList(outcome.nameServers.map(withoutDot)) };
    case 'edns-refused':
      return { rcode: rcodeName(outcome.rcode) };
    case 'error':
      return { rcode: rcodeName(outcome.rcode), detail: detailOf(outcome.extendedErrors) };
    case 'lame':
      return { zone: withoutDot(zone), referredTo: withoutDot(outcome.referredTo) };
    case 'malformed':
      return { ...outcome.error, problem: problemWords(outcome.error.problem, language) ?? outcome.error.problem };
    case 'no-answer':
      return {
        failure: dnsWords[language].failures[outcome.failure],
        detail: outcome.detail === '' ? '' : ` (${outcome.detail})`,
      };
    case 'no-such-name':
    case 'no-data':
    case 'truncated':
    case 'case-changed':
      break;
  }
  return {};
}

function shortList(list: readonly string[]): string {
  const shown = list.slice(0, MAX_SHOWN).join(', ');
  return list.length > MAX_SHOWN ? `${shown}, …` : shown;
}

function renderViews(all: AllViews, language: Language): string {
  const words = dnsWords[language];
  const differing = new Set<ServerView>(viewsThatDiffer(all));
  const rows = all.views.map((view) => [
    differing.has(view) ? '✗' : '✓',
    view.outcome === undefined ? withoutDot(view.serverName) : tellServer(view.server, view.serverName),
    tellView(view, all, language),
  ]);
  const title = fill(words.servers, { zone: withoutDot(all.zone) });
  return `${title}${differing.size === 0 ? ` (${words.agree})` : ''}\n${renderTable(rows)}`;
}

function tellView({ records, outcome }: ServerView, all: AllViews, language: Language): string {
  const words = dnsWords[language];
  if (outcome === undefined) return words.noAddress;
  if (records.length > 0) return shortList(records.map(({ data }) => formatRecordData(data)));
  const question = { name: all.canonicalName, type: all.type };
  if (outcome.kind === 'answer') return words.nothing;
  return tellOutcome({ outcome, message: undefined, question, zone: all.zone }, language);
}

const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
