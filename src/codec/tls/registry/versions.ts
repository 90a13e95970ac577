import { isGrease } from './grease.ts';
import { hex16 } from './hex.ts';

/** Protocol versions by their two octets on the wire. TLS counts on from SSL 3.0, hence 0x0301 for TLS 1.0. */
const SSL_2_0 = 0x0002;
const SSL_3_0 = 0x0300;
export const TLS_1_0 = 0x0301;
export const TLS_1_1 = 0x0302;
export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;

const names: ReadonlyMap<number, string> = new Map([
  [SSL_2_0, 'SSLv2'],
  [SSL_3_0, 'SSLv3'],
  [TLS_1_0, 'TLSv1'],
  [TLS_1_1, 'TLSv1.1'],
  [TLS_1_2, 'TLSv1.2'],
  [TLS_1_3, 'TLSv1.3'],
  [0xfeff, 'DTLSv1'],
  [0xfefd, 'DTLSv1.2'],
  [0xfefc, 'DTLSv1.3'],
]);

/** `TLSv1.2` as Node and OpenSSL write it, `GREASE`, or hex where there is no such version. */
export function versionName(code: number): string {
  return names.get(code) ?? (isGrease(code) ? 'GREASE' : hex16(code));
}
