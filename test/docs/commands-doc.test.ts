import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import assert from 'node:assert/strict';
import { traceExitCodes } from '../../src/cli/commands/trace-exit.ts';
import { exitCodes, nameExitCodes, verifyExitCodes } from '../../src/cli/exit-codes.ts';
import type { Language } from '../../src/story/catalog.ts';
import { everyCommand, fillCommands } from './command-reference.ts';

const references: readonly (readonly [string, Language])[] = [
  ['docs/commands.md', 'en'],
  ['docs/commands.zh-CN.md', 'zh'],
];

for (const [file, language] of references) {
  test(`${file} tells every command and option that there is`, () => {
    const document = readFileSync(file, 'utf8');
    const filled = fillCommands(document, language);
    // MENSHEN_WRITE_DOCS=1 npm test -- commands-doc writes the reference after a command has changed.
    if (process.env['MENSHEN_WRITE_DOCS']) writeFileSync(file, filled);
    else assert.equal(document, filled);
    assert.ok(everyCommand(language).length > 10);
  });
}

/** The codes that begin a row of some table. */
const codesIn = (file: string): Set<number> =>
  new Set([...readFileSync(file, 'utf8').matchAll(/^\| (\d{1,2}) \|/gm)].map(([, code]) => Number(code)));

for (const suffix of ['.md', '.zh-CN.md']) {
  test(`each page of a command${suffix} tells its exit codes`, () => {
    const usual = Object.values(exitCodes);
    const verifyCodes = Object.values(verifyExitCodes);
    assert.deepEqual(codesIn(`docs/verify${suffix}`), new Set([...usual, ...verifyCodes]));
    // Those of certificates stand on the page of verify.
    assert.deepEqual(codesIn(`docs/trace${suffix}`), new Set([...usual, ...Object.values(traceExitCodes)]));
    const { fine, usage } = exitCodes;
    assert.deepEqual(codesIn(`docs/dns${suffix}`), new Set([fine, usage, ...Object.values(nameExitCodes)]));
    const all = codesIn(`docs/commands${suffix}`);
    for (const code of [...usual, ...verifyCodes, ...Object.values(traceExitCodes)])
      assert.ok(all.has(code), `docs/commands${suffix}: ${code}`);
  });
}
