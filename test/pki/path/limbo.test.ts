import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readLimboFile, ruleBookOf, runLimboCase } from './limbo-case.ts';

const folder = '../shared/corpora/x509-limbo';

describe('x509-limbo', () => {
  for (const [file, atLeast] of [
    ['limbo.json', 100],
    ['bettertls.json.gz', 500],
  ] as const) {
    it(`agrees on every case of ${file}`, (t) => {
      if (!existsSync(`${folder}/${file}`)) return t.skip('the x509-limbo corpus is absent');
      const cases = readLimboFile(`${folder}/${file}`);
      assert.ok(cases.length >= atLeast);
      const disagreements: string[] = [];
      for (const testcase of cases) {
        const { got, reason } = runLimboCase(testcase, Date.UTC(2026, 10, 22));
        if (got !== testcase.expected_result) disagreements.push(`${testcase.id}: got ${got}: ${reason}`);
      }
      assert.deepEqual(disagreements, []);
      return undefined;
    });
  }

  it('asks each namespace after its own rule book', () => {
    assert.deepEqual(ruleBookOf('webpki::san::no-san'), { profile: 'webpki', conformance: 'strict' });
    assert.deepEqual(ruleBookOf('rfc5280::ca-as-leaf'), { profile: 'rfc5280', conformance: 'strict' });
    assert.deepEqual(ruleBookOf('online::example.com'), { profile: 'webpki', conformance: 'common' });
  });
});
