/** What the attempts to connect mean. */
import { finding, type Finding } from '../finding.ts';

/** One attempt, as far as the rules look at it. */
export interface AttemptFacts {
  readonly address: string;
  readonly port: number;
  readonly outcome: 'running' | 'connected' | 'failed' | 'abandoned' | 'timed-out';
  /** The system's code: `ECONNREFUSED`. */
  readonly reason: string;
  readonly startMs: number;
}

export function judgeAttempts(attempts: readonly AttemptFacts[], timeoutMs: number): Finding[] {
  const winner = attempts.find(({ outcome }) => outcome === 'connected');
  if (winner !== undefined) {
    const failed = attempts.find(({ outcome, startMs }) => outcome === 'failed' && startMs < winner.startMs);
    if (failed === undefined) return [];
    const ms = Math.round(winner.startMs - attempts[0]!.startMs);
    const { address, reason } = failed;
    return [finding('trace-address-fallback', { failed: address, reason, address: winner.address, ms })];
  }
  // With several that failed, a refusal says most: somebody is there.
  const refused = attempts.find(({ reason }) => reason === 'ECONNREFUSED');
  if (refused !== undefined) return [finding('trace-refused', { address: refused.address, port: refused.port })];
  const silent = attempts.find(({ outcome, reason }) => outcome === 'timed-out' || reason === 'ETIMEDOUT');
  if (silent !== undefined) {
    const seconds = Math.round(timeoutMs / 100) / 10;
    return [finding('trace-connect-timeout', { address: silent.address, port: silent.port, seconds })];
  }
  const [first] = attempts;
  if (first === undefined) return [];
  if (first.reason === 'ECONNRESET') return [finding('trace-reset', { stage: 'TCP' })];
  return [finding('trace-unreachable', { address: first.address, reason: first.reason })];
}
