/** Making keys and reading certificates, as the manager needs them; a simulation of years passes something lighter. */
import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Finding } from '../../story/finding.ts';
import { readCertificateFacts } from '../../store/certificate-facts.ts';
import type { KeyType } from '../../store/certificate-store.ts';
import { certificateId } from '../client/certificate-id.ts';
import { judgeChain } from '../client/issued-chain.ts';
import type { Identifier } from '../issuer.ts';

/** Of a certificate. Times in epoch milliseconds. */
export interface LeafFacts {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Its serial number in hexadecimal: what its jitter hangs on. */
  readonly serial: string;
  /** RFC 9773 section 4.1; undefined where it cannot be named in renewal information. */
  readonly renewalId: string | undefined;
}

export interface ExpectedLeaf {
  readonly issuer: string;
  readonly identifiers: readonly Identifier[];
  readonly privateKeyPem: string;
  readonly nowMs: number;
}

export interface Material {
  /** A new private key, PKCS#8 PEM. */
  makeKey(keyType: KeyType): Promise<string>;
  /** Undefined where the chain cannot be read. */
  read(chainPem: string): LeafFacts | undefined;
  /** Undefined where the chain is what was ordered. */
  judge(chainPem: string, expected: ExpectedLeaf): Finding | undefined;
}

const generate = promisify(generateKeyPair);

export const realMaterial: Material = {
  async makeKey(keyType) {
    const { privateKey } =
      keyType === 'rsa'
        ? await generate('rsa', { modulusLength: 2048 })
        : await generate('ec', { namedCurve: 'P-256' });
    return privateKey.export({ type: 'pkcs8', format: 'pem' });
  },
  read(chainPem) {
    const facts = readCertificateFacts(chainPem);
    if (facts === undefined) return undefined;
    const { leaf, notBeforeMs, notAfterMs } = facts;
    return { notBeforeMs, notAfterMs, serial: leaf.serialNumber.hex, renewalId: certificateId(leaf) };
  },
  judge(chainPem, { issuer, identifiers, privateKeyPem, nowMs }) {
    const judged = judgeChain(chainPem, {
      issuer,
      identifiers,
      privateKey: createPrivateKey(privateKeyPem),
      nowMs,
    });
    return judged.ok ? undefined : judged.finding;
  },
};
