import { createHmac, timingSafeEqual } from 'node:crypto';
import { appendAdditional } from '../codec/dns/encode-message.ts';
import { MessageWriter } from '../codec/dns/message-writer.ts';
import { lowerName, sameName } from '../codec/dns/name.ts';
import type { Message, TsigData } from '../codec/dns/record.ts';
import { Rcode, RecordClass, RecordType } from '../codec/dns/registry.ts';

/** RFC 8945 section 6: the algorithms that a server has to know, and those of today. */
export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';

export interface TsigKey {
  /** Absolute. */
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Uint8Array;
}

const hashes: Readonly<Record<TsigAlgorithm, string>> = {
  'hmac-sha256': 'sha256',
  'hmac-sha384': 'sha384',
  'hmac-sha512': 'sha512',
};

/** Seconds that clocks may differ by (RFC 8945 section 10). */
const FUDGE_S = 300;

/** Signs a whole message (RFC 8945 section 5.1). `timeS`: seconds since the epoch. `mac` is needed to check the answer. */
export function signMessage(
  message: Uint8Array,
  key: TsigKey,
  timeS: number,
): { readonly octets: Uint8Array; readonly mac: Uint8Array } {
  const unsigned: TsigData = {
    kind: 'TSIG',
    algorithm: `${key.algorithm}.`,
    timeSigned: Math.floor(timeS),
    fudge: FUDGE_S,
    mac: new Uint8Array(0),
    originalId: (message[0]! << 8) | message[1]!,
    error: Rcode.NOERROR,
    otherData: new Uint8Array(0),
  };
  const mac = macOf(message, key, unsigned);
  const octets = appendAdditional(message, {
    name: key.name,
    type: RecordType.TSIG,
    class: RecordClass.ANY,
    ttl: 0,
    data: { ...unsigned, mac },
  });
  return { octets, mac };
}

export type TsigVerdict =
  | { readonly kind: 'valid' }
  | { readonly kind: 'unsigned' }
  /** Another key or algorithm, or the wrong MAC. */
  | { readonly kind: 'forged' }
  /** The server's complaint, which may stand without a MAC: BADSIG, BADKEY, BADTIME. */
  | { readonly kind: 'error'; readonly error: number; readonly serverTimeS: number | undefined }
  /** Signed too long ago, or in the future. Seconds of difference. */
  | { readonly kind: 'out-of-time'; readonly seconds: number };

/** Checks the answer to a signed request (RFC 8945 sections 5.3 and 5.4). `octets` are those of `message`. */
export function verifyAnswer(
  octets: Uint8Array,
  message: Message,
  key: TsigKey,
  requestMac: Uint8Array,
  timeS: number,
): TsigVerdict {
  const { tsig } = message;
  if (tsig?.data.kind !== 'TSIG') return { kind: 'unsigned' };
  const { data } = tsig;
  // RFC 8945 section 5.3.2: the server could not sign these; they are no more than a hint, and a refusal either way.
  if (data.error !== Rcode.NOERROR && data.mac.length === 0)
    return { kind: 'error', error: data.error, serverTimeS: undefined };
  if (!sameName(tsig.name, key.name) || !sameName(data.algorithm, `${key.algorithm}.`)) return { kind: 'forged' };
  const bare = octets.slice(0, tsig.offset);
  bare[0] = data.originalId >> 8;
  bare[1] = data.originalId & 0xff;
  const additionals = message.additionals.length - 1;
  bare[10] = additionals >> 8;
  bare[11] = additionals & 0xff;
  const mac = macOf(bare, key, data, requestMac);
  // A MAC that was cut short is not taken (RFC 8945 section 5.2.2.1 leaves that to policy).
  if (mac.length !== data.mac.length || !timingSafeEqual(mac, data.mac)) return { kind: 'forged' };
  if (data.error !== Rcode.NOERROR) {
    const serverTimeS = data.otherData.length === 6 ? uint48(data.otherData) : undefined;
    return { kind: 'error', error: data.error, serverTimeS };
  }
  const seconds = Math.abs(timeS - data.timeSigned);
  return seconds > data.fudge ? { kind: 'out-of-time', seconds: Math.round(seconds) } : { kind: 'valid' };
}

/** RFC 8945 section 4.3: the request's MAC, the message without its TSIG, and the TSIG's variables. */
function macOf(message: Uint8Array, key: TsigKey, data: TsigData, requestMac?: Uint8Array): Uint8Array {
  const writer = new MessageWriter();
  writer.name(lowerName(key.name), false);
  writer.uint16(RecordClass.ANY);
  writer.uint32(0);
  writer.name(lowerName(data.algorithm), false);
  writer.uint48(data.timeSigned);
  writer.uint16(data.fudge);
  writer.uint16(data.error);
  writer.counted16(() => writer.octets(data.otherData));
  const hmac = createHmac(hashes[key.algorithm], key.secret);
  if (requestMac !== undefined)
    hmac.update(Uint8Array.of(requestMac.length >> 8, requestMac.length & 0xff)).update(requestMac);
  return hmac.update(message).update(writer.finish()).digest();
}

const uint48 = (octets: Uint8Array): number => octets.reduce((number, octet) => number * 256 + octet, 0);
