/** HTTP/2 frames as they are told: each with its payload understood as far as it concerns a reader. */
import { errorCodeName } from '../../codec/http2/error-codes.ts';
import { readGoaway, readResetCode, readWindowIncrement } from '../../codec/http2/frame-payload.ts';
import { FrameFlag, FrameType, frameTypeName } from '../../codec/http2/frames.ts';
import { forEachSetting, settingName } from '../../codec/http2/settings.ts';

export interface FrameEvent {
  readonly atMs: number;
  readonly direction: 'sent' | 'received';
  /** Registered name, or `0x…`. */
  readonly type: string;
  readonly streamId: number;
  /** Octets of the payload. */
  readonly length: number;
  /** Names of the flags that are set. */
  readonly flags: readonly string[];
  /** What it says: pairs of protocol names and values. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The whole frame; of DATA only the header. */
  readonly octets: Uint8Array;
}

/** Tells the frame that begins at `bytes[start]` with its nine octets and ends at `end`. */
export function readFrameEvent(
  bytes: Buffer,
  start: number,
  end: number,
  direction: 'sent' | 'received',
  atMs: number,
): FrameEvent {
  const type = bytes[start + 3]!;
  const flags = bytes[start + 4]!;
  const streamId = bytes.readUInt32BE(start + 5) & 0x7fff_ffff;
  const payload = start + 9;
  return {
    atMs,
    direction,
    type: frameTypeName(type),
    streamId,
    length: end - payload,
    flags: flagNames(type, flags),
    facts: factsOf(type, flags, bytes, payload, end),
    octets: Uint8Array.from(bytes.subarray(start, type === FrameType.DATA ? payload : end)),
  };
}

function flagNames(type: number, flags: number): string[] {
  const names: string[] = [];
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (type === FrameType.SETTINGS || type === FrameType.PING) {
    if (has(FrameFlag.ACK)) names.push('ACK');
    return names;
  }
  const carries = type === FrameType.DATA || type === FrameType.HEADERS;
  if (carries && has(FrameFlag.END_STREAM)) names.push('END_STREAM');
  if (type !== FrameType.DATA && has(FrameFlag.END_HEADERS)) names.push('END_HEADERS');
  if (type !== FrameType.CONTINUATION && has(FrameFlag.PADDED)) names.push('PADDED');
  if (type === FrameType.HEADERS && has(FrameFlag.PRIORITY)) names.push('PRIORITY');
  return names;
}

function factsOf(type: number, flags: number, bytes: Buffer, start: number, end: number): [string, string][] {
  const facts: [string, string][] = [];
  switch (type) {
    case FrameType.SETTINGS:
      if ((flags & FrameFlag.ACK) === 0)
        forEachSetting(bytes, start, end, (id, value) => facts.push([settingName(id), String(value)]));
      break;
    case FrameType.WINDOW_UPDATE:
      facts.push(['Window Size Increment', String(readWindowIncrement(bytes, start))]);
      break;
    case FrameType.RST_STREAM:
      facts.push(['Error Code', errorCodeName(readResetCode(bytes, start))]);
      break;
    case FrameType.GOAWAY: {
      const { lastStreamId, errorCode, debugData } = readGoaway(bytes, start, end);
      facts.push(['Last-Stream-ID', String(lastStreamId)], ['Error Code', errorCodeName(errorCode)]);
      if (debugData !== '') facts.push(['Additional Debug Data', JSON.stringify(debugData.slice(0, 200))]);
      break;
    }
    default:
      break;
  }
  return facts;
}
