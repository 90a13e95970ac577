import test from 'node:test';
import assert from 'node:assert/strict';
import { renderFindings, renderTable } from '../../src/cli/report.ts';
import { finding } from '../../src/story/finding.ts';

test('columns line up, with Chinese taking two cells a character', () => {
  assert.equal(
    renderTable([
      ['站点', 'x'],
      ['a', '本地'],
      ['abcde', ''],
    ]),
    '  站点   x\n  a      本地\n  abcde\n',
  );
});

test('a finding is a line with its severity and a line with its mend', () => {
  const findings = [finding('config-empty', { path: 'email' }), finding('config-reloaded')];
  assert.equal(
    renderFindings(findings, 'en'),
    '✗ `email` is empty.\n  → Give it a value, or take it out.\n· The changed configuration is in use.\n',
  );
});
