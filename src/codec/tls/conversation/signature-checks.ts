import type { TlsCrypto } from '../crypto.ts';
import type { CertificateBody, ServerKeyExchangeBody, TlsSignature } from '../message/handshake-body.ts';
import { asciiOctets, concatOctets } from '../octets.ts';
import { signatureSchemeName } from '../registry/signature-schemes.ts';
import { publicKeyOfLeaf } from './certificate-key.ts';
import { failed, outcome, unchecked, type CheckName, type CheckResult } from './check-result.ts';
import type { Sender } from './items.ts';

function checkSignature(
  crypto: TlsCrypto,
  check: CheckName,
  sender: Sender,
  certificate: CertificateBody | undefined,
  { scheme, signature }: TlsSignature,
  data: Uint8Array,
): CheckResult {
  const name = scheme === undefined ? '' : signatureSchemeName(scheme);
  if (certificate === undefined || certificate.entries.length === 0) {
    return unchecked(check, sender, 'no-certificate', name);
  }
  const publicKey = publicKeyOfLeaf(certificate.entries);
  if (publicKey === undefined) return unchecked(check, sender, 'certificate-unreadable', name);
  const isRight = crypto.verify(scheme, publicKey, data, signature);
  return isRight === undefined
    ? unchecked(check, sender, 'scheme-unknown', name)
    : outcome(check, sender, isRight, name);
}

/** The signature over both randoms and the parameters (RFC 5246 section 7.4.3, RFC 8422 section 5.4). */
export function checkServerKeyExchange(
  crypto: TlsCrypto,
  certificate: CertificateBody | undefined,
  exchange: ServerKeyExchangeBody,
  message: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): CheckResult {
  const { signature, signed } = exchange;
  if (signature === undefined) return unchecked('server-key-exchange', 'server', 'unsigned');
  const data = concatOctets(clientRandom, serverRandom, message.subarray(signed.start, signed.end));
  return checkSignature(crypto, 'server-key-exchange', 'server', certificate, signature, data);
}

/**
 * What CertificateVerify of TLS 1.3 signs (RFC 8446 section 4.4.3): 64 spaces, a text, a zero, and the transcript's hash.
 * The spaces keep the signature from being one of an older version.
 */
export function certificateVerifyContent(sender: Sender, transcriptHash: Uint8Array): Uint8Array {
  const spaces = new Uint8Array(64).fill(0x20);
  const text = asciiOctets(`TLS 1.3, ${sender} CertificateVerify`);
  return concatOctets(spaces, text, Uint8Array.of(0), transcriptHash);
}

/** `signed` is what the signature covers: the content above, or all messages so far before TLS 1.3. */
export function checkCertificateVerify(
  crypto: TlsCrypto,
  sender: Sender,
  certificate: CertificateBody | undefined,
  signature: TlsSignature,
  signed: Uint8Array | undefined,
): CheckResult {
  if (signed === undefined) return unchecked('certificate-verify', sender, 'transcript-incomplete');
  return checkSignature(crypto, 'certificate-verify', sender, certificate, signature, signed);
}

/** Whether there is a promise of publication; that the log keeps it takes the log's own key to tell. */
export function checkScts(count: { embedded: number; inHandshake: number } | undefined): CheckResult {
  if (count === undefined) return unchecked('sct', 'server', 'certificate-unreadable');
  const { embedded, inHandshake } = count;
  const total = embedded + inHandshake;
  if (total === 0) return failed('sct', 'server', 'absent', '0');
  return { check: 'sct', sender: 'server', checked: true, ok: true, why: 'present', detail: String(total) };
}
