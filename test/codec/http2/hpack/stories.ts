import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One header list of a story, and the block that an implementation made of it. */
export interface StoryCase {
  readonly wire: Buffer;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** SETTINGS_HEADER_TABLE_SIZE in force from this case on. */
  readonly tableSize: number | undefined;
}

export interface Story {
  readonly name: string;
  readonly cases: readonly StoryCase[];
}

const folder = path.join(process.cwd(), '..', 'shared', 'corpora', 'hpack');

/** The HPACK stories (http2jp/hpack-test-case, MIT), or none where the corpus is absent. */
export function readStories(): Story[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const story = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as {
        cases: { wire: string; headers: Record<string, string>[]; header_table_size?: number }[];
      };
      return {
        name: file,
        cases: story.cases.map((one) => ({
          wire: Buffer.from(one.wire, 'hex'),
          headers: one.headers.map((header) => Object.entries(header)[0]!),
          tableSize: one.header_table_size,
        })),
      };
    });
}
