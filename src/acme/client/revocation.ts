import { finding } from '../../story/finding.ts';
import type { RevocationReason } from '../issuer.ts';
import type { AccountKeeper } from './account.ts';
import { readChain } from './issued-chain.ts';
import { base64url, readSigningKey } from './jws.ts';
import { failed, permanent, succeeded, type Outcome } from './outcome.ts';
import { problemType } from './problem.ts';
import type { AcmeSession } from './session.ts';

/**
 * Revokes a certificate (RFC 8555 section 7.6), in the account's name, or by the certificate's own key where that is
 * given: whoever holds the key may always do it. One that is revoked already is done.
 */
export async function revokeCertificate(
  session: AcmeSession,
  keeper: AccountKeeper,
  chainPem: string,
  privateKeyPem: string | undefined,
  reason: RevocationReason,
): Promise<Outcome<undefined>> {
  const { issuer } = session;
  const leaf = readChain(chainPem)?.[0];
  if (leaf === undefined) return failed(permanent(finding('acme-certificate-malformed', { issuer })));
  const directory = await session.directory();
  if (!directory.ok) return directory;
  const url = directory.value.revokeCert;
  if (url === undefined) return failed(permanent(finding('acme-revocation-unsupported', { issuer })));
  // Reason 0, unspecified, is told by leaving it out (RFC 5280 section 5.3.1).
  const payload = { certificate: base64url(leaf.bytes), ...(reason !== 0 && { reason }) };
  const key = privateKeyPem === undefined ? undefined : readSigningKey(privateKeyPem);
  if (privateKeyPem !== undefined && key === undefined) {
    return failed(permanent(finding('acme-key-unsupported', { name: '' })));
  }
  const answer =
    key === undefined
      ? await keeper.post({ url, payload, repeatable: true })
      : await session.post({ url, payload, signer: { key }, repeatable: true });
  if (answer.ok) return succeeded(undefined);
  const { problem } = answer.failure;
  const done = problem !== undefined && problemType(problem) === 'alreadyRevoked';
  return done ? succeeded(undefined) : answer;
}
