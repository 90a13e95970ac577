import { median, medianRatio } from './statistics.ts';
import type { Scenario } from './scenario.ts';

/** Values of one scenario, round by round, by peer name; in the scenario's unit. */
export interface Measured {
  readonly scenario: Pick<Scenario, 'name' | 'title' | 'unit'>;
  readonly rounds: Readonly<Record<string, readonly number[]>>;
}

export interface Report {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly kernel: string };
  /** In the order of the table; the first is the base of the ratios. */
  readonly peers: readonly { readonly name: string; readonly version: string }[];
  readonly seconds: number;
  readonly measured: readonly Measured[];
}

/** One cell: how often the base's value, and the value itself. */
function cell(measured: Measured, peer: string, base: string): string {
  const values = measured.rounds[peer] ?? [];
  const ratio = medianRatio(values, measured.rounds[base] ?? []);
  const value = median(values);
  return `${ratio.toFixed(2)} (${value.toFixed(value < 100 ? 1 : 0)} ${measured.scenario.unit})`;
}

/** A Markdown table: one line a peer, one column a scenario, each cell `ratio (value)`. */
export function markdown(report: Report): string {
  const base = report.peers[0]?.name ?? '';
  const rows = [
    ['', ...report.measured.map(({ scenario }) => scenario.title)],
    ...report.peers.map(({ name, version }) => [
      version,
      ...report.measured.map((measured) => cell(measured, name, base)),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  const rounds = Math.max(0, ...report.measured.flatMap(({ rounds }) => Object.values(rounds).map((of) => of.length)));
  const { cpu, cores, kernel } = report.machine;
  return [
    ...lines,
    '',
    ...againstCaddy(report),
    `Ratios to ${base}, smaller is better: medians of ${rounds} interleaved rounds of ${report.seconds} s (in brackets the`,
    'median itself): CPU time of the process tree for one request or one connection, and memory for one connection.',
    `Each peer alone on one core; load and backend on another. ${cpu}, ${cores} cores, Linux ${kernel}.`,
  ].join('\n');
}

/** One line for each of our peers that says how it stands to Caddy, scenario by scenario. */
function againstCaddy(report: Report): string[] {
  if (!report.peers.some(({ name }) => name === 'caddy')) return [];
  const ours = report.peers.filter(({ name }) => name.startsWith('menshen'));
  return ours.flatMap(({ name, version }) => {
    const ratios = report.measured.map(({ scenario, rounds }) => {
      return `${scenario.title} ${medianRatio(rounds[name] ?? [], rounds['caddy'] ?? []).toFixed(2)}`;
    });
    return [`${version}, ratios to Caddy: ${ratios.join('; ')}.`, ''];
  });
}

/** The same as plain data, with every round. */
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
