import type { Language } from '../../story/catalog.ts';

/** What the help says about `trust` and `untrust`; what they report speaks through the catalogue. */
interface TrustWords {
  readonly trust: string;
  readonly untrust: string;
  readonly state: string;
  readonly yes: string;
  readonly lang: string;
}

export const trustWords: Readonly<Record<Language, TrustWords>> = {
  en: {
    trust: 'make this machine and its browsers trust the local CA (asks first)',
    untrust: 'take the local CA out of this machine and its browsers again (asks first)',
    state: 'folder of certificates, keys and the local CA',
    yes: 'do not ask',
    lang: 'en or zh (from LC_ALL, LC_MESSAGES, LANG)',
  },
  zh: {
    trust: '让本机及其浏览器信任本地 CA（先询问）',
    untrust: '从本机及其浏览器中移除本地 CA（先询问）',
    state: '存放证书、密钥和本地 CA 的文件夹',
    yes: '不询问',
    lang: 'en 或 zh（取自 LC_ALL、LC_MESSAGES、LANG）',
  },
};
