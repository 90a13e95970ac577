/**
 * Sealing of keys that leave the machine (a shared folder, a database, a backup): AES-256-GCM with a key that does not.
 *
 *     -----BEGIN MENSHEN SEALED KEY-----
 *     nonce (12 octets) | ciphertext | tag (16 octets), base64
 *     -----END MENSHEN SEALED KEY-----
 *
 * What is sealed is bound to its place: a sealed key that is moved to another certificate's folder does not open there.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { parsePem } from '../codec/x509/pem.ts';

export interface Seal {
  seal(text: string, place: string): string;
  /** Undefined where this is not sealed with this key for this place. Text that is not sealed comes back as it is. */
  open(text: string, place: string): string | undefined;
}

const LABEL = 'MENSHEN SEALED KEY';
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** `key`: 32 octets. */
export function createSeal(key: Uint8Array, random: (byteLength: number) => Uint8Array = randomBytes): Seal {
  if (key.length !== 32) throw new RangeError('a seal needs a key of 32 octets');
  return {
    seal(text, place) {
      const nonce = random(NONCE_LENGTH);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      const lines = sealed.toString('base64').match(/.{1,64}/g) ?? [];
      return `-----BEGIN ${LABEL}-----\n${lines.join('\n')}\n-----END ${LABEL}-----\n`;
    },
    open(text, place) {
      if (!isSealed(text)) return text;
      const read = parsePem(text);
      const bytes = read.ok ? read.blocks[0]?.bytes : undefined;
      if (bytes === undefined || bytes.length < NONCE_LENGTH + TAG_LENGTH) return undefined;
      const tagAt = bytes.length - TAG_LENGTH;
      const nonce = bytes.subarray(0, NONCE_LENGTH);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH });
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(tagAt));
      try {
        return decipher.update(bytes.subarray(NONCE_LENGTH, tagAt), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

const isSealed = (text: string): boolean => text.includes(`-----BEGIN ${LABEL}-----`);

/** For a store whose keys are plain; a sealed one that it meets does not open. */
export const noSeal: Seal = {
  seal: (text) => text,
  open: (text) => (isSealed(text) ? undefined : text),
};
