import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { YearReport } from './simulated-year.ts';

test('a year of 10,000 names: no expiry, no limit exceeded, through outages, revocations and crashes', async (t) => {
  const worker = new Worker(new URL(`simulated-year${path.extname(import.meta.url)}`, import.meta.url));
  const [report] = (await once(worker, 'message')) as [YearReport];
  t.diagnostic(['A year of renewals, simulated', ...report.table].join('\n'));
  assert.deepEqual(report.expired, []);
  assert.deepEqual(report.limited, { orders: 0, domain: 0, set: 0, failures: 0 });
  assert.equal(report.missing, report.unreachableNames, 'every name that can be validated has a certificate');
  assert.ok(report.revoked > report.names / 4);
  assert.equal(report.replaced, report.revoked, 'every revoked certificate was replaced');
  const { whileDown, failedAuthorizations, exempt, issued } = report.seen;
  assert.ok(whileDown > 0 && failedAuthorizations > 0 && exempt > issued / 2);
});
