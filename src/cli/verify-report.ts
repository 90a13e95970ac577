import type { Certificate } from '../codec/x509/certificate.ts';
import { formatLeft } from '../pki/lifetime.ts';
import { certificateLabel } from '../pki/path/reason.ts';
import type { Language } from '../story/catalog.ts';
import { tellFinding, type Finding } from '../story/finding.ts';
import type { CheckLine } from '../trace/verify/check-lines.ts';
import type { VerifyReport } from '../trace/verify/verify.ts';
import { certificateFacts, type CertificateFacts } from './certificate-facts.ts';
import { widthOf } from './report.ts';
import { verifyWords, type VerifyWords } from './commands/verify-words.ts';

/** What the page tells besides the report. */
export interface VerifyPage {
  readonly target: string;
  readonly timeMs: number;
  readonly language: Language;
  /** Whether a certificate is an anchor, and from which store. */
  readonly storeOf: (certificate: Certificate) => string | undefined;
  readonly exitCode: number;
  /** What is to be known of the trust stores. */
  readonly storeFindings: readonly Finding[];
}

const signs: Readonly<Record<CheckLine['sign'], string>> = { good: '✓', bad: '✗', warning: '⚠', note: '·' };

/** Paths that were tried and names that are listed before the rest is only counted. */
const MAX_OTHER_PATHS = 5;
const MAX_NAMES = 8;

/** The whole explanation as text. */
export function renderVerify(report: VerifyReport, page: VerifyPage): string {
  const words = verifyWords[page.language];
  const { cause, presentation, judgement } = report;
  const head = cause === undefined ? `✓ ${page.target}: ${words.trusted}` : `✗ ${page.target}: ${words.notTrusted}`;
  const out = [cause === undefined ? head : `${head} (${words.causes[cause]})`];
  if (presentation !== undefined) {
    const { address, port, protocol, cipherSuite, connectMs, handshakeMs } = presentation;
    const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    const parts = [place, protocol, cipherSuite, `TCP ${connectMs.toFixed(1)} ms, TLS ${handshakeMs.toFixed(1)} ms`];
    if (report.stapled !== undefined) parts.push(report.stapled ? words.stapled : words.notStapled);
    out.push(`  ${parts.filter((part) => part !== undefined).join(' · ')}`);
  }
  if (judgement !== undefined) {
    const { verdict } = judgement;
    out.push('', verdict.ok ? words.path : words.closest, ...renderTree(report, verdict.path, page, words));
    out.push(...renderOthers(report, page, words));
  }
  out.push('', words.checks);
  for (const { sign, finding } of report.lines) out.push(...renderLine(signs[sign], finding, page.language));
  for (const found of page.storeFindings) out.push(...renderLine('⚠', found, page.language));
  return `${out.join('\n')}\n`;
}

function renderLine(sign: string, found: Finding, language: Language): string[] {
  const { cause, mend } = tellFinding(found, language);
  return mend === '' ? [`  ${sign} ${safe(cause)}`] : [`  ${sign} ${safe(cause)}`, `    → ${safe(mend)}`];
}

function renderTree(
  report: VerifyReport,
  path: readonly Certificate[],
  page: VerifyPage,
  words: VerifyWords,
): string[] {
  const lines: string[] = [];
  for (const [depth, certificate] of path.entries()) {
    const indent = '  '.repeat(depth);
    const facts = certificateFacts(certificate);
    const isLast = depth === path.length - 1;
    const trunk = isLast ? ' ' : '│';
    lines.push(
      `  ${indent}${depth === 0 ? '●' : '└─●'} ${safe(facts.label)}  ${roles(report, depth, path, page, words)}`,
    );
    const inner = `  ${indent}${depth === 0 ? trunk : `  ${trunk}`}`;
    const told = factLines(certificate, facts, page, words);
    const width = Math.max(...told.map(([label]) => widthOf(label)));
    for (const [label, value] of told)
      if (value !== '') lines.push(`${inner}   ${label}${' '.repeat(width - widthOf(label))}  ${safe(value)}`);
  }
  return lines;
}

function roles(
  report: VerifyReport,
  depth: number,
  path: readonly Certificate[],
  page: VerifyPage,
  words: VerifyWords,
): string {
  const certificate = path[depth];
  if (certificate === undefined) return '';
  const store = page.storeOf(certificate);
  const isAnchor = depth === path.length - 1 && report.judgement?.verdict.complete === true;
  const role = isAnchor ? words.anchor : depth === 0 ? words.leaf : words.intermediate;
  const origin = [role];
  if (report.sent.includes(certificate)) origin.push(report.presentation === undefined ? words.inFile : words.sent);
  const fetched = report.judgement?.verdict.fetched.find((one) => one.certificate === certificate);
  if (fetched !== undefined) origin.push(`${words.fetched} ${fetched.url}`);
  if (store !== undefined) origin.push(`${words.inStore} ${store}`);
  return `[${origin.join(', ')}]`;
}

function factLines(
  certificate: Certificate,
  facts: CertificateFacts,
  { timeMs }: VerifyPage,
  words: VerifyWords,
): [string, string][] {
  const { notBefore, notAfter } = certificate;
  const until =
    timeMs > notAfter.epochMs
      ? words.ago.replace('{time}', formatLeft(timeMs - notAfter.epochMs))
      : timeMs < notBefore.epochMs
        ? words.begins.replace('{time}', formatLeft(notBefore.epochMs - timeMs))
        : words.left.replace('{time}', formatLeft(notAfter.epochMs - timeMs));
  const shown = facts.names.slice(0, MAX_NAMES).join(', ');
  const rest = facts.names.length - MAX_NAMES;
  const issuer = certificateLabel({ ...certificate, subject: certificate.issuer });
  const signature = words.signedBy.replace('{scheme}', facts.signature).replace('{issuer}', () => issuer);
  return [
    [words.names, rest > 0 ? `${shown}, ${words.more.replace('{count}', String(rest))}` : shown],
    [words.key, facts.key],
    [words.signature, signature],
    [words.valid, `${facts.notBefore} … ${facts.notAfter} (${until})`],
    [words.use, facts.usages.join(', ')],
    [words.serial, facts.serial],
    [words.sha256, facts.sha256],
  ];
}

/** Other paths, one line each with the first reason; the one that is shown as a tree is left out. */
function renderOthers(report: VerifyReport, page: VerifyPage, words: VerifyWords): string[] {
  const { verdict } = report.judgement ?? {};
  const others = (verdict?.tried ?? []).filter(({ path }) => verdict?.ok === true || path !== verdict?.path);
  if (others.length === 0) return [];
  const lines = ['', words.others];
  for (const { path, reasons } of others.slice(0, MAX_OTHER_PATHS)) {
    const [first] = reasons;
    lines.push(`  ✗ ${path.map((one) => safe(certificateLabel(one))).join(' → ')}`);
    if (first !== undefined) lines.push(`    ${safe(tellFinding(first, page.language).cause)}`);
  }
  if (others.length > MAX_OTHER_PATHS)
    lines.push(`  … ${words.more.replace('{count}', String(others.length - MAX_OTHER_PATHS))}`);
  return lines;
}

/** Names are the certificate's own words: what could redraw a terminal is shown by number. */
function safe(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
