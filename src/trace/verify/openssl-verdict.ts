import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Certificate } from '../../codec/x509/certificate.ts';
import { formatPeer, type PeerName } from '../../pki/names/peer-name.ts';
import { isSelfIssued } from '../../pki/path/identity.ts';
import type { FetchingVerdict } from '../../pki/path/aia-fetching.ts';
import { certificateLabel } from '../../pki/path/reason.ts';
import { finding, type Finding } from '../../story/finding.ts';

/** What OpenSSL says about the same certificates. */
export type OpensslVerdict =
  /** `code` is OpenSSL's word for what is wrong, '' where it trusts. */
  { readonly asked: true; readonly code: string } | { readonly asked: false; readonly reason: string };

export interface OpensslQuestion {
  readonly sent: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  readonly peer: PeerName | undefined;
  readonly timeMs: number;
  readonly purpose: 'server' | 'client';
}

const TIMEOUT_MS = 10_000;

export const pemOf = ({ bytes }: Certificate): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes)
    .toString('base64')
    .replaceAll(/.{64}/g, '$&\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`;

/** Asks `openssl verify`, where that command is on the path. */
export async function askOpenssl(question: OpensslQuestion): Promise<OpensslVerdict> {
  const { sent, anchors, peer, timeMs, purpose } = question;
  const [leaf, ...rest] = sent;
  if (leaf === undefined || anchors.length === 0) return { asked: false, reason: 'no-certificates' };
  const folder = await mkdtemp(path.join(tmpdir(), 'menshen-verify-'));
  try {
    const file = async (name: string, certificates: readonly Certificate[]): Promise<string> => {
      const place = path.join(folder, name);
      await writeFile(place, certificates.map(pemOf).join(''));
      return place;
    };
    const words = ['verify', '-no-CApath', '-no-CAstore', '-CAfile', await file('anchors.pem', anchors)];
    if (rest.length > 0) words.push('-untrusted', await file('untrusted.pem', rest));
    words.push('-attime', String(Math.floor(timeMs / 1_000)), '-purpose', `ssl${purpose}`);
    if (peer !== undefined) words.push(option[peer.kind], formatPeer(peer));
    words.push(await file('leaf.pem', [leaf]));
    return await run(words);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const option = { dns: '-verify_hostname', ip: '-verify_ip', email: '-verify_email' } as const;

function run(words: readonly string[]): Promise<OpensslVerdict> {
  return new Promise((resolve) => {
    execFile('openssl', words, { timeout: TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (error === null) return resolve({ asked: true, code: '' });
      if (error.code === 'ENOENT') return resolve({ asked: false, reason: 'no-openssl' });
      // error 20 at 0 depth lookup: unable to get local issuer certificate
      const told = /error (\d+) at (\d+) depth lookup: (.*)/.exec(stderr);
      const reason = stderr.trim().split('\n').at(-1) ?? error.message;
      return resolve(told === null ? { asked: false, reason } : { asked: true, code: told[3] ?? '' });
    });
  });
}

/** OpenSSL's verdict beside ours; where they differ, why. */
export function compareVerdicts(
  openssl: OpensslVerdict,
  errors: readonly Finding[],
  { path: accepted, fetched }: Pick<FetchingVerdict, 'path' | 'fetched'>,
): Finding {
  if (!openssl.asked) return finding('openssl-unasked', { reason: openssl.reason });
  const { code } = openssl;
  const verdict = code === '' ? 'OK' : code;
  const [first] = errors;
  if ((first === undefined) === (code === '')) return finding('openssl-agrees', { verdict });
  if (first !== undefined) {
    const ofRevocation = errors.every(({ code: own }) => /revo|^ocsp-|staple/.test(own));
    if (ofRevocation) return finding('openssl-blind-revocation', { verdict });
    return finding('openssl-blind-rules', { verdict });
  }
  if (fetched.some(({ certificate }) => accepted.includes(certificate)))
    return finding('openssl-does-not-fetch', { verdict });
  const anchor = accepted.at(-1);
  const issuerMissing = /unable to get|UNABLE_TO_(?:GET|VERIFY)/.test(code);
  if (anchor !== undefined && issuerMissing && !isSelfIssued(anchor))
    return finding('openssl-wants-root', { verdict, anchor: certificateLabel(anchor) });
  return finding('openssl-differs', { verdict });
}
