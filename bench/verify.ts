import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseCertificate, type Certificate } from '../src/codec/x509/certificate.ts';
import { parseHost } from '../src/pki/names/peer-name.ts';
import { serverPolicy } from '../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../src/pki/path/trust-anchors.ts';
import { verifyPath } from '../src/pki/path/verify-path.ts';
import {
  basicConstraints,
  chainSpecs,
  issueDer,
  keyUsage,
  leafExtensions,
  NOW,
  pem,
  pooledKey,
} from '../test/pki/issue.ts';
import { readLimboFile, runLimboCase } from '../test/pki/path/limbo-case.ts';
import { makeChain, type MadeChain } from '../test/pki/path/mutations.ts';
import { Oid } from '../src/codec/x509/oid.ts';

/**
 * `npm run bench:verify`: how fast certificate chains are judged.
 *
 * Three-certificate chains on P-256, with names of their own: judged in this process from their octets, and by one
 * process of `openssl verify` from files; verdicts a second of CPU time, both with everything that a run of them needs.
 * Then the time of one verdict on certificates that are parsed already, the slowest cases of x509-limbo, and what a chain
 * costs that is made to cost.
 */

const policy = serverPolicy({ timeMs: NOW, peers: [parseHost('host.example')!] });

function parse(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der);
  if (!parsed.ok) throw new Error(`${parsed.error.problem} in ${parsed.error.field}`);
  return parsed.value;
}

/** CPU seconds of this process and its threads. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU seconds of the children that have ended, in steps of 10 ms; undefined where the system does not say. */
function childCpuSeconds(): number | undefined {
  if (!existsSync('/proc/self/stat')) return undefined;
  // Fields 16 and 17 are cutime and cstime; the second field is in parentheses and may hold spaces.
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function judgeAll(chains: readonly MadeChain[]): void {
  for (const { leaf, intermediates, root } of chains) {
    const anchors = new TrustAnchors(root === undefined ? [] : [parse(root)]);
    const verdict = verifyPath(parse(leaf), intermediates.map(parse), anchors, policy);
    if (!verdict.ok) throw new Error(`a good chain was refused: ${verdict.reasons.map(({ code }) => code).join(', ')}`);
  }
}

function judgeByOpenssl(chains: readonly MadeChain[], folder: string): number | undefined {
  const write = (file: string, list: readonly Uint8Array[]): string => {
    writeFileSync(path.join(folder, file), list.map((der) => pem(der)).join(''));
    return path.join(folder, file);
  };
  const roots = write(
    'roots.pem',
    chains.flatMap(({ root }) => root ?? []),
  );
  const untrusted = write(
    'untrusted.pem',
    chains.flatMap(({ intermediates }) => intermediates),
  );
  const leaves = chains.map(({ leaf }, index) => write(`leaf-${index}.pem`, [leaf]));
  const options = ['-purpose', 'sslserver', '-attime', String(NOW / 1000), '-verify_hostname', 'host.example'];
  const before = childCpuSeconds();
  const result = spawnSync('openssl', [
    'verify',
    ...options,
    '-no-CApath',
    '-no-CAstore',
    '-CAfile',
    roots,
    '-untrusted',
    untrusted,
    ...leaves,
  ]);
  const after = childCpuSeconds();
  if (result.status !== 0) throw new Error(`openssl verify failed: ${String(result.stderr)}`);
  return before === undefined || after === undefined ? undefined : after - before;
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

function benchThroughput(count: number): void {
  const chains = Array.from({ length: count }, (_, index) => makeChain(index, [], Oid.serverAuth));
  judgeAll(chains);
  const before = cpuSeconds();
  judgeAll(chains);
  const ours = cpuSeconds() - before;
  console.log(
    `ours: ${Math.round(count / ours)} chains a CPU second (${count} chains, warm process, parsing included)`,
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-bench-'));
  try {
    const theirs = judgeByOpenssl(chains, folder);
    const told = theirs === undefined ? 'not measured here' : `${Math.round(count / theirs)} chains a CPU second`;
    console.log(`openssl verify: ${told} (one process, start included)`);
  } catch (error) {
    console.log(`openssl verify: not measured: ${String(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function benchSingle(rounds: number): void {
  const { leaf, intermediates, root } = makeChain(0, [], Oid.serverAuth);
  const [parsedLeaf, parsedIntermediates] = [parse(leaf), intermediates.map(parse)];
  const anchors = new TrustAnchors(root === undefined ? [] : [parse(root)]);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    verifyPath(parsedLeaf, parsedIntermediates, anchors, policy);
    times.push(performance.now() - start);
  }
  const sorted = times.slice(rounds / 2).toSorted((a, b) => a - b);
  const [median, high] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
  console.log(
    `one verdict, certificates parsed: median ${median.toFixed(3)} ms, 99th percentile ${high.toFixed(3)} ms (goal 2 ms)`,
  );
}

function benchCorpus(file: string): void {
  if (!existsSync(file)) return console.log(`${file}: absent`);
  let slowest = { id: '', ms: 0 };
  const start = performance.now();
  const cases = readLimboFile(file);
  for (const testcase of cases) {
    const before = performance.now();
    runLimboCase(testcase, NOW);
    const ms = performance.now() - before;
    if (ms > slowest.ms) slowest = { id: testcase.id, ms };
  }
  const mean = (performance.now() - start) / cases.length;
  console.log(
    `${path.basename(file)}: mean ${mean.toFixed(2)} ms, slowest ${slowest.id} ${slowest.ms.toFixed(1)} ms (limit 200 ms)`,
  );
}

/** A hundred intermediates of one name, each signed by the next and by nobody trusted: with keys of their own, and with one. */
function benchHostile(): void {
  const name = { CN: 'Everybody' };
  const [rootSpec, intermediateSpec, leafSpec] = chainSpecs();
  for (const keys of [100, 1]) {
    const key = (index: number) => pooledKey(100 + (index % keys));
    const extensions = [basicConstraints(true), keyUsage(['keyCertSign'])];
    const ring = Array.from({ length: 100 }, (_, index) =>
      parse(
        issueDer({
          ...intermediateSpec,
          subject: name,
          issuer: name,
          key: key(index),
          signer: key(index + 1),
          extensions,
        }),
      ),
    );
    const leaf = parse(
      issueDer({ ...leafSpec, issuer: name, signer: key(0), extensions: leafExtensions(key(0), ['dns:host.example']) }),
    );
    const anchors = new TrustAnchors([parse(issueDer(rootSpec))]);
    const start = performance.now();
    const { exceeded, work } = verifyPath(leaf, ring, anchors, policy);
    const ms = performance.now() - start;
    const ended = exceeded === undefined ? 'no limit hit' : `ended by the limit on ${exceeded}`;
    console.log(
      `100 namesakes with ${keys} key(s): ${ms.toFixed(1)} ms, ${work.signatureChecks} signature checks, ${ended}`,
    );
  }
}

/** Ten authorities that all signed each other, a root that signed one of them, and a leaf that is out of date. */
function benchMesh(): void {
  const [rootSpec, intermediateSpec, leafSpec] = chainSpecs();
  const key = (index: number) => pooledKey(200 + index);
  const name = (index: number) => ({ CN: `Authority ${index}` });
  const mesh: Certificate[] = [];
  for (let to = 0; to < 10; to++) {
    const extensions = [basicConstraints(true), keyUsage(['keyCertSign'])];
    const base = { ...intermediateSpec, subject: name(to), key: key(to), extensions };
    for (let from = 0; from < 10; from++)
      if (from !== to) mesh.push(parse(issueDer({ ...base, issuer: name(from), signer: key(from) })));
    if (to === 9) mesh.push(parse(issueDer(base)));
  }
  const extensions = leafExtensions(key(0), ['dns:host.example']);
  const leaf = parse(issueDer({ ...leafSpec, issuer: name(0), signer: key(0), extensions, notAfter: NOW - 1000 }));
  const anchors = new TrustAnchors([parse(issueDer(rootSpec))]);
  const start = performance.now();
  const { exceeded, work } = verifyPath(leaf, mesh, anchors, policy);
  const ms = performance.now() - start;
  const ended = exceeded === undefined ? 'no limit hit' : `ended by the limit on ${exceeded}`;
  console.log(
    `10 authorities that signed each other: ${ms.toFixed(1)} ms, ${work.signatureChecks} signature checks, ${ended}`,
  );
}

export function main(): void {
  benchThroughput(500);
  benchSingle(2_000);
  for (const file of ['limbo.json', 'bettertls.json.gz']) benchCorpus(`../shared/corpora/x509-limbo/${file}`);
  benchHostile();
  benchMesh();
}
