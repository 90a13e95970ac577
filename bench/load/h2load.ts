/** Load with h2load: HTTP/2 with many streams, and whole contents up and down over HTTP/2 and HTTP/1.1. */
import { requireCommand } from '../commands.ts';
import type { Running } from '../processes.ts';
import type { Bench, Subject } from '../scenario.ts';
import { tlsEnvironment } from './tls.ts';

/** The version comes from OpenSSL's configuration; the suite and the group h2load sets itself. */
const SUITE = 'TLS_AES_128_GCM_SHA256';
const TLS = [`--tls13-ciphers=${SUITE}`, '--groups=X25519'];

/** What h2load prints at the end. */
export interface H2loadSummary {
  /** ALPN identifier, `h2` or `http/1.1`. */
  readonly application: string;
  readonly cipher: string;
  readonly total: number;
  readonly started: number;
  readonly done: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly errored: number;
  readonly timeout: number;
  /** Heads of answers with a status in 200 to 299, and with any other. */
  readonly status2xx: number;
  readonly statusOther: number;
  /** Octets of content, without heads and framing. */
  readonly dataOctets: number;
}

/** What every request of a run is to be answered with, over what. */
export interface Expected {
  readonly application: 'h2' | 'http/1.1';
  /** Requests, where their number is fixed; undefined when the run is ended by the clock. */
  readonly requests: number | undefined;
  /** Octets of one answer's content. */
  readonly contentOctets: number;
}

/** Reads the summary. Throws when there is none. */
export function parseH2load(output: string): H2loadSummary {
  const requests =
    /^requests: (\d+) total, (\d+) started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m.exec(
      output,
    );
  const status = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m.exec(output);
  const data = /, [\d.]+[A-Z]* ?\((\d+)\) data$/m.exec(output);
  if (requests === null || status === null || data === null) throw new Error(`h2load gave no summary: ${output}`);
  const [total = 0, started = 0, done = 0, succeeded = 0, failed = 0, errored = 0, timeout = 0] = requests
    .slice(1)
    .map(Number);
  return {
    application: /^Application protocol: (\S+)$/m.exec(output)?.[1] ?? '',
    cipher: /^Cipher: (\S+)$/m.exec(output)?.[1] ?? '',
    total,
    started,
    done,
    succeeded,
    failed,
    errored,
    timeout,
    status2xx: Number(status[1]),
    statusOther: Number(status[2]) + Number(status[3]) + Number(status[4]),
    dataOctets: Number(data[1]),
  };
}

/** Says what is wrong with a run, or undefined. At the end of a run by the clock, streams may be half answered. */
export function faultOfH2load(summary: H2loadSummary, expected: Expected): string | undefined {
  const { total, started, done, succeeded, failed, errored, timeout, status2xx, statusOther, dataOctets } = summary;
  if (done === 0) return 'it answered nothing';
  if (summary.application !== expected.application)
    return `it spoke ${summary.application}, not ${expected.application}`;
  if (summary.cipher !== SUITE) return `it chose the suite ${summary.cipher}`;
  if (failed + errored + timeout > 0) return `${failed + errored + timeout} of ${total} requests failed`;
  if (statusOther > 0) return `${statusOther} of ${done} answers were not 2xx`;
  if (succeeded !== done || status2xx < done) return `${succeeded} of ${done} answers were whole ones with 2xx`;
  if (expected.requests !== undefined && done !== expected.requests) {
    return `${done} of ${expected.requests} requests were answered`;
  }
  const surplus = dataOctets - done * expected.contentOctets;
  if (surplus < 0 || surplus > (started - done) * expected.contentOctets) {
    return `${done} answers of ${expected.contentOctets} octets came as ${dataOctets} octets`;
  }
  return undefined;
}

/** Runs h2load with `args` against `target` of the subject and checks its summary. `begun` gets the process. */
export async function runH2load(
  subject: Subject,
  bench: Bench,
  load: { readonly args: readonly string[]; readonly target: string; readonly expected: Expected },
  limitMs: number,
  begun?: (running: Running) => void,
): Promise<H2loadSummary> {
  const protocol = load.expected.application === 'h2' ? ['--npn-list=h2'] : ['--h1'];
  const address = [`--connect-to=127.0.0.1:${subject.port}`];
  const url = `https://${bench.serverName}:${subject.port}${load.target}`;
  const command = {
    name: 'h2load',
    file: requireCommand('h2load'),
    args: [...protocol, ...address, ...TLS, ...load.args, url],
    cores: bench.loadCores,
    env: tlsEnvironment(bench),
  };
  const summary = parseH2load(await bench.stage.run(command, limitMs, begun));
  const fault = faultOfH2load(summary, load.expected);
  if (fault !== undefined) throw new Error(`${subject.name}: ${fault}`);
  return summary;
}
