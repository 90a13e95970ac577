import { FINISHED } from '../registry/handshake-types.ts';
import type { Sender, TlsItem } from './items.ts';

/** What a handshake took, from its first octet to its last Finished. */
export interface HandshakeCost {
  /** Octets on the wire, record headers included. */
  readonly octets: Readonly<Record<Sender, number>>;
  /** Times that the client waited for the server: 1 in TLS 1.3, 2 in a full handshake of TLS 1.2. */
  readonly roundTrips: number;
  /** Signatures that were made: CertificateVerify and ServerKeyExchange. */
  readonly signatures: number;
  /** Octets of Certificate messages. */
  readonly certificateOctets: number;
  /** From the first record to the last of the handshake, on the clock of whoever fed them. */
  readonly durationMs: number;
}

/**
 * The cost of a conversation's first handshake; undefined where it has no end. Records of both sides are counted up to the
 * one that carried the second Finished, which the items tell only where they could be opened.
 */
export function handshakeCost(items: readonly TlsItem[]): HandshakeCost | undefined {
  const octets: Record<Sender, number> = { client: 0, server: 0 };
  const finished = new Set<Sender>();
  let roundTrips = 0;
  let signatures = 0;
  let certificateOctets = 0;
  let last: Sender | undefined;
  let startMs: number | undefined;
  for (const item of items) {
    const { sender } = item;
    if (item.kind === 'record') {
      startMs ??= item.atMs;
      octets[sender] += item.end - item.start;
      if (sender === 'server' && last === 'client') roundTrips += 1;
      last = sender;
    } else if (item.kind === 'message') {
      const { body, type } = item.message;
      if (body.kind === 'certificate-verify') signatures += 1;
      if (body.kind === 'server-key-exchange' && body.signature !== undefined) signatures += 1;
      if (body.kind === 'certificate' || body.kind === 'compressed-certificate') {
        certificateOctets += item.message.octets.length;
      }
      if (type !== FINISHED) continue;
      finished.add(sender);
      if (finished.size < 2) continue;
      return { octets, roundTrips, signatures, certificateOctets, durationMs: item.atMs - (startMs ?? item.atMs) };
    }
  }
  return undefined;
}
