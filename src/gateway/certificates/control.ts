/**
 * How `menshen certs` and `menshen check --live` talk to a gateway that runs on the same state folder: through files, so
 * that whoever may read the keys may ask, and nobody else.
 *
 *     control/gateways/HOST-PID.json     what a gateway says of its certificates, written anew when something changes
 *     control/requests/ID.json           what is asked of any of them
 *     control/taken/ID.json              moved there by the one that does it
 *     control/answers/ID.json            how it went
 */
import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RevocationReason } from '../../acme/issuer.ts';
import type { CertificateStatus } from '../../acme/manager/wanted.ts';
import type { Folder } from '../../store/folder.ts';
import { onlyFinding } from '../../story/finding-error.ts';
import type { Finding } from '../../story/finding.ts';
import type { ChallengeAnswer } from '../challenge-board.ts';

export type ControlRequest =
  | { readonly kind: 'renew'; readonly id: string }
  | { readonly kind: 'revoke'; readonly id: string; readonly reason: RevocationReason }
  /** Answers like challenges that are put up for a minute, to see whether the world reaches them here. */
  | { readonly kind: 'probe'; readonly answers: readonly ChallengeAnswer[] };

/** What a gateway says of itself. */
export interface GatewayRecord {
  readonly host: string;
  readonly pid: number;
  readonly writtenAtMs: number;
  readonly certificates: readonly CertificateStatus[];
}

const PLACE = 'control';
/** Hints of the file system get lost, on network file systems all of them. */
const LOOK_MS = 2_000;
const ANSWER_LOOK_MS = 50;
/** A gateway that runs takes a request within this. */
const TAKEN_WITHIN_MS = 10_000;

export async function writeRecord(
  folder: Folder,
  certificates: readonly CertificateStatus[],
  nowMs: number,
): Promise<void> {
  const record: GatewayRecord = { host: hostname(), pid: process.pid, writtenAtMs: nowMs, certificates };
  await folder.write({ name: recordName(), content: `${JSON.stringify(record)}\n`, secret: true });
}

export const removeRecord = (folder: Folder): Promise<void> => folder.remove(recordName());

const recordName = (): string => `${PLACE}/gateways/${hostname().replaceAll(/[^\w.-]/g, '_')}-${process.pid}.json`;

/** The gateways that run on a folder. One of another machine counts while its record is there. */
export async function runningGateways(folder: Folder): Promise<readonly GatewayRecord[]> {
  const found: GatewayRecord[] = [];
  for (const entry of await folder.list(`${PLACE}/gateways`)) {
    const record = readJson(await folder.read(`${PLACE}/gateways/${entry}`)) as GatewayRecord | undefined;
    if (record !== undefined && Array.isArray(record.certificates) && isThere(record)) found.push(record);
  }
  return found;
}

function isThere({ host, pid }: GatewayRecord): boolean {
  if (host !== hostname()) return true;
  // kill(2) takes 0 and negative numbers for groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export type Asked =
  | { readonly ok: true; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly taken: boolean };

/** Asks whichever gateway runs on the folder. Throws a FindingError where the folder cannot be used. */
export async function askGateway(folder: Folder, request: ControlRequest, withinMs: number): Promise<Asked> {
  const id = randomUUID();
  const [asked, taken, answer] = ['requests', 'taken', 'answers'].map((place) => `${PLACE}/${place}/${id}.json`) as [
    string,
    string,
    string,
  ];
  await folder.write({ name: asked, content: JSON.stringify(request), secret: true });
  const startedMs = performance.now();
  let wasTaken = false;
  for (;;) {
    const content = await folder.read(answer);
    if (content !== undefined) {
      await folder.remove(answer);
      return { ok: true, findings: (readJson(content) as Finding[] | undefined) ?? [] };
    }
    wasTaken ||= (await folder.read(taken)) !== undefined;
    const spentMs = performance.now() - startedMs;
    if (spentMs > withinMs || (!wasTaken && spentMs > TAKEN_WITHIN_MS)) {
      await folder.remove(asked);
      return { ok: false, taken: wasTaken };
    }
    await sleep(ANSWER_LOOK_MS);
  }
}

/** Takes requests until it is closed. `handle` never rejects. */
export function serveControl(
  folder: Folder,
  handle: (request: ControlRequest) => Promise<readonly Finding[]>,
): { close(): void } {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  const take = async (entry: string): Promise<void> => {
    const taken = `${PLACE}/taken/${entry}`;
    // Of several gateways one moves it; a folder that cannot be written to cannot be asked through.
    await folder.move(`${PLACE}/requests/${entry}`, taken);
    const request = readJson(await folder.read(taken)) as ControlRequest | undefined;
    const findings = request === undefined ? [] : await handle(request);
    await folder.write({ name: `${PLACE}/answers/${entry}`, content: JSON.stringify(findings), secret: true });
    await folder.remove(taken);
  };
  const look = async (): Promise<void> => {
    do {
      again = false;
      const entries = await folder.list(`${PLACE}/requests`).catch(() => []);
      for (const entry of entries) if (!closed && entry.endsWith('.json')) void take(entry).catch(onlyFinding);
    } while (again);
  };
  const hint = (): void => {
    again = true;
    running ??= look().finally(() => (running = undefined));
  };
  const timer = setInterval(hint, LOOK_MS);
  timer.unref();
  let watcher: ReturnType<typeof watch> | undefined;
  const startWatching = async (): Promise<void> => {
    await folder.write({
      name: `${PLACE}/requests/README`,
      content: 'Requests of menshen certs to the gateway.\n',
      secret: false,
    });
    if (closed) return;
    watcher = watch(folder.fileOf(`${PLACE}/requests`), { persistent: false }, hint);
    watcher.on('error', () => undefined);
  };
  // Without hints the timer does.
  void startWatching().catch(() => undefined);
  return {
    close() {
      closed = true;
      clearInterval(timer);
      watcher?.close();
    },
  };
}

function readJson(content: Buffer | undefined): unknown {
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}
