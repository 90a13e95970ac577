import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Identifier } from '../../../src/acme/issuer.ts';
import { Budget, setKey, type BudgetUse } from '../../../src/acme/policy/budget.ts';
import { chooseIssuer, rehearses } from '../../../src/acme/policy/issuer-choice.ts';
import { carefulLimits, letsEncryptLimits, noLimits } from '../../../src/acme/policy/rate-limits.ts';
import { registeredDomain } from '../../../src/acme/policy/registered-domain.ts';
import { afterUse, tokenAt } from '../../../src/acme/policy/token-bucket.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 0, 1);
const dns = (...values: string[]): Identifier[] => values.map((value) => ({ type: 'dns', value }));
const question = (identifiers: readonly Identifier[], nowMs = T, more = {}) => ({
  identifiers,
  inWindow: false,
  again: false,
  nowMs,
  ...more,
});
const use = (kind: BudgetUse['kind'], identifiers: readonly Identifier[], atMs = T, more = {}): BudgetUse => ({
  kind,
  identifiers,
  atMs,
  issuer: 'letsencrypt',
  inWindow: false,
  again: false,
  ...more,
});

test('a bucket never gives more than its burst and its refill, whenever it is asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 1_000 }),
      fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 100 }),
      (burst, refillMs, pauses) => {
        const shape = { burst, refillMs };
        let state: number | undefined;
        let now = 0;
        const taken: number[] = [];
        for (const pause of pauses) {
          now += pause;
          const atMs = tokenAt(shape, state, now);
          assert.ok(atMs >= now && atMs - now <= refillMs);
          if (atMs > now) continue;
          state = afterUse(shape, state, now);
          taken.push(now);
        }
        for (const [first, from] of taken.entries()) {
          for (const [index, to] of taken.entries()) {
            if (index >= first) assert.ok(index - first + 1 <= burst + (to - from) / refillMs + 1e-9);
          }
        }
      },
    ),
  );
});

test('five certificates of a set, then one in 33.6 hours; the order of names does not matter', () => {
  const budget = new Budget(letsEncryptLimits);
  for (let i = 0; i < 5; i++) {
    assert.equal(budget.earliest(question(dns('a.example', 'b.example'))).limit, 'none');
    budget.record(use('certificate', dns('b.example', 'a.example')));
  }
  const answer = budget.earliest(question(dns('a.example', 'B.example')));
  assert.deepEqual([answer.limit, answer.atMs - T], ['set', 33.6 * HOUR]);
  assert.equal(budget.earliest(question(dns('a.example'))).limit, 'none');
  assert.equal(budget.earliest(question(dns('a.example', 'b.example'), T, { inWindow: true })).limit, 'none');
  assert.equal(budget.earliest(question(dns('a.example', 'b.example'), T + 34 * HOUR)).limit, 'none');
});

test('fifty certificates of a registered domain; a set that had one before is exempt', () => {
  const budget = new Budget(letsEncryptLimits);
  for (let i = 0; i < 50; i++) budget.record(use('certificate', dns(`n${i}.shop.co.uk`)));
  const answer = budget.earliest(question(dns('new.shop.co.uk')));
  assert.deepEqual([answer.limit, answer.subject], ['domain', 'shop.co.uk']);
  assert.equal(budget.earliest(question(dns('other.co.uk'))).limit, 'none');
  assert.equal(budget.earliest(question(dns('n1.shop.co.uk'), T, { again: true })).limit, 'none');
});

test('three hundred orders in three hours, then one every 36 seconds', () => {
  const budget = new Budget(letsEncryptLimits);
  for (let i = 0; i < 300; i++) budget.record(use('order', dns(`a${i}.example`)));
  const answer = budget.earliest(question(dns('b.example')));
  assert.deepEqual([answer.limit, answer.atMs - T], ['orders', 36_000]);
  assert.equal(budget.nextOrder(T), T + 36_000);
  budget.record(use('order', dns('c.example'), T, { inWindow: true }));
  assert.equal(budget.nextOrder(T), T + 36_000, 'an order within a window does not count');
});

test('five failed authorizations of a name stop it for a while, also within a window', () => {
  const budget = new Budget(letsEncryptLimits);
  for (let i = 0; i < 5; i++) budget.record(use('failure', dns('*.a.example')));
  const answer = budget.earliest(question(dns('a.example', 'b.example'), T, { inWindow: true }));
  assert.deepEqual([answer.limit, answer.subject, answer.atMs - T], ['failures', 'a.example', 720_000]);
});

test('orders side by side do not all take the last token', () => {
  const budget = new Budget(letsEncryptLimits);
  for (let i = 0; i < 4; i++) budget.record(use('certificate', dns('a.example')));
  const settle = budget.reserve(question(dns('a.example')));
  assert.equal(budget.earliest(question(dns('a.example'))).limit, 'set');
  settle();
  settle();
  assert.equal(budget.earliest(question(dns('a.example'))).limit, 'none');
});

test('without limits nothing waits, and with careful ones a window exempts nothing', () => {
  const free = new Budget(noLimits);
  const careful = new Budget(carefulLimits);
  for (let i = 0; i < 2_000; i++) free.record(use('certificate', dns('a.example')));
  for (let i = 0; i < 5; i++) careful.record(use('certificate', dns('a.example')));
  assert.equal(free.earliest(question(dns('a.example'))).limit, 'none');
  assert.equal(careful.earliest(question(dns('a.example'), T, { inWindow: true })).limit, 'set');
});

test('whoever keeps to the answer never has more than the limit allows in any week', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 * DAY }), { maxLength: 60 }), (pauses) => {
      const budget = new Budget(letsEncryptLimits);
      let now = T;
      const issued: number[] = [];
      for (const pause of pauses) {
        now = Math.max(now + pause, budget.earliest(question(dns('a.example'), now + pause)).atMs);
        budget.record(use('certificate', dns('a.example'), now));
        issued.push(now);
      }
      for (const atMs of issued) {
        // Five at once and five that came back: a token bucket lets at most that many into one week.
        assert.ok(issued.filter((one) => one >= atMs && one < atMs + 7 * DAY).length <= 10);
      }
    }),
  );
});

test('registered domains: bought names, private suffixes, addresses', () => {
  const of = (value: string, type: 'dns' | 'ip' = 'dns') => registeredDomain({ type, value });
  assert.equal(of('a.b.example.com'), 'example.com');
  assert.equal(of('*.example.co.uk'), 'example.co.uk');
  assert.equal(of('me.github.io'), 'me.github.io');
  assert.equal(of('localhost'), 'localhost');
  assert.equal(of('192.0.2.1', 'ip'), '192.0.2.1');
  assert.equal(of('2001:db8:1:2:3::4', 'ip'), of('2001:db8:1:2::', 'ip'));
  assert.notEqual(of('2001:db8:1:2::', 'ip'), of('2001:db8:1:3::', 'ip'));
  assert.equal(setKey([{ type: 'ip', value: '2001:db8::1' }]), setKey([{ type: 'ip', value: '2001:DB8:0::1' }]));
});

test('issuers: the first while it works, the next after some failures, at once where that cannot help', () => {
  const record = { failures: 0, permanent: false, counted: false, notBeforeMs: 0 };
  const choose = (records: Partial<typeof record>[], urgent = false) =>
    chooseIssuer({ records: records.map((one) => ({ ...record, ...one })), urgent, nowMs: T });
  assert.equal(choose([{}, {}]).index, 0);
  assert.equal(choose([{ failures: 2 }, {}]).index, 0);
  assert.equal(choose([{ failures: 3 }, {}]).index, 1);
  assert.equal(choose([{ failures: 1, permanent: true }, {}]).index, 1);
  assert.equal(choose([{ failures: 3 }, { failures: 3 }]).index, 0);
  assert.equal(choose([{ failures: 1 }, {}], true).index, 1);
  assert.deepEqual(choose([{ notBeforeMs: T + 5 }, {}]), { index: 0, atMs: T + 5 });
  assert.deepEqual(choose([{ notBeforeMs: T + 5 }, {}], true), { index: 1, atMs: T });
});

test('staging comes first after a counted failure, unless time runs out', () => {
  const record = { failures: 1, permanent: false, counted: true, notBeforeMs: 0 };
  assert.equal(rehearses(record, true, false), true);
  assert.equal(rehearses(record, false, false), false);
  assert.equal(rehearses(record, true, true), false);
  assert.equal(rehearses({ ...record, counted: false }, true, false), false);
});
