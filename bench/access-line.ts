/**
 * What one access line costs: nanoseconds of processor time (all threads of the process, so that other load on the
 * machine does not count) from the record to the write, into the null device. `node dist/bench/access-line.js [lines]`
 */
import { devNull } from 'node:os';
import type { AccessRecord } from '../src/gateway/access-record.ts';
import type { LogFormat } from '../src/config/config.ts';
import { createLog } from '../src/gateway/observe/log.ts';

const lines = Number(process.argv[2] ?? 400_000);
const rounds = 7;

const record: AccessRecord = {
  timeMs: 0,
  site: 'someapp.example.com',
  peer: '192.0.2.17',
  method: 'GET',
  target: '',
  authority: 'someapp.example.com',
  protocol: 'HTTP/1.1',
  status: 200,
  bytesSent: 4312,
  bytesReceived: 0,
  tlsMs: -1,
  upstreamMs: 1.7,
  totalMs: 2.1,
  tlsVersion: 'TLSv1.3',
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  resumed: false,
  upstream: 'http://127.0.0.1:8000',
  error: '',
  requestId: '',
  referer: 'https://someapp.example.com/articles/list?page=3',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36',
};

/** Nanoseconds a line: targets, sizes and times differ from line to line, forty lines fall into a millisecond. */
async function measure(format: LogFormat): Promise<number> {
  const log = createLog({ format, language: 'en', output: devNull });
  const targets = Array.from({ length: 1000 }, (_, index) => `/articles/${index}/picture.png?width=${index % 640}`);
  const begun = process.cpuUsage();
  for (let line = 0; line < lines; line += 1) {
    record.timeMs = 1_795_000_000_000 + Math.floor(line / 40);
    record.target = targets[line % targets.length] ?? '';
    record.bytesSent = 100 + (line % 9000);
    record.totalMs = 1 + (line % 4567) / 1000;
    record.upstreamMs = 0.5 + (line % 3456) / 1000;
    log.access(record);
    // The destination writes between turns of the event loop; no gateway is so fast that it has to be waited for.
    if (line % 100 === 99) await new Promise(setImmediate);
    if (line % 20_000 === 19_999) await log.flush();
  }
  await log.flush();
  const { user, system } = process.cpuUsage(begun);
  await log.close();
  if (log.lostLines > 0) throw new Error(`${log.lostLines} lines lost`);
  return ((user + system) * 1000) / lines;
}

for (const format of ['json', 'common', 'combined', 'pretty'] as const) {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) took.push(await measure(format));
  took.sort((a, b) => a - b);
  const [best = 0, median = 0] = [took[0], took[Math.floor(rounds / 2)]];
  console.log(`${format.padEnd(8)} ${median.toFixed(0).padStart(5)} ns a line (best of ${rounds}: ${best.toFixed(0)})`);
}
