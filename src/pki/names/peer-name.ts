import type { GeneralName } from '../../codec/x509/general-name.ts';
import { formatName } from '../../codec/x509/name.ts';
import { sameBytes } from '../../codec/der/octets.ts';
import { matchesDnsName, normalizeHostName } from './dns-name.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/** Whom the certificate has to be for: RFC 9525's reference identifier, or a mailbox for client certificates. */
export type PeerName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array }
  | { readonly kind: 'email'; readonly localPart: string; readonly host: string };

/** Reads what a person or a URL calls a host: an IP literal (brackets allowed), or a name, Unicode included. */
export function parseHost(text: string): PeerName | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const address = parseIpAddress(bare);
  if (address !== undefined) return { kind: 'ip', address };
  const name = normalizeHostName(text);
  return name === undefined ? undefined : { kind: 'dns', name };
}

/** Reads a mailbox, `local@host`. The local part may hold anything but `@`, quoted forms are not read. */
export function parseMailbox(text: string): PeerName | undefined {
  const [localPart, host, ...rest] = text.split('@');
  if (localPart === undefined || localPart === '' || host === undefined || rest.length > 0) return undefined;
  const normalized = normalizeHostName(host);
  return normalized === undefined || /[\s\x00-\x1f\x7f]/.test(localPart)
    ? undefined
    : { kind: 'email', localPart, host: normalized };
}

/** Whether one name of a subjectAltName is the peer. The local part of a mailbox counts with its case (RFC 5280 7.5). */
export function matchesPeer(presented: GeneralName, peer: PeerName): boolean {
  if (peer.kind === 'dns') return presented.kind === 'dns' && matchesDnsName(presented.value, peer.name);
  if (peer.kind === 'ip') return presented.kind === 'ip' && sameBytes(presented.value, peer.address);
  if (presented.kind !== 'email') return false;
  const mailbox = parseMailbox(presented.value);
  return mailbox?.kind === 'email' && mailbox.localPart === peer.localPart && mailbox.host === peer.host;
}

export function formatPeer(peer: PeerName): string {
  if (peer.kind === 'dns') return peer.name;
  return peer.kind === 'ip' ? formatIpAddress(peer.address) : `${peer.localPart}@${peer.host}`;
}

/** A name of a subjectAltName for people. */
export function formatGeneralName(name: GeneralName): string {
  if (name.kind === 'ip') return formatIpAddress(name.value);
  if (name.kind === 'directory') return formatName(name.value);
  if (name.kind === 'other') return `otherName ${name.typeId}`;
  if (name.kind === 'x400') return 'x400Address';
  if (name.kind === 'ediParty') return 'ediPartyName';
  return name.value;
}
