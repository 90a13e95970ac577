/**
 * SETTINGS (RFC 9113 section 6.5): six octets a setting, of which the last of a kind counts.
 *
 *   00 04 00 01 00 00     INITIAL_WINDOW_SIZE 65536
 */
import { DEFAULT_MAXIMUM_FRAME_SIZE, LARGEST_FRAME_SIZE, readUint32 } from './frames.ts';
import { DEFAULT_WINDOW, LARGEST_WINDOW } from './flow-control.ts';
import { violation, type Violation } from './violation.ts';

export const SettingId = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
  /** RFC 8441 section 3. */
  ENABLE_CONNECT_PROTOCOL: 0x8,
  /** RFC 9218 section 2.1. */
  NO_RFC7540_PRIORITIES: 0x9,
} as const;

const names = new Map<number, string>(Object.entries(SettingId).map(([name, id]) => [id, name]));

/** The registered name, or `0x…`; a setting that nobody knows is ignored (section 6.5.2). */
export function settingName(id: number): string {
  return names.get(id) ?? `0x${id.toString(16)}`;
}

/** What a peer has set; it begins with the protocol's defaults. */
export class Settings {
  headerTableSize = 4096;
  enablePush = true;
  /** Infinity until the peer sets a limit. */
  maximumConcurrentStreams: number = Infinity;
  initialWindowSize: number = DEFAULT_WINDOW;
  maximumFrameSize: number = DEFAULT_MAXIMUM_FRAME_SIZE;
  /** Infinity until the peer sets a limit. */
  maximumHeaderListSize: number = Infinity;
  enableConnectProtocol = false;
  noRfc7540Priorities = false;
  /** How many SETTINGS frames have been taken over. */
  count = 0;
}

export type SettingsSender = 'client' | 'server';

/** Calls `each` for every setting of the payload, in order, unknown ones too. */
export function forEachSetting(
  bytes: Uint8Array,
  start: number,
  end: number,
  each: (id: number, value: number) => void,
): void {
  for (let at = start; at + 6 <= end; at += 6) each((bytes[at]! << 8) | bytes[at + 1]!, readUint32(bytes, at + 2));
}

/** Takes the payload `bytes[start, end)` over into `settings`; what stood before a violation has been taken over. */
export function applySettings(
  settings: Settings,
  sender: SettingsSender,
  bytes: Uint8Array,
  start: number,
  end: number,
): Violation | null {
  for (let at = start; at + 6 <= end; at += 6) {
    const refused = applySetting(settings, sender, (bytes[at]! << 8) | bytes[at + 1]!, readUint32(bytes, at + 2));
    if (refused !== null) return refused;
  }
  settings.count += 1;
  return null;
}

function applySetting(settings: Settings, sender: SettingsSender, id: number, value: number): Violation | null {
  switch (id) {
    case SettingId.HEADER_TABLE_SIZE:
      settings.headerTableSize = value;
      return null;
    case SettingId.ENABLE_PUSH:
      // Section 6.5.2: a server sends nothing but 0.
      if (value > 1 || (value === 1 && sender === 'server')) return violation('h2-setting-invalid');
      settings.enablePush = value === 1;
      return null;
    case SettingId.MAX_CONCURRENT_STREAMS:
      settings.maximumConcurrentStreams = value;
      return null;
    case SettingId.INITIAL_WINDOW_SIZE:
      if (value > LARGEST_WINDOW) return violation('h2-initial-window-too-large');
      settings.initialWindowSize = value;
      return null;
    case SettingId.MAX_FRAME_SIZE:
      if (value < DEFAULT_MAXIMUM_FRAME_SIZE || value > LARGEST_FRAME_SIZE) return violation('h2-setting-invalid');
      settings.maximumFrameSize = value;
      return null;
    case SettingId.MAX_HEADER_LIST_SIZE:
      settings.maximumHeaderListSize = value;
      return null;
    case SettingId.ENABLE_CONNECT_PROTOCOL:
      // RFC 8441 section 3: what was promised is not taken back.
      if (value > 1 || (value === 0 && settings.enableConnectProtocol)) return violation('h2-setting-invalid');
      settings.enableConnectProtocol = value === 1;
      return null;
    case SettingId.NO_RFC7540_PRIORITIES:
      // RFC 9218 section 2.1: 0 or 1, and not another than in the first frame.
      if (value > 1 || (settings.count > 0 && (value === 1) !== settings.noRfc7540Priorities)) {
        return violation('h2-setting-invalid');
      }
      settings.noRfc7540Priorities = value === 1;
      return null;
    default:
      return null;
  }
}
