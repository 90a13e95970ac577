import type { Certificate } from '../../codec/x509/certificate.ts';
import type { SentCertificate } from '../../codec/tls/certificate-message.ts';
import type { Finding } from '../../story/finding.ts';
import { causeOf, type VerifyCause } from './cause.ts';
import { checkLines, type CheckLine } from './check-lines.ts';
import { judgePresented, type Judgement, type JudgeOptions, type Presented } from './judge-presented.ts';
import { askOpenssl, compareVerdicts, pemOf, type OpensslVerdict } from './openssl-verdict.ts';
import { presentServer, type ClientCredentials, type HostTarget, type Presentation } from './present.ts';
import { readSent } from './read-chain.ts';

export type VerifyTarget =
  | { readonly kind: 'host'; readonly host: HostTarget }
  | { readonly kind: 'chain'; readonly certificates: readonly Certificate[] };

export interface VerifyOptions extends Omit<JudgeOptions, 'fetching'> {
  /** How to get what is missing, for a server at this address, or for a file where that is undefined. */
  readonly fetchingFor: (address: string | undefined) => JudgeOptions['fetching'];
  /** For connecting and shaking hands. */
  readonly timeoutMs: number;
  readonly client?: ClientCredentials | undefined;
  /** Whether `timeMs` is now: OpenSSL judges a live handshake by the clock. */
  readonly isNow: boolean;
}

/** What came of it. Where there was nothing to judge, `judgement` is undefined and `lines` say why. */
export interface VerifyReport {
  readonly trusted: boolean;
  readonly cause: VerifyCause | undefined;
  readonly presentation: Presentation | undefined;
  /** Certificates as they were sent or stand in the file. */
  readonly sent: readonly Certificate[];
  readonly stapled: boolean | undefined;
  readonly judgement: Judgement | undefined;
  readonly openssl: OpensslVerdict | undefined;
  readonly lines: readonly CheckLine[];
}

/** Connects where the target is a host, judges, and explains. No request is sent. */
export async function verify(target: VerifyTarget, options: VerifyOptions): Promise<VerifyReport> {
  if (target.kind === 'chain') {
    const presented = { certificates: target.certificates, staple: undefined, stapled: undefined };
    return report(presented, undefined, options, []);
  }
  const anchors = options.store.certificates.map(pemOf);
  const { timeoutMs, client } = options;
  const presentation = await presentServer(target.host, { timeoutMs, client, anchors });
  if ('code' in presentation) return failed([presentation], undefined);
  const { certificates: sent } = presentation.flight;
  const { certificates, malformed } = readSent(sent);
  if (certificates.length === 0) return failed(malformed, presentation);
  return report(presentedBy(certificates, sent), presentation, options, malformed);
}

function presentedBy(certificates: readonly Certificate[], [leaf]: readonly SentCertificate[]): Presented {
  return { certificates, staple: leaf?.ocspResponse, stapled: leaf?.ocspResponse !== undefined };
}

function failed(findings: readonly Finding[], presentation: Presentation | undefined): VerifyReport {
  return {
    trusted: false,
    cause: causeOf(findings),
    presentation,
    sent: [],
    stapled: undefined,
    judgement: undefined,
    openssl: undefined,
    lines: findings.map((one) => ({ check: 'client', sign: 'bad', finding: one })),
  };
}

async function report(
  presented: Presented,
  presentation: Presentation | undefined,
  options: VerifyOptions,
  malformed: readonly Finding[],
): Promise<VerifyReport> {
  const judging: JudgeOptions = { ...options, fetching: options.fetchingFor(presentation?.address) };
  const judgement = await judgePresented(presented, judging);
  const openssl = await opensslBeside(presented, presentation, options);
  const ofClient = presentation?.findings ?? [];
  const beside = [
    ...malformed.map((one) => ({ check: 'form', finding: one }) as const),
    ...ofClient.map((one) => ({ check: 'client', finding: one }) as const),
    { check: 'openssl', finding: compareVerdicts(openssl, judgement.reasons, judgement.verdict) } as const,
  ];
  const errors = [...judgement.reasons, ...malformed, ...ofClient];
  const cause = causeOf(errors);
  return {
    trusted: cause === undefined,
    cause,
    presentation,
    sent: presented.certificates,
    stapled: presented.stapled,
    judgement,
    openssl,
    lines: checkLines(judgement, judging, beside),
  };
}

/** The verdict of the handshake itself where it was about the same question, and the command's otherwise. */
async function opensslBeside(
  { certificates }: Presented,
  presentation: Presentation | undefined,
  options: VerifyOptions,
): Promise<OpensslVerdict> {
  if (options.everything) return { asked: false, reason: 'everything-trusted' };
  const code = presentation?.opensslCode;
  if (code !== undefined && options.isNow && options.purpose === 'server') return { asked: true, code };
  const { timeMs, purpose, peers, store } = options;
  return askOpenssl({ sent: certificates, anchors: store.certificates, peer: peers[0], timeMs, purpose });
}
