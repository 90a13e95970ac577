import { recogniseForeign, sampleOf } from '../foreign-protocol.ts';
import { latin1 } from '../latin1.ts';
import type { ForeignKind, Sender } from './items.ts';

/** Octets that are looked at to name a protocol. */
const LOOKED_AT = 64;

/** What octets that are no TLS records seem to be. */
export function recogniseOctets(sender: Sender, octets: Uint8Array): { protocol: ForeignKind; sample: string } {
  const start = latin1(octets.subarray(0, LOOKED_AT));
  const line = (/^[\x20-\x7e]{1,48}/.exec(start)?.[0] ?? '').trim();
  const sample = line === '' ? sampleOf(octets) : line;
  if (sender === 'client') return { protocol: recogniseForeign(octets)?.protocol ?? 'unknown', sample };
  // HTTP/1.1 400 Bad Request; a page without a head, as HTTP/0.9 had it
  if (/^(?:HTTP\/\d|<!doctype html|<html)/i.test(start)) return { protocol: 'http', sample };
  if (start.startsWith('SSH-')) return { protocol: 'ssh', sample };
  // 220 mail.example.com ESMTP ready; 220 and FTP, or nothing, is an FTP server's greeting.
  if (/^220[ -].*SMTP/i.test(start)) return { protocol: 'smtp', sample };
  if (/^220[ -]/.test(start)) return { protocol: 'ftp', sample };
  return { protocol: 'unknown', sample };
}
