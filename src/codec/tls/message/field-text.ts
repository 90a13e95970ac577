import { hexText } from '../octets.ts';
import { alertName } from '../registry/alerts.ts';
import { cipherSuiteName } from '../registry/cipher-suites.ts';
import * as points from '../registry/code-points.ts';
import { extensionName } from '../registry/extensions.ts';
import { handshakeTypeName } from '../registry/handshake-types.ts';
import { namedGroupName } from '../registry/named-groups.ts';
import { signatureSchemeName } from '../registry/signature-schemes.ts';
import { versionName } from '../registry/versions.ts';
import { latin1 } from '../latin1.ts';
import type { Field } from './field-reader.ts';

type Naming = (code: number) => string;

const registry =
  (names: ReadonlyMap<number, string>): Naming =>
  (code) =>
    points.codePointName(names, code);

/** Fields whose number is a code point. */
const namings: ReadonlyMap<string, Naming> = new Map([
  ['msg_type', handshakeTypeName],
  ['extension_type', extensionName],
  ['cipher_suite', cipherSuiteName],
  ['legacy_version', versionName],
  ['version', versionName],
  ['named_group', namedGroupName],
  ['signature_scheme', signatureSchemeName],
  ['sct.signature_scheme', signatureSchemeName],
  ['compression_method', registry(points.compressionMethods)],
  ['certificate_compression', registry(points.certificateCompressions)],
  ['psk_key_exchange_mode', registry(points.pskModes)],
  ['ec_point_format', registry(points.pointFormats)],
  ['curve_type', registry(points.curveTypes)],
  ['client_certificate_type', registry(points.clientCertificateTypes)],
  ['certificate_type', registry(points.certificateTypes)],
  ['status_type', registry(points.statusTypes)],
  ['request_update', registry(points.keyUpdateRequests)],
  ['heartbeat.mode', registry(points.heartbeatModes)],
  ['max_fragment_length', registry(points.fragmentLengths)],
  ['name_type', registry(points.serverNameTypes)],
  ['alert.level', registry(points.alertLevels)],
  ['alert.description', alertName],
]);

/** Fields that hold ASCII text. */
const texts: ReadonlySet<string> = new Set(['host_name', 'protocol_name', 'psk_identity_hint', 'psk_identity']);

/**
 * What a field says, in the registries' own words: `TLS_AES_128_GCM_SHA256`, `x25519`, `7200`, `h2`, or its octets in
 * hexadecimal, at most `maxOctets` of them. Empty for a vector, whose fields follow it.
 */
export function fieldText(field: Field, octets: Uint8Array, maxOctets = 32): string {
  if (field.number !== undefined) return namings.get(field.name)?.(field.number) ?? String(field.number);
  const content = octets.subarray(field.start + field.prefix, field.end);
  if (texts.has(field.name)) return latin1(content).replace(/[^\x20-\x7e]/g, '?');
  const shown = hexText(content.subarray(0, maxOctets));
  return content.length > maxOctets ? `${shown}… (${content.length})` : shown;
}
