import type { ClientCertificateState, ConnectionFacts } from '../connection-facts.ts';
import { latin1Text } from '../../codec/latin1.ts';
import type { RequestHead } from '../exchange.ts';

/** RFC 9110 section 7.6.3: who passed the message on. */
const PSEUDONYM = 'menshen';
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** What is said of a client. */
export type ForwardedFacts = Pick<ConnectionFacts, 'peer' | 'encrypted' | 'trustedPeer' | 'clientCertificate'>;

/**
 * What the gateway tells the app about the client, as a field block: X-Forwarded-For, -Proto and -Host, Via, by option
 * Forwarded (RFC 7239), and the client's certificate (RFC 9440). One object a connection: all of it stays the same from
 * request to request, but for the host.
 */
export class ForwardedLines {
  readonly #peer: string;
  readonly #scheme: string;
  readonly #trustedPeer: boolean;
  readonly #clientCertificate: ClientCertificateState;
  readonly #withForwarded: boolean;
  #authority: string | undefined;
  #protocol = '';
  #block: Buffer = Buffer.alloc(0);

  constructor(facts: ForwardedFacts, withForwarded: boolean) {
    this.#peer = facts.peer;
    this.#scheme = facts.encrypted ? 'https' : 'http';
    this.#trustedPeer = facts.trustedPeer;
    this.#clientCertificate = facts.clientCertificate;
    this.#withForwarded = withForwarded;
  }

  block(head: RequestHead): Buffer {
    if (this.#trustedPeer) return this.#joinTrusted(head);
    if (head.authority !== this.#authority || head.protocol !== this.#protocol) {
      this.#authority = head.authority;
      this.#protocol = head.protocol;
      this.#block = Buffer.from(this.#lines(head, this.#peer, this.#scheme, head.authority, ''), 'latin1');
    }
    return this.#block;
  }

  #lines(head: RequestHead, forwardedFor: string, proto: string, host: string, forwarded: string): string {
    let text = '';
    if (forwardedFor !== '') text += `X-Forwarded-For: ${forwardedFor}\r\n`;
    if (proto !== '') text += `X-Forwarded-Proto: ${proto}\r\n`;
    if (host !== '') text += `X-Forwarded-Host: ${host}\r\n`;
    if (this.#withForwarded) {
      const own = `for=${node(this.#peer)};proto=${this.#scheme};host=${quoted(head.authority)}`;
      text += `Forwarded: ${forwarded === '' ? own : `${forwarded}, ${own}`}\r\n`;
    }
    text += `Via: ${head.protocol.slice(5)} ${PSEUDONYM}\r\n`;
    return text + certificateLines(this.#clientCertificate);
  }

  /**
   * Behind a trusted proxy: its lists are continued in one line each, since some apps read only the first or the last line
   * of a name; what it says of scheme and host stands.
   */
  #joinTrusted(head: RequestHead): Buffer {
    const kept: string[] = [];
    const lists: Record<string, string[]> = { 'x-forwarded-for': [], forwarded: [] };
    const said = new Set<string>();
    for (const line of latin1Text(head.fields, head.fieldsStart, head.fieldsEnd).split('\r\n')) {
      if (line === '') continue;
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      said.add(name);
      const list = lists[name];
      if (list === undefined || (name === 'forwarded' && !this.#withForwarded)) kept.push(`${line}\r\n`);
      else list.push(line.slice(colon + 1).trim());
    }
    const block = Buffer.from(kept.join(''), 'latin1');
    head.fields = block;
    head.fieldsStart = 0;
    head.fieldsEnd = block.length;
    const text = this.#lines(
      head,
      [...lists['x-forwarded-for']!, this.#peer].join(', '),
      said.has('x-forwarded-proto') ? '' : this.#scheme,
      said.has('x-forwarded-host') ? '' : head.authority,
      lists['forwarded']!.join(', '),
    );
    return Buffer.from(text, 'latin1');
  }
}

/** The client that a trusted proxy names: the last entry of X-Forwarded-For, which that proxy added. '' where it names none. */
export function clientNamedByProxy(head: RequestHead): string {
  const fields = latin1Text(head.fields, head.fieldsStart, head.fieldsEnd);
  const [, list = ''] = /^x-forwarded-for:(.*)$/im.exec(fields.split('\r\n').toReversed().join('\r\n')) ?? [];
  return list.split(',').at(-1)?.trim() ?? '';
}

/** RFC 7239 section 6: IPv6 in brackets and quotes. */
function node(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address;
}

function quoted(text: string): string {
  return TOKEN.test(text) ? text : `"${text}"`;
}

/** RFC 9440: DER as a structured-field byte sequence, base64 between colons; the chain without the leaf. */
function certificateLines(state: ClientCertificateState): string {
  if (state.status !== 'verified') return '';
  const [leaf, ...chain] = state.chain;
  if (leaf === undefined) return '';
  let text = `Client-Cert: ${byteSequence(leaf)}\r\n`;
  if (chain.length > 0) text += `Client-Cert-Chain: ${chain.map(byteSequence).join(', ')}\r\n`;
  return text;
}

function byteSequence(der: Buffer): string {
  return `:${der.toString('base64')}:`;
}
