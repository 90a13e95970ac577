import type { Sender } from './items.ts';

export type CheckName =
  /** The server's signature over its key exchange parameters (TLS 1.2). */
  | 'server-key-exchange'
  | 'certificate-verify'
  | 'finished'
  /** Keys derived from a secret open what was sent under it. */
  | 'record-keys'
  /** A secret that the key schedule derives is the one that the key log or the session tells. */
  | 'derived-secret'
  | 'psk-binder'
  /** What the server chose was offered. */
  | 'negotiation'
  /** No mark of a downgrade in the server's random (RFC 8446 section 4.1.3). */
  | 'downgrade'
  /** The certificate is in Certificate Transparency logs, by what the server showed. */
  | 'sct';

export type CheckReason =
  // Checked and right.
  | 'matches'
  | 'present'
  // Checked and wrong.
  | 'differs'
  | 'absent'
  | 'version-not-offered'
  | 'suite-not-offered'
  | 'suite-changed-after-retry'
  | 'compression-not-offered'
  | 'session-id-not-echoed'
  | 'group-not-offered'
  | 'extension-not-offered'
  | 'psk-not-offered'
  | 'downgrade-mark'
  // Not checked.
  | 'no-secret'
  | 'no-certificate'
  | 'certificate-unreadable'
  | 'scheme-unknown'
  | 'unsigned'
  | 'transcript-incomplete';

export interface CheckResult {
  readonly check: CheckName;
  /** Whose claim was checked. */
  readonly sender: Sender;
  /** False where something was missing; `why` says what. */
  readonly checked: boolean;
  /** The claim holds; false where it was not checked. */
  readonly ok: boolean;
  readonly why: CheckReason;
  /** What it was about: a signature scheme, a label of the key log, a count. */
  readonly detail: string;
}

/** Outcomes, as the checks make them. */
export function outcome(check: CheckName, sender: Sender, ok: boolean, detail: string): CheckResult {
  return { check, sender, checked: true, ok, why: ok ? 'matches' : 'differs', detail };
}

export function failed(check: CheckName, sender: Sender, why: CheckReason, detail: string): CheckResult {
  return { check, sender, checked: true, ok: false, why, detail };
}

export function unchecked(check: CheckName, sender: Sender, why: CheckReason, detail = ''): CheckResult {
  return { check, sender, checked: false, ok: false, why, detail };
}
