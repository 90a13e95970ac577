import { createPrivateKey, X509Certificate } from 'node:crypto';

/** Whether a PEM chain's first certificate and a PEM private key parse and belong together. */
export function isPair(chainPem: string, privateKeyPem: string): boolean {
  try {
    return new X509Certificate(chainPem).checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}
