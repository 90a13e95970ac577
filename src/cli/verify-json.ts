import { formatTime } from '../pki/path/reason.ts';
import type { RejectedPath } from '../pki/path/verdict.ts';
import { tellFinding, type Finding } from '../story/finding.ts';
import { pemOf } from '../trace/verify/openssl-verdict.ts';
import type { VerifyReport } from '../trace/verify/verify.ts';
import { certificateFacts } from './certificate-facts.ts';
import type { VerifyPage } from './verify-report.ts';

/** The whole report as one JSON value: stable keys, codes instead of sentences where programs decide. */
export function verifyJson(report: VerifyReport, page: VerifyPage): string {
  const { presentation, judgement, openssl } = report;
  const told = (found: Finding) => {
    const { cause, mend } = tellFinding(found, page.language);
    const { code, fault, severity, values } = found;
    return { code, severity, fault, cause, mend, values };
  };
  const rejected = ({ path, complete, reasons, warnings }: RejectedPath) => ({
    path: path.map((certificate) => certificateFacts(certificate).label),
    complete,
    reasons: reasons.map((reason) => ({ ...told(reason), position: reason.position })),
    warnings: warnings.map((reason) => ({ ...told(reason), position: reason.position })),
  });
  const value = {
    target: page.target,
    at: formatTime(Math.floor(page.timeMs / 1_000) * 1_000),
    trusted: report.trusted,
    cause: report.cause ?? null,
    exitCode: page.exitCode,
    connection: presentation && {
      address: presentation.address,
      port: presentation.port,
      protocol: presentation.protocol ?? null,
      cipherSuite: presentation.cipherSuite ?? null,
      connectMs: presentation.connectMs,
      handshakeMs: presentation.handshakeMs,
      asksClientCertificate: presentation.flight.asksClient,
      stapled: report.stapled ?? null,
    },
    sent: report.sent.map((certificate) => ({ ...certificateFacts(certificate), pem: pemOf(certificate) })),
    path: judgement?.verdict.path.map((certificate) => ({
      ...certificateFacts(certificate),
      store: page.storeOf(certificate) ?? null,
    })),
    complete: judgement?.verdict.complete,
    fetched: judgement?.verdict.fetched.map(({ certificate, url }) => ({ ...certificateFacts(certificate), url })),
    tried: judgement?.verdict.tried.map(rejected),
    revocation: judgement?.statuses.map(({ kind, source, thisUpdateMs, nextUpdateMs, revokedAtMs, reason }) => ({
      status: kind,
      source: source ?? null,
      thisUpdate: timeOf(thisUpdateMs),
      nextUpdate: timeOf(nextUpdateMs),
      revokedAt: timeOf(revokedAtMs),
      reason: reason ?? null,
    })),
    asked: judgement?.asked,
    checks: report.lines.map(({ check, sign, finding }) => ({ check, sign, ...told(finding) })),
    trustStores: page.storeFindings.map(told),
    openssl: openssl ?? null,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

const timeOf = (epochMs: number | undefined): string | null => (epochMs === undefined ? null : formatTime(epochMs));
