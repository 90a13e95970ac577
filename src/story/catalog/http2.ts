import type { Catalog, CatalogEntry } from '../catalog.ts';

/** A frame, a header block or a message that RFC 9113 or RFC 7541 does not allow: only its sender can mend it. */
function brokenBy(fault: 'client' | 'upstream', en: string, zh: string): CatalogEntry {
  return {
    fault,
    severity: 'error',
    en: { cause: en, mend: 'Update the program that sent it, or report this to those who write it.' },
    zh: { cause: zh, mend: '请更新发送它的程序，或向其开发者报告此问题。' },
  };
}

/** More than the limits allow: an attack, or a limit too low for an honest sender. */
function tooMuch(en: string, zh: string): CatalogEntry {
  return {
    fault: 'client',
    severity: 'error',
    en: { cause: en, mend: 'Send less; if such requests are legitimate, raise the limit in the configuration.' },
    zh: { cause: zh, mend: '请减少发送量；如果这类请求是合理的，请在配置中调高该限制。' },
  };
}

/** Begun and not finished: a connection that hangs, or one that is held open on purpose. */
function tooSlow(en: string, zh: string): CatalogEntry {
  return {
    fault: 'client',
    severity: 'error',
    en: {
      cause: en,
      mend: 'Look for a network or program that stands still; nothing needs mending if this was an attack.',
    },
    zh: { cause: zh, mend: '请检查网络或客户端程序是否停滞；如果这是攻击，则无需处理。' },
  };
}

/** Far more of what is allowed than any honest client sends: the connection is cut, the client may make a new one. */
function flood(en: string, zh: string): CatalogEntry {
  return {
    fault: 'client',
    severity: 'warning',
    en: { cause: en, mend: 'Look at what the client does; nothing needs mending if this was an attack.' },
    zh: { cause: zh, mend: '请查看该客户端的行为；如果这是攻击，则无需处理。' },
  };
}

/** What a peer does wrong in HTTP/2. The reasons of `codec/http2/violation.ts`, each once. */
export const http2Catalog = {
  'h2-preface-invalid': brokenBy(
    'client',
    'HTTP/2 was agreed on, but the connection did not begin with its preface.',
    '双方已商定使用 HTTP/2，但连接开头不是 HTTP/2 的前言。',
  ),
  'h2-settings-not-first': brokenBy(
    'client',
    'The first HTTP/2 frame was not SETTINGS.',
    '第一个 HTTP/2 帧不是 SETTINGS。',
  ),
  'h2-frame-too-large': brokenBy(
    'client',
    'An HTTP/2 frame was longer than the largest size that had been announced.',
    '某个 HTTP/2 帧超过了已声明的最大长度。',
  ),
  'h2-frame-length-wrong': brokenBy(
    'client',
    'An HTTP/2 frame had a length that its type does not allow.',
    '某个 HTTP/2 帧的长度不符合其类型的规定。',
  ),
  'h2-frame-on-wrong-stream': brokenBy(
    'client',
    'An HTTP/2 frame of a stream came for the connection, or one of the connection for a stream.',
    '属于流的 HTTP/2 帧发到了连接上，或属于连接的帧发到了流上。',
  ),
  'h2-padding-too-long': brokenBy(
    'client',
    'The padding of an HTTP/2 frame was longer than the frame.',
    'HTTP/2 帧的填充比帧本身还长。',
  ),
  'h2-push-refused': brokenBy(
    'client',
    'A PUSH_PROMISE frame came, though server push is not accepted here.',
    '收到了 PUSH_PROMISE 帧，但此处不接受服务器推送。',
  ),
  'h2-continuation-missing': brokenBy(
    'client',
    'Another frame came where a header block had to be continued.',
    '首部块尚未结束时收到了其他帧。',
  ),
  'h2-continuation-unexpected': brokenBy(
    'client',
    'A CONTINUATION frame came without a header block to continue.',
    '收到了 CONTINUATION 帧，但没有需要延续的首部块。',
  ),
  'h2-header-block-too-large': tooMuch(
    'A compressed header block was larger than the limit.',
    '压缩后的首部块超过了限制。',
  ),
  'h2-too-many-continuations': tooMuch(
    'A header block was cut into more CONTINUATION frames than the limit allows.',
    '一个首部块被拆成的 CONTINUATION 帧数超过了限制。',
  ),
  'h2-head-unfinished': tooSlow(
    'A header block was begun and not ended in time.',
    '首部块开始发送后，未能在规定时间内结束。',
  ),
  'h2-stream-number-invalid': brokenBy(
    'client',
    'A stream was opened under an even number, or under a lower number than one before it.',
    '新流的编号是偶数，或小于先前的流编号。',
  ),
  'h2-stream-idle': brokenBy(
    'client',
    'A frame came for a stream that had not been opened.',
    '收到了发往尚未打开的流的帧。',
  ),
  'h2-stream-ended': brokenBy(
    'client',
    'More fields or content came for a stream that the client itself had ended.',
    '客户端结束某个流之后，又为该流发来了字段或内容。',
  ),
  'h2-settings-unacknowledged': tooSlow(
    'The settings of the gateway were not acknowledged in time.',
    '网关的 SETTINGS 未能在规定时间内得到确认。',
  ),
  'h2-setting-invalid': brokenBy(
    'client',
    'A SETTINGS frame held a value that the setting may not have.',
    'SETTINGS 帧中某个设置的值不被允许。',
  ),
  'h2-initial-window-too-large': brokenBy(
    'client',
    'The initial window in a SETTINGS frame was larger than 2^31 - 1 octets.',
    'SETTINGS 帧中的初始窗口大于 2^31 - 1 字节。',
  ),
  'h2-window-overflow': brokenBy(
    'client',
    'The flow-control window of the connection was raised beyond 2^31 - 1 octets.',
    '连接的流量控制窗口被增大到超过 2^31 - 1 字节。',
  ),
  'h2-window-increment-zero': brokenBy(
    'client',
    'A WINDOW_UPDATE frame raised the window of the connection by nothing.',
    'WINDOW_UPDATE 帧对连接窗口的增量为零。',
  ),
  'h2-window-ignored': brokenBy(
    'client',
    'More content was sent than the window of the connection allowed.',
    '发送的内容超过了连接窗口所允许的量。',
  ),
  'h2-hpack-truncated': brokenBy('client', 'A header block ended inside a field.', '首部块在某个字段中间就结束了。'),
  'h2-hpack-integer-too-large': brokenBy(
    'client',
    'A header block held an integer beyond all bounds.',
    '首部块中有一个大得离谱的整数。',
  ),
  'h2-hpack-index-unknown': brokenBy(
    'client',
    'A header block referred to a table entry that does not exist.',
    '首部块引用了不存在的表项。',
  ),
  'h2-hpack-huffman-invalid': brokenBy(
    'client',
    'A header block held a text that is not valid Huffman code.',
    '首部块中有一段文本不是有效的哈夫曼编码。',
  ),
  'h2-hpack-table-too-large': brokenBy(
    'client',
    'A header block made the compression table larger than had been allowed.',
    '首部块把压缩表设得比允许的更大。',
  ),
  'h2-hpack-table-update-misplaced': brokenBy(
    'client',
    'A header block changed the size of the compression table elsewhere than at its start.',
    '首部块在开头以外的位置更改了压缩表的大小。',
  ),
  'h2-hpack-table-update-missing': brokenBy(
    'client',
    'The compression table had to become smaller, and the header block did not say so.',
    '压缩表必须缩小，但首部块没有声明。',
  ),
  'h2-reset-flood': flood(
    'One connection opened and cancelled requests faster than any browser does (Rapid Reset).',
    '同一连接反复发起并取消请求，速度超过任何浏览器（Rapid Reset 攻击）。',
  ),
  'h2-stream-error-flood': flood(
    'One connection provoked one error of a stream after the other (MadeYouReset).',
    '同一连接接连引发流错误（MadeYouReset 攻击）。',
  ),
  'h2-large-head-flood': flood(
    'One connection sent one request with too large a head after the other.',
    '同一连接接连发送首部过大的请求。',
  ),
  'h2-empty-data-flood': flood(
    'One connection sent DATA frames without content, over and over.',
    '同一连接不断发送没有内容的 DATA 帧。',
  ),
  'h2-settings-flood': flood('One connection changed its settings over and over.', '同一连接不断更改其 SETTINGS。'),
  'h2-ping-flood': flood('One connection sent PING frames over and over.', '同一连接不断发送 PING 帧。'),
  'h2-window-update-flood': flood(
    'One connection sent far more WINDOW_UPDATE frames than what it received gave reason for.',
    '同一连接发送的 WINDOW_UPDATE 帧远多于其接收的数据所需。',
  ),
  'h2-priority-flood': flood(
    'One connection changed priorities far more often than it sent requests.',
    '同一连接更改优先级的次数远多于其请求数。',
  ),
  'h2-unknown-frame-flood': flood(
    'One connection sent frames of unknown types, over and over.',
    '同一连接不断发送未知类型的帧。',
  ),
  'h2-priority-length-wrong': brokenBy(
    'client',
    'A PRIORITY frame was not five octets long.',
    'PRIORITY 帧的长度不是五个字节。',
  ),
  'h2-depends-on-itself': brokenBy('client', 'A stream was made to depend on itself.', '某个流被设为依赖于自身。'),
  'h2-stream-window-overflow': brokenBy(
    'client',
    'The flow-control window of a stream was raised beyond 2^31 - 1 octets.',
    '某个流的流量控制窗口被增大到超过 2^31 - 1 字节。',
  ),
  'h2-stream-window-increment-zero': brokenBy(
    'client',
    'A WINDOW_UPDATE frame raised the window of a stream by nothing.',
    'WINDOW_UPDATE 帧对流窗口的增量为零。',
  ),
  'h2-stream-window-ignored': brokenBy(
    'client',
    'More content was sent than the window of the stream allowed.',
    '发送的内容超过了流窗口所允许的量。',
  ),
  'h2-stream-closed': brokenBy('client', 'A frame came for a stream that was closed.', '收到了发往已关闭的流的帧。'),
  'h2-stream-refused': tooMuch(
    'More requests were sent at the same time than had been announced as the limit.',
    '同时发送的请求数超过了已声明的上限。',
  ),
  'h2-field-list-too-large': tooMuch(
    'The fields of a message were larger than the limit.',
    '消息的首部字段总大小超过了限制。',
  ),
  'h2-too-many-fields': tooMuch('A message had more fields than the limit allows.', '消息的首部字段数量超过了限制。'),
  'h2-field-too-long': tooMuch(
    'A field of a message was longer than the limit.',
    '消息中某个首部字段的长度超过了限制。',
  ),
  'h2-field-name-invalid': brokenBy(
    'client',
    'A field name was empty, had upper-case letters, or held octets that no name may hold.',
    '字段名为空、含有大写字母，或含有名称中不允许的字节。',
  ),
  'h2-field-value-invalid': brokenBy(
    'client',
    'A field value held NUL, CR, LF or another control octet, or had white space around it.',
    '字段值含有 NUL、CR、LF 或其他控制字节，或首尾有空白。',
  ),
  'h2-connection-field': brokenBy(
    'client',
    'A field such as Connection, Upgrade or Transfer-Encoding was sent, which HTTP/2 does not have.',
    '发送了 Connection、Upgrade 或 Transfer-Encoding 等 HTTP/2 中不存在的字段。',
  ),
  'h2-te-invalid': brokenBy(
    'client',
    'The TE field said something else than "trailers".',
    'TE 字段的值不是 "trailers"。',
  ),
  'h2-pseudo-unknown': brokenBy(
    'client',
    'A pseudo-field was sent that such a message does not have.',
    '发送了此类消息中不存在的伪首部字段。',
  ),
  'h2-pseudo-late': brokenBy(
    'client',
    'A pseudo-field stood behind ordinary fields.',
    '伪首部字段出现在普通字段之后。',
  ),
  'h2-pseudo-repeated': brokenBy('client', 'A pseudo-field was sent twice.', '同一个伪首部字段发送了两次。'),
  'h2-pseudo-missing': brokenBy(
    'client',
    'A pseudo-field that such a message must have was missing.',
    '缺少此类消息必须有的伪首部字段。',
  ),
  'h2-pseudo-in-trailers': brokenBy('client', 'Trailers held a pseudo-field.', '尾部字段中含有伪首部字段。'),
  'h2-method-invalid': brokenBy(
    'client',
    'The method of a request was empty or held octets that no method may hold.',
    '请求方法为空，或含有方法中不允许的字节。',
  ),
  'h2-path-invalid': brokenBy(
    'client',
    'The path of a request was no absolute path, or held a fragment, a space, a control or an octet beyond ASCII.',
    '请求路径不是绝对路径，或含有片段、空格、控制字节或非 ASCII 字节。',
  ),
  'h2-scheme-invalid': brokenBy(
    'client',
    'The scheme of a request was not that of its connection.',
    '请求的协议方案与其连接不符。',
  ),
  'h2-authority-invalid': brokenBy(
    'client',
    'The authority of a request was no host with an optional port.',
    '请求的 authority 不是带可选端口的主机名。',
  ),
  'h2-authority-missing': brokenBy(
    'client',
    'A request named neither :authority nor Host.',
    '请求既没有 :authority 也没有 Host。',
  ),
  'h2-host-differs': brokenBy(
    'client',
    'Host was sent twice, or named another origin than :authority.',
    'Host 发送了两次，或与 :authority 指向不同的源。',
  ),
  'h2-connect-malformed': brokenBy(
    'client',
    'A CONNECT request had a scheme or a path, or no authority with a port.',
    'CONNECT 请求带有协议方案或路径，或缺少带端口的 authority。',
  ),
  'h2-protocol-unexpected': brokenBy(
    'client',
    ':protocol was sent with another method than CONNECT, or where extended CONNECT is not offered.',
    ':protocol 与 CONNECT 以外的方法一起发送，或此处未提供扩展 CONNECT。',
  ),
  'h2-status-invalid': brokenBy(
    'upstream',
    'The status of a response was no number from 100 to 599, was 101, or was interim and ended the stream.',
    '响应状态不是 100 到 599 的数字，或是 101，或临时响应结束了流。',
  ),
  'h2-expectation-unknown': brokenBy(
    'client',
    'The Expect field asked for something else than "100-continue".',
    'Expect 字段要求的不是 "100-continue"。',
  ),
  'h2-content-length-invalid': brokenBy(
    'client',
    'Content-Length was no plain number, or was sent twice.',
    'Content-Length 不是单纯的数字，或发送了两次。',
  ),
  'h2-content-length-differs': brokenBy(
    'client',
    'The content was longer or shorter than Content-Length had said.',
    '内容的实际长度与 Content-Length 不符。',
  ),
  'h2-trailers-without-end': brokenBy(
    'client',
    'Fields came behind the content and did not end the stream.',
    '内容之后又收到字段，却没有结束该流。',
  ),
} as const satisfies Catalog;
