import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseScenario, type Scenario } from './scenario.ts';
import { runScenario } from './scripted-world.ts';

const folder = path.resolve('../shared/corpora/dns/deckard/sets');

/** Scenarios about something that this resolver has no part in, by file. */
const others: Readonly<Record<string, string>> = {
  'nsec3_aggr_cache.rpl': 'denials are made of NSEC3 ranges in the cache (RFC 8198), which needs DNSSEC validation',
  'val_rrsig.rpl': 'asks for RRSIG records, which only a server that was asked with DO gives',
};

/** Why a scenario does not apply, or undefined. */
function reasonAgainst(file: string, scenario: Scenario): string | undefined {
  if (file.includes(`${path.sep}knotd${path.sep}`)) return 'tests an authoritative server with its own zone';
  const name = path.basename(file);
  if (name.startsWith('module_')) return `tests a module of Knot Resolver (${scenario.title})`;
  if (others[name] !== undefined) return others[name];
  const validates = scenario.config.some(([key]) => key === 'trust-anchor');
  const refuses = scenario.steps.some(
    ({ kind, entry }) => kind === 'CHECK_ANSWER' && entry?.reply.includes('SERVFAIL'),
  );
  if (validates && refuses) return 'an answer must be refused by DNSSEC validation';
  return undefined;
}

const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.rpl'))
      .sort()
      .map((name) => path.join(folder, name))
  : [];

test("Deckard's scenarios: the iterative resolver comes to the same RCODE and answer", async (t) => {
  if (files.length === 0) {
    t.skip('the corpus is not there');
    return;
  }
  const tally = { agreed: 0, withoutDnssec: 0, failed: 0 };
  const notRun: string[] = [];
  for (const file of files) {
    const scenario = parseScenario(readFileSync(file, 'utf8'));
    const name = path.basename(file);
    const reason = reasonAgainst(file, scenario);
    if (reason !== undefined) {
      notRun.push(`${name}: ${reason}`);
      continue;
    }
    await t.test(`${name} (${scenario.title.trim()})`, async () => {
      tally.failed += 1;
      assert.deepEqual(await runScenario(scenario), []);
      tally.failed -= 1;
      if (scenario.config.some(([key]) => key === 'trust-anchor')) tally.withoutDnssec += 1;
      else tally.agreed += 1;
    });
  }
  const ran = files.length - notRun.length;
  t.diagnostic(
    `${ran} of ${files.length} scenarios ran: ${tally.agreed} agree, ${tally.withoutDnssec} more agree where they sign ` +
      `and validation is left out, ${tally.failed} fail; ${notRun.length} do not apply:`,
  );
  for (const line of notRun) t.diagnostic(line);
  assert.equal(tally.failed, 0);
});
