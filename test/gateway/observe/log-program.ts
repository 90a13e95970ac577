/**
 * A program that logs to its standard output and then ends in one of several ways; run by `log-end.test.ts`.
 * `node log-program.js LINES END`
 */
import { createLog } from '../../../src/gateway/observe/log.ts';
import { sampleRecord } from './sample-record.ts';

const lines = Number(process.argv[2]);
const end = process.argv[3];
const log = createLog({ format: 'json', language: 'en' });

function logLines(from: number, to: number): void {
  for (let index = from; index < to; index += 1) log.access(sampleRecord({ target: `/${index}` }));
}

async function main(): Promise<void> {
  if (end === 'sigterm') {
    const keepAlive = setInterval(() => undefined, 1000);
    process.once('SIGTERM', () => {
      logLines(lines, lines + 1);
      void log.close().then(() => clearInterval(keepAlive));
    });
    logLines(0, lines);
    log.event('ready', 'info', { addresses: [] });
    return;
  }
  if (end === 'reader-gone') {
    // Standard error tells the test that the program lives on after its reader has gone.
    process.once('SIGUSR2', () => {
      logLines(0, lines);
      void log.flush().then(() => {
        logLines(0, lines);
        process.stderr.write(`lost ${log.lostLines}\n`);
        return log.close();
      });
      clearInterval(keepAlive);
    });
    const keepAlive = setInterval(() => undefined, 1000);
    log.event('ready', 'info', { addresses: [] });
    return;
  }
  // In two portions, so that a write is under way when the end comes.
  logLines(0, Math.floor(lines / 2));
  await new Promise(setImmediate);
  logLines(Math.floor(lines / 2), lines);
  if (end === 'exit') process.exit(0);
  if (end === 'crash') throw new Error('a defect');
  if (end === 'close') await log.close();
}

await main();
