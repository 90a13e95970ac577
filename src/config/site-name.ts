import { isIP, isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { good, wrong, type Reading } from './mistake.ts';

/**
 * The name of a site as the gateway compares it: lower case, A-labels (RFC 5890), without the final dot; exact, or with
 * one leading `*.` that stands for one label (RFC 6125 section 6.4.3). IP literals stand without brackets.
 */
export function readSiteName(written: string): Reading<string> {
  if (written === '') return wrong('config-site-name-empty');
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(written);
  if (scheme) return wrong('config-site-name-url', { name: written, suggestion: hostPart(scheme[1] ?? '') });
  if (/[/?#]/.test(written)) {
    return wrong('config-site-name-path', { name: written, suggestion: hostPart(written.split(/[/?#]/)[0] ?? '') });
  }
  const bracketed = /^\[(.*)\]$/.exec(written)?.[1];
  const literal = bracketed ?? written;
  if (isIPv6(literal) && !literal.includes('%')) return good(new URL(`http://[${literal}]`).hostname.slice(1, -1));
  if (isIPv4(written)) return good(written);
  const port = /:\d*$/.exec(written);
  if (port) return wrong('config-site-name-port', { name: written, suggestion: hostPart(written) });
  const wildcard = written.startsWith('*.');
  const host = (wildcard ? written.slice(2) : written).replace(/\.$/, '');
  if (host.includes('*')) return wrong('config-site-name-wildcard', { name: written });
  if (wildcard && (host === '' || isIP(host) !== 0)) return wrong('config-site-name-wildcard', { name: written });
  return readHost(host, wildcard, written);
}

function readHost(host: string, wildcard: boolean, written: string): Reading<string> {
  // domainToASCII reads like a URL parser: it maps case and IDNs, turns `1.2` into 1.0.0.2 and refuses with ''.
  const ascii = domainToASCII(host);
  if (ascii === '' || isIP(ascii) !== 0) return wrong('config-site-name-characters', { name: written });
  const labels = ascii.split('.');
  if (ascii.length + (wildcard ? 2 : 0) > 253 || labels.some((label) => label.length > 63)) {
    return wrong('config-site-name-length', { name: written });
  }
  // RFC 1123 section 2.1: letters, digits and inner hyphens; CAs refuse underscores (CA/B baseline, 3.2.2.4).
  if (!labels.every((label) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label))) {
    return wrong('config-site-name-characters', { name: written });
  }
  return good(wildcard ? `*.${ascii}` : ascii);
}

/** What is left of `name:port` or `user@name:port`, for the mend. */
function hostPart(authority: string): string {
  const host = authority.replace(/^.*@/, '').replace(/:\d*$/, '');
  return host === '' ? 'app.example.com' : host;
}
