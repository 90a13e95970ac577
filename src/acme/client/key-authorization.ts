import { createHash } from 'node:crypto';
import type { Challenge, ChallengeType, Identifier } from '../issuer.ts';
import type { SigningKey } from './jws.ts';

/** A challenge with the answer that the account's key makes of its token (RFC 8555 section 8.1). */
export function challengeFor(
  type: ChallengeType,
  identifier: Identifier,
  token: string,
  accountKey: SigningKey,
): Challenge {
  const keyAuthorization = `${token}.${accountKey.thumbprint}`;
  const digest = new Uint8Array(createHash('sha256').update(keyAuthorization).digest());
  return { type, identifier, token, keyAuthorization, digest };
}
