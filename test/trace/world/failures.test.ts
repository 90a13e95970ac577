import { readFileSync, writeFileSync } from 'node:fs';
import test, { after, describe } from 'node:test';
import assert from 'node:assert/strict';
import type { Language } from '../../../src/story/catalog.ts';
import { failureLine, failurePage } from './failure-table.ts';
import type { Failure } from './failure.ts';
import { certificateFailures } from './failures-certificate.ts';
import { httpFailures } from './failures-http.ts';
import { connectFailures, nameFailures } from './failures-name-tcp.ts';
import { tlsFailures } from './failures-tls.ts';
import { Absent, Ground } from './ground.ts';
import { runFailure, type FailureRun } from './run-failure.ts';

/**
 * The broken world: each failure is made for real and traced in both languages. `MENSHEN_WRITE_FAILURES=1` writes the
 * documented table; otherwise it has to say what the command says.
 */

const groups = [nameFailures, connectFailures, tlsFailures, certificateFailures, httpFailures];
const pages: Readonly<Record<Language, string>> = { en: 'docs/failures.md', zh: 'docs/failures.zh-CN.md' };
const isWriting = process.env['MENSHEN_WRITE_FAILURES'] === '1';
const runs = new Map<Failure, FailureRun>();
const ground = new Ground();
after(() => ground.closeAll());

for (const group of groups)
  describe(group.en, () => {
    for (const failure of group.failures)
      test(failure.en, async (t) => {
        try {
          const run = await runFailure(failure, ground);
          runs.set(failure, run);
          assert.equal(run.exitCode, failure.exitCode, run.codes.join());
          assert.equal(run.verdict, failure.exitCode === 0 ? 'fine' : failure.code, run.codes.join());
          assert.ok(run.codes.includes(failure.code), run.codes.join());
          for (const language of ['en', 'zh'] as const) {
            const { sentence, mend } = run.told[language];
            for (const text of [sentence, mend]) assert.match(text, /^[^{}]+$/, 'told, with every value in its place');
            assert.equal(/\p{Script=Han}/u.test(sentence), language === 'zh', sentence);
            const line = failureLine(failure, run, language);
            if (!isWriting) assert.ok(documented(language).includes(line), `${pages[language]} lacks:\n${line}`);
          }
        } catch (error) {
          if (!(error instanceof Absent)) throw error;
          t.skip(error.message);
        } finally {
          await ground.close();
        }
      });
  });

const read = new Map<Language, string[]>();
function documented(language: Language): string[] {
  const lines = read.get(language) ?? readFileSync(pages[language], 'utf8').split('\n');
  read.set(language, lines);
  return lines;
}

test('the documented table has a line for each failure, and no other', (t) => {
  for (const language of ['en', 'zh'] as const) {
    const lineOf = (failure: Failure): string => {
      const run = runs.get(failure);
      // What this machine cannot make stands as it was.
      const before = (): string =>
        documented(language).find((line) => line.startsWith(`| ${failure[language]} |`)) ?? `| ${failure[language]} |`;
      return run === undefined ? before() : failureLine(failure, run, language);
    };
    const page = failurePage(groups, language, lineOf);
    if (isWriting) writeFileSync(pages[language], page);
    else assert.equal(readFileSync(pages[language], 'utf8'), page);
  }
  t.diagnostic(`${runs.size} failures`);
});
