/** Records and messages of TLS as observations: each message with its chief values, and every field with its place. */
import type { TlsItem } from '../../codec/tls/conversation/items.ts';
import { extensionValue } from '../../codec/tls/message/extension-value.ts';
import { fieldText } from '../../codec/tls/message/field-text.ts';
import type { DecodedHandshake, HandshakeBody } from '../../codec/tls/message/handshake-body.ts';
import { hexText } from '../../codec/tls/octets.ts';
import { cipherSuiteName } from '../../codec/tls/registry/cipher-suites.ts';
import { isGrease } from '../../codec/tls/registry/grease.ts';
import { namedGroupName } from '../../codec/tls/registry/named-groups.ts';
import { signatureSchemeName } from '../../codec/tls/registry/signature-schemes.ts';
import { versionName } from '../../codec/tls/registry/versions.ts';
import type { Detail } from '../../story/observation.ts';
import type { Sighting } from '../../story/stages.ts';

/** Undefined for what other stages tell: the application's data, close_notify, the ends of the streams, bare records. */
export function tellItem(item: TlsItem): Sighting | undefined {
  const direction = item.sender === 'client' ? 'sent' : 'received';
  const common = { direction, atMs: item.atMs } as const;
  switch (item.kind) {
    case 'message': {
      const { message, known } = item;
      const opened: Detail[] =
        known.how === 'decrypted' ? [{ label: 'field.opened-with', value: known.secret, fine: true }] : [];
      return {
        ...common,
        label: 'tls.message',
        values: { name: message.name, bytes: message.octets.length, sealed: known.how === 'decrypted' ? ' *' : '' },
        details: [...chiefDetails(message), ...opened, ...allFields(message)],
        octets: message.octets,
      };
    }
    case 'alert':
      if (item.name === 'close_notify') return undefined;
      return {
        ...common,
        label: 'tls.alert',
        values: { name: item.name, level: item.level === 1 ? 'warning' : 'fatal' },
      };
    case 'change-cipher-spec':
      return { ...common, label: item.isCompatibility ? 'tls.ccs-compatibility' : 'tls.ccs' };
    case 'heartbeat':
      return { ...common, label: 'tls.heartbeat', values: { name: item.name, bytes: item.payloadLength } };
    case 'foreign':
      return {
        ...common,
        label: 'tls.foreign',
        values: { protocol: item.protocol, sample: item.sample },
        octets: item.octets.subarray(0, SAMPLE_OCTETS),
      };
    case 'broken': {
      const { code, field, offset } = item.error;
      return { ...common, label: 'tls.broken', values: { problem: code, field, offset } };
    }
    case 'record':
    case 'data':
    case 'check':
    case 'end':
      return undefined;
  }
  return undefined;
}

const SAMPLE_OCTETS = 256;
const LISTED = 6;
const SHOWN_OCTETS = 16;

const named = (literal: string, value: string): Detail => ({ label: { literal }, value });

/** Random octets say nothing to most people. */
const fine = (literal: string, value: string): Detail => ({ ...named(literal, value), fine: true });

function listed(codes: readonly number[], nameOf: (code: number) => string): string {
  const names = codes.filter((code) => !isGrease(code)).map(nameOf);
  return names.length > LISTED ? `${names.slice(0, LISTED).join(', ')}, … (${names.length})` : names.join(', ');
}

const short = (octets: Uint8Array): string =>
  octets.length > SHOWN_OCTETS ? `${hexText(octets.subarray(0, SHOWN_OCTETS))}… (${octets.length})` : hexText(octets);

function chiefDetails({ body }: DecodedHandshake): Detail[] {
  switch (body.kind) {
    case 'client-hello':
      return tellClientHello(body);
    case 'server-hello':
    case 'hello-retry-request':
      return tellServerHello(body);
    case 'encrypted-extensions': {
      const protocols = extensionValue(body.extensions, 'protocols')?.protocols ?? [];
      return protocols.length > 0 ? [named('application_layer_protocol_negotiation', protocols.join(', '))] : [];
    }
    case 'certificate':
      return [named('certificate_list', body.entries.map(({ der }) => `${der.length}`).join(' + '))];
    case 'server-key-exchange':
      return tellServerKeyExchange(body);
    case 'certificate-request':
      return [
        named('signature_algorithms', listed(body.signatureSchemes, signatureSchemeName)),
        named('certificate_authorities', String(body.authorities.length)),
      ];
    case 'client-key-exchange':
      return [named(body.exchange, short(body.publicValue))];
    case 'certificate-verify':
      return [
        ...(body.scheme === undefined ? [] : [named('algorithm', signatureSchemeName(body.scheme))]),
        fine('signature', short(body.signature)),
      ];
    case 'finished':
      return [fine('verify_data', short(body.verifyData))];
    case 'new-session-ticket':
      return [
        named('ticket_lifetime', `${body.lifetimeSeconds} s`),
        ...(body.nonce === undefined ? [] : [fine('ticket_nonce', hexText(body.nonce))]),
        fine('ticket', `${body.ticket.length}`),
      ];
    case 'certificate-status':
      return [named('responses', String(body.responses.length))];
    case 'compressed-certificate':
      return [named('uncompressed_length', String(body.uncompressedLength))];
    case 'key-update':
      return [named('request_update', String(body.requested))];
    case 'hello-request':
    case 'server-hello-done':
    case 'end-of-early-data':
    case 'undecoded':
      return [];
  }
  return [];
}

type BodyOf<K extends HandshakeBody['kind']> = Extract<HandshakeBody, { kind: K }>;

function tellClientHello(body: BodyOf<'client-hello'>): Detail[] {
  const { extensions, cipherSuites, legacyVersion, random } = body;
  const details: Detail[] = [];
  const versions = extensionValue(extensions, 'versions')?.versions ?? [legacyVersion];
  details.push(named('versions', listed(versions, versionName)));
  const host = extensionValue(extensions, 'server-name')?.host;
  if (host !== undefined && 'name' in host) details.push(named('server_name', host.name));
  const protocols = extensionValue(extensions, 'protocols')?.protocols;
  if (protocols !== undefined) details.push(named('application_layer_protocol_negotiation', protocols.join(', ')));
  details.push(named('cipher_suites', listed(cipherSuites, cipherSuiteName)));
  const groups = extensionValue(extensions, 'groups')?.groups;
  if (groups !== undefined) details.push(named('supported_groups', listed(groups, namedGroupName)));
  const shares = extensionValue(extensions, 'key-shares')?.shares;
  if (shares !== undefined)
    details.push(
      named(
        'key_share',
        listed(
          shares.map(({ group }) => group),
          namedGroupName,
        ),
      ),
    );
  const schemes = extensionValue(extensions, 'signature-schemes')?.schemes;
  if (schemes !== undefined) details.push(named('signature_algorithms', listed(schemes, signatureSchemeName)));
  const psks = extensionValue(extensions, 'offered-psks')?.identities.length ?? 0;
  if (psks > 0) details.push(named('pre_shared_key', String(psks)));
  const ticket = extensionValue(extensions, 'session-ticket')?.ticket.length ?? 0;
  if (ticket > 0) details.push(named('session_ticket', String(ticket)));
  details.push(fine('random', short(random)));
  return details;
}

function tellServerHello(body: BodyOf<'server-hello' | 'hello-retry-request'>): Detail[] {
  const { version, cipherSuite, extensions, random } = body;
  const details = [named('version', versionName(version)), named('cipher_suite', cipherSuiteName(cipherSuite))];
  const share =
    extensionValue(extensions, 'key-share')?.share.group ?? extensionValue(extensions, 'wanted-group')?.group;
  if (share !== undefined) details.push(named('key_share', namedGroupName(share)));
  const psk = extensionValue(extensions, 'selected-psk')?.index;
  if (psk !== undefined) details.push(named('pre_shared_key', String(psk)));
  const protocols = extensionValue(extensions, 'protocols')?.protocols;
  if (protocols !== undefined) details.push(named('application_layer_protocol_negotiation', protocols.join(', ')));
  details.push(fine('random', short(random)));
  return details;
}

function tellServerKeyExchange({ parameters, signature }: BodyOf<'server-key-exchange'>): Detail[] {
  const details: Detail[] = [];
  if (parameters.kind === 'ecdhe')
    details.push(named('named_curve', namedGroupName(parameters.group)), named('public', short(parameters.publicKey)));
  else if (parameters.kind === 'dhe')
    details.push(named('dh_p', `${parameters.p.length * 8} bits`), named('dh_Ys', short(parameters.ys)));
  else details.push(named('parameters', parameters.kind));
  if (signature !== undefined) {
    if (signature.scheme !== undefined) details.push(named('algorithm', signatureSchemeName(signature.scheme)));
    details.push(fine('signature', short(signature.signature)));
  }
  return details;
}

/** Every field in the order of the octets, inner ones indented. */
function allFields({ fields, octets }: DecodedHandshake): Detail[] {
  return fields.map((field) => ({
    label: { literal: `${'  '.repeat(field.depth)}${field.name}` },
    value: fieldText(field, octets),
    range: [field.start, field.end],
    fine: true,
  }));
}
