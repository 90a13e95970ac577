import type { WordTable } from './word.ts';

/** Labels of the request, its answer, the page and the close. */
export const httpWords = {
  'http.request': { en: '{method} {target}', zh: '{method} {target}' },
  'http.content-sent': { en: 'request content, {bytes} octets', zh: '请求内容，{bytes} 字节' },
  'http.first-byte': {
    en: 'first octet of the answer, {waitMs} ms after the request',
    zh: '响应的第一个字节，距请求 {waitMs} ms',
  },
  'http.interim': { en: '{status} {meaning}', zh: '{status} {meaning}' },
  'http.response': { en: '{protocol} {status} {meaning}', zh: '{protocol} {status} {meaning}' },
  'http.content': { en: 'content, {bytes} octets ({framing})', zh: '内容，{bytes} 字节（{framing}）' },
  'http.trailers': { en: 'trailers', zh: '尾部字段' },
  'http.decoded': {
    en: '{coding}: {wireBytes} octets on the wire, {bytes} unpacked ({ratio})',
    zh: '{coding}：传输 {wireBytes} 字节，解压后 {bytes} 字节（{ratio}）',
  },
  'http.charset': { en: 'charset {charset}, told by {from}', zh: '字符集 {charset}，来自 {from}' },
  'http.charset-none': { en: 'no charset is told', zh: '未说明字符集' },
  'http.redirect': { en: 'goes on at {location}', zh: '转向 {location}' },
  'http.frame': {
    en: '{type} stream {stream}, {length} octets{flags}',
    zh: '{type} 流 {stream}，{length} 字节{flags}',
  },
  'http.frames-more': { en: '{count} more frames', zh: '另有 {count} 个帧' },
  'http.version-chosen': { en: '{protocol}, chosen by ALPN', zh: '{protocol}，由 ALPN 选定' },
  'http.version-default': { en: '{protocol}: no ALPN was agreed on', zh: '{protocol}：未协商 ALPN' },
  'http.connection-reused': {
    en: 'goes over connection {connection}, which is open already',
    zh: '使用已打开的连接 {connection}',
  },
  'page.found': { en: '{count} files: {kinds}', zh: '{count} 个文件：{kinds}' },
  'page.file': { en: '{status} {kind} {url}, {bytes} octets', zh: '{status} {kind} {url}，{bytes} 字节' },
  'page.failed': { en: '{kind} {url}: {code}', zh: '{kind} {url}：{code}' },
  'page.passed-over': { en: '{kind} {url}: not fetched', zh: '{kind} {url}：未获取' },
  'page.total': {
    en: '{count} files, {bytes} octets, {connections} connections, {ms} ms',
    zh: '{count} 个文件，{bytes} 字节，{connections} 个连接，{ms} ms',
  },
  'repeat.name': { en: 'name: {before} ms, now {after} ms', zh: '域名：{before} ms，现在 {after} ms' },
  'repeat.tls-resumed': {
    en: 'TLS resumed: {before} ms and {beforeBytes} octets, now {after} ms and {afterBytes} octets',
    zh: 'TLS 已恢复：{before} ms、{beforeBytes} 字节，现在 {after} ms、{afterBytes} 字节',
  },
  'repeat.tls-full': {
    en: 'TLS was not resumed: {before} ms and {beforeBytes} octets, now {after} ms and {afterBytes} octets',
    zh: 'TLS 未能恢复：{before} ms、{beforeBytes} 字节，现在 {after} ms、{afterBytes} 字节',
  },
  'repeat.content': {
    en: 'answer: {beforeBytes} octets, now {afterBytes} octets',
    zh: '响应：{beforeBytes} 字节，现在 {afterBytes} 字节',
  },
  'close.notify-sent': { en: 'close_notify: we have nothing more to say', zh: 'close_notify：我方不再发送' },
  'close.notify-received': {
    en: 'close_notify: the server has nothing more to say',
    zh: 'close_notify：服务器不再发送',
  },
  'close.fin-sent': { en: 'FIN', zh: 'FIN' },
  'close.fin-received': { en: 'FIN', zh: 'FIN' },
  'close.reset-received': { en: 'RST: the server cut the connection', zh: 'RST：服务器切断了连接' },
  'close.state': { en: 'our end is in {state}', zh: '我方状态为 {state}' },
  'close.client-first': { en: 'we closed first', zh: '我方先关闭' },
  'close.server-first': { en: 'the server closed first', zh: '服务器先关闭' },
  'field.reason': { en: 'reason phrase', zh: '原因短语' },
  'field.framing': { en: 'end of content told by', zh: '内容结束方式' },
  'field.frame-flags': { en: 'flags', zh: '标志' },
  'field.hpack': { en: 'HPACK', zh: 'HPACK' },
  'field.count': { en: 'count', zh: '数量' },
} as const satisfies WordTable;
