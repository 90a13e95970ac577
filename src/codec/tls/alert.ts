import { ByteReader } from './byte-reader.ts';
import type { Decoded } from './decode-error.ts';
import { ALERT, encodeRecord } from './record.ts';
import { TLS_1_2 } from './registry/versions.ts';

/** Alert (RFC 8446 section 6): a level, 1 warning or 2 fatal, and a description; two octets, `02 70`. */
export interface Alert {
  readonly level: number;
  readonly description: number;
}

const WARNING = 1;
export const FATAL = 2;

export const CLOSE_NOTIFY = 0;
export const HANDSHAKE_FAILURE = 40;
export const DECODE_ERROR = 50;
export const PROTOCOL_VERSION = 70;
export const UNRECOGNIZED_NAME = 112;

/** Parses the content of an alert record that is not encrypted. */
export function parseAlert(fragment: Uint8Array): Decoded<Alert> {
  const reader = new ByteReader(fragment);
  const level = reader.uint8('Alert.level');
  if (level !== WARNING && level !== FATAL) reader.fail('illegal-value', 'Alert.level', 0);
  const description = reader.uint8('Alert.description');
  if (reader.remaining > 0) reader.fail('trailing-bytes', 'Alert');
  return reader.error === undefined ? { ok: true, value: { level, description } } : { ok: false, error: reader.error };
}

/** A whole alert record in the clear, seven octets, fatal unless said otherwise. */
export function encodeAlertRecord(description: number, level: number = FATAL, version: number = TLS_1_2): Uint8Array {
  return encodeRecord(ALERT, version, Uint8Array.of(level, description));
}
