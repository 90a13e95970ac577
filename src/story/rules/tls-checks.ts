/** What the checks of a TLS conversation mean. Pure: results in, findings out. */
import type { CheckResult } from '../../codec/tls/conversation/check-result.ts';
import type { HeartbeatItem } from '../../codec/tls/conversation/items.ts';
import type { FindingCode } from '../catalog/index.ts';
import { finding, type Finding } from '../finding.ts';

/** What was claimed, by the message that claims it. */
const claims: Readonly<Record<CheckResult['check'], string>> = {
  'server-key-exchange': 'ServerKeyExchange',
  'certificate-verify': 'CertificateVerify',
  finished: 'Finished',
  'record-keys': 'TLSCiphertext',
  'derived-secret': 'key log',
  'psk-binder': 'PskBinderEntry',
  negotiation: 'ServerHello',
  downgrade: 'ServerHello.random',
  sct: 'SignedCertificateTimestamp',
};

/** Why nothing was checked; a secret is missing where nothing else is. */
const obstacles: ReadonlyMap<CheckResult['why'], FindingCode> = new Map([
  ['no-certificate', 'tls-check-without-certificate'],
  ['certificate-unreadable', 'tls-check-certificate-unreadable'],
  ['scheme-unknown', 'tls-check-scheme-unknown'],
  ['unsigned', 'tls-check-unsigned'],
  ['transcript-incomplete', 'tls-check-transcript-incomplete'],
]);

function judgeUnchecked({ check, sender, why, detail }: CheckResult): Finding {
  const code = obstacles.get(why) ?? 'tls-check-without-secret';
  return finding(code, { claim: claims[check], peer: sender, scheme: detail });
}

/** What one check says; undefined for a choice that was within the offer, which needs no word. */
function judgeTlsCheck(result: CheckResult): Finding | undefined {
  const { check, sender, checked, ok, why, detail } = result;
  const peer = sender;
  if (!checked) return judgeUnchecked(result);
  switch (check) {
    case 'server-key-exchange':
      return finding(ok ? 'tls-check-key-exchange-right' : 'tls-check-key-exchange-wrong', { scheme: detail });
    case 'certificate-verify':
      return finding(ok ? 'tls-check-certificate-verify-right' : 'tls-check-certificate-verify-wrong', {
        peer,
        scheme: detail,
      });
    case 'finished':
      return finding(ok ? 'tls-check-finished-right' : 'tls-check-finished-wrong', { peer });
    case 'record-keys':
      return finding(ok ? 'tls-check-keys-right' : 'tls-check-keys-wrong', { peer, label: detail });
    case 'derived-secret':
      return finding(ok ? 'tls-check-secret-right' : 'tls-check-secret-wrong', { label: detail });
    case 'psk-binder':
      return finding(ok ? 'tls-check-binder-right' : 'tls-check-binder-wrong');
    case 'negotiation':
      return ok ? undefined : finding('tls-check-negotiation-wrong', { problem: why, value: detail });
    case 'downgrade':
      return ok ? undefined : finding('tls-check-downgrade-found', { version: detail });
    case 'sct':
      break;
  }
  return ok ? finding('tls-check-sct-present', { count: Number(detail) }) : finding('tls-check-sct-absent');
}

export function judgeTlsChecks(results: readonly CheckResult[]): Finding[] {
  return results.map(judgeTlsCheck).filter((found) => found !== undefined);
}

/** A heartbeat that claims more than it holds (CVE-2014-0160). */
export function judgeHeartbeat({ sender, isOverlong, payloadLength }: HeartbeatItem): Finding | undefined {
  if (!isOverlong) return undefined;
  return finding('tls-heartbeat-overlong', { peer: sender, byteLength: payloadLength });
}
