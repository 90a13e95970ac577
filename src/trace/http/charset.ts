/** In which charset text is written: the byte order mark goes first, then Content-Type, then what HTML says of itself. */

export interface Charset {
  /** The name of the Encoding Standard, lower case: `utf-8`, `gbk`; undefined where nothing tells. */
  readonly name: string | undefined;
  readonly from: 'bom' | 'content-type' | 'meta' | 'none';
  /** What was named is known here, and the content is well-formed in it. */
  readonly valid: boolean;
}

/** HTML's own word for its charset stands in the first 1,024 octets (HTML section 13.2.3.2). */
const META_OCTETS = 1_024;

/** `text/html; charset="utf-8"` → `text/html`. */
export const mediaTypeOf = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase();

export const isText = (mediaType: string): boolean =>
  /^text\/|[/+](?:json|xml|javascript|ecmascript)$|^application\/(?:x-javascript|manifest\+json)/.test(mediaType);

export function findCharset(bytes: Buffer, contentType: string): Charset {
  const marked = markOf(bytes);
  if (marked !== undefined) return judge(marked, 'bom', bytes);
  const named = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1];
  if (named !== undefined) return judge(named, 'content-type', bytes);
  if (mediaTypeOf(contentType) === 'text/html') {
    const start = bytes.toString('latin1', 0, META_OCTETS);
    const meta = /<meta\s[^>]*charset\s*=\s*["']?([\w-]+)/i.exec(start)?.[1];
    if (meta !== undefined) return judge(meta, 'meta', bytes);
  }
  return { name: undefined, from: 'none', valid: true };
}

function markOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return undefined;
}

function judge(name: string, from: Charset['from'], bytes: Buffer): Charset {
  try {
    const decoder = new TextDecoder(name, { fatal: true });
    decoder.decode(bytes);
    return { name: decoder.encoding, from, valid: true };
  } catch {
    return { name: name.toLowerCase(), from, valid: false };
  }
}

/** Content as text; octets that do not fit become U+FFFD. */
export function textOf(bytes: Buffer, charset: Charset): string {
  try {
    return new TextDecoder(charset.name ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder('utf-8').decode(bytes);
  }
}
