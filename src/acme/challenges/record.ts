import type { Finding } from '../../story/finding.ts';
import { validatedName } from '../identifier.ts';
import type { Challenge, Identifier } from '../issuer.ts';

/** Where DNS-01 looks (RFC 8555 section 8.4): `_acme-challenge.` in front of the name, without a dot at the end. */
export const recordName = (identifier: Identifier): string => `_acme-challenge.${validatedName(identifier)}`;

/** What the TXT record holds: the digest of the key authorization, base64url. */
export const recordValue = ({ digest }: Challenge): string => Buffer.from(digest).toString('base64url');

/**
 * Waits until all authoritative servers show the record; a finding says which do not. Passed in, since looking at them is
 * the resolver's work.
 */
export type AwaitVisible = (name: string, value: string, signal: AbortSignal) => Promise<Finding | undefined>;
