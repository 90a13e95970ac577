import type { WordTable } from './word.ts';

/** Labels of the stages TLS and certificate. */
export const tlsWords = {
  'tls.none': { en: 'plain HTTP: no TLS', zh: '明文 HTTP：没有 TLS' },
  'tls.agreed': { en: '{version}, {cipherSuite}{group}', zh: '{version}，{cipherSuite}{group}' },
  'tls.message': { en: '{name}, {bytes} octets{sealed}', zh: '{name}，{bytes} 字节{sealed}' },
  'tls.alert': { en: 'alert {name} ({level})', zh: '警报 {name}（{level}）' },
  'tls.ccs': { en: 'change_cipher_spec: encrypted from here on', zh: 'change_cipher_spec：此后加密' },
  'tls.ccs-compatibility': {
    en: 'change_cipher_spec: for old boxes on the way, means nothing',
    zh: 'change_cipher_spec：为兼容途中旧设备，无实际意义',
  },
  'tls.heartbeat': { en: '{name}, {bytes} octets', zh: '{name}，{bytes} 字节' },
  'tls.foreign': { en: 'not TLS ({protocol}): {sample}', zh: '不是 TLS（{protocol}）：{sample}' },
  'tls.broken': {
    en: 'malformed: {problem} in {field} at octet {offset}',
    zh: '格式错误：第 {offset} 字节的 {field}（{problem}）',
  },
  'field.opened-with': { en: 'decrypted with', zh: '解密所用密钥' },
  'tls.resumed': { en: 'the session of before was resumed', zh: '恢复了先前的会话' },
  'certificate.leaf': { en: '{subject} (leaf, {left} left)', zh: '{subject}（叶证书，剩余 {left}）' },
  'certificate.intermediate': { en: '{subject} (intermediate, {left} left)', zh: '{subject}（中间证书，剩余 {left}）' },
  'certificate.anchor': { en: '{subject} (trust anchor, {left} left)', zh: '{subject}（信任锚，剩余 {left}）' },
  'certificate.judged-apart': {
    en: 'judged on a connection without the client certificate',
    zh: '先在不带客户端证书的连接上判断',
  },
  'certificate.resumed': { en: 'resumed: the certificate was judged before', zh: '会话恢复：证书此前已判断过' },
  'field.sct': { en: 'logged (SCT)', zh: '已记入日志（SCT）' },
  'field.subject': { en: 'subject', zh: '主体' },
  'field.issuer': { en: 'issuer', zh: '颁发者' },
  'field.names': { en: 'names', zh: '名称' },
  'field.valid': { en: 'valid', zh: '有效期' },
  'field.key': { en: 'key', zh: '密钥' },
  'field.signature': { en: 'signature', zh: '签名' },
  'field.serial': { en: 'serial number', zh: '序列号' },
  'field.origin': { en: 'where from', zh: '来源' },
  'field.version': { en: 'version', zh: '版本' },
  'field.cipher-suite': { en: 'cipher suite', zh: '密码套件' },
  'field.group': { en: 'group', zh: '群组' },
  'field.alpn': { en: 'ALPN', zh: 'ALPN' },
  'field.server-name': { en: 'server name (SNI)', zh: '服务器名（SNI）' },
} as const satisfies WordTable;

export const tlsNotes = {} as const satisfies WordTable;
