import { tellFinding, type Finding } from '../story/finding.ts';

/** Thrown to a program that hands over a configuration with mistakes: all of them, told in English in the message. */
export class ConfigMistakes extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const lines = findings.map((found) => {
      const { cause, mend } = tellFinding(found, 'en');
      return `\n  ${cause} ${mend}`;
    });
    super(`The configuration has mistakes:${lines.join('')}`);
    this.name = 'ConfigMistakes';
    this.findings = findings;
  }
}
