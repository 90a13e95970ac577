import { parseArgs } from 'node:util';

export interface Options {
  readonly json: boolean;
  /** Print the tables of README and docs, in both languages. */
  readonly markdown: boolean;
  /** File with the JSON of an earlier run, to print instead of measuring; '' for none. */
  readonly from: string;
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Length of the longest warm-up before the first one; 0 for none. */
  readonly warmUpSeconds: number;
  /** Names of peers and scenarios; empty means all. */
  readonly only: readonly string[];
  /** Measure the gateway on Node 26 too. */
  readonly node26: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run bench [-- OPTIONS]
  --quick         one round of 1 s: whether everything works; no figures to believe
  --rounds N      rounds of every scenario (3)
  --seconds S     length of one measurement (2)
  --warm-up S     length of the load before the first measurement of a scenario (10)
  --only NAME …   only these peers and scenarios
  --node26        the gateway on Node 26 too
  --json          print JSON instead of a table
  --markdown      print the table for the docs, in English and in Chinese
  --from FILE     print what a run with --json has written to FILE, and measure nothing`;

/** Reads the command line. Throws an Error that says what is wrong. `--only a b` and `--only a --only b` are the same. */
export function readOptions(argv: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      from: { type: 'string', default: '' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      node26: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const only = [...values.only, ...positionals];
  if (positionals.length > 0 && values.only.length === 0) throw new Error(`what is ${positionals.join(' ')}? ${USAGE}`);
  for (const name of only) {
    if (!known.includes(name)) throw new Error(`there is no ${name}; there are ${known.join(', ')}`);
  }
  if (values.json && values.markdown) throw new Error('--json and --markdown cannot both be printed');
  return {
    json: values.json,
    markdown: values.markdown,
    from: values.from,
    rounds: positiveInteger('rounds', values.rounds ?? (values.quick ? '1' : '3')),
    seconds: positiveInteger('seconds', values.seconds ?? (values.quick ? '1' : '2')),
    warmUpSeconds: values.quick ? 0 : positiveInteger('warm-up', values['warm-up'] ?? '10'),
    only,
    node26: values.node26,
    help: values.help,
  };
}

function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
  return value;
}
