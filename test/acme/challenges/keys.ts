import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { signingKey, type SigningKey } from '../../../src/acme/client/jws.ts';

/** An account key for one test. */
export const ecSigningKey = (): SigningKey =>
  signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) ?? assert.fail('no algorithm');
