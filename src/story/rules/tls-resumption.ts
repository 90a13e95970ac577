/** What resuming a session saved, against the full handshake before. Pure: costs in, a finding out. */
import type { HandshakeCost } from '../../codec/tls/conversation/handshake-cost.ts';
import { finding, type Finding } from '../finding.ts';

/** Undefined where nothing was saved. */
export function judgeResumption(full: HandshakeCost, resumed: HandshakeCost): Finding | undefined {
  const total = ({ octets }: HandshakeCost): number => octets.client + octets.server;
  const byteLength = total(full) - total(resumed);
  const roundTrips = full.roundTrips - resumed.roundTrips;
  const signatures = full.signatures - resumed.signatures;
  if (byteLength <= 0 && roundTrips <= 0) return undefined;
  const [beforeMs, afterMs] = [full, resumed].map(({ durationMs }) => Math.round(durationMs * 10) / 10);
  const values = { roundTrips, fullRoundTrips: full.roundTrips, byteLength, signatures };
  return finding('tls-session-cheaper', { ...values, beforeMs: beforeMs!, afterMs: afterMs! });
}
