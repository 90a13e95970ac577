/**
 * Frames (RFC 9113 section 4.1): nine octets, then the payload.
 *
 *   00 00 04  08  00  00 00 00 01  00 00 10 00
 *   length 4  type    stream 1     payload
 *             WINDOW_UPDATE, no flags
 */

export const FRAME_HEADER_LENGTH = 9;
/** What SETTINGS_MAX_FRAME_SIZE may be: 2^14, where it begins, to 2^24 - 1. */
export const DEFAULT_MAXIMUM_FRAME_SIZE: number = 16_384;
export const LARGEST_FRAME_SIZE: number = 16_777_215;

export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
  /** RFC 7838 section 4. */
  ALTSVC: 0xa,
  /** RFC 8336. */
  ORIGIN: 0xc,
  /** RFC 9218 section 7.1. */
  PRIORITY_UPDATE: 0x10,
} as const;

/** Flags; what one bit means depends on the type. */
export const FrameFlag = {
  /** SETTINGS, PING. */
  ACK: 0x1,
  /** DATA, HEADERS. */
  END_STREAM: 0x1,
  /** HEADERS, PUSH_PROMISE, CONTINUATION. */
  END_HEADERS: 0x4,
  /** DATA, HEADERS, PUSH_PROMISE. */
  PADDED: 0x8,
  /** HEADERS: the deprecated priority fields are there. */
  PRIORITY: 0x20,
} as const;

const names = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]));

/** The registered name of a frame type, or `0x…`. Types that nobody knows are ignored (section 4.1). */
export function frameTypeName(type: number): string {
  return names.get(type) ?? `0x${type.toString(16)}`;
}

/** An unsigned 32-bit integer in network order. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** A 31-bit integer in network order; the reserved bit in front is ignored, as it must be. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Writes an unsigned 32-bit integer and returns the position behind it. */
export function writeUint32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return at + 4;
}
