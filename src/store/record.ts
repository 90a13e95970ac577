/** The JSON files of the store: their shapes, read strictly, so that a damaged file is seen as such. */
import * as z from 'zod';

const identifier = z.object({ type: z.enum(['dns', 'ip']), value: z.string().min(1) });
const time = z.number().int();

export const certificateMeta = z.object({
  identifiers: z.array(identifier).min(1),
  keyType: z.enum(['ecdsa', 'rsa']),
  issuer: z.string(),
  profile: z.string().optional(),
  fence: z.number().int().nonnegative(),
  obtainedAtMs: time,
  notBeforeMs: time,
  notAfterMs: time,
});

export const leaseRecord = z.object({ owner: z.string(), expiresAtMs: time });

export const orderRecord = z.object({
  identifiers: z.array(identifier).min(1),
  keyType: z.enum(['ecdsa', 'rsa']),
  issuer: z.string(),
  profile: z.string().optional(),
  startedAtMs: time,
  progress: z
    .object({ orderUrl: z.string(), step: z.enum(['ordered', 'authorized', 'finalized', 'issued']) })
    .optional(),
});

export const challengeRecord = z.object({
  type: z.enum(['http-01', 'tls-alpn-01', 'dns-01']),
  identifier,
  token: z.string(),
  keyAuthorization: z.string(),
  /** Hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]*$/),
  presentedAtMs: time,
});

export const changeRecord = z.object({ id: z.string() });

export const countedUse = z.object({
  atMs: time,
  issuer: z.string(),
  kind: z.enum(['order', 'certificate', 'failure']),
  identifiers: z.array(identifier),
  inWindow: z.boolean(),
  again: z.boolean(),
});

/** The value, or undefined where the text is not JSON of this shape. */
export function readRecord<T>(schema: z.ZodType<T>, content: Uint8Array | undefined): T | undefined {
  if (content === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    return undefined;
  }
  const read = schema.safeParse(value);
  return read.success ? read.data : undefined;
}

/** Indented, for people; with a line end at the end. */
export const writeRecord = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
