import { parseArgs } from 'node:util';

export interface Options {
  readonly json: boolean;
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Names of peers and scenarios; empty means all. */
  readonly only: readonly string[];
  /** Measure the gateway on Node 26 too. */
  readonly node26: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run bench [-- OPTIONS]
  --rounds N      rounds of every scenario (5)
  --seconds S     length of one measurement (3)
  --only NAME …   only these peers and scenarios
  --node26        the gateway on Node 26 too
  --json          print JSON instead of tables`;

/** Reads the command line. Throws an Error that says what is wrong. `--only a b` and `--only a --only b` are the same. */
export function readOptions(argv: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
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
  return {
    json: values.json,
    rounds: positiveInteger('rounds', values.rounds),
    seconds: positiveInteger('seconds', values.seconds),
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
