import { hexText, octetsOfHex } from './octets.ts';

/**
 * The key log of NSS, SSLKEYLOGFILE (RFC 9850): a line a secret, label, the hello's random, the secret:
 *
 *     CLIENT_RANDOM <64 hex digits> <96 hex digits>              TLS 1.2: the master secret
 *     SERVER_HANDSHAKE_TRAFFIC_SECRET <64> <64 or 96>            TLS 1.3
 *
 * Blank lines and lines that begin with # say nothing.
 */
export interface KeyLogEntry {
  readonly label: string;
  readonly clientRandom: Uint8Array;
  readonly secret: Uint8Array;
}

export type KeyLogLine =
  | { readonly kind: 'secret'; readonly entry: KeyLogEntry }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'malformed' };

/** Labels that decrypt something here. */
export const CLIENT_RANDOM = 'CLIENT_RANDOM';
export const CLIENT_EARLY_TRAFFIC_SECRET = 'CLIENT_EARLY_TRAFFIC_SECRET';
export const CLIENT_HANDSHAKE_TRAFFIC_SECRET = 'CLIENT_HANDSHAKE_TRAFFIC_SECRET';
export const SERVER_HANDSHAKE_TRAFFIC_SECRET = 'SERVER_HANDSHAKE_TRAFFIC_SECRET';
export const CLIENT_TRAFFIC_SECRET_0 = 'CLIENT_TRAFFIC_SECRET_0';
export const SERVER_TRAFFIC_SECRET_0 = 'SERVER_TRAFFIC_SECRET_0';
export const EXPORTER_SECRET = 'EXPORTER_SECRET';
export const EARLY_EXPORTER_SECRET = 'EARLY_EXPORTER_SECRET';

const RANDOM_LENGTH = 32;
const SECRET_MAX = 64;

/** Reads one line, with or without its end. Old `RSA` lines, keyed by the encrypted premaster secret, are malformed here. */
export function parseKeyLogLine(line: string): KeyLogLine {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return { kind: 'nothing' };
  const [label, random, value, ...rest] = text.split(/[ \t]+/);
  const clientRandom = octetsOfHex(random ?? '');
  const secret = octetsOfHex(value ?? '');
  const isWhole = rest.length === 0 && clientRandom?.length === RANDOM_LENGTH;
  if (label === undefined || !isWhole || secret === undefined || secret.length === 0 || secret.length > SECRET_MAX) {
    return { kind: 'malformed' };
  }
  return /^[A-Z0-9_]+$/.test(label)
    ? { kind: 'secret', entry: { label, clientRandom, secret } }
    : { kind: 'malformed' };
}

/** Secrets by label and random. Only those of connections that are read need be added. */
export class KeyLog {
  readonly #secrets = new Map<string, Uint8Array>();
  #malformed = 0;

  /** Lines that were neither a secret nor empty. */
  get malformedLines(): number {
    return this.#malformed;
  }

  get size(): number {
    return this.#secrets.size;
  }

  /** Adds the text of a file or of one line. */
  add(text: string): void {
    for (const line of text.split('\n')) {
      const parsed = parseKeyLogLine(line);
      if (parsed.kind === 'malformed') this.#malformed += 1;
      if (parsed.kind !== 'secret') continue;
      const { label, clientRandom, secret } = parsed.entry;
      this.#secrets.set(keyOf(label, clientRandom), secret);
    }
  }

  secret(label: string, clientRandom: Uint8Array): Uint8Array | undefined {
    return this.#secrets.get(keyOf(label, clientRandom));
  }
}

const keyOf = (label: string, random: Uint8Array): string => `${label} ${hexText(random)}`;
