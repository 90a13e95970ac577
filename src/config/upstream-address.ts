import { isIP, isIPv4, isIPv6 } from 'node:net';
import path from 'node:path';
import type { UpstreamAddress, UpstreamTls } from './config.ts';
import { good, show, wrong, type Reading } from './mistake.ts';

/** sun_path of a unix socket address is 108 octets on Linux (104 on BSD and macOS), its final NUL included. */
const longestSocketPath = 107;

type Scheme = UpstreamAddress['protocol'];
/** RFC 9110 section 4.2. `h2c` is no scheme of a URI, only a way to write HTTP/2 without TLS. */
const defaultPort: Readonly<Record<Scheme, number>> = { http: 80, https: 443, h2c: 80 };

/**
 * Where an app listens, as people write it: `3000`, `'3000'`, `'127.0.0.1:8000'`, `'http://app.internal:80'`,
 * `'[::1]:3000'`, `'unix:/run/app.sock'`, `'https://app.internal'`, `'h2c://127.0.0.1:50051'`. A relative socket path
 * starts from `folder`.
 */
export function readUpstream(written: unknown, folder: string): Reading<UpstreamAddress> {
  if (typeof written === 'number') return readPort(written, '127.0.0.1', show(written), 'http');
  if (typeof written !== 'string') {
    return wrong('config-upstream-type', { found: show(written) });
  }
  const text = written.trim();
  const found = show(written);
  if (text === '') return wrong('config-upstream-form', { found });
  if (/^\d+$/.test(text)) return readPort(Number(text), '127.0.0.1', found, 'http');
  if (/^unix:/i.test(text)) return readSocket(text, folder, found);
  // Before anything that would show what was written: a password may stand there.
  if (/^(?:[^/]*:\/\/)?[^/?#]*@/.test(text)) return wrong('config-upstream-userinfo');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (scheme !== '' && !isScheme(scheme)) return wrong('config-upstream-scheme', { found, scheme });
  if (scheme === '' && /^(?:\.{0,2}\/|\.{1,2}$|~)/.test(text)) return wrong('config-upstream-folder', { found });
  return readAuthority(scheme === '' ? text : text.slice(scheme.length + 3), scheme, found);
}

function isScheme(scheme: string): scheme is Scheme {
  return Object.hasOwn(defaultPort, scheme);
}

/** Verified by the host's own name against the authorities of the system. */
function plainTls(serverName: string): UpstreamTls {
  return { serverName, caFile: '', certificate: undefined, verify: true, revision: '' };
}

function readAuthority(text: string, scheme: Scheme | '', found: string): Reading<UpstreamAddress> {
  const end = text.search(/[/?#]/);
  const authority = end < 0 ? text : text.slice(0, end);
  const rest = end < 0 ? '' : text.slice(end);
  if (rest !== '' && rest !== '/') return wrong('config-upstream-path', { found, rest });
  if (isIPv6(authority)) return wrong('config-upstream-brackets', { found, suggestion: `[${authority}]:3000` });
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(authority);
  if (!match) return wrong('config-upstream-form', { found });
  const [, bracketed, plain, digits] = match;
  const host = (bracketed ?? plain ?? '').toLowerCase();
  if (bracketed === undefined ? !isHost(host) : !isIPv6(host)) return wrong('config-upstream-form', { found });
  // Without a scheme a missing port is more likely forgotten than meant to be 80.
  if (!digits && scheme === '') {
    const name = bracketed === undefined ? host : `[${host}]`;
    return wrong('config-upstream-no-port', { found, suggestion: `${name}:8000` });
  }
  const protocol = scheme === '' ? 'http' : scheme;
  return readPort(digits ? Number(digits) : defaultPort[protocol], host, found, protocol);
}

function readPort(port: number, host: string, found: string, protocol: Scheme): Reading<UpstreamAddress> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return wrong('config-upstream-port', { found });
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const address = { protocol, host, port, socketPath: '', label: `${protocol}://${name}:${port}` };
  return good(protocol === 'https' ? { ...address, tls: plainTls(host) } : address);
}

function readSocket(text: string, folder: string, found: string): Reading<UpstreamAddress> {
  // `unix:///run/app.sock` is common too; two slashes cannot be meant as part of the path.
  const written = text.slice(5).replace(/^\/\/(?=\/)/, '');
  if (written === '' || written.includes('\0') || written.endsWith('/'))
    return wrong('config-upstream-form', { found });
  const socketPath = path.resolve(folder, written);
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    return wrong('config-upstream-socket-long', { found, longest: longestSocketPath });
  }
  return good({ protocol: 'http', host: '', port: 0, socketPath, label: `unix:${socketPath}` });
}

/** The name or address that an app's certificate must be for; a name as the wire has it, in ASCII. */
export function readServerName(written: unknown): Reading<string> {
  const text =
    typeof written === 'string'
      ? written
          .trim()
          .toLowerCase()
          .replace(/^\[(.*)\]$/, '$1')
      : '';
  return isIP(text) !== 0 || isHost(text) ? good(text) : wrong('config-upstream-server-name', { found: show(written) });
}

/** A name that a resolver takes. Underscores are common in container networks. */
function isHost(host: string): boolean {
  if (isIPv4(host)) return true;
  if (host.length > 253 || /^[\d.]+$/.test(host)) return false;
  return host.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
}
