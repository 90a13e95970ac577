/**
 * A trace as one page to look at and to send on: waterfall, ladders, findings. It asks for nothing from anywhere, follows
 * the reader's light or dark, and holds both languages.
 */
import type { Language } from '../../story/catalog.ts';
import { tellFinding, type Finding } from '../../story/finding.ts';
import type { Detail, Observation, Stage, Story } from '../../story/observation.ts';
import { decisiveFinding, findingsOf } from '../../story/stages.ts';
import { phasesOf, type ChapterPhases, type Phase } from '../../story/stages-phases.ts';
import { labels, notes } from '../../story/words/index.ts';
import { tellWord } from '../../story/words/word.ts';
import { tracePageWords, type TracePageWords } from './trace-page-words.ts';
import { isGood, isPassed } from './trace-text.ts';
import { traceScript, traceStyle } from './trace-html-style.ts';

const languages = ['en', 'zh'] as const;

/** The whole page; `language` is the one that is shown first. */
export function traceHtml(story: Story, exitCode: number, language: Language): string {
  const decisive = decisiveFinding(story);
  const verdict = decisive === undefined ? 'fine' : 'failed';
  const told = decisive === undefined ? `<span class="mark">✓</span>` : `<span class="mark">✗</span>`;
  const sentence =
    decisive === undefined ? '' : `<p class="sentence">${both((one) => tellFinding(decisive, one).cause)}</p>`;
  const chapters = phasesOf(story);
  const title = tracePageWords[language].title.replace('{url}', () => story.url);
  const time = new Date(story.startedAtMs).toISOString();
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}" data-show="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${traceStyle}</style>
</head>
<body>
<header class="${verdict}">
<button type="button" id="language">English / 中文</button>
<h1>${told} ${escape(story.url)}</h1>
${sentence}
<p class="facts">${facts(story, chapters, exitCode)}</p>
<p class="facts">${both((one) => tracePageWords[one].tracedAt.replace('{time}', time))}</p>
</header>
<main>
<section><h2>${word('waterfall')}</h2>${waterfall(chapters)}</section>
${chapters.map((chapter) => renderChapter(chapter, story, chapters.length > 1)).join('\n')}
<section><h2>${word('findings')}</h2>${renderFindings(story)}</section>
</main>
<footer>menshen trace · ~ ${both((one) => tracePageWords[one].known.inferred)} · ^ ${both((one) => tracePageWords[one].known.kernel)}</footer>
<script>${traceScript}</script>
</body>
</html>
`;
}

/** A text in both languages, of which the page shows one. */
function both(tell: (language: Language) => string): string {
  const [en, zh] = languages.map(tell);
  if (en === zh) return escape(en ?? '');
  return `<span lang="en">${escape(en ?? '')}</span><span lang="zh-CN">${escape(zh ?? '')}</span>`;
}

type PlainWord = { [K in keyof TracePageWords]: TracePageWords[K] extends string ? K : never }[keyof TracePageWords];

const word = (key: PlainWord): string => both((language) => tracePageWords[language][key]);

const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

function facts(story: Story, chapters: readonly ChapterPhases[], exitCode: number): string {
  const last = chapters.findLast(
    ({ kind, status }) => (kind === 'request' || kind === 'redirect') && status !== undefined,
  );
  const agreed = story.stages
    .flatMap(({ observations }) => observations)
    .findLast(({ label }) => label === 'tls.agreed');
  const parts = [
    ...(last?.status === undefined ? [] : [`HTTP ${last.status}`]),
    ...(agreed === undefined ? [] : [`${agreed.values['version']}, ${agreed.values['cipherSuite']}`]),
    `${story.endMs.toFixed(1)} ms`,
    `exit ${exitCode}`,
  ];
  return parts.map(escape).join(' · ');
}

function waterfall(chapters: readonly ChapterPhases[]): string {
  const phases = chapters.flatMap((chapter) => chapter.phases);
  if (phases.length === 0) return '';
  const from = Math.min(...phases.map(({ startMs }) => startMs));
  const to = Math.max(from + 0.1, ...phases.map(({ endMs }) => endMs));
  const percent = (ms: number): string => `${(((ms - from) / (to - from)) * 100).toFixed(3)}%`;
  const bar = ({ kind, startMs, endMs }: Phase): string => {
    const width = `${(((endMs - startMs) / (to - from)) * 100).toFixed(3)}%`;
    const text = `${kind} ${startMs.toFixed(1)} – ${endMs.toFixed(1)} ms`;
    return `<i class="${kind}" style="left:${percent(startMs)};width:${width}" title="${escape(text)}"></i>`;
  };
  const rows = chapters.map((chapter) => {
    const { kind, method, url, status, phases: own, failed, reused, connection } = chapter;
    const lasting = own.length === 0 ? 0 : Math.max(...own.map(({ endMs }) => endMs)) - own[0]!.startMs;
    const name = `${both((one) => tracePageWords[one].chapters[kind])} ${escape(`${method} ${url}`)}`;
    return (
      `<tr class="${failed ? 'bad' : ''}"><td class="what" title="${escape(url)}">${name}</td><td>${status ?? '—'}</td>` +
      `<td>${reused ? '' : '+'}${connection}</td><td class="bars"><div>${own.map(bar).join('')}</div></td>` +
      `<td class="ms">${lasting.toFixed(1)} ms</td></tr>`
    );
  });
  const kinds = [...new Set(phases.map(({ kind }) => kind))];
  const legend = kinds
    .map((kind) => `<span><i class="${kind}"></i>${both((one) => tracePageWords[one].phases[kind])}</span>`)
    .join(' ');
  return `<p class="legend">${legend}</p><table class="waterfall">${rows.join('')}</table>`;
}

function renderChapter({ chapter, kind, method, url }: ChapterPhases, story: Story, named: boolean): string {
  const stages = story.stages.filter((stage) => stage.chapter === chapter).map(renderStage);
  const inner = stages.join('\n');
  if (!named) return `<section>${inner}</section>`;
  const heading = `${both((one) => tracePageWords[one].chapters[kind])}: ${escape(`${method} ${url}`)}`;
  // Files of a page are many: they are opened by who wants to see them.
  if (kind === 'resource') return `<details class="chapter"><summary>${heading}</summary>${inner}</details>`;
  return `<section><h2>${heading}</h2>${inner}</section>`;
}

function renderStage({ name, title, startMs, endMs, observations, findings, connection }: Stage): string {
  const head = `${both((one) => tracePageWords[one].stages[name])} <small>${escape(title)} · ${(endMs - startMs).toFixed(1)} ms${connection > 1 ? ` · ${connection}` : ''}</small>`;
  const rungs = observations.map(renderRung).join('');
  const checks = findings
    .map((found) => {
      const sign =
        found.severity === 'error'
          ? '✗'
          : found.severity === 'warning'
            ? '!'
            : isPassed(found) && isGood(found)
              ? '✓'
              : '·';
      return `<li class="${found.severity}"><b>${sign}</b> ${both((one) => tellFinding(found, one).cause)}</li>`;
    })
    .join('');
  return `<article><h3>${head}</h3><div class="ladder">${rungs}</div>${checks === '' ? '' : `<ul class="checks">${checks}</ul>`}</article>`;
}

const marks = { seen: '', kernel: ' ^', inferred: ' ~' } as const;

function renderRung(observation: Observation): string {
  const { atMs, direction, label, values, known, details, octets, peer } = observation;
  const text = `${both((one) => tellWord(labels[label], one, values))}${marks[known]}`;
  const at = `<time>${atMs.toFixed(1)}</time>`;
  const end = peer === undefined ? '' : ` <em>${escape(peer)}</em>`;
  const line = `<div class="rung ${direction}">${at}<span>${text}${end}</span></div>`;
  if (details.length === 0 && octets === undefined) return line;
  const rows = details.map(renderDetail).join('');
  const table = rows === '' ? '' : `<table class="fields">${rows}</table>`;
  const dump = octets === undefined || octets.length === 0 ? '' : `<pre>${hex(octets)}</pre>`;
  const isMessage = label === 'http.request' || label === 'http.response';
  return `<details${isMessage ? ' open' : ''}><summary>${line}</summary>${table}${dump}</details>`;
}

function renderDetail({ label, value, note, range }: Detail): string {
  const name = typeof label === 'string' ? both((one) => tellWord(labels[label], one)) : escape(label.literal);
  const why = note === undefined ? '' : both((one) => tellWord(notes[note.key], one, note.values));
  const place = range === undefined ? '' : `<small>${range[0]}–${range[1]}</small>`;
  return `<tr><th>${name}</th><td>${escape(value)}</td><td class="note">${why}</td><td>${place}</td></tr>`;
}

const MOST_OCTETS = 4_096;

function hex(octets: Uint8Array): string {
  const lines: string[] = [];
  const shown = octets.subarray(0, MOST_OCTETS);
  for (let at = 0; at < shown.length; at += 16) {
    const piece = shown.subarray(at, at + 16);
    const digits = Array.from(piece, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(piece, (octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.')).join(
      '',
    );
    lines.push(`${at.toString(16).padStart(4, '0')}  ${digits.padEnd(47)}  ${escape(text)}`);
  }
  if (octets.length > MOST_OCTETS) lines.push(`… ${octets.length}`);
  return lines.join('\n');
}

function renderFindings(story: Story): string {
  const order = { error: 0, warning: 1, info: 2 } as const;
  const seen = new Set<string>();
  const told = findingsOf(story)
    .filter((found) => !isPassed(found))
    .toSorted((a, b) => order[a.severity] - order[b.severity])
    .filter((found) => {
      const { cause } = tellFinding(found, 'en');
      return !seen.has(cause) && seen.add(cause);
    });
  if (told.length === 0) return `<p>${word('noFindings')}</p>`;
  const signs: Readonly<Record<Finding['severity'], string>> = { error: '✗', warning: '!', info: '·' };
  const items = told.map((found) => {
    const mend =
      tellFinding(found, 'en').mend === ''
        ? ''
        : `<p class="mend">→ ${both((one) => tellFinding(found, one).mend)}</p>`;
    return `<li class="${found.severity}"><b>${signs[found.severity]}</b> ${both((one) => tellFinding(found, one).cause)} <code>${found.code}</code>${mend}</li>`;
  });
  return `<ul class="findings">${items.join('')}</ul>`;
}
