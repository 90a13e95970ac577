import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Oid } from '../../../src/codec/x509/oid.ts';
import {
  authorityInfoAccess,
  caExtensions,
  extKeyUsage,
  intermediateKey,
  issue,
  leafKey,
  nameConstraints,
  pooledKey,
  replacing,
  rootKey,
  rsaKey,
  subjectAltName,
  withSha1,
  type Chain,
  type ChainChanges,
  type KeyPair,
} from '../../pki/issue.ts';
import type { TraceFlags } from '../../../src/cli/commands/trace.ts';
import { crlPoint, HOST, leafWith, mustStaple, present, presentChain, type Lab } from '../verify/lab.ts';
import type { Failure, FailureGroup } from './failure.ts';
import type { Asked, Ground } from './ground.ts';

/** `openssl s_server` with this chain, and a trace that trusts the root. */
async function servedBy(
  lab: Lab,
  { root, intermediate, leaf }: Chain,
  key: KeyPair = leafKey(),
  flags: Partial<TraceFlags> = {},
  sent = [leaf, intermediate],
): Promise<Asked> {
  const port = await lab.serve(sent, key);
  return { url: `https://${HOST}:${port}/`, flags: { cacert: [lab.certificates('root.pem', [root])], ...flags } };
}

const chainOf =
  (changes: () => ChainChanges, key?: KeyPair, flags?: Partial<TraceFlags>) =>
  (ground: Ground): Promise<Asked> =>
    servedBy(ground.lab(), presentChain(changes()), key, flags);

const shortRsa = rsaKey(1_024);
const long = Date.UTC(2020, 0, 1);

const failures: readonly Failure[] = [
  {
    en: 'expired',
    zh: '已过期',
    exitCode: 10,
    code: 'certificate-expired',
    make: chainOf(() => ({ leaf: { notBefore: long, notAfter: Date.UTC(2020, 2, 31) } })),
  },
  {
    en: 'not yet valid',
    zh: '尚未生效',
    exitCode: 11,
    code: 'certificate-not-yet-valid',
    make: chainOf(() => ({ leaf: { notBefore: Date.UTC(2120, 0, 1), notAfter: Date.UTC(2120, 2, 31) } })),
  },
  {
    en: 'revoked, says the CRL',
    zh: '已吊销（CRL）',
    exitCode: 12,
    code: 'certificate-revoked',
    make: async (ground) => {
      const lab = ground.lab();
      const crl = (asked: string): Buffer | undefined =>
        asked === '/crl.der' ? readFileSync(path.join(lab.folder, 'crl.der')) : undefined;
      const { url } = await lab.web(crl);
      const made = presentChain({ leaf: { extensions: leafWith(crlPoint(`${url}/crl.der`)) } });
      lab.authority(made.intermediate, intermediateKey(), [made.leaf.serialNumber.hex], []);
      lab.makeCrl();
      return servedBy(lab, made, leafKey(), { fetch: true });
    },
  },
  {
    en: 'revoked, says OCSP',
    zh: '已吊销（OCSP）',
    exitCode: 12,
    code: 'certificate-revoked',
    make: async (ground) => {
      const lab = ground.lab();
      const { intermediate } = presentChain();
      lab.authority(intermediate, intermediateKey(), ['7001'], []);
      const answerer = authorityInfoAccess(Oid.accessOcsp, `http://127.0.0.1:${await lab.responder()}`);
      const made = presentChain({ leaf: { serial: 0x7001, extensions: leafWith(answerer) } });
      return servedBy(lab, { ...made, intermediate }, leafKey(), { fetch: true });
    },
  },
  {
    en: 'whether it is revoked cannot be learnt, and `--revocation hard` insists',
    zh: '无法得知是否被吊销，而 `--revocation hard` 要求必须得知',
    exitCode: 13,
    code: 'certificate-revocation-unknown',
    make: chainOf(() => ({}), leafKey(), { revocation: 'hard' }),
  },
  {
    en: 'self-signed',
    zh: '自签名',
    exitCode: 14,
    code: 'certificate-self-signed',
    make: async (ground) => {
      const own = { CN: HOST };
      const extensions = replacing(leafWith(), subjectAltName([`dns:${HOST}`]));
      const leaf = issue({ ...present, subject: own, issuer: own, key: leafKey(), signer: leafKey(), extensions });
      return servedBy(ground.lab(), { ...presentChain(), leaf }, leafKey(), {}, [leaf]);
    },
  },
  {
    en: "of a gateway's own local CA, which nobody has trusted yet",
    zh: '由网关自己的本地 CA 签发，而该 CA 尚未被信任',
    exitCode: 14,
    code: 'certificate-local-root-untrusted',
    make: async (ground) => {
      const issuer = { CN: 'Menshen Local CA desk 2026-11-22 1a2b' };
      const extensions = replacing(leafWith(), subjectAltName([`dns:${HOST}`]));
      const leaf = issue({
        ...present,
        subject: { CN: HOST },
        issuer,
        key: leafKey(),
        signer: pooledKey(5),
        extensions,
      });
      return servedBy(ground.lab(), { ...presentChain(), leaf }, leafKey(), {}, [leaf]);
    },
  },
  {
    en: 'the root is not trusted',
    zh: '根证书不受信任',
    exitCode: 14,
    code: 'certificate-untrusted-root',
    make: async (ground) => {
      const lab = ground.lab();
      const stranger = { CN: 'Somebody Else' };
      const key = pooledKey(5);
      const root = issue({
        ...present,
        subject: stranger,
        issuer: stranger,
        key,
        signer: key,
        extensions: caExtensions(key),
      });
      const made = presentChain();
      return servedBy(lab, { ...made, root }, leafKey(), {}, [made.leaf, made.intermediate, made.root]);
    },
  },
  {
    en: 'the certificate is for another name',
    zh: '证书属于另一个名称',
    exitCode: 15,
    code: 'certificate-name-mismatch',
    make: chainOf(() => ({ leaf: { extensions: replacing(leafWith(), subjectAltName(['dns:www.example.com'])) } })),
  },
  {
    en: 'the intermediate certificate is not sent',
    zh: '没有发送中间证书',
    exitCode: 16,
    code: 'certificate-chain-incomplete',
    make: async (ground) => {
      const made = presentChain();
      return servedBy(ground.lab(), made, leafKey(), {}, [made.leaf]);
    },
  },
  {
    en: 'a name constraint of the CA is violated',
    zh: '违反 CA 的名称约束',
    exitCode: 17,
    code: 'certificate-name-not-permitted',
    make: chainOf(() => ({
      intermediate: {
        extensions: [...caExtensions(intermediateKey(), rootKey()), nameConstraints(['dns:else.example'])],
      },
    })),
  },
  {
    en: 'a client certificate on a server',
    zh: '服务器使用了客户端证书',
    exitCode: 17,
    code: 'certificate-purpose-wrong',
    make: chainOf(() => ({ leaf: { extensions: replacing(leafWith(), extKeyUsage([Oid.clientAuth])) } })),
  },
  {
    en: 'signed with SHA-1',
    zh: '使用 SHA-1 签名',
    exitCode: 18,
    code: 'certificate-signature-weak',
    make: chainOf(() => ({ leaf: { signer: withSha1(intermediateKey()) } })),
  },
  {
    en: 'an RSA key of 1024 bits',
    zh: '1024 位 RSA 密钥',
    exitCode: 18,
    code: 'certificate-key-weak',
    make: chainOf(() => ({ leaf: { key: shortRsa } }), shortRsa),
  },
  {
    en: 'must-staple, and nothing is stapled',
    zh: '要求 OCSP 装订（must-staple）却没有装订',
    exitCode: 21,
    code: 'certificate-staple-missing',
    make: chainOf(() => ({ leaf: { extensions: leafWith(mustStaple) } })),
  },
];

export const certificateFailures: FailureGroup = { en: 'The certificate', zh: '证书', failures };
