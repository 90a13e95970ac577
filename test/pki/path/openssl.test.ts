import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseCertificate, type Certificate } from '../../../src/codec/x509/certificate.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { parseHost } from '../../../src/pki/names/peer-name.ts';
import { clientPolicy, serverPolicy } from '../../../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../../../src/pki/path/trust-anchors.ts';
import { verifyPath } from '../../../src/pki/path/verify-path.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import { NOW, pem } from '../issue.ts';
import { makeChain, mutations, type MadeChain } from './mutations.ts';

/**
 * Thousands of changed chains, judged by us and by `openssl verify`. Where the two differ, a rule below has to say why;
 * a difference that no rule explains fails the test.
 */

type Purpose = 'sslserver' | 'sslclient';

interface Judged {
  readonly chain: MadeChain;
  readonly ours: { readonly ok: boolean; readonly codes: readonly string[] };
  readonly openssl: { readonly ok: boolean; readonly errors: readonly string[] };
}

/** Why we refuse what OpenSSL accepts: our code, and what was done to the chain. */
const stricter: readonly { readonly code: string; readonly after: RegExp; readonly why: string }[] = [
  {
    code: 'certificate-signature-weak',
    after: /SHA-1/,
    why: 'SHA-1 collides; openssl verify takes it at its default security level',
  },
  {
    code: 'certificate-key-weak',
    after: /RSA 1024|P-224/,
    why: 'Baseline Requirements 6.1.5; openssl verify takes them at its default security level',
  },
  {
    code: 'certificate-without-san',
    after: /without subjectAltName|address too long/,
    why: 'RFC 9525 section 2: the common name is no identifier; OpenSSL falls back to it',
  },
  {
    code: 'certificate-name-mismatch',
    after: /mailbox only/,
    why: 'RFC 9525 section 2: the common name is no identifier; OpenSSL falls back to it without a dNSName',
  },
  {
    code: 'certificate-malformed',
    after: /address too long/,
    why: 'RFC 5280 section 4.2.1.6: four or sixteen octets; OpenSSL does not look',
  },
  {
    code: 'parse: value-not-allowed',
    after: /version 2/,
    why: 'RFC 5280 section 4.1.2.9: extensions in version 3 only; OpenSSL looks with -x509_strict',
  },
  {
    code: 'certificate-name-excluded',
    after: /excluding the host.*wildcard|wildcard.*excluding the host/,
    why: 'a wildcard that may stand for an excluded host is excluded; RFC 5280 does not speak of wildcards, OpenSSL compares letters',
  },
];

/** Why OpenSSL refuses what we accept: its sentence, and what was done to the chain. */
const laxer: readonly { readonly error: RegExp; readonly after: RegExp; readonly why: string }[] = [
  {
    error: /expired/,
    after: /last second/,
    why: 'RFC 5280 section 4.1.2.5: notAfter is inclusive; OpenSSL ends a second before',
  },
  {
    error: /certificate purpose/,
    after: /for any purpose/,
    why: 'RFC 5280 section 4.2.1.12: anyExtendedKeyUsage is any; OpenSSL 3.0 does not take it for TLS',
  },
  {
    error: /unable to get local issuer/,
    after: /naming another key/,
    why: 'RFC 5280 section 4.2.1.1: key identifiers help to find an issuer, the signature decides; OpenSSL takes them as a must',
  },
  {
    error: /permitted subtree violation/,
    after: /without subjectAltName/,
    why: 'RFC 5280 section 4.2.1.10 constrains dNSNames; OpenSSL also the common name where there are none',
  },
];

/** The rules that explain a difference; undefined where one part of it has none. */
function explain({ chain, ours, openssl }: Judged): string[] | undefined {
  const done = chain.mutations.join(', ');
  const whys = ours.ok
    ? openssl.errors.map((error) => laxer.find((rule) => rule.error.test(error) && rule.after.test(done))?.why)
    : ours.codes.map((code) => stricter.find((rule) => rule.code === code && rule.after.test(done))?.why);
  const known = whys.filter((why) => why !== undefined);
  return known.length > 0 && known.length === whys.length ? known : undefined;
}

function judgeOurs({ leaf, intermediates, root }: MadeChain, purpose: Purpose): Judged['ours'] {
  const parsedLeaf = parseCertificate(leaf);
  if (!parsedLeaf.ok) return { ok: false, codes: [`parse: ${parsedLeaf.error.problem}`] };
  const read = (list: readonly Uint8Array[]): Certificate[] =>
    list.map(parseCertificate).flatMap((parsed) => (parsed.ok ? [parsed.value] : []));
  const anchors = new TrustAnchors(read(root === undefined ? [] : [root]));
  const policy =
    purpose === 'sslserver'
      ? serverPolicy({ timeMs: NOW, peers: [parseHost('host.example')!] })
      : clientPolicy({ timeMs: NOW, purposes: [Oid.clientAuth] });
  const verdict = verifyPath(parsedLeaf.value, read(intermediates), anchors, policy);
  // Whatever is told about a chain is told in whole sentences.
  for (const reason of [...verdict.reasons, ...verdict.warnings])
    for (const language of ['en', 'zh'] as const) {
      const { cause, mend } = tellFinding(reason, language);
      assert.doesNotMatch(`${cause} ${mend}`, /\{\w+\}|undefined/);
    }
  return { ok: verdict.ok, codes: verdict.reasons.map(({ code }) => code) };
}

/** One process for all chains: their names do not overlap. */
function judgeByOpenssl(chains: readonly MadeChain[], purpose: Purpose, folder: string): Judged['openssl'][] {
  const write = (file: string, list: readonly Uint8Array[]): string => {
    const target = path.join(folder, file);
    writeFileSync(target, list.map((der) => pem(der)).join(''));
    return target;
  };
  const roots = write(
    'roots.pem',
    chains.flatMap(({ root }) => (root === undefined ? [] : [root])),
  );
  const untrusted = write(
    'untrusted.pem',
    chains.flatMap(({ intermediates }) => intermediates),
  );
  const leaves = chains.map(({ leaf }, index) => write(`leaf-${index}.pem`, [leaf]));
  const hostname = purpose === 'sslserver' ? ['-verify_hostname', 'host.example'] : [];
  const options = [
    '-purpose',
    purpose,
    '-attime',
    String(NOW / 1000),
    '-policy_check',
    '-no-CApath',
    '-no-CAstore',
    ...hostname,
  ];
  const { stdout, stderr } = spawnSync(
    'openssl',
    ['verify', ...options, '-CAfile', roots, '-untrusted', untrusted, ...leaves],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  const errors = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of stderr.split('\n')) {
    const said = /^error \d+ at \d+ depth lookup: ?(.*)$/.exec(line)?.[1];
    const failed =
      /^error (.*): verification failed$/.exec(line)?.[1] ??
      /^Could not (?:read|open).* (\S+leaf-\d+\.pem)/.exec(line)?.[1];
    if (said !== undefined) current.push(said);
    else if (failed !== undefined) {
      errors.set(failed, current);
      current = [];
    }
  }
  const good = new Set(stdout.split('\n').flatMap((line) => /^(.*): OK$/.exec(line)?.[1] ?? []));
  return leaves.map((leaf) => ({ ok: good.has(leaf), errors: errors.get(leaf) ?? [] }));
}

const names = Object.keys(mutations);
const BATCH = 250;

/** Every mutation alone, then chains with up to three of them. */
function drawChains(count: number, seed: number, purpose: string): MadeChain[] {
  const single = [[], ...names.map((mutation) => [mutation])];
  const several = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
  const drawn = fc.sample(several, { numRuns: Math.max(0, count - single.length), seed });
  return [...single, ...drawn].map((applied, index) => makeChain(index, applied, purpose));
}

describe('beside openssl verify', () => {
  const version = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';
  for (const [purpose, count] of [
    ['sslserver', 1_500],
    ['sslclient', 750],
  ] as const) {
    it(`${purpose}: every difference has its rule`, (t) => {
      if (!version.startsWith('OpenSSL 3.')) return t.skip('openssl 3 is absent');
      const seed = 20_261_122;
      const folder = mkdtempSync(path.join(tmpdir(), 'menshen-openssl-'));
      const unexplained: string[] = [];
      const tally = { accepted: 0, refused: 0, different: 0 };
      const used = new Set<string>();
      try {
        const chains = drawChains(count, seed, purpose === 'sslserver' ? Oid.serverAuth : Oid.clientAuth);
        for (let start = 0; start < chains.length; start += BATCH) {
          const batch = chains.slice(start, start + BATCH);
          const theirs = judgeByOpenssl(batch, purpose, folder);
          for (const [index, chain] of batch.entries()) {
            const judged: Judged = { chain, ours: judgeOurs(chain, purpose), openssl: theirs[index]! };
            const { ours, openssl } = judged;
            if (ours.ok === openssl.ok) {
              tally[ours.ok ? 'accepted' : 'refused']++;
              continue;
            }
            tally.different++;
            const why = explain(judged);
            for (const rule of why ?? []) used.add(rule);
            if (why === undefined)
              unexplained.push(
                `[${chain.mutations.join(', ')}] ours: ${ours.codes.join(', ') || 'ok'}; openssl: ${openssl.errors.join(', ') || 'ok'}`,
              );
          }
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      t.diagnostic(JSON.stringify({ chains: count, ...tally, rules: [...used] }, null, 1));
      assert.deepEqual(unexplained, []);
      assert.ok(tally.accepted > 100 && tally.refused > 100);
      return undefined;
    });
  }
});
