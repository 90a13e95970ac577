import { parentPort } from 'node:worker_threads';
import type { Identifier } from '../../../src/acme/issuer.ts';
import { createCertificateManager } from '../../../src/acme/manager/certificate-manager.ts';
import type { CertificateManager } from '../../../src/acme/manager/contract.ts';
import type { CertificateEvent } from '../../../src/acme/manager/wanted.ts';
import { letsEncryptLimits } from '../../../src/acme/policy/rate-limits.ts';
import { createMemoryStore } from './memory-store.ts';
import { paperMaterial, readPaper, SimulatedAuthority } from './simulated-authority.ts';
import { VirtualTime } from './virtual-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);

const NAMES = 10_000;
/** 160 h for a hundred names (each needs twenty times as many certificates as one of 90 d), 45 d for a third of the rest, 90 d for the others. */
const lifeOf = (index: number): number => (index % 100 === 0 ? 160 * HOUR : index % 3 === 0 ? 45 * DAY : 90 * DAY);
/** Forty names share each registered domain. */
const nameOf = (index: number): string => `n${index}.d${Math.floor(index / 40)}.example`;
const indexOf = (name: string): number => Number(name.slice(1, name.indexOf('.')));

/** Hours of the year at which the CA goes away, and for how long. */
const OUTAGES = [
  [1_000, 4],
  [2_500, 12],
  [2_530, 6],
  [4_000, 26],
  [6_100, 9],
  [8_000, 3],
].map(([from = 0, hours = 0]) => ({ fromMs: START + from * HOUR, toMs: START + (from + hours) * HOUR }));

/** Names whose DNS is wrong: some for a day and a half, some for ever. */
const brokenFor = (index: number): readonly [number, number] | undefined => {
  if (index % 2500 === 3) return [0, Infinity];
  return index % 100 === 7 ? [START + 120 * DAY, START + 121.5 * DAY] : undefined;
};

export interface YearReport {
  readonly table: readonly string[];
  readonly expired: readonly string[];
  readonly limited: SimulatedAuthority['limited'];
  readonly seen: SimulatedAuthority['seen'];
  readonly revoked: number;
  readonly replaced: number;
  readonly missing: number;
  readonly names: number;
  readonly unreachableNames: number;
}

async function simulate(): Promise<YearReport> {
  const cpuBefore = process.cpuUsage();
  const time = new VirtualTime(START);
  const store = createMemoryStore(time.clock);
  const authority = new SimulatedAuthority({
    time,
    lifeMs: ([first]: readonly Identifier[]) => lifeOf(indexOf(first?.value ?? 'n0.')),
    isUp: (nowMs) => !OUTAGES.some(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs),
    validates: (name, nowMs) => {
      const broken = brokenFor(indexOf(name));
      return broken === undefined || nowMs < broken[0] || nowMs >= broken[1];
    },
  });
  const wanted = Array.from({ length: NAMES }, (_, index) => ({
    identifiers: [{ type: 'dns', value: nameOf(index) } as const],
  }));

  const events = new Map<CertificateEvent['type'], number>();
  const lives = new Map<string, { serial: string; notAfterMs: number }>();
  const expired: string[] = [];
  let closest = 1;
  let revokedServed = 0;
  const revokedWaits: number[] = [];

  const begin = async (number: number) => {
    const process = time.process();
    const manager: CertificateManager = createCertificateManager({
      store,
      issuers: [{ issuer: authority, limits: letsEncryptLimits }],
      solvers: [],
      clock: time.clock,
      timers: process.timers,
      material: paperMaterial,
      owner: `node ${number}`,
      pollMs: DAY,
      concurrency: 32,
      onLive(certificate) {
        const { serial, notAfterMs, notBeforeMs } = readPaper(certificate.chainPem);
        const before = lives.get(certificate.id);
        if (before?.serial === serial) return;
        if (before !== undefined) {
          if (before.notAfterMs < time.nowMs) expired.push(certificate.id);
          closest = Math.min(closest, (before.notAfterMs - time.nowMs) / (notAfterMs - notBeforeMs));
          const revokedAtMs = authority.revoked.get(before.serial);
          if (revokedAtMs !== undefined) revokedWaits.push(time.nowMs - revokedAtMs);
        }
        lives.set(certificate.id, { serial, notAfterMs });
      },
      onEvent: ({ type }) => events.set(type, (events.get(type) ?? 0) + 1),
    });
    await manager.setWanted(wanted);
    await manager.start();
    return { manager, kill: process.kill };
  };

  let node = await begin(0);
  let restarts = 0;
  let allHadMs = 0;
  for (let day = 1; day <= 365; day++) {
    await time.runUntil(START + day * DAY);
    if (allHadMs === 0 && lives.size === NAMES - NAMES / 2500) allHadMs = time.nowMs;
    if (day === 200) {
      // A mass revocation: every third certificate that is live.
      for (const [id, { serial }] of lives) {
        if (indexOf(id) % 3 === 0) authority.revoked.set(serial, time.nowMs);
      }
      revokedServed = authority.revoked.size;
    }
    if (day % 45 === 0) {
      // Every other time without a word, as kill -9 does.
      if (day % 90 === 0) node.kill();
      else await Promise.all([node.manager.stop(), time.runUntil(time.nowMs + 60_000)]);
      node = await begin(++restarts);
    }
  }
  const stillBad = [...lives].filter(([, { notAfterMs }]) => notAfterMs < time.nowMs).map(([id]) => id);
  const status = node.manager.status();
  const cpu = process.cpuUsage(cpuBefore);

  const { seen, limited } = authority;
  const row = (label: string, value: string | number): string => `${label.padEnd(44)}${value}`;
  const table = [
    'A year of renewals, simulated',
    row('names (6 d / 45 d / 90 d)', `${NAMES} (100 / 3300 / 6600)`),
    row('first certificate for all after', `${((allHadMs - START) / DAY).toFixed(0)} d`),
    row('certificates issued / of them renewals', `${seen.issued} / ${seen.renewals}`),
    row('orders / exempt through ARI windows', `${seen.orders} / ${seen.exempt}`),
    row('questions about windows', seen.asked),
    row('failed authorizations', seen.failedAuthorizations),
    row('outages / orders that met one', `${OUTAGES.length} / ${seen.whileDown}`),
    row(
      'revoked at once / longest until replaced',
      `${revokedServed} / ${(Math.max(...revokedWaits) / DAY).toFixed(1)} d`,
    ),
    row('restarts (half of them kills)', restarts),
    row('names that expired', expired.length + stillBad.length),
    row('least share of a life that was left', `${(closest * 100).toFixed(1)} %`),
    row('limits exceeded (orders/domain/set/failures)', Object.values(limited).join('/')),
    row('events', [...events].map(([type, count]) => `${type} ${count}`).join(', ')),
    row('moments simulated / CPU', `${time.events} / ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s`),
  ];
  node.kill();
  return {
    table,
    expired: [...expired, ...stillBad],
    limited,
    seen,
    revoked: revokedServed,
    replaced: revokedWaits.length,
    missing: status.filter(({ state }) => state === 'missing').length,
    names: NAMES,
    unreachableNames: NAMES / 2500,
  };
}

// A thread of its own: the test runner follows every promise of its thread, and here are millions.
parentPort?.postMessage(await simulate(), []);
