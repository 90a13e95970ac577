import { goalOf } from './goals.ts';
import { median, medianRatio } from './statistics.ts';
import type { Figure } from './scenario.ts';

/** Values of one figure, round by round, by peer name; in the figure's unit. */
export interface Measured {
  readonly figure: Figure;
  readonly rounds: Readonly<Record<string, readonly number[]>>;
}

/** A peer that did not do what a scenario asks for: a reason, and no value. */
export interface Failure {
  readonly scenario: string;
  readonly peer: string;
  readonly reason: string;
}

export interface Report {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly kernel: string };
  /** In the order of the table; the first is the base of the ratios. */
  readonly peers: readonly { readonly name: string; readonly version: string }[];
  readonly seconds: number;
  /** 0 in a quick run. */
  readonly warmUpSeconds: number;
  readonly measured: readonly Measured[];
  readonly failures: readonly Failure[];
}

export type Language = 'en' | 'zh';

/** Columns that a text takes on a terminal: characters of Chinese and their punctuation take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]/u.test(character) ? 2 : 1;
  return width;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Lines of a Markdown table; the first row is its head. */
function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => displayWidth(row[column] ?? '')))) ?? [];
  const lines = rows.map((row) => `| ${row.map((text, column) => pad(text, widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines;
}

/** One cell: how often the base's value, and the value itself. `–` where there is none. */
function cell({ figure, rounds }: Measured, peer: string, base: string): string {
  const values = rounds[peer] ?? [];
  if (values.length === 0) return '–';
  const ratio = medianRatio(values, rounds[base] ?? []);
  const value = median(values);
  const text = `${value.toFixed(value < 100 ? 1 : 0)} ${figure.unit}`;
  return Number.isNaN(ratio) ? `(${text})` : `${ratio.toFixed(2)} (${text})`;
}

/** A table with one line a figure and one column a peer, each cell `ratio (value)`, and what there is to say about it. */
export function table(report: Report, language: Language): string {
  const base = report.peers[0]?.name ?? '';
  const rows = [
    ['', ...report.peers.map(({ version }) => version)],
    ...report.measured.map((measured) => [
      measured.figure.title[language],
      ...report.peers.map(({ name }) => cell(measured, name, base)),
    ]),
  ];
  return [
    ...tableLines(rows),
    '',
    ...againstGoals(report, language),
    ...againstCaddy(report, language),
    ...notes(report, language),
  ].join('\n');
}

function notes(report: Report, language: Language): string[] {
  const rounds = Math.max(0, ...report.measured.flatMap(({ rounds }) => Object.values(rounds).map((of) => of.length)));
  const base = report.peers[0]?.name ?? '';
  const { seconds, warmUpSeconds, failures } = report;
  const { cpu, cores, kernel } = report.machine;
  const told =
    language === 'en'
      ? [
          `Ratios to ${base} (in brackets the value itself), medians of ${rounds} interleaved rounds of ${seconds} s: CPU time of the`,
          'process tree for one request, connection or megabyte, and memory for one connection: smaller is better. Requests a',
          'second: larger is better. Peers have one core, or two for two workers; load and app have another where there is one.',
          `${cpu}, ${cores} cores, Linux ${kernel}.`,
        ]
      : [
          `与 ${base} 之比（括号内为数值本身），${rounds} 轮交错、每轮 ${seconds} 秒的中位数：进程树为每个请求、每个连接或每 MB 所用的 CPU 时间，`,
          '以及每个连接所占内存：越小越好。每秒请求数：越大越好。每个对手用一个核，两个工作进程时用两个；若还有别的核，负载与应用用别的核。',
          `${cpu}，${cores} 核，Linux ${kernel}。`,
        ];
  const failed = failures.map(({ scenario, peer, reason }) => `- ${scenario}, ${peer}: ${reason.split('\n')[0]}`);
  if (warmUpSeconds === 0) {
    told.push(
      language === 'en' ? 'A quick run without warm-up: no figure to believe.' : '快速运行，没有预热：数值不可信。',
    );
  }
  if (failed.length === 0) return told;
  return [...told, '', language === 'en' ? 'Failed:' : '失败：', '', ...failed];
}

/** One line for each of our peers that says how it stands to Caddy, figure by figure. */
function againstCaddy(report: Report, language: Language): string[] {
  const ours = report.peers.filter(({ name }) => name.startsWith('menshen'));
  return ours.flatMap(({ name, version }) => {
    const ratios = report.measured.flatMap(({ figure, rounds }) => {
      const ratio = medianRatio(rounds[name] ?? [], rounds['caddy'] ?? []);
      return Number.isNaN(ratio) ? [] : [`${figure.title[language]} ${ratio.toFixed(2)}`];
    });
    if (ratios.length === 0) return [];
    return language === 'en'
      ? [`${version}, ratios to Caddy: ${ratios.join('; ')}.`, '']
      : [`${version}，与 Caddy 之比：${ratios.join('；')}。`, ''];
  });
}

/** One line for each of our peers that says which goals it reached and where it missed one. */
function againstGoals(report: Report, language: Language): string[] {
  if (report.peers[0]?.name !== 'nginx') return [];
  const ours = report.peers.filter(({ name }) => name.startsWith('menshen'));
  return ours.flatMap(({ name, version }) => {
    const major = Number(/Node (\d+)/.exec(version)?.[1]);
    const judged = report.measured.flatMap(({ figure, rounds }) => {
      const ratio = medianRatio(rounds[name] ?? [], rounds['nginx'] ?? []);
      const goal = goalOf(figure.name, major);
      return goal === undefined || Number.isNaN(ratio) ? [] : [{ title: figure.title[language], ratio, goal }];
    });
    if (judged.length === 0) return [];
    const missed = judged.filter(({ ratio, goal }) => Number(ratio.toFixed(2)) > goal);
    const told = missed.map(({ title, ratio, goal }) => `${title} ${ratio.toFixed(2)} > ${goal.toFixed(1)}`);
    const reached = judged.length - missed.length;
    const line =
      language === 'en'
        ? [`${version}: ${reached} of ${judged.length} goals reached`, ...(told.length > 0 ? [told.join('; ')] : [])]
        : [`${version}：${judged.length} 个目标中达到 ${reached} 个`, ...(told.length > 0 ? [told.join('；')] : [])];
    return language === 'en' ? [`${line.join('; missed: ')}.`, ''] : [`${line.join('；未达到：')}。`, ''];
  });
}

/** Both tables, as they stand in README and docs. */
export function markdown(report: Report): string {
  return `${table(report, 'en')}\n\n${table(report, 'zh')}`;
}

/** The same as plain data, with every round; `readReport` reads it. */
export function plainData(report: Report): object {
  const base = report.peers[0]?.name ?? '';
  return {
    ...report,
    base,
    measured: report.measured.map((measured) => ({
      ...measured,
      medians: Object.fromEntries(Object.entries(measured.rounds).map(([peer, values]) => [peer, median(values)])),
      ratios: Object.fromEntries(
        Object.entries(measured.rounds).map(([peer, values]) => [
          peer,
          medianRatio(values, measured.rounds[base] ?? []),
        ]),
      ),
    })),
  };
}

/** The report that `plainData` came from, out of its JSON. Throws an Error when it is something else. */
export function readReport(text: string): Report {
  let data: Partial<Report>;
  try {
    data = JSON.parse(text) as Partial<Report>;
  } catch (error) {
    throw new Error(`that is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const { machine, peers, seconds, warmUpSeconds, measured, failures } = data;
  const numbers = typeof seconds === 'number' && typeof warmUpSeconds === 'number';
  if (!machine || !Array.isArray(peers) || !numbers || !Array.isArray(measured) || !Array.isArray(failures)) {
    throw new Error('that is not what --json has written');
  }
  return { machine, peers, seconds, warmUpSeconds, measured, failures };
}
