import type { Language } from '../../story/catalog.ts';

/** What `menshen certs` says beside findings. */
interface CertsWords {
  readonly certs: string;
  readonly renew: string;
  readonly revoke: string;
  readonly import: string;
  readonly export: string;
  readonly name: string;
  readonly path: string;
  readonly key: string;
  readonly reason: string;
  readonly out: string;
  readonly json: string;
  readonly live: string;
  /** Headings of the table. */
  readonly names: string;
  readonly issuer: string;
  readonly left: string;
  readonly next: string;
  readonly error: string;
  readonly none: string;
  readonly expired: string;
  /** `{days}` is filled in. */
  readonly days: string;
  readonly hours: string;
  readonly now: string;
  /** Why then. */
  readonly why: Readonly<Record<string, string>>;
  readonly stopped: string;
}

export const certsWords: Readonly<Record<Language, CertsWords>> = {
  en: {
    certs: 'every certificate: names, issuer, days left, next renewal and why then, last error',
    renew: 'renew a certificate now, if the limits of its authority allow it',
    revoke: 'revoke a certificate at its authority; a running gateway replaces it at once',
    import: 'put certificates into the store: PEM files, or a folder of certbot or Caddy',
    export: 'write the chain and the key of a certificate into a folder',
    name: 'a name of the certificate',
    path: 'PEM file of the chain (and the key), or a folder',
    key: 'PEM file of the key',
    reason: 'unspecified, keyCompromise, affiliationChanged, superseded or cessationOfOperation',
    out: 'folder to write into (this one)',
    json: 'as JSON',
    live: 'also look outside: DNS, ports, CAA, the clock, the account',
    names: 'names',
    issuer: 'issuer',
    left: 'left',
    next: 'next renewal',
    error: 'last error',
    none: 'none yet',
    expired: 'expired',
    days: '{days} d',
    hours: '{hours} h',
    now: 'now',
    why: {
      first: 'the first one',
      retry: 'tried again',
      limit: 'a limit of the authority',
      forced: 'asked for',
      working: 'being ordered',
      window: 'the authority says so (ARI)',
      ratio: 'a share of its life is over',
      revoked: 'it is revoked',
    },
    stopped: 'No gateway is running on this folder: times of renewal are those of its policy.',
  },
  zh: {
    certs: '列出所有证书：名称、颁发者、剩余天数、下次续期及原因、最近的错误',
    renew: '立即续期一张证书（在机构限额允许时）',
    revoke: '在颁发机构吊销一张证书；运行中的网关会立即换新',
    import: '把证书存入：PEM 文件，或 certbot、Caddy 的目录',
    export: '把一张证书的证书链和私钥写入目录',
    name: '证书中的一个名称',
    path: '证书链（及私钥）的 PEM 文件，或目录',
    key: '私钥的 PEM 文件',
    reason: 'unspecified、keyCompromise、affiliationChanged、superseded 或 cessationOfOperation',
    out: '写入的目录（默认当前目录）',
    json: '以 JSON 输出',
    live: '并对外检查：DNS、端口、CAA、时钟、账户',
    names: '名称',
    issuer: '颁发者',
    left: '剩余',
    next: '下次续期',
    error: '最近的错误',
    none: '尚无',
    expired: '已到期',
    days: '{days} 天',
    hours: '{hours} 小时',
    now: '现在',
    why: {
      first: '首次申请',
      retry: '重试',
      limit: '机构的限额',
      forced: '人工请求',
      working: '正在申请',
      window: '机构的建议（ARI）',
      ratio: '有效期已过一定比例',
      revoked: '已被吊销',
    },
    stopped: '没有网关在使用此目录：续期时间按其策略推算。',
  },
};
