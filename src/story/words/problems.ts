/**
 * What is wrong with octets or a text, in words: the codes that codecs give, which findings hold as `{problem}` or
 * `{reason}`. They stand behind a colon or in brackets, so they are no whole sentences.
 */
import type { DerProblem } from '../../codec/der/der-error.ts';
import type { DnsProblem } from '../../codec/dns/dns-error.ts';
import type { NameProblem } from '../../codec/dns/name.ts';
import type { ChunkErrorCode } from '../../codec/http1/chunked.ts';
import type { HeadErrorCode } from '../../codec/http1/field-section.ts';
import type { CheckReason } from '../../codec/tls/conversation/check-result.ts';
import type { DecodeErrorCode } from '../../codec/tls/decode-error.ts';
import type { PemProblem } from '../../codec/x509/pem.ts';
import type { Language } from '../catalog.ts';

/** What only a request can be wrong in has sentences of its own. */
type OfRequests =
  | 'request-line-malformed'
  | 'method-invalid'
  | 'target-invalid'
  | 'target-too-long'
  | 'host-missing'
  | 'host-repeated'
  | 'host-invalid'
  | 'expectation-unknown'
  | 'asterisk-target'
  | 'connect-refused';

export type ProblemCode =
  | DerProblem
  | DnsProblem
  | NameProblem
  | PemProblem
  | DecodeErrorCode
  | ChunkErrorCode
  | Exclude<HeadErrorCode, OfRequests>
  | Extract<CheckReason, `${string}-not-offered` | `suite-changed-${string}` | `session-id-${string}`>
  | 'switched-protocols'
  | 'content-before-head'
  | 'none-sent'
  | 'everything-trusted'
  | 'no-openssl'
  | 'no-certificates'
  | 'key-parts'
  | 'key-algorithm'
  | 'key-name'
  | 'key-secret';

type Words = Readonly<Record<Language, string>>;

const words: Readonly<Record<ProblemCode, Words>> = {
  // Any structure of octets.
  truncated: { en: 'the data ends too early', zh: '数据提前结束' },
  'trailing-data': { en: 'octets are left over', zh: '末尾有多余的字节' },
  'trailing-bytes': { en: 'octets are left over', zh: '末尾有多余的字节' },
  'length-mismatch': { en: 'a length and what it measures differ', zh: '长度与内容不符' },
  'bad-length': { en: 'a length that is not allowed', zh: '不允许的长度' },
  'illegal-value': { en: 'a value that is not allowed', zh: '不允许的值' },
  'value-not-allowed': { en: 'a value that is not allowed', zh: '不允许的值' },
  'too-large': { en: 'more octets than are allowed', zh: '字节数超出上限' },
  misplaced: { en: 'something that does not belong there', zh: '出现在不该出现的位置' },
  duplicate: { en: 'the same thing twice', zh: '重复出现' },
  // DER.
  'unexpected-tag': { en: 'another type than the one that belongs there', zh: '类型与应有的不同' },
  'high-tag-number': { en: 'a type number that is not used', zh: '不使用的类型编号' },
  'length-indefinite': { en: 'a length left open, which DER forbids', zh: '使用了 DER 禁止的不定长度' },
  'length-not-minimal': { en: 'a length that is not written in the shortest way', zh: '长度没有用最短形式书写' },
  'length-too-long': { en: 'a length beyond all bounds', zh: '长度过大' },
  'integer-empty': { en: 'an integer without octets', zh: '整数没有内容' },
  'integer-not-minimal': { en: 'an integer that is not written in the shortest way', zh: '整数没有用最短形式书写' },
  'integer-out-of-range': { en: 'an integer that is too large or too small', zh: '整数超出范围' },
  'boolean-not-canonical': { en: 'a truth value that is neither 00 nor FF', zh: '布尔值既不是 00 也不是 FF' },
  'null-not-empty': { en: 'a NULL with content', zh: 'NULL 带有内容' },
  'oid-malformed': { en: 'a malformed object identifier', zh: '对象标识符格式错误' },
  'bit-string-malformed': { en: 'a malformed bit string', zh: '位串格式错误' },
  'time-malformed': { en: 'a malformed time', zh: '时间格式错误' },
  'string-malformed': { en: 'a text with characters that it may not have', zh: '文本含有不允许的字符' },
  'empty-not-allowed': { en: 'nothing where something has to be', zh: '不允许为空' },
  'too-deep': { en: 'more levels than are allowed', zh: '嵌套层数超出上限' },
  // PEM.
  unterminated: { en: 'a block without its END line', zh: '块缺少 END 行' },
  'label-mismatch': { en: 'BEGIN and END lines that differ', zh: 'BEGIN 行与 END 行不一致' },
  'base64-malformed': { en: 'no valid base64', zh: '不是有效的 base64' },
  empty: { en: 'a block without content', zh: '块没有内容' },
  // DNS.
  'label-type': { en: 'a length octet of a reserved form', zh: '长度字节使用了保留形式' },
  'bad-pointer': { en: 'a compression pointer that does not point back', zh: '压缩指针没有指向前面' },
  'too-many-pointers': { en: 'too many compression pointers', zh: '压缩指针过多' },
  'pointer-not-allowed': { en: 'a compressed name where none is allowed', zh: '在不允许处使用了压缩名称' },
  'empty-label': { en: 'a label is empty', zh: '有空标签' },
  'label-too-long': { en: 'a label is longer than 63 octets', zh: '有标签超过 63 字节' },
  'name-too-long': { en: 'a name is longer than 255 octets', zh: '名称超过 255 字节' },
  'bad-escape': { en: 'an escape is wrong', zh: '转义有误' },
  'not-ascii': { en: 'it cannot be written in the letters of the DNS', zh: '无法用 DNS 的字符表示' },
  'key-parts': { en: 'more than three parts', zh: '多于三个部分' },
  'key-algorithm': {
    en: 'the algorithm is none of hmac-sha256, hmac-sha384, hmac-sha512',
    zh: '算法不是 hmac-sha256、hmac-sha384、hmac-sha512 之一',
  },
  'key-name': { en: 'its name is no domain name', zh: '密钥名不是域名' },
  'key-secret': { en: 'its secret is no base64', zh: '密钥不是 base64' },
  // TLS.
  'duplicate-extension': { en: 'an extension stands twice', zh: '扩展重复出现' },
  'pre-shared-key-not-last': { en: 'pre_shared_key is not the last extension', zh: 'pre_shared_key 不是最后一个扩展' },
  'unexpected-type': { en: 'another message than the one that belongs there', zh: '此处不应出现这种消息' },
  'version-not-offered': { en: 'a version that was not offered', zh: '未提供的版本' },
  'suite-not-offered': { en: 'a cipher suite that was not offered', zh: '未提供的密码套件' },
  'suite-changed-after-retry': { en: 'another cipher suite than in its retry', zh: '密码套件与重试请求中的不同' },
  'compression-not-offered': { en: 'a compression that was not offered', zh: '未提供的压缩方法' },
  'session-id-not-echoed': { en: 'another session id than the one sent', zh: '会话 ID 与发送的不同' },
  'group-not-offered': { en: 'a group that was not offered', zh: '未提供的密钥交换组' },
  'extension-not-offered': { en: 'an extension that was not offered', zh: '未提供的扩展' },
  'psk-not-offered': { en: 'a pre-shared key that was not offered', zh: '未提供的预共享密钥' },
  'none-sent': { en: 'none was sent', zh: '没有发送' },
  // Judging.
  'everything-trusted': { en: 'everything is trusted', zh: '已选择信任一切' },
  'no-openssl': { en: 'there is no openssl command', zh: '没有 openssl 命令' },
  'no-certificates': { en: 'there are no certificates to judge by', zh: '没有可用于判断的证书' },
  // HTTP.
  'status-line-malformed': {
    en: 'the first line is not "HTTP/1.1 STATUS REASON"',
    zh: '第一行不是“HTTP/1.1 状态码 原因短语”',
  },
  'version-unsupported': {
    en: 'the version is neither HTTP/1.0 nor HTTP/1.1',
    zh: '版本既不是 HTTP/1.0 也不是 HTTP/1.1',
  },
  'field-line-malformed': { en: 'a field line without a colon', zh: '字段行没有冒号' },
  'field-name-invalid': { en: 'a field name with characters that it may not have', zh: '字段名含有不允许的字符' },
  'space-before-colon': { en: 'white space between a field name and its colon', zh: '字段名与冒号之间有空白' },
  'obs-fold': { en: 'a field value that goes on in the next line', zh: '字段值折到了下一行' },
  'bare-cr-or-lf': { en: 'a line that does not end with CR LF', zh: '行尾不是 CR LF' },
  'control-byte-in-value': { en: 'a control character in a field value', zh: '字段值含有控制字符' },
  'too-many-fields': { en: 'more fields than are allowed', zh: '字段过多' },
  'head-too-large': { en: 'fields larger than are allowed', zh: '字段总长度超出上限' },
  'content-length-invalid': { en: 'Content-Length is not one plain number', zh: 'Content-Length 不是单个纯数字' },
  'framing-conflict': {
    en: 'Content-Length and Transfer-Encoding contradict, or one of them stands twice',
    zh: 'Content-Length 与 Transfer-Encoding 相互矛盾，或重复出现',
  },
  'transfer-encoding-unsupported': { en: 'a transfer coding other than chunked', zh: '使用了 chunked 以外的传输编码' },
  'transfer-encoding-malformed': { en: 'a malformed Transfer-Encoding', zh: 'Transfer-Encoding 格式错误' },
  'transfer-encoding-in-http10': {
    en: 'Transfer-Encoding in HTTP/1.0, which has none',
    zh: 'HTTP/1.0 中出现了它不支持的 Transfer-Encoding',
  },
  'chunk-malformed': {
    en: 'a chunk without a valid size line, or one that does not end where its size says',
    zh: '某个分块的长度行无效，或没有在其长度所示之处结束',
  },
  'trailer-malformed': { en: 'malformed fields behind the content', zh: '内容之后的字段格式错误' },
  'switched-protocols': {
    en: 'status 101 changes to a protocol that was not asked for',
    zh: '状态 101 切换到了未请求的协议',
  },
  'content-before-head': { en: 'content came before the status and the fields', zh: '内容先于状态和字段到达' },
};

/** The words for a code; undefined for what is none. */
export function problemWords(code: string, language: Language): string | undefined {
  return Object.hasOwn(words, code) ? words[code as ProblemCode][language] : undefined;
}
