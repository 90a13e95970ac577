import type { Catalog } from '../catalog.ts';

/**
 * What goes wrong between a client, the gateway and an app on the HTTP layer.
 *
 * Entries whose fault is `client` are also shown to the client, so they name no address, path or setting of this machine.
 * All others are for the operator; a client sees only the general words of the status instead.
 * A request head that is refused has no values: it was not understood, and nothing of it is repeated.
 */
export const httpCatalog = {
  // The request line (RFC 9112 section 3)
  'request-line-malformed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The first line of the request is not "METHOD TARGET HTTP/1.1" with single spaces.',
      mend: 'Send the request with a standard HTTP client, to a port that expects HTTP.',
    },
    zh: {
      cause: '请求的第一行不是以单个空格分隔的 “方法 目标 HTTP/1.1”。',
      mend: '请使用标准的 HTTP 客户端，并确认该端口接受 HTTP 请求。',
    },
  },
  'method-invalid': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request method holds characters that a method may not have, or is too long.',
      mend: 'Use a registered method such as GET or POST.',
    },
    zh: { cause: '请求方法含有不允许的字符，或者过长。', mend: '请使用 GET、POST 等已注册的方法。' },
  },
  'target-invalid': {
    fault: 'client',
    severity: 'error',
    en: {
      cause:
        'The request target is not a path: it holds a space, a control or non-ASCII octet, a fragment, or user info.',
      mend: 'Percent-encode what is not plain ASCII, and leave out "#…" and "user@".',
    },
    zh: {
      cause: '请求目标不是合法的路径：其中含有空格、控制字符、非 ASCII 字节、片段或用户信息。',
      mend: '请对非 ASCII 字符做百分号编码，并去掉 “#…” 和 “user@” 部分。',
    },
  },
  'target-too-long': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request target is longer than this site accepts.',
      mend: 'Send long data as the content of a POST request instead of in the URL.',
    },
    zh: { cause: '请求目标超出本站允许的长度。', mend: '请把较长的数据放进 POST 请求的内容中，不要放在网址里。' },
  },
  'asterisk-target': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The target "*" means the server as a whole and goes with OPTIONS only.',
      mend: 'Send a path, or use OPTIONS.',
    },
    zh: {
      cause: '目标 “*” 指整个服务器，只能与 OPTIONS 方法一起使用。',
      mend: '请改用路径作为目标，或使用 OPTIONS 方法。',
    },
  },
  'connect-refused': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'CONNECT asks for a tunnel through a forward proxy, and this is not one.',
      mend: 'Take this server out of the proxy settings of the client.',
    },
    zh: {
      cause: 'CONNECT 用于请求正向代理建立隧道，而本服务器不是正向代理。',
      mend: '请在客户端的代理设置中去掉本服务器。',
    },
  },
  'version-unsupported': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request names an HTTP version that is not spoken here.',
      mend: 'Use HTTP/1.1 or HTTP/1.0, or negotiate HTTP/2 in the TLS handshake.',
    },
    zh: {
      cause: '请求使用了本服务器不支持的 HTTP 版本。',
      mend: '请使用 HTTP/1.1 或 HTTP/1.0，或在 TLS 握手时协商 HTTP/2。',
    },
  },
  'method-not-allowed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'This resource does not take this method.',
      mend: 'Use one of the methods that the Allow field names.',
    },
    zh: { cause: '该资源不接受此请求方法。', mend: '请使用 Allow 字段列出的方法。' },
  },

  // The field section (RFC 9112 section 5)
  'field-line-malformed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'A line of the request head is not "Name: value".',
      mend: 'Send the request with a standard HTTP client.',
    },
    zh: { cause: '请求头中有一行不是 “名称: 值” 的形式。', mend: '请使用标准的 HTTP 客户端发送请求。' },
  },
  'field-name-invalid': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'A field name is empty or holds characters that a name may not have.',
      mend: 'Use letters, digits and "-" in field names.',
    },
    zh: { cause: '某个字段名为空，或含有字段名不允许的字符。', mend: '字段名请只用字母、数字和 “-”。' },
  },
  'space-before-colon': {
    fault: 'client',
    severity: 'error',
    en: {
      cause:
        'There is white space between a field name and its colon. Servers read such a line in different ways, so it is refused.',
      mend: 'Remove the space before the colon.',
    },
    zh: { cause: '字段名与冒号之间有空白。不同的服务器对这种行理解不一，因此拒绝。', mend: '请去掉冒号前的空白。' },
  },
  'obs-fold': {
    fault: 'client',
    severity: 'error',
    en: {
      cause:
        'A field value is folded over several lines, a form that HTTP has given up because it lets requests be smuggled.',
      mend: 'Send each field on one line.',
    },
    zh: {
      cause: '某个字段值折成了多行。这种写法可被用来夹带请求，HTTP 已将其废除。',
      mend: '请把每个字段写在一行内。',
    },
  },
  'bare-cr-or-lf': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'A line of the request head ends with CR or LF alone, or holds one of them.',
      mend: 'End every line with CR LF, and keep both out of field values.',
    },
    zh: {
      cause: '请求头中有一行只以 CR 或 LF 结束，或者行中含有其中之一。',
      mend: '每行都应以 CR LF 结束，字段值中不得含有这两个字符。',
    },
  },
  'control-byte-in-value': {
    fault: 'client',
    severity: 'error',
    en: { cause: 'A field value holds a control character.', mend: 'Remove or encode it.' },
    zh: { cause: '某个字段值含有控制字符。', mend: '请去掉该字符，或将其编码。' },
  },
  'too-many-fields': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request has more header fields than this site accepts.',
      mend: 'Send fewer fields.',
    },
    zh: { cause: '请求的头部字段数量超出本站的上限。', mend: '请减少字段数量。' },
  },
  'head-too-large': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request head is larger than this site accepts. Mostly a cookie has grown too large.',
      mend: 'Delete the cookies of this site and try again.',
    },
    zh: { cause: '请求头超出本站允许的大小，多半是 Cookie 过大。', mend: '请清除本站的 Cookie 后重试。' },
  },
  'host-missing': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request does not say which host it is for.',
      mend: 'Send a Host field with the host name of the URL.',
    },
    zh: { cause: '请求没有说明它要访问哪个主机。', mend: '请发送 Host 字段，其值为网址中的主机名。' },
  },
  'host-repeated': {
    fault: 'client',
    severity: 'error',
    en: { cause: 'The request names its host more than once.', mend: 'Send exactly one Host field.' },
    zh: { cause: '请求中的主机名出现了不止一次。', mend: '请只发送一个 Host 字段。' },
  },
  'host-invalid': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The host of the request is not a host name or IP address with an optional port.',
      mend: 'Send the host of the URL as it is, without a user name or path.',
    },
    zh: {
      cause: '请求中的主机不是 “主机名或 IP 地址加可选端口” 的形式。',
      mend: '请原样发送网址中的主机部分，不要带用户名或路径。',
    },
  },

  // Framing (RFC 9112 sections 6 and 7)
  'framing-conflict': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request has both Content-Length and Transfer-Encoding, so where it ends is ambiguous.',
      mend: 'Send only one of the two.',
    },
    zh: { cause: '请求同时带有 Content-Length 和 Transfer-Encoding，其结束位置不明确。', mend: '请只发送其中一个。' },
  },
  'content-length-invalid': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'Content-Length is not one plain decimal number, or stands there more than once.',
      mend: 'Send one Content-Length with digits only.',
    },
    zh: {
      cause: 'Content-Length 不是单个十进制数，或者出现了不止一次。',
      mend: '请只发送一个 Content-Length，且其值只含数字。',
    },
  },
  'content-length-mismatch': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The content of the request is longer or shorter than its Content-Length says.',
      mend: 'Send as many octets as Content-Length announces.',
    },
    zh: { cause: '请求内容的长度与 Content-Length 所说的不符。', mend: '请按 Content-Length 声明的字节数发送内容。' },
  },
  'transfer-encoding-unsupported': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request uses a transfer coding other than "chunked".',
      mend: 'Send the content with Content-Length or as "chunked" alone.',
    },
    zh: { cause: '请求使用了 “chunked” 以外的传输编码。', mend: '请使用 Content-Length，或只使用 “chunked”。' },
  },
  'transfer-encoding-malformed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'Transfer-Encoding does not say "chunked" exactly once, so where the request ends is ambiguous.',
      mend: 'Send "Transfer-Encoding: chunked" once, or Content-Length.',
    },
    zh: {
      cause: 'Transfer-Encoding 不是恰好一个 “chunked”，请求的结束位置不明确。',
      mend: '请只发送一次 “Transfer-Encoding: chunked”，或改用 Content-Length。',
    },
  },
  'transfer-encoding-in-http10': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'HTTP/1.0 has no Transfer-Encoding; where this request ends cannot be trusted.',
      mend: 'Use HTTP/1.1, or send Content-Length.',
    },
    zh: {
      cause: 'HTTP/1.0 没有 Transfer-Encoding，无法可靠地判断该请求在何处结束。',
      mend: '请使用 HTTP/1.1，或发送 Content-Length。',
    },
  },
  'chunk-malformed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'A chunk of the request content has no valid size line, or does not end where its size says.',
      mend: 'Send the request with a standard HTTP client.',
    },
    zh: {
      cause: '请求内容中某个分块的长度行无效，或未在其长度所示之处结束。',
      mend: '请使用标准的 HTTP 客户端发送请求。',
    },
  },
  'trailer-malformed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The trailer section behind the request content is malformed or too large.',
      mend: 'Send well-formed trailers, or none.',
    },
    zh: { cause: '请求内容之后的尾部字段格式有误，或者过大。', mend: '请发送格式正确的尾部字段，或不发送。' },
  },
  'content-too-large': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The content of the request is larger than this site accepts.',
      mend: 'Send less, or in several requests.',
    },
    zh: { cause: '请求内容超出本站允许的大小。', mend: '请减小内容，或分多次发送。' },
  },
  'expectation-unknown': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The Expect field asks for something other than "100-continue".',
      mend: 'Leave Expect out, or send "Expect: 100-continue".',
    },
    zh: {
      cause: 'Expect 字段要求的不是 “100-continue”。',
      mend: '请去掉 Expect 字段，或使用 “Expect: 100-continue”。',
    },
  },
  'upgrade-malformed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request asks for a WebSocket, but its handshake fields are missing or wrong.',
      mend: 'Use a WebSocket client (version 13, GET, without content).',
    },
    zh: {
      cause: '请求要求升级为 WebSocket，但握手字段缺失或有误。',
      mend: '请使用 WebSocket 客户端（版本 13，GET 方法，不带内容）。',
    },
  },
  'plain-http-on-https-port': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'This port speaks HTTPS, but the request came as plain HTTP.',
      mend: 'Open the same URL with https:// in front.',
    },
    zh: { cause: '该端口使用 HTTPS，但收到的是明文 HTTP 请求。', mend: '请把网址开头改为 https:// 后重试。' },
  },

  // Which site, and may this client use it
  'no-such-site': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'No site here is called {authority}.',
      mend: 'Check the host name in the URL, or add the site to the configuration.',
    },
    zh: { cause: '这里没有名为 {authority} 的站点。', mend: '请检查网址中的主机名，或在配置中添加该站点。' },
  },
  misdirected: {
    fault: 'client',
    severity: 'error',
    en: {
      cause:
        'The connection was opened for another site, whose certificate or client policy differs from that of {authority}.',
      mend: 'Send the request again on a new connection; browsers do so by themselves.',
    },
    zh: {
      cause: '该连接是为另一个站点建立的，其证书或客户端策略与 {authority} 不同。',
      mend: '请在新的连接上重新发送请求；浏览器会自动这样做。',
    },
  },
  'client-certificate-required': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'This site lets in only clients with a certificate, and none was sent.',
      mend: 'Choose a client certificate (browser: import it first; curl: --cert and --key).',
    },
    zh: {
      cause: '本站只允许持有证书的客户端访问，而客户端没有发送证书。',
      mend: '请选用客户端证书（浏览器：先导入证书；curl：使用 --cert 和 --key）。',
    },
  },
  'client-certificate-untrusted': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client certificate was not issued by an authority that this site accepts.',
      mend: 'Use a certificate from an accepted authority, and send its intermediate certificates too.',
    },
    zh: {
      cause: '客户端证书不是由本站认可的机构签发的。',
      mend: '请使用认可机构签发的证书，并一并发送中间证书。',
    },
  },
  'client-certificate-expired': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client certificate "{subject}" has expired.',
      mend: 'Renew it; if it looks valid, check the clocks on both ends.',
    },
    zh: { cause: '客户端证书“{subject}”已过期。', mend: '请更新证书；如果证书看起来仍有效，请检查两端的时钟。' },
  },
  'client-certificate-not-yet-valid': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client certificate "{subject}" is not valid yet.',
      mend: 'Wait until it is, or check the clocks on both ends.',
    },
    zh: { cause: '客户端证书“{subject}”尚未生效。', mend: '请等到生效之后再用，或检查两端的时钟。' },
  },
  'client-certificate-revoked': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client certificate "{subject}" has been revoked by its issuer.',
      mend: 'Ask the issuer for a new one.',
    },
    zh: { cause: '客户端证书“{subject}”已被签发者吊销。', mend: '请向签发者申请新的证书。' },
  },
  'client-certificate-wrong-usage': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The certificate "{subject}", which the client sent, is not meant for client authentication.',
      mend: 'Use a certificate whose extended key usage includes clientAuth.',
    },
    zh: {
      cause: '客户端发送的证书“{subject}”不能用于客户端认证。',
      mend: '请使用扩展密钥用途包含 clientAuth 的证书。',
    },
  },
  'client-certificate-refused': {
    fault: 'client',
    severity: 'error',
    en: { cause: 'The client certificate was refused.', mend: 'Ask who runs this site for a valid certificate.' },
    zh: { cause: '客户端证书被拒绝。', mend: '请向本站的运营者索取有效的证书。' },
  },
  'client-certificate-refused-by-openssl': {
    fault: 'client',
    severity: 'error',
    en: {
      cause:
        'OpenSSL refused the client certificate "{subject}" ({reason}). The gateway\'s own check finds nothing wrong with it, and OpenSSL decides.',
      mend: 'Judge the same chain with `openssl verify -purpose sslclient` and the CA bundle of the site: it names the certificate that it refuses.',
    },
    zh: {
      cause: 'OpenSSL 拒绝了客户端证书“{subject}”（{reason}）。网关自己的检查未发现问题，但以 OpenSSL 的判断为准。',
      mend: '请用 `openssl verify -purpose sslclient` 和本站的 CA 文件检查同一条证书链：它会指出被拒绝的是哪张证书。',
    },
  },

  // Progress of the client
  'head-timeout': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request head did not arrive in time.',
      mend: 'Try again; if it repeats, check the network in between.',
    },
    zh: { cause: '请求头未能及时到达。', mend: '请重试；若反复出现，请检查途中的网络。' },
  },
  'content-timeout': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The request content stopped coming, or came too slowly.',
      mend: 'Try again; if it repeats, check the network in between.',
    },
    zh: { cause: '请求内容停止到达，或到达得过慢。', mend: '请重试；若反复出现，请检查途中的网络。' },
  },
  'keep-alive-idle': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'The client kept the connection open without a further request, so it was closed.', mend: '' },
    zh: { cause: '客户端保持连接但没有再发请求，连接已关闭。', mend: '' },
  },
  'response-write-stalled': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client stopped reading the response, so the connection was cut.',
      mend: 'If honest clients are that slow, raise timeouts.responseWriteStallMs.',
    },
    zh: {
      cause: '客户端停止读取响应，连接已切断。',
      mend: '如果正常的客户端也这么慢，请调大 timeouts.responseWriteStallMs。',
    },
  },
  'client-gone': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'The client closed the connection before the response was complete.', mend: '' },
    zh: { cause: '客户端在响应完成之前关闭了连接。', mend: '' },
  },
  'pipelined-too-much': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client sent more pipelined octets than are held while an earlier request is being answered.',
      mend: 'Wait for responses before sending more requests, or use HTTP/2.',
    },
    zh: {
      cause: '前一个请求尚未答复时，客户端以流水线方式发送的数据超出了上限。',
      mend: '请等待响应后再发送后续请求，或使用 HTTP/2。',
    },
  },
  'tunnel-idle': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'Nothing came through the WebSocket tunnel in either direction for {seconds} s, so it was closed.',
      mend: 'Let the app send pings, or raise timeouts.tunnelIdleMs.',
    },
    zh: {
      cause: 'WebSocket 隧道两个方向在 {seconds} 秒内都没有数据，已关闭。',
      mend: '请让应用定期发送 ping，或调大 timeouts.tunnelIdleMs。',
    },
  },

  // The app behind
  'upstream-refused': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} refuses connections: nothing listens there.',
      mend: 'Start the app, or correct its address in the configuration of {site}.',
    },
    zh: {
      cause: '位于 {upstream} 的应用拒绝连接：该地址上没有程序在监听。',
      mend: '请启动该应用，或在 {site} 的配置中更正其地址。',
    },
  },
  'upstream-socket-missing': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'There is no unix socket at {upstream}.',
      mend: 'Start the app, or correct the path in the configuration of {site}.',
    },
    zh: { cause: '{upstream} 处没有 unix 套接字。', mend: '请启动该应用，或在 {site} 的配置中更正路径。' },
  },
  'upstream-socket-forbidden': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The gateway has no permission to connect to the unix socket {upstream}.',
      mend: 'Give the user that runs the gateway write permission on the socket and search permission on its folders.',
    },
    zh: {
      cause: '网关没有权限连接 unix 套接字 {upstream}。',
      mend: '请赋予运行网关的用户对该套接字的写权限，以及对其所在各级目录的进入权限。',
    },
  },
  'upstream-unreachable': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'There is no route to the app at {upstream}.',
      mend: 'Check that its machine is up, and the network and firewall between here and there.',
    },
    zh: { cause: '没有到达 {upstream} 处应用的路由。', mend: '请检查该机器是否在运行，以及两者之间的网络和防火墙。' },
  },
  'upstream-name-not-resolved': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The name of the app, {upstream}, has no address.',
      mend: 'Correct the name in the configuration of {site}, or its entry in DNS or the hosts file.',
    },
    zh: {
      cause: '应用的名称 {upstream} 没有对应的地址。',
      mend: '请在 {site} 的配置中更正该名称，或更正它在 DNS 或 hosts 文件中的条目。',
    },
  },
  'upstream-name-timeout': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name server did not answer in time for the name of the app, {upstream}.',
      mend: 'Check the name servers of this machine, or give the app as an IP address.',
    },
    zh: {
      cause: '查询应用名称 {upstream} 时，域名服务器未及时应答。',
      mend: '请检查本机的域名服务器设置，或直接使用应用的 IP 地址。',
    },
  },
  'upstream-connect-timeout': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} did not accept the connection in time.',
      mend: 'Check that a firewall does not drop the packets and that the app is not overloaded; timeouts.upstreamConnectMs sets the limit.',
    },
    zh: {
      cause: '位于 {upstream} 的应用未能及时接受连接。',
      mend: '请检查防火墙是否丢弃了数据包、应用是否过载；时限由 timeouts.upstreamConnectMs 设定。',
    },
  },
  'upstream-response-timeout': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} took the request but did not begin to answer in time.',
      mend: 'Look into the log of the app for what holds it up, or raise timeouts.upstreamResponseHeadMs.',
    },
    zh: {
      cause: '位于 {upstream} 的应用收到了请求，但未能及时开始应答。',
      mend: '请在应用的日志中查找卡住的原因，或调大 timeouts.upstreamResponseHeadMs。',
    },
  },
  'upstream-content-timeout': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} fell silent in the middle of its response.',
      mend: 'Look into the log of the app, or raise timeouts.upstreamContentIdleMs (streams may need it).',
    },
    zh: {
      cause: '位于 {upstream} 的应用在响应途中停止发送。',
      mend: '请查看应用的日志，或调大 timeouts.upstreamContentIdleMs（流式响应可能需要）。',
    },
  },
  'upstream-closed-early': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} closed the connection before it answered.',
      mend: 'Look into the log of the app: mostly it crashed or was restarted during this request.',
    },
    zh: {
      cause: '位于 {upstream} 的应用在应答之前关闭了连接。',
      mend: '请查看应用的日志：多半是它在处理该请求时崩溃或重启了。',
    },
  },
  'upstream-response-malformed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'What the app at {upstream} answered is not valid HTTP ({detail}), so nothing of it was passed on.',
      mend: 'Check that this address speaks plain HTTP/1.1, and correct the app.',
    },
    zh: {
      cause: '位于 {upstream} 的应用给出的应答不是合法的 HTTP（{detail}），因此没有转发任何内容。',
      mend: '请确认该地址使用明文 HTTP/1.1，并修正应用。',
    },
  },
  'status-line-malformed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The first line of the response is not "HTTP/1.1 STATUS REASON".',
      mend: 'Check that this address speaks plain HTTP/1.1, not TLS or another protocol.',
    },
    zh: {
      cause: '响应的第一行不是 “HTTP/1.1 状态码 原因短语”。',
      mend: '请确认该地址使用明文 HTTP/1.1，而不是 TLS 或其他协议。',
    },
  },
  'upstream-head-too-large': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The response head of the app at {upstream} is larger than the limit.',
      mend: 'Let the app send fewer or smaller fields (often Set-Cookie), or raise limits.responseHeadBytes.',
    },
    zh: {
      cause: '位于 {upstream} 的应用的响应头超出上限。',
      mend: '请让应用发送更少或更小的字段（常见于 Set-Cookie），或调大 limits.responseHeadBytes。',
    },
  },
  'upstream-response-truncated': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} broke off its response before the end.',
      mend: 'Look into the log of the app: mostly it crashed, or its Content-Length is wrong.',
    },
    zh: {
      cause: '位于 {upstream} 的应用在响应结束之前中断。',
      mend: '请查看应用的日志：多半是它崩溃了，或 Content-Length 有误。',
    },
  },
  'upstream-surplus': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause:
        'The app at {upstream} sent octets that belong to no response. They were thrown away and the connection closed.',
      mend: 'Correct the Content-Length of the app, and let it send no content with 204, 304 and to HEAD.',
    },
    zh: {
      cause: '位于 {upstream} 的应用发送了不属于任何响应的数据，这些数据已丢弃，连接已关闭。',
      mend: '请修正应用的 Content-Length，并确保它对 204、304 和 HEAD 请求不发送内容。',
    },
  },
  'upstream-interim-flood': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} sent more interim (1xx) responses than the limit allows.',
      mend: 'Correct the app, or raise limits.interimResponses.',
    },
    zh: {
      cause: '位于 {upstream} 的应用发送的临时（1xx）响应超出上限。',
      mend: '请修正应用，或调大 limits.interimResponses。',
    },
  },
  'upstream-upgrade-malformed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} answered the WebSocket handshake with a 101 that does not match the request.',
      mend: 'Correct the WebSocket handshake of the app (Upgrade, Connection and Sec-WebSocket-Accept).',
    },
    zh: {
      cause: '位于 {upstream} 的应用对 WebSocket 握手给出的 101 应答与请求不符。',
      mend: '请修正应用的 WebSocket 握手（Upgrade、Connection 和 Sec-WebSocket-Accept）。',
    },
  },
  'upstream-too-many-connections': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'As many connections to the app at {upstream} are busy as the limit allows.',
      mend: 'Find out why the app is slow, add another one, or raise limits.upstreamConnections.',
    },
    zh: {
      cause: '到 {upstream} 处应用的繁忙连接数已达上限。',
      mend: '请查明应用变慢的原因、增加应用实例，或调大 limits.upstreamConnections。',
    },
  },

  // Files of a site's `root`
  'file-not-found': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'There is nothing at this address.', mend: 'Check the path in the URL.' },
    zh: { cause: '该地址上没有内容。', mend: '请检查网址中的路径。' },
  },
  'range-unsatisfiable': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'The range that was asked for lies outside of the file.',
      mend: 'Ask for a range within its length, or for all of it.',
    },
    zh: { cause: '请求的范围超出了文件。', mend: '请请求文件长度以内的范围，或请求整个文件。' },
  },
  'precondition-failed': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'The file is not in the state that the request makes a condition.',
      mend: 'Fetch it again without the condition.',
    },
    zh: { cause: '文件的状态不符合请求所附的条件。', mend: '请去掉条件后重新获取。' },
  },
  'file-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'A file of {site} could not be read ({detail}).',
      mend: 'Give the user that runs the gateway read permission, and check the disk.',
    },
    zh: { cause: '无法读取站点 {site} 的文件（{detail}）。', mend: '请赋予运行网关的用户读权限，并检查磁盘。' },
  },
  'file-changed': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'A file of {site} was cut short or replaced while it was being sent, so the response was broken off.',
      mend: 'Replace files by renaming a complete new one over the old.',
    },
    zh: {
      cause: '站点 {site} 的文件在发送过程中被截短或替换，响应已中断。',
      mend: '更新文件时，请先写好完整的新文件，再用重命名的方式覆盖旧文件。',
    },
  },

  // The gateway itself
  'shutting-down': {
    fault: 'gateway',
    severity: 'info',
    en: {
      cause: 'The gateway is shutting down and takes no new requests.',
      mend: 'Wait until it is back; clients may try again at once.',
    },
    zh: { cause: '网关正在关闭，不再接受新的请求。', mend: '请等待网关恢复；客户端可以立即重试。' },
  },
  'too-many-connections': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'As many clients are connected as limits.connections allows.',
      mend: 'Look whether one peer holds them, or raise limits.connections.',
    },
    zh: {
      cause: '已连接的客户端数达到 limits.connections 的上限。',
      mend: '请检查是否由某个客户端占用，或调大 limits.connections。',
    },
  },
  'internal-error': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The gateway failed over this request: {detail}.',
      mend: 'This is a mistake in the gateway: please report it with this log line.',
    },
    zh: { cause: '网关处理该请求时出错：{detail}。', mend: '这是网关的缺陷：请附上这一行日志进行报告。' },
  },
} as const satisfies Catalog;

/** Every code of the HTTP layer. */
export type HttpCode = keyof typeof httpCatalog;
