import type { VerifyCause } from '../../trace/verify/cause.ts';
import type { Language } from '../../story/catalog.ts';

/** What `menshen verify` says about itself, and the labels of its page. Sentences come from the catalogue. */
export interface VerifyWords {
  readonly describe: string;
  readonly target: string;
  readonly name: string;
  readonly trust: string;
  readonly trustPassword: string;
  readonly trustEverything: string;
  readonly at: string;
  readonly revocation: string;
  readonly crl: string;
  readonly noFetch: string;
  readonly noCache: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly clientPassword: string;
  readonly purpose: string;
  readonly strict: string;
  readonly timeout: string;
  readonly json: string;
  readonly lang: string;
  readonly trusted: string;
  readonly notTrusted: string;
  readonly path: string;
  readonly closest: string;
  readonly others: string;
  readonly checks: string;
  readonly more: string;
  readonly names: string;
  readonly key: string;
  readonly signature: string;
  readonly signedBy: string;
  readonly valid: string;
  readonly left: string;
  readonly ago: string;
  readonly begins: string;
  readonly use: string;
  readonly serial: string;
  readonly sha256: string;
  readonly leaf: string;
  readonly intermediate: string;
  readonly anchor: string;
  readonly sent: string;
  readonly inFile: string;
  readonly fetched: string;
  readonly inStore: string;
  readonly stapled: string;
  readonly notStapled: string;
  readonly causes: Readonly<Record<VerifyCause, string>>;
}

export const verifyWords: Readonly<Record<Language, VerifyWords>> = {
  en: {
    describe: 'judge a certificate: connect, or read a file, and say what is wrong with it and how to mend it',
    target: 'HOST, HOST:PORT, or a PEM or DER file with the certificate first',
    name: 'the name that the certificate has to be for (default: the host)',
    trust: 'whom to trust: system, mozilla, a PEM or DER file, a folder, PKCS#12, Java cacerts; repeatable',
    trustPassword: 'password of the trust stores (default: changeit, then none)',
    trustEverything: 'trust every issuer: shows everything else, and proves nothing about who the server is',
    at: 'judge for this moment, such as 2026-01-31 or 2026-01-31T12:00:00Z',
    revocation: 'off, soft (an answer counts, none is fine) or hard (insist on an answer)',
    crl: 'a CRL to use, PEM or DER; repeatable',
    noFetch: 'fetch nothing that certificates name: no issuers, CRLs, OCSP',
    noCache: 'fetch anew what was kept from earlier runs',
    clientCert: 'client certificate, PEM or PKCS#12',
    clientKey: 'its key, PEM, where it is not in the same file',
    clientPassword: 'its password',
    purpose: 'what the certificate is for: server or client',
    strict: 'refuse for every MUST of the rules, also for those that no browser minds',
    timeout: 'seconds for connecting and shaking hands',
    json: 'print everything as JSON',
    lang: 'language: en or zh',
    trusted: 'trusted',
    notTrusted: 'not to be trusted',
    path: 'Path',
    closest: 'The path that came closest',
    others: 'Other paths that were tried',
    checks: 'Checks',
    more: 'and {count} more',
    names: 'names',
    key: 'key',
    signature: 'signature',
    signedBy: '{scheme}, by "{issuer}"',
    valid: 'valid',
    left: '{time} left',
    ago: 'over since {time}',
    begins: 'begins in {time}',
    use: 'use',
    serial: 'serial',
    sha256: 'SHA-256',
    leaf: 'leaf',
    intermediate: 'intermediate',
    anchor: 'anchor',
    sent: 'sent',
    inFile: 'in the file',
    fetched: 'fetched',
    inStore: 'in the store',
    stapled: 'OCSP stapled',
    notStapled: 'no OCSP staple',
    causes: {
      'cannot-connect': 'cannot connect',
      revoked: 'revoked',
      untrusted: 'untrusted issuer',
      'chain-incomplete': 'chain incomplete',
      expired: 'expired',
      'not-yet-valid': 'not yet valid',
      weak: 'weak cryptography',
      'constraint-violated': 'constraint violated',
      malformed: 'breaks the rules of form',
      'name-mismatch': 'for another name',
      'staple-missing': 'promised OCSP staple missing',
      'revocation-unknown': 'revocation unknown',
      'client-refused': 'client certificate refused',
    },
  },
  zh: {
    describe: '判断证书：连接服务器或读取文件，说明证书有何问题以及如何修复',
    target: '主机、主机:端口，或以该证书开头的 PEM 或 DER 文件',
    name: '证书应当适用的名称（默认：主机名）',
    trust: '信任谁：system、mozilla、PEM 或 DER 文件、文件夹、PKCS#12、Java cacerts；可重复',
    trustPassword: '信任库的密码（默认：changeit，其次为空）',
    trustEverything: '信任所有签发者：其余一切照常检查，但无法证明服务器的身份',
    at: '按此时刻判断，例如 2026-01-31 或 2026-01-31T12:00:00Z',
    revocation: 'off、soft（有回答则采纳，没有也可）或 hard（必须有回答）',
    crl: '要使用的 CRL，PEM 或 DER；可重复',
    noFetch: '不获取证书所指向的任何内容：签发者、CRL、OCSP',
    noCache: '重新获取以前保留的内容',
    clientCert: '客户端证书，PEM 或 PKCS#12',
    clientKey: '其密钥（PEM），当不在同一文件中时',
    clientPassword: '其密码',
    purpose: '证书的用途：server 或 client',
    strict: '凡规则中的 MUST 均据以拒绝，包括浏览器并不在意的',
    timeout: '连接与握手的秒数',
    json: '以 JSON 输出全部内容',
    lang: '语言：en 或 zh',
    trusted: '可信',
    notTrusted: '不可信',
    path: '证书路径',
    closest: '最接近的路径',
    others: '尝试过的其他路径',
    checks: '检查',
    more: '另有 {count} 个',
    names: '名称',
    key: '密钥',
    signature: '签名',
    signedBy: '{scheme}，由“{issuer}”签名',
    valid: '有效期',
    left: '剩余 {time}',
    ago: '已过期 {time}',
    begins: '{time} 后生效',
    use: '用途',
    serial: '序列号',
    sha256: 'SHA-256',
    leaf: '叶证书',
    intermediate: '中间证书',
    anchor: '信任锚',
    sent: '已发送',
    inFile: '在文件中',
    fetched: '自行获取',
    inStore: '在信任库中',
    stapled: '附有 OCSP 回答',
    notStapled: '未附 OCSP 回答',
    causes: {
      'cannot-connect': '无法连接',
      revoked: '已被吊销',
      untrusted: '签发者不受信任',
      'chain-incomplete': '证书链不完整',
      expired: '已过期',
      'not-yet-valid': '尚未生效',
      weak: '加密强度不足',
      'constraint-violated': '违反约束',
      malformed: '不符合格式规则',
      'name-mismatch': '名称不符',
      'staple-missing': '缺少承诺的 OCSP 装订',
      'revocation-unknown': '吊销状态未知',
      'client-refused': '客户端证书被拒绝',
    },
  },
};
