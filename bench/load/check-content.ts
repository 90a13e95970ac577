/** Contents through a peer, compared octet by octet by a client that is neither ours nor the load's: curl. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { requireCommand } from '../commands.ts';
import type { Content } from '../contents.ts';
import type { Bench, Subject } from '../scenario.ts';

const LIMIT_MS = 60_000;

export type Application = 'h2' | 'http/1.1';

function curl(subject: Subject, bench: Bench, over: Application, target: string, args: string[]): Promise<string> {
  const version = over === 'h2' ? '--http2' : '--http1.1';
  const url = `https://${bench.serverName}:${subject.port}${target}`;
  const address = ['--resolve', `${bench.serverName}:${subject.port}:127.0.0.1`];
  const trust = ['--cacert', bench.certificate.certFile];
  const say = ['--silent', '--show-error', '--write-out', '\n%{http_version} %{http_code}'];
  return bench.stage.run(
    {
      name: 'curl',
      file: requireCommand('curl'),
      args: ['--disable', ...say, ...trust, ...address, version, ...args, url],
      cores: bench.loadCores,
    },
    LIMIT_MS,
  );
}

function judgeLast(output: string, over: Application): string | undefined {
  const wanted = over === 'h2' ? '2 200' : '1.1 200';
  const last = output.split('\n').at(-1);
  return last === wanted ? undefined : `curl was answered ${last}, not ${wanted}`;
}

/** Downloads a content. Throws when what comes is anything else. */
export async function checkDownload(
  subject: Subject,
  bench: Bench,
  content: Content,
  over: Application,
): Promise<void> {
  const file = bench.stage.file('downloaded');
  const output = await curl(subject, bench, over, content.target, ['--output', file]);
  const fault = judgeLast(output, over);
  if (fault !== undefined) throw new Error(`${subject.name}: ${fault}`);
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  rmSync(file);
  if (digest !== content.digest) throw new Error(`${subject.name}: the ${content.target} that came is another one`);
}

/** Uploads a content. Throws when what the sink took in is anything else. */
export async function checkUpload(subject: Subject, bench: Bench, content: Content, over: Application): Promise<void> {
  const type = ['--header', 'Content-Type: application/octet-stream'];
  const output = await curl(subject, bench, over, '/digest', [...type, '--data-binary', `@${content.file}`]);
  const fault = judgeLast(output, over);
  if (fault !== undefined) throw new Error(`${subject.name}: ${fault}`);
  if (output.split('\n')[0] !== content.digest)
    throw new Error(`${subject.name}: the content that arrived is another one`);
}
