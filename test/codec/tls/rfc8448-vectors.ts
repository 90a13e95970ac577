import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One octet string of RFC 8448: the step that it stands in, and what it is there. */
export interface Vector {
  readonly section: string;
  readonly op: string;
  readonly label: string;
  readonly hex: string;
}

const file = path.resolve('../shared/corpora/tls-rfc8448/rfc8448-vectors.json');

export const vectorsAbsent = existsSync(file) ? false : 'the RFC 8448 vectors are not here';
export const vectors: readonly Vector[] = vectorsAbsent ? [] : (JSON.parse(readFileSync(file, 'utf8')) as Vector[]);
export const sections: readonly string[] = [...new Set(vectors.map(({ section }) => section))];

export const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

/** Steps of a section in order; a step that is told twice in a row with the same words is two steps. */
export interface Step {
  readonly op: string;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

export function stepsOf(section: string): Step[] {
  const steps: { op: string; values: Map<string, Uint8Array> }[] = [];
  for (const { section: where, op, label, hex } of vectors) {
    if (where !== section) continue;
    let step = steps.at(-1);
    if (step === undefined || step.op !== op || step.values.has(label)) {
      step = { op, values: new Map() };
      steps.push(step);
    }
    step.values.set(label, octets(hex));
  }
  return steps;
}

export function valueOf(section: string, op: RegExp, label: string): Uint8Array | undefined {
  return stepsOf(section)
    .find((step) => op.test(step.op) && step.values.has(label))
    ?.values.get(label);
}
