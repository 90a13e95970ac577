/** Captures the packets of one port with tcpdump, as long as a trace runs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { CaptureReader, isItem, type CapturedPacket } from '../../codec/packet/capture-reader.ts';

export interface PacketCapture {
  /** Packets that the kernel had no room for; known once the capture was stopped. */
  readonly dropped: () => number;
  /**
   * Ends the capture and gives what was caught. Packets come to us a little after they passed: it is waited for a moment
   * until `isWhole` says that the last ones are there.
   */
  readonly stop: (isWhole?: (packets: readonly CapturedPacket[]) => boolean) => Promise<readonly CapturedPacket[]>;
}

/** `reason` is for people. */
export type CaptureStart =
  | { readonly ok: true; readonly capture: PacketCapture }
  | { readonly ok: false; readonly reason: string };

/** tcpdump says that it listens within 50 ms; a loaded machine gets longer. */
const READY_MS = 3_000;
/** How long after the last octet packets may still come (the last ACK), and how long tcpdump may take to end. */
const LINGER_MS = 40;
const LONGEST_LINGER_MS = 1_000;
const END_MS = 2_000;
/** What the kernel holds for us while we are busy with something else. */
const BUFFER_KIB = '65536';
/** The largest IP packet and what stands in front of it: the kernel sets this much aside for each, however small. */
const SNAP_LENGTH = '65600';
const MOST_PACKETS = 200_000;
const MOST_OCTETS = 256 << 20;

/** Starts to capture TCP on these ports. Resolves when packets are being caught, or with why they cannot be. */
export function startCapture(ports: readonly number[]): Promise<CaptureStart> {
  return new Promise((resolve) => {
    const filter = `tcp and (${ports.map((port) => `port ${port}`).join(' or ')})`;
    const words = ['-i', 'any', '-n', '-U', '--immediate-mode', '-s', SNAP_LENGTH, '-B', BUFFER_KIB, '-w', '-', filter];
    const child: ChildProcess = spawn('tcpdump', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const packets: CapturedPacket[] = [];
    const reader = new CaptureReader();
    let kept = 0;
    let told = '';
    let settled = false;
    const settle = (result: CaptureStart): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      settle({ ok: false, reason: 'tcpdump does not begin' });
    }, READY_MS);
    const ended = new Promise<void>((done) => {
      child.once('close', () => done());
      child.once('error', () => done());
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      settle({ ok: false, reason: error.code === 'ENOENT' ? 'tcpdump is not installed' : (error.code ?? '') });
    });
    child.once('exit', () => settle({ ok: false, reason: lastLine(told) }));
    child.stdout?.on('data', (bytes: Buffer) => {
      reader.feed(Uint8Array.from(bytes));
      for (let item = reader.next(); item !== undefined && isItem(item); item = reader.next()) {
        if (item.kind !== 'packet' || packets.length === MOST_PACKETS || kept > MOST_OCTETS) continue;
        kept += item.bytes.length;
        packets.push(item);
      }
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      told = (told + bytes.toString('utf8')).slice(-2_000);
      if (told.includes('listening on')) settle({ ok: true, capture: { stop, dropped } });
    });
    // `12 packets dropped by kernel`
    const dropped = (): number => Number(/(\d+) packets? dropped by kernel/.exec(told)?.[1] ?? 0);
    const stop: PacketCapture['stop'] = async (isWhole = () => true) => {
      const pause = (): Promise<void> => new Promise((done) => setTimeout(done, LINGER_MS));
      await pause();
      for (let waited = LINGER_MS; waited < LONGEST_LINGER_MS && !isWhole(packets); waited += LINGER_MS) await pause();
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(late);
      return packets;
    };
  });
}

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^tcpdump: /, '')
    .slice(0, 200) ?? '';
