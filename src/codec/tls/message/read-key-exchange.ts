import { TLS_1_2 } from '../registry/versions.ts';
import type { SuiteParts } from '../registry/suite-parts.ts';
import type { FieldReader } from './field-reader.ts';
import type {
  ClientKeyExchangeBody,
  ServerKeyExchangeBody,
  ServerKeyParameters,
  TlsSignature,
} from './handshake-body.ts';

const NAMED_CURVE = 3;

/**
 * ServerKeyExchange. What it holds depends on the suite; for ECDHE (RFC 8422 section 5.4):
 *
 *     03 001d 20 2fe5…   0804 0100 5a1c…
 *     |  |    32 octets  |    256 octets of signature
 *     |  x25519          rsa_pss_rsae_sha256
 *     named_curve
 */
export function readServerKeyExchange(
  reader: FieldReader,
  suite: SuiteParts | undefined,
  version: number,
): ServerKeyExchangeBody {
  const exchange = suite?.keyExchange;
  const pskIdentityHint = exchange?.endsWith('PSK') ? reader.opaque16('psk_identity_hint') : undefined;
  const start = reader.offset;
  let parameters: ServerKeyParameters = { kind: 'unknown' };
  if (exchange === 'ECDHE' || exchange === 'ECDHE_PSK') parameters = readCurve(reader);
  else if (exchange === 'DHE' || exchange === 'DHE_PSK') {
    const p = reader.opaque16('dh_p', 1);
    const g = reader.opaque16('dh_g', 1);
    parameters = { kind: 'dhe', p, g, ys: reader.opaque16('dh_Ys', 1) };
  } else if (exchange === 'PSK' || exchange === 'RSA_PSK') parameters = { kind: 'psk' };
  const signed = { start, end: reader.offset };
  let signature: TlsSignature | undefined;
  const isRead = parameters.kind === 'ecdhe' || parameters.kind === 'dhe';
  if (!isRead) reader.take(reader.remaining, 'unread');
  else if (suite?.authentication !== 'anon' && suite?.authentication !== 'PSK')
    signature = readSignature(reader, version);
  return { kind: 'server-key-exchange', parameters, pskIdentityHint, signed, signature };
}

function readCurve(reader: FieldReader): ServerKeyParameters {
  const curveType = reader.uint8('curve_type');
  if (curveType !== NAMED_CURVE) return { kind: 'ecdhe-explicit', curveType };
  const group = reader.uint16('named_group');
  return { kind: 'ecdhe', group, publicKey: reader.opaque8('ecdh_public', 1) };
}

/** A signature with its scheme, or without one before TLS 1.2. */
export function readSignature(reader: FieldReader, version: number): TlsSignature {
  const scheme = version >= TLS_1_2 ? reader.uint16('signature_scheme') : undefined;
  return { scheme, signature: reader.opaque16('signature') };
}

/** ClientKeyExchange: the encrypted premaster secret, g^X mod p, or a point (RFC 5246 section 7.4.7, RFC 8422 5.7). */
export function readClientKeyExchange(reader: FieldReader, suite: SuiteParts | undefined): ClientKeyExchangeBody {
  const exchange = suite?.keyExchange;
  const pskIdentity = exchange?.endsWith('PSK') ? reader.opaque16('psk_identity') : undefined;
  const found = (kind: ClientKeyExchangeBody['exchange'], publicValue: Uint8Array): ClientKeyExchangeBody => ({
    kind: 'client-key-exchange',
    exchange: kind,
    publicValue,
    pskIdentity,
  });
  switch (exchange) {
    case 'RSA':
    case 'RSA_PSK':
      return found('rsa', reader.opaque16('encrypted_pre_master_secret'));
    case 'DHE':
    case 'DHE_PSK':
    case 'DH':
      // A client certificate with a fixed DH key leaves it out (RFC 5246 section 7.4.7.2).
      return found('dhe', reader.remaining === 0 ? reader.take(0, 'dh_Yc') : reader.opaque16('dh_Yc', 1));
    case 'ECDHE':
    case 'ECDHE_PSK':
    case 'ECDH':
      return found('ecdhe', reader.remaining === 0 ? reader.take(0, 'ecdh_Yc') : reader.opaque8('ecdh_Yc', 1));
    case 'PSK':
      return found('psk', reader.take(0, 'other_secret'));
    case 'any':
    case 'other':
    case undefined:
      break;
  }
  return found('unknown', reader.take(reader.remaining, 'exchange_keys'));
}
