import { BlockList, isIP } from 'node:net';
import { finding, type Finding } from '../story/finding.ts';

/** A name that the local CA may certify: a host name, a wildcard one label deep, or a loopback address. */
export type LocalName =
  | {
      readonly kind: 'dns';
      /** Lower case, A-labels, no dot at the end: `app.localhost`, `*.example.com`. */
      readonly text: string;
      /** What a name constraint has to permit for it: the name itself, or what follows `*.`. */
      readonly subtree: string;
    }
  | {
      readonly kind: 'ip';
      /** `127.0.0.1` or `::1`, in canonical form. */
      readonly text: string;
      /** Network order, 4 or 16. */
      readonly octets: Uint8Array;
    };

export type LocalNameResult =
  | { readonly ok: true; readonly name: LocalName }
  | { readonly ok: false; readonly finding: Finding };

/** RFC 1035, 2.3.4: a label has at most 63 octets, a name at most 255 with its length octets, 253 as text. */
const MAX_NAME_LENGTH = 253;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const loopback6 = new BlockList();
loopback6.addAddress('::1', 'ipv6');

/**
 * Reads a site name as the local CA's. Anything that a client would not accept in a certificate is refused here, with
 * the reason, instead of failing in a browser later.
 */
export function parseLocalName(text: string): LocalNameResult {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIP(bare) !== 0) return parseAddress(bare);
  const name = text.toLowerCase().replace(/\.$/, '');
  const wildcard = name.startsWith('*.');
  const host = wildcard ? name.slice(2) : name;
  if (host.includes('*') || name === '*') return refused('local-name-wildcard-place', text);
  const labels = host.split('.');
  if (name.length <= MAX_NAME_LENGTH && labels.some((label) => label.includes('_'))) {
    return refused('local-name-underscore', text);
  }
  // A last label of digits only would be read as an IPv4 address (RFC 3696, section 2; the WHATWG URL standard).
  const numeric = /^\d+$/.test(labels.at(-1) ?? '');
  if (name.length > MAX_NAME_LENGTH || numeric || !labels.every((label) => LABEL.test(label))) {
    return refused('local-name-malformed', text);
  }
  // OpenSSL and Node match `*.example.com`, never `*.com` or `*.localhost`.
  if (wildcard && labels.length === 1) return refused('local-name-wildcard-wide', text);
  return { ok: true, name: { kind: 'dns', text: name, subtree: host } };
}

function parseAddress(text: string): LocalNameResult {
  if (isIP(text) === 4 && text.startsWith('127.')) {
    return { ok: true, name: { kind: 'ip', text, octets: Uint8Array.from(text.split('.').map(Number)) } };
  }
  if (isIP(text) === 6 && loopback6.check(text, 'ipv6')) {
    const octets = new Uint8Array(16);
    octets[15] = 1;
    return { ok: true, name: { kind: 'ip', text: '::1', octets } };
  }
  return refused('local-name-address', text);
}

function refused(
  code:
    | 'local-name-malformed'
    | 'local-name-underscore'
    | 'local-name-wildcard-place'
    | 'local-name-wildcard-wide'
    | 'local-name-address',
  name: string,
): LocalNameResult {
  return { ok: false, finding: finding(code, { name }) };
}
