import { parseName } from '../codec/dns/name.ts';
import { finding, type Finding } from '../story/finding.ts';
import type { ProblemCode } from '../story/words/problems.ts';
import type { TsigAlgorithm, TsigKey } from './tsig.ts';

const algorithms: readonly TsigAlgorithm[] = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'];

/**
 * Reads a key as `ALGORITHM:NAME:SECRET` (what `nsupdate -y` takes), or as the text of a file with
 * `key "NAME" { algorithm ALGORITHM; secret "SECRET"; };` (what tsig-keygen writes). The secret is never told.
 */
export function parseTsigKey(text: string): { readonly key: TsigKey } | { readonly problem: Finding } {
  const block = /key\s+"?([^"\s{]+)"?\s*\{([^}]*)\}/.exec(text);
  if (block !== null) {
    const [, name = '', body = ''] = block;
    const algorithm = /algorithm\s+"?([\w-]+)"?\s*;/.exec(body)?.[1] ?? '';
    return makeKey(algorithm, name, /secret\s+"?([^";\s]+)"?\s*;/.exec(body)?.[1] ?? '');
  }
  const [algorithm = '', name = '', secret = '', ...more] = text.trim().split(':');
  return more.length > 0 ? unclear('key-parts') : makeKey(algorithm, name, secret);
}

function makeKey(named: string, name: string, secret: string): ReturnType<typeof parseTsigKey> {
  const algorithm = algorithms.find((one) => one === named.toLowerCase());
  if (algorithm === undefined) return unclear('key-algorithm');
  const parsed = parseName(name);
  if (!parsed.ok) return unclear('key-name');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(secret) || secret.length % 4 !== 0) return unclear('key-secret');
  return { key: { name: parsed.name, algorithm, secret: Buffer.from(secret, 'base64') } };
}

const unclear = (problem: ProblemCode): { readonly problem: Finding } => ({
  problem: finding('dns-key-unclear', { problem }),
});
