import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Issuer, IssueRequest, OrderProgress } from '../../../src/acme/issuer.ts';
import { FindingError } from '../../../src/story/finding-error.ts';
import { finding } from '../../../src/story/finding.ts';
import type { CertificateStore } from '../../../src/store/certificate-store.ts';
import type { Call } from './small-authority.ts';

/** An issuer that keeps the contract of `issuer.ts` towards the small CA, wherever that is. */
export function createSmallIssuer(store: CertificateStore, ask: (call: Call) => Promise<unknown>): Issuer {
  const name = 'small';

  const openAccount = async (): Promise<string> => {
    const place = store.account(name);
    let record = await place.load();
    if (record === undefined) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      record = await place.create({ privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) });
    }
    if (record.url !== undefined) return record.url;
    const url = (await ask({ method: 'account', key: publicPem(record.privateKeyPem) })) as string;
    await place.replace({ ...record, url });
    return url;
  };

  const run = async (request: IssueRequest): Promise<{ chainPem: string; orderUrl: string }> => {
    const { identifiers, privateKeyPem, resume, onProgress } = request;
    const account = await openAccount();
    let order = resume?.orderUrl;
    let status = order === undefined ? undefined : await ask({ method: 'look', order });
    if (order === undefined || status === undefined) {
      order = (await ask({ method: 'order', account, identifiers })) as string;
      status = await ask({ method: 'look', order });
    }
    const tell = (step: OrderProgress['step']): Promise<void> | undefined =>
      onProgress?.({ orderUrl: order ?? '', step });
    await tell('ordered');
    if (status === 'pending') status = await ask({ method: 'authorize', order });
    await tell('authorized');
    if (status === 'ready') await ask({ method: 'finalize', order, publicKeyPem: publicPem(privateKeyPem) });
    await tell('finalized');
    const chainPem = (await ask({ method: 'download', order })) as string;
    await tell('issued');
    return { chainPem, orderUrl: order };
  };

  return {
    name,
    async issue(request) {
      try {
        return { ok: true, certificate: await run(request) };
      } catch (error) {
        const found =
          error instanceof FindingError
            ? error.finding
            : finding('renewal-issuer-failed', { name: '', issuer: name, reason: String(error) });
        return { ok: false, failure: { finding: found, permanent: false, countedByAuthority: false } };
      }
    },
    renewalWindow: async () => undefined,
    revoke: async () => undefined,
  };
}

const publicPem = (privateKeyPem: string): string =>
  createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' });
