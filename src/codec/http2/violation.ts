/**
 * What a peer can do wrong in HTTP/2, each with what RFC 9113 makes of it: an error of the connection (GOAWAY, close) or of
 * one stream (RST_STREAM), and the code to send. The reasons stand in the catalogue with their cause and mend.
 */
import { ErrorCode } from './error-codes.ts';

/** How much ends: the connection with all its streams, or one stream. */
export type ViolationScope = 'connection' | 'stream';

const {
  PROTOCOL_ERROR,
  FLOW_CONTROL_ERROR,
  SETTINGS_TIMEOUT,
  FRAME_SIZE_ERROR,
  COMPRESSION_ERROR,
  ENHANCE_YOUR_CALM,
  REFUSED_STREAM,
  STREAM_CLOSED,
} = ErrorCode;

const connection = {
  // Section 3.4, 4.1, 4.2, 6.
  'h2-preface-invalid': PROTOCOL_ERROR,
  'h2-settings-not-first': PROTOCOL_ERROR,
  'h2-frame-too-large': FRAME_SIZE_ERROR,
  'h2-frame-length-wrong': FRAME_SIZE_ERROR,
  'h2-frame-on-wrong-stream': PROTOCOL_ERROR,
  'h2-padding-too-long': PROTOCOL_ERROR,
  'h2-push-refused': PROTOCOL_ERROR,
  // Section 4.3, 6.10.
  'h2-continuation-missing': PROTOCOL_ERROR,
  'h2-continuation-unexpected': PROTOCOL_ERROR,
  'h2-header-block-too-large': ENHANCE_YOUR_CALM,
  'h2-too-many-continuations': ENHANCE_YOUR_CALM,
  'h2-head-unfinished': ENHANCE_YOUR_CALM,
  // Section 5.1, 5.1.1.
  'h2-stream-number-invalid': PROTOCOL_ERROR,
  'h2-stream-idle': PROTOCOL_ERROR,
  'h2-stream-ended': STREAM_CLOSED,
  // Section 6.5, 6.9.
  'h2-setting-invalid': PROTOCOL_ERROR,
  'h2-settings-unacknowledged': SETTINGS_TIMEOUT,
  'h2-initial-window-too-large': FLOW_CONTROL_ERROR,
  'h2-window-overflow': FLOW_CONTROL_ERROR,
  'h2-window-increment-zero': PROTOCOL_ERROR,
  'h2-window-ignored': FLOW_CONTROL_ERROR,
  // RFC 7541.
  'h2-hpack-truncated': COMPRESSION_ERROR,
  'h2-hpack-integer-too-large': COMPRESSION_ERROR,
  'h2-hpack-index-unknown': COMPRESSION_ERROR,
  'h2-hpack-huffman-invalid': COMPRESSION_ERROR,
  'h2-hpack-table-too-large': COMPRESSION_ERROR,
  'h2-hpack-table-update-misplaced': COMPRESSION_ERROR,
  'h2-hpack-table-update-missing': COMPRESSION_ERROR,
  // Section 10.5: each frame is allowed, so many are not.
  'h2-reset-flood': ENHANCE_YOUR_CALM,
  'h2-stream-error-flood': ENHANCE_YOUR_CALM,
  'h2-large-head-flood': ENHANCE_YOUR_CALM,
  'h2-empty-data-flood': ENHANCE_YOUR_CALM,
  'h2-settings-flood': ENHANCE_YOUR_CALM,
  'h2-ping-flood': ENHANCE_YOUR_CALM,
  'h2-window-update-flood': ENHANCE_YOUR_CALM,
  'h2-priority-flood': ENHANCE_YOUR_CALM,
  'h2-unknown-frame-flood': ENHANCE_YOUR_CALM,
} as const;

const stream = {
  'h2-priority-length-wrong': FRAME_SIZE_ERROR,
  'h2-depends-on-itself': PROTOCOL_ERROR,
  'h2-stream-window-overflow': FLOW_CONTROL_ERROR,
  'h2-stream-window-increment-zero': PROTOCOL_ERROR,
  'h2-stream-window-ignored': FLOW_CONTROL_ERROR,
  'h2-stream-closed': STREAM_CLOSED,
  'h2-stream-refused': REFUSED_STREAM,
  // Limits on decoded fields: the compression state stays right, so only the message is refused (431 for a request).
  'h2-field-list-too-large': ENHANCE_YOUR_CALM,
  'h2-too-many-fields': ENHANCE_YOUR_CALM,
  'h2-field-too-long': ENHANCE_YOUR_CALM,
  // Malformed messages, section 8.1.1 to 8.5.
  'h2-field-name-invalid': PROTOCOL_ERROR,
  'h2-field-value-invalid': PROTOCOL_ERROR,
  'h2-connection-field': PROTOCOL_ERROR,
  'h2-te-invalid': PROTOCOL_ERROR,
  'h2-pseudo-unknown': PROTOCOL_ERROR,
  'h2-pseudo-late': PROTOCOL_ERROR,
  'h2-pseudo-repeated': PROTOCOL_ERROR,
  'h2-pseudo-missing': PROTOCOL_ERROR,
  'h2-pseudo-in-trailers': PROTOCOL_ERROR,
  'h2-method-invalid': PROTOCOL_ERROR,
  'h2-path-invalid': PROTOCOL_ERROR,
  'h2-scheme-invalid': PROTOCOL_ERROR,
  'h2-authority-invalid': PROTOCOL_ERROR,
  'h2-authority-missing': PROTOCOL_ERROR,
  'h2-host-differs': PROTOCOL_ERROR,
  'h2-connect-malformed': PROTOCOL_ERROR,
  'h2-protocol-unexpected': PROTOCOL_ERROR,
  'h2-status-invalid': PROTOCOL_ERROR,
  'h2-expectation-unknown': PROTOCOL_ERROR,
  'h2-content-length-invalid': PROTOCOL_ERROR,
  'h2-content-length-differs': PROTOCOL_ERROR,
  'h2-trailers-without-end': PROTOCOL_ERROR,
} as const;

/** Catalogue code of a violation. */
export type ViolationReason = keyof typeof connection | keyof typeof stream;

export interface Violation {
  readonly reason: ViolationReason;
  readonly scope: ViolationScope;
  /** What RST_STREAM or GOAWAY says: one of ErrorCode. */
  readonly errorCode: number;
}

const all = new Map<ViolationReason, Violation>();
for (const [scope, codes] of [
  ['connection', connection],
  ['stream', stream],
] as const) {
  for (const [reason, errorCode] of Object.entries(codes) as [ViolationReason, number][]) {
    all.set(reason, Object.freeze({ reason, scope, errorCode }));
  }
}

/** Every reason there is. */
export const VIOLATION_REASONS: readonly ViolationReason[] = [...all.keys()];

/** The violation of that reason: always the same object, so that refusing costs nothing. */
export function violation(reason: ViolationReason): Violation {
  return all.get(reason)!;
}
