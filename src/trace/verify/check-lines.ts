import type { Certificate } from '../../codec/x509/certificate.ts';
import { crlUrls, ocspUrls } from '../../pki/fetch/evidence-urls.ts';
import { formatLeft, isExpiring } from '../../pki/lifetime.ts';
import { formatPeer } from '../../pki/names/peer-name.ts';
import { certificateLabel, formatTime } from '../../pki/path/reason.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { checkOf, type CheckName } from './cause.ts';
import type { Judgement, JudgeOptions } from './judge-presented.ts';

/** One line of the explanation: what was checked, and what came of it. */
export interface CheckLine {
  readonly check: CheckName;
  /** `good` is a check that passed; a note decides nothing. */
  readonly sign: 'good' | 'bad' | 'warning' | 'note';
  readonly finding: Finding;
}

/** The order in which checks are told. */
const order: readonly CheckName[] = [
  'trust',
  'dates',
  'name',
  'revocation',
  'purpose',
  'strength',
  'form',
  'sent',
  'client',
  'openssl',
];

/** Findings that say that something is right, or that it could not be asked. */
const good: ReadonlySet<string> = new Set([
  'check-in-date',
  'check-trusted',
  'check-name',
  'check-not-revoked',
  'check-purpose',
  'check-strength',
  'check-form',
  'check-sent-right',
  'openssl-agrees',
]);

/** Puts all findings and what passed in the order of the checks. */
export function checkLines(
  judgement: Judgement,
  options: JudgeOptions,
  beside: readonly { readonly check: CheckName; readonly finding: Finding }[],
): CheckLine[] {
  const { reasons, warnings, problems, advice } = judgement;
  const told: { readonly check: CheckName; readonly finding: Finding }[] = [];
  const found = [...reasons, ...warnings, ...problems, ...advice];
  for (const one of found) told.push({ check: checkOf(one.code), finding: one });
  told.push(...beside);
  const spoken = new Set(found.filter(({ severity }) => severity === 'error').map(({ code }) => checkOf(code)));
  for (const [check, passed] of passes(judgement, options))
    // Revocation is told for each certificate by itself.
    if (check === 'revocation' || !spoken.has(check)) told.push({ check, finding: passed });
  const lines: CheckLine[] = [];
  for (const check of order)
    for (const line of told) if (line.check === check) lines.push({ ...line, sign: signOf(line.finding) });
  return lines;
}

function signOf({ code, severity }: Finding): CheckLine['sign'] {
  if (severity === 'error') return 'bad';
  if (severity === 'warning') return 'warning';
  return good.has(code) ? 'good' : 'note';
}

/** What is to be said of each check that found no error. */
function passes(judgement: Judgement, options: JudgeOptions): [CheckName, Finding][] {
  const { verdict, advice } = judgement;
  const { timeMs, store, everything } = options;
  const { path, complete } = verdict;
  const passed: [CheckName, Finding][] = [];
  const anchor = path.at(-1);
  if (everything) passed.push(['trust', finding('trust-everything')]);
  else if (complete && anchor !== undefined) {
    const values = { anchor: certificateLabel(anchor), store: store.sourceOf(anchor) ?? '' };
    passed.push(['trust', finding('check-trusted', values)]);
  }
  const first = path.toSorted((a, b) => a.notAfter.epochMs - b.notAfter.epochMs)[0];
  if (first !== undefined) passed.push(['dates', finding('check-in-date', endOf(first, timeMs))]);
  for (const certificate of path.slice(0, -1))
    if (isExpiring(certificate, timeMs)) passed.push(['dates', finding('check-expiring', endOf(certificate, timeMs))]);
  const name = options.peers.map(formatPeer).join(', ');
  passed.push(['name', name === '' ? finding('check-name-unasked') : finding('check-name', { name })]);
  passed.push(...revocationPasses(judgement, options));
  if (complete) passed.push(['purpose', finding('check-purpose', { purpose: `${options.purpose}Auth` })]);
  passed.push(['strength', finding('check-strength')], ['form', finding('check-form')]);
  if (complete && advice.length === 0) passed.push(['sent', finding('check-sent-right')]);
  return passed;
}

function endOf(certificate: Certificate, timeMs: number): Record<string, string> {
  const { notAfter } = certificate;
  const left = formatLeft(notAfter.epochMs - timeMs);
  return { subject: certificateLabel(certificate), notAfter: formatTime(notAfter.epochMs), left };
}

function revocationPasses({ verdict, statuses }: Judgement, options: JudgeOptions): [CheckName, Finding][] {
  if (options.revocation === 'off') return [['revocation', finding('check-revocation-unasked')]];
  return statuses.flatMap((status, position): [CheckName, Finding][] => {
    const certificate = verdict.path[position];
    if (certificate === undefined || status.kind === 'revoked') return [];
    const subject = certificateLabel(certificate);
    if (status.kind === 'good') {
      const thisUpdate = formatTime(status.thisUpdateMs ?? 0);
      return [['revocation', finding('check-not-revoked', { subject, source: status.source ?? '', thisUpdate })]];
    }
    // Where an answer is insisted on, its absence is an error and told as one.
    if (options.revocation === 'hard') return [];
    const nowhere = ocspUrls(certificate).length === 0 && crlUrls(certificate).length === 0;
    if (nowhere && status.problems.length === 0)
      return [['revocation', finding('check-revocation-nowhere', { subject })]];
    return [['revocation', finding('check-revocation-unknown', { subject })]];
  });
}
