import { limitEntries, timeoutEntries, type LimitEntry } from '../../src/config/limits.ts';
import { formatMeasure } from '../../src/config/schema-values.ts';
import { settingEntries } from '../../src/config/settings.ts';
import type { Language } from '../../src/story/catalog.ts';

/** The tables of docs/configuration*.md, as they follow from the schema's own tables. */

const headings: Readonly<Record<Language, { settings: string; measures: string; both: string; top: string }>> = {
  en: {
    settings: '| setting | type | default | what it is |',
    measures: '| name | default | from | to | 0 means | why | where |',
    both: 'top, site',
    top: 'top',
  },
  zh: {
    settings: '| 设置 | 类型 | 默认值 | 说明 |',
    measures: '| 名称 | 默认值 | 最小 | 最大 | 0 表示 | 理由 | 位置 |',
    both: '顶层、站点',
    top: '顶层',
  },
};

/** The document with its three tables written anew between their marks. */
export function fillReference(document: string, language: Language): string {
  const tables = {
    settings: settingsTable(language),
    timeouts: measuresTable(timeoutEntries, language),
    limits: measuresTable(limitEntries, language),
  };
  let filled = document;
  for (const [name, table] of Object.entries(tables)) {
    const marks = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!marks.test(filled)) throw new Error(`the document has no marks for ${name}`);
    filled = filled.replace(marks, (_, begin: string, end: string) => `${begin}${table}${end}`);
  }
  return filled;
}

function settingsTable(language: Language): string {
  const rows = settingEntries.map(({ path, type, default: value, says }) => {
    const name = path.replace('sites.*', 'sites[name]');
    const known = typeof value !== 'string' ? value[language] : value === '' ? '' : `\`${value}\``;
    return `| \`${name}\` | \`${escape(type)}\` | ${known} | ${says[language]} |`;
  });
  return table(headings[language].settings, rows);
}

function measuresTable(entries: readonly LimitEntry<string>[], language: Language): string {
  const words = headings[language];
  const rows = entries.map((entry) => {
    const show = (value: number) => `\`${formatMeasure(value, entry.unit)}\``;
    const zero = entry.zero?.[language] ?? '';
    const place = entry.scope === 'site' ? words.both : words.top;
    return `| \`${entry.setting}\` | ${show(entry.default)} | ${show(entry.minimum)} | ${show(entry.maximum)} | ${zero} | ${entry.reason[language]} | ${place} |`;
  });
  return table(words.measures, rows);
}

function table(heading: string, rows: readonly string[]): string {
  const rule = heading.replace(/[^|]+/g, '---');
  return `${[heading, rule, ...rows].join('\n')}\n`;
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}
