/**
 * The JSON resources of a CA (RFC 8555 section 7.1, RFC 9773), checked before anything is believed: types, sizes, counts,
 * and that every URL is an https one. Unknown members are passed over, as section 7.1 asks.
 */
import * as z from 'zod';

/** Bounds on what a CA may send. An order has at most 100 names at the CAs in use. */
export const resourceLimits = {
  jsonBytes: 256 * 1024,
  chainBytes: 256 * 1024,
  urlLength: 2048,
  namesPerOrder: 256,
  challengesPerAuthorization: 32,
  ordersPerPage: 2000,
  subproblems: 256,
} as const;

/** "ACME servers MUST be https" (section 6.1). */
const url = z
  .string()
  .max(resourceLimits.urlLength)
  .refine((text) => URL.canParse(text) && new URL(text).protocol === 'https:', 'not an https URL');
/** Some CAs write an empty text for a URL that there is not. */
const optionalUrl = z.preprocess((value) => (value === '' ? undefined : value), url.optional());
const name = z.string().min(1).max(255);
const moment = z
  .string()
  .max(64)
  .refine((text) => /^\d{4}-\d\d-\d\d[Tt ]/.test(text) && !Number.isNaN(Date.parse(text)), 'not an RFC 3339 time');

const identifier = z.object({ type: z.string().max(64), value: name });

/** A problem document (RFC 9457), with the subproblems of RFC 8555 section 6.7.1. */
const subproblem = z.object({
  type: z.string().max(256).default('about:blank'),
  detail: z.string().max(16_384).default(''),
  identifier: identifier.optional(),
});
const problem = subproblem.extend({
  subproblems: z.array(subproblem).max(resourceLimits.subproblems).default([]),
  /** Where a person is sent (section 7.3.3). */
  instance: z.string().max(resourceLimits.urlLength).optional(),
});
export type Problem = z.infer<typeof problem>;
export type Subproblem = z.infer<typeof subproblem>;

const directory = z.object({
  newNonce: url,
  newAccount: url,
  newOrder: url,
  revokeCert: optionalUrl,
  keyChange: optionalUrl,
  /** RFC 9773 section 4. */
  renewalInfo: optionalUrl,
  meta: z
    .object({
      termsOfService: z.string().max(resourceLimits.urlLength).optional(),
      externalAccountRequired: z.boolean().optional(),
      /** Profile names and what they are. */
      profiles: z.record(name, z.string()).optional(),
    })
    .default({}),
});
export type Directory = z.infer<typeof directory>;

const account = z.object({
  status: z.enum(['valid', 'deactivated', 'revoked']),
  orders: optionalUrl,
});
export type AccountResource = z.infer<typeof account>;

const ordersPage = z.object({ orders: z.array(url).max(resourceLimits.ordersPerPage) });
export type OrdersPage = z.infer<typeof ordersPage>;

const order = z.object({
  status: z.enum(['pending', 'ready', 'processing', 'valid', 'invalid']),
  identifiers: z.array(identifier).min(1).max(resourceLimits.namesPerOrder),
  authorizations: z.array(url).max(resourceLimits.namesPerOrder),
  finalize: url,
  certificate: optionalUrl,
  error: problem.optional(),
  profile: z.string().max(255).optional(),
});
export type OrderResource = z.infer<typeof order>;

/** What the CA did to look (section 8.3 leaves it open; Let's Encrypt's software tells this much). */
const validationRecord = z.object({
  hostname: z.string().max(255).optional(),
  port: z.string().max(8).optional(),
  addressUsed: z.string().max(64).optional(),
});
export type ValidationRecord = z.infer<typeof validationRecord>;

const challenge = z.object({
  type: z.string().max(64),
  url,
  status: z.string().max(32),
  token: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional(),
  error: problem.optional(),
  validationRecord: z.array(validationRecord).max(64).optional().catch(undefined),
});
export type ChallengeResource = z.infer<typeof challenge>;

const authorization = z.object({
  identifier,
  status: z.enum(['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked']),
  challenges: z.array(challenge).max(resourceLimits.challengesPerAuthorization),
  wildcard: z.boolean().optional(),
});
export type AuthorizationResource = z.infer<typeof authorization>;

const renewalInfo = z.object({
  suggestedWindow: z.object({ start: moment, end: moment }),
  explanationURL: z.string().max(resourceLimits.urlLength).optional(),
});
export type RenewalInfoResource = z.infer<typeof renewalInfo>;

const schemas = { problem, directory, account, ordersPage, order, challenge, authorization, renewalInfo } as const;
export type ResourceName = keyof typeof schemas;
export type Resource<N extends ResourceName> = z.infer<(typeof schemas)[N]>;

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  /** The first thing that is wrong: `suggestedWindow.start: not an RFC 3339 time`. */
  | { readonly ok: false; readonly problem: string };

/** Reads the text of an answer as a resource. Never throws. */
export function readResource<N extends ResourceName>(resource: N, text: string): Checked<Resource<N>> {
  let data: unknown;
  try {
    // Some CAs write null where they have nothing to say.
    data = JSON.parse(text, (_, value: unknown) => value ?? undefined);
  } catch {
    return { ok: false, problem: 'not JSON' };
  }
  const result = schemas[resource].safeParse(data);
  if (result.success) return { ok: true, value: result.data as Resource<N> };
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  return { ok: false, problem: place === '' ? (issue?.message ?? '') : `${place}: ${issue?.message}` };
}
