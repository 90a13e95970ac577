/** Reads Deckard's scenarios (`.rpl`): what scripted servers answer, and what a resolver is asked and must say. */

export interface Entry {
  readonly match: readonly string[];
  readonly adjust: readonly string[];
  /** Words of REPLY: flags and an RCODE. */
  readonly reply: readonly string[];
  /** Lines of each section, as they stand there. */
  readonly sections: Readonly<Record<'QUESTION' | 'ANSWER' | 'AUTHORITY' | 'ADDITIONAL', readonly string[]>>;
  /** Hexadecimal octets that are sent as they are. */
  readonly raw: string | undefined;
}

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly addresses: readonly string[];
  readonly entries: readonly Entry[];
}

export interface Step {
  readonly id: number;
  readonly kind: string;
  readonly words: readonly string[];
  readonly entry: Entry | undefined;
}

export interface Scenario {
  readonly title: string;
  /** `key: value` lines, comments taken off. */
  readonly config: readonly (readonly [key: string, value: string])[];
  readonly ranges: readonly Range[];
  readonly steps: readonly Step[];
}

type SectionName = keyof Entry['sections'];

export function parseScenario(text: string): Scenario {
  const [head = '', body = ''] = text.split(/^CONFIG_END.*$/m);
  const config = head.split('\n').flatMap((line): (readonly [string, string])[] => {
    const found = /^\s*([a-z0-9-]+):\s*(.*?)\s*(?:[#;].*)?$/.exec(line);
    return found === null ? [] : [[found[1]!, found[2]!.replace(/^"|"$/g, '')]];
  });
  const lines = body
    .split('\n')
    .map((line) => line.replace(/^\s*[;#].*$/, '').trim())
    .filter((line) => line !== '');
  const reader = new LineReader(lines);
  const ranges: Range[] = [];
  const steps: Step[] = [];
  let title = '';
  for (let line = reader.next(); line !== undefined && line !== 'SCENARIO_END'; line = reader.next()) {
    const words = line.replace(/\s+;.*$/, '').split(/\s+/);
    if (words[0] === 'SCENARIO_BEGIN') title = line.slice('SCENARIO_BEGIN '.length);
    else if (words[0] === 'RANGE_BEGIN') ranges.push(readRange(reader, words));
    else if (words[0] === 'STEP') {
      const entry = reader.peek()?.startsWith('ENTRY_BEGIN') === true ? readEntry(reader) : undefined;
      steps.push({ id: Number(words[1]), kind: words[2] ?? '', words: words.slice(3), entry });
    } else throw new Error(`not understood: ${line}`);
  }
  return { title, config, ranges, steps };
}

class LineReader {
  private readonly lines: readonly string[];
  private at = 0;

  constructor(lines: readonly string[]) {
    this.lines = lines;
  }

  peek(): string | undefined {
    return this.lines[this.at];
  }

  next(): string | undefined {
    return this.lines[this.at++];
  }
}

function readRange(reader: LineReader, [, from, to, ...addresses]: readonly string[]): Range {
  const entries: Entry[] = [];
  for (;;) {
    const line = reader.peek();
    if (line === undefined) throw new Error('RANGE_END is missing');
    if (line.startsWith('ENTRY_BEGIN')) {
      entries.push(readEntry(reader));
      continue;
    }
    reader.next();
    if (line.startsWith('RANGE_END')) return { from: Number(from), to: Number(to), addresses, entries };
    const address = /^ADDRESS\s+(\S+)/.exec(line)?.[1];
    if (address === undefined) throw new Error(`not understood in a range: ${line}`);
    addresses.push(address);
  }
}

function readEntry(reader: LineReader): Entry {
  reader.next();
  const match: string[] = [];
  const adjust: string[] = [];
  const reply: string[] = [];
  const sections: Record<SectionName, string[]> = { QUESTION: [], ANSWER: [], AUTHORITY: [], ADDITIONAL: [] };
  let raw: string | undefined;
  let section: SectionName | undefined;
  for (;;) {
    const line = reader.next();
    if (line === undefined) throw new Error('ENTRY_END is missing');
    const [word, ...rest] = line.replace(/\s+;.*$/, '').split(/\s+/);
    if (word === 'ENTRY_END') return { match, adjust, reply, sections, raw };
    if (word === 'MATCH') match.push(...rest.map((one) => one.toLowerCase()));
    else if (word === 'ADJUST') adjust.push(...rest.map((one) => one.toLowerCase()));
    else if (word === 'REPLY' || word === 'FLAGS') reply.push(...rest.map((one) => one.toUpperCase()));
    else if (word === 'SECTION') section = rest[0] as SectionName;
    else if (word === 'RAW') raw = '';
    else if (raw !== undefined) raw += line;
    else if (section !== undefined) sections[section].push(wholeRecord(line, reader));
    else throw new Error(`not understood in an entry: ${line}`);
  }
}

/** A record in parentheses goes over several lines (RFC 1035 section 5.1). */
function wholeRecord(line: string, reader: LineReader): string {
  let whole = line.replace(/\s;.*$/, '');
  while (whole.includes('(') && !whole.includes(')')) whole += ` ${(reader.next() ?? ')').replace(/\s;.*$/, '')}`;
  return whole.replace(/[()]/g, ' ');
}
