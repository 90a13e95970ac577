/** The whole gateway in this process, before apps that a test has started; what it logs is kept. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { systemContext } from '../../../src/config/files.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import type { UserSite } from '../../../src/config/user-config.ts';
import type { AccessRecord } from '../../../src/gateway/access-record.ts';
import { createGateway } from '../../../src/gateway/gateway.ts';
import { quietLog } from '../quiet-log.ts';
import type { Finding } from '../../../src/story/finding.ts';
import { testLevel } from '../engine-harness.ts';
import { issue } from '../tls/certificates.ts';

export interface WholeGateway {
  readonly port: number;
  /** PEM of the authority that vouches for `app.test`. */
  readonly ca: string;
  readonly folder: string;
  readonly records: readonly AccessRecord[];
  /** What it found while it served; what it says of its own chain at the start is left out. */
  readonly findings: readonly Finding[];
  /** What reading the configuration had to say. */
  readonly warnings: readonly Finding[];
}

/** A folder that is gone after the test. */
export function testFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-upstream-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Serves `app.test`. */
export async function serveSite(t: TestContext, site: UserSite, folder = testFolder(t)): Promise<WholeGateway> {
  const ca = issue({ name: 'Clients trust this', isCa: true });
  const leaf = issue({ name: 'app.test', issuer: ca });
  writeFileSync(path.join(folder, 'site.pem'), leaf.certPem);
  writeFileSync(path.join(folder, 'site.key'), leaf.keyPem);
  const certificate = { cert: path.join(folder, 'site.pem'), key: path.join(folder, 'site.key') };
  const reading = readConfig(
    {
      sites: { 'app.test': { certificate, ...site } },
      listen: { host: '127.0.0.1', https: 0, http: 0 },
      state: path.join(folder, 'state'),
      timeouts: { drain: 0 },
    },
    systemContext(folder),
  );
  if (reading.config === undefined) throw new Error(JSON.stringify(reading.findings));
  const records: AccessRecord[] = [];
  const findings: Finding[] = [];
  const log = quietLog({
    finding: (found) => findings.push(found),
    access: (record) => records.push({ ...record }),
  });
  const gateway = await createGateway(reading.config, { log, level: testLevel, inherited: [] });
  await gateway.start();
  findings.length = 0;
  t.after(() => gateway.drain());
  return { port: gateway.httpsPort, ca: ca.certPem, folder, records, findings, warnings: reading.findings };
}
