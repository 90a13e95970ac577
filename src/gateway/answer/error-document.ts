import { createHash } from 'node:crypto';
import type { CatalogEntry, Language } from '../../story/catalog.ts';
import { catalog, type FindingCode } from '../../story/catalog/index.ts';
import { statusPhrases, type ErrorStatus, type StatusPhrase } from '../../story/catalog/http-status.ts';
import { finding, tellFinding, type FindingValues } from '../../story/finding.ts';
import type { AnswerFormat } from './negotiate.ts';

/** An error as a client may read it: content, and the fields that describe it. */
export interface ErrorDocument {
  readonly content: Buffer;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const numberLabel: Readonly<Record<Language, string>> = { en: 'Request number: ', zh: '请求编号：' };
const languageTag: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

const style = [
  ':root{color-scheme:light dark;--ink:#1d1d1f;--soft:#6b6b70;--line:#b3312c;--paper:#fbfaf8}',
  '@media(prefers-color-scheme:dark){:root{--ink:#ececee;--soft:#a0a0a6;--line:#e0655f;--paper:#17171a}}',
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);',
  'font:1rem/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}',
  'main{box-sizing:border-box;max-width:36rem;padding:2rem;border-left:4px solid var(--line)}',
  'h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.3}b{color:var(--line);margin-right:.6em}',
  'p{margin:.5rem 0}small{color:var(--soft)}',
].join('');
/** Nothing may load or run but the style above, named by its hash. */
const securityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** What a value may be made of to be repeated to a client: host names, ports, methods, numbers. */
const repeatable = /^[A-Za-z0-9._~:[\]-]{1,253}$/;

function publicValues(values: FindingValues): FindingValues {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(values)) {
    kept[name] = typeof value === 'number' || repeatable.test(value) ? value : '…';
  }
  return kept;
}

/**
 * The words for a client. What is the client's own doing is told as the catalogue tells it; everything else concerns the
 * inside (addresses, paths, settings), and the client gets the general words of the status.
 */
function chooseWords(
  code: FindingCode,
  values: FindingValues,
  status: ErrorStatus,
  language: Language,
): StatusPhrase & { readonly specific: boolean } {
  const entry: CatalogEntry = catalog[code];
  const general: StatusPhrase = statusPhrases[status][language];
  // A 500 is a code that was not meant to be answered.
  if (entry.fault !== 'client' || status === 500) return { ...general, specific: false };
  const told = tellFinding(finding(code, publicValues(values)), language);
  // A placeholder that nothing filled is no sentence for a stranger.
  if (/\{\w+\}/.test(told.cause + told.mend)) return { ...general, specific: false };
  return { title: general.title, ...told, specific: true };
}

/** Writes an error in a format and language. `requestId` may be ''. */
export function writeErrorDocument(
  code: FindingCode,
  values: FindingValues,
  status: ErrorStatus,
  format: AnswerFormat,
  language: Language,
  requestId: string,
): ErrorDocument {
  const words = chooseWords(code, values, status, language);
  const common = [
    ['Content-Language', languageTag[language]],
    ['X-Content-Type-Options', 'nosniff'],
  ] as const;
  if (format === 'json') {
    // RFC 9457: without a type of its own a problem is "about:blank", and its title is the status in words.
    const problem = {
      title: words.title,
      status,
      detail: words.cause,
      ...(words.mend === '' ? {} : { mend: words.mend }),
      ...(words.specific ? { code } : {}),
      ...(requestId === '' ? {} : { requestId }),
    };
    return {
      content: Buffer.from(`${JSON.stringify(problem)}\n`),
      fields: [['Content-Type', 'application/problem+json'], ...common],
    };
  }
  const numberLine = requestId === '' ? '' : numberLabel[language] + requestId;
  if (format === 'text') {
    const lines = [`${status} ${words.title}`, '', words.cause, words.mend, numberLine === '' ? '' : `\n${numberLine}`];
    const text = lines.filter((line, index) => line !== '' || index === 1).join('\n');
    return { content: Buffer.from(`${text}\n`), fields: [['Content-Type', 'text/plain; charset=utf-8'], ...common] };
  }
  const html = [
    `<!doctype html><html lang="${languageTag[language]}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${status} ${escapeHtml(words.title)}</title><style>${style}</style></head>`,
    `<body><main><h1><b>${status}</b>${escapeHtml(words.title)}</h1><p>${escapeHtml(words.cause)}</p>`,
    words.mend === '' ? '' : `<p>${escapeHtml(words.mend)}</p>`,
    numberLine === '' ? '' : `<p><small>${escapeHtml(numberLine)}</small></p>`,
    '</main></body></html>\n',
  ].join('');
  return {
    content: Buffer.from(html),
    fields: [['Content-Type', 'text/html; charset=utf-8'], ['Content-Security-Policy', securityPolicy], ...common],
  };
}
