import type { Catalog } from '../catalog.ts';

/** What `menshen trace` finds besides what certificates, names and handshakes have of their own. */
export const traceCatalog = {
  // What cannot be traced at all.
  'trace-url-unclear': {
    fault: 'client',
    severity: 'error',
    en: { cause: '{url} is not a URL of https:// or http://.', mend: 'Write it as https://example.com/path.' },
    zh: { cause: '{url} 不是 https:// 或 http:// 的 URL。', mend: '请写成 https://example.com/path 的形式。' },
  },
  'trace-option-unclear': {
    fault: 'client',
    severity: 'error',
    en: { cause: '{option} cannot be {value}.', mend: 'It is written as {form}.' },
    zh: { cause: '{option} 不能是 {value}。', mend: '正确写法为 {form}。' },
  },
  'trace-file-unreadable': {
    fault: 'client',
    severity: 'error',
    en: { cause: '{file} cannot be read: {reason}.', mend: 'Check the path and who may read it.' },
    zh: { cause: '无法读取 {file}：{reason}。', mend: '请检查路径和读取权限。' },
  },
  'trace-file-unwritable': {
    fault: 'client',
    severity: 'error',
    en: { cause: '{file} cannot be written: {reason}.', mend: 'Check the folder and who may write there.' },
    zh: { cause: '无法写入 {file}：{reason}。', mend: '请检查文件夹和写入权限。' },
  },
  'trace-client-certificate-unusable': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client certificate in {file} cannot be used: {reason}.',
      mend: 'Give a PEM file with certificate and key, or the key with --key.',
    },
    zh: {
      cause: '无法使用 {file} 中的客户端证书：{reason}。',
      mend: '请提供同时包含证书和私钥的 PEM 文件，或用 --key 给出私钥。',
    },
  },
  'trace-time-out': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The whole trace took longer than {seconds} s and was ended.',
      mend: 'The last stage that is told is the one that took so long: look there, or allow more with --max-time.',
    },
    zh: {
      cause: '整个跟踪超过 {seconds} 秒，已中止。',
      mend: '最后显示的阶段就是卡住之处：请检查它，或用 --max-time 放宽。',
    },
  },
  // The connection.
  'trace-refused': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '{address} refuses connections on port {port}: nothing listens there, or a firewall says no.',
      mend: 'Start the server, or check its port and firewall.',
    },
    zh: {
      cause: '{address} 拒绝端口 {port} 上的连接：没有程序监听，或被防火墙拒绝。',
      mend: '请启动服务器，或检查端口和防火墙。',
    },
  },
  'trace-unreachable': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{address} cannot be reached: {reason}.',
      mend: 'Check the route, the address in DNS, and whether this machine has that kind of address (IPv4 or IPv6).',
    },
    zh: {
      cause: '无法到达 {address}：{reason}。',
      mend: '请检查路由、DNS 中的地址，以及本机是否有该类地址（IPv4 或 IPv6）。',
    },
  },
  'trace-connect-timeout': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{address} does not answer on port {port}: no word within {seconds} s.',
      mend: 'A firewall drops the packets, or the machine is down: check both, and the address.',
    },
    zh: {
      cause: '{address} 在端口 {port} 上没有应答：{seconds} 秒内毫无回音。',
      mend: '可能是防火墙丢弃了数据包，或机器已停机：请检查两者以及地址。',
    },
  },
  'trace-reset': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server, or something on the way, cut the connection with a TCP reset (RST) at the stage {stage}.',
      mend: "Look into the server's log; if it saw nothing, a firewall or filter between here and there did it.",
    },
    zh: {
      cause: '服务器或途中设备在 {stage} 阶段用 TCP 重置（RST）切断了连接。',
      mend: '请查看服务器日志；如果那里没有记录，则是途中的防火墙或过滤设备所为。',
    },
  },
  'trace-address-fallback': {
    fault: 'network',
    severity: 'warning',
    en: {
      cause: '{failed} could not be connected to ({reason}); {address} was used instead, {ms} ms later.',
      mend: 'Mend that address or take it out of DNS: every visitor waits for it.',
    },
    zh: {
      cause: '无法连接 {failed}（{reason}）；改用 {address}，晚了 {ms} ms。',
      mend: '请修好该地址或从 DNS 中移除：每位访问者都要为它等待。',
    },
  },
  'trace-retransmitted': {
    fault: 'network',
    severity: 'warning',
    en: {
      cause: '{count} segments had to be sent again: packets are lost on the way.',
      mend: 'Look at the network between here and there.',
    },
    zh: { cause: '有 {count} 个报文段需要重传：途中有丢包。', mend: '请检查两端之间的网络。' },
  },
  // The handshake.
  'trace-plain-http': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'Port {port} of {address} speaks plain HTTP, not TLS: {answer}.',
      mend: 'Use http:// or the right port, or switch TLS on for this port (nginx: listen {port} ssl).',
    },
    zh: {
      cause: '{address} 的端口 {port} 使用明文 HTTP，而不是 TLS：{answer}。',
      mend: '请使用 http:// 或正确的端口，或在该端口启用 TLS（nginx：listen {port} ssl）。',
    },
  },
  'trace-not-tls': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'Port {port} of {address} does not speak TLS; it said {answer}.',
      mend: 'Check the port: another service listens there.',
    },
    zh: { cause: '{address} 的端口 {port} 不使用 TLS；它的回应是 {answer}。', mend: '请检查端口：监听的是别的服务。' },
  },
  'trace-handshake-timeout': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '{address} took the connection and then said nothing for {seconds} s.',
      mend: 'The server hangs, or a firewall on the way swallows what was sent (ClientHello), often because the packet is large: look at both, and try with a smaller MTU.',
    },
    zh: {
      cause: '{address} 接受了连接，随后 {seconds} 秒没有回应。',
      mend: '服务器卡住，或途中的防火墙吞掉了客户端的第一条消息（ClientHello），常见原因是数据包较大：请检查两者，并试用较小的 MTU。',
    },
  },
  'trace-handshake-closed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server closed the connection in the middle of the handshake, without saying why (no TLS alert).',
      mend: "Look into the server's log; often no certificate is configured for {serverName}.",
    },
    zh: {
      cause: '服务器在握手过程中关闭了连接，且没有发出警报。',
      mend: '请查看服务器日志；常见原因是没有为 {serverName} 配置证书。',
    },
  },
  'trace-handshake-refused': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server refused the handshake: {alert}.',
      mend: "Look into the server's log for this time; the ClientHello above says what was offered.",
    },
    zh: { cause: '服务器拒绝握手：{alert}。', mend: '请查看服务器此刻的日志；上面的 ClientHello 列出了所提供的选项。' },
  },
  'trace-old-version': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server speaks none of the TLS versions that were offered ({offered}).',
      mend: 'Enable TLS 1.2 or 1.3 on the server; older ones are broken.',
    },
    zh: {
      cause: '服务器不支持所提供的任何 TLS 版本（{offered}）。',
      mend: '请在服务器上启用 TLS 1.2 或 1.3；更旧的版本已不安全。',
    },
  },
  'trace-no-shared-suite': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'Client and server have no cipher suite, group or signature in common ({alert}).',
      mend: 'Give the server current suites (ECDHE with AES-GCM or ChaCha20), or a certificate of another key type.',
    },
    zh: {
      cause: '客户端与服务器没有共同的密码套件、群组或签名算法（{alert}）。',
      mend: '请为服务器启用现行套件（ECDHE 配 AES-GCM 或 ChaCha20），或更换密钥类型不同的证书。',
    },
  },
  'trace-unknown-name': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server knows no site {serverName} (alert unrecognized_name).',
      mend: 'Check the name, and that the server has a site and certificate for it.',
    },
    zh: {
      cause: '服务器上没有站点 {serverName}（警报 unrecognized_name）。',
      mend: '请检查域名，并确认服务器上有该站点及其证书。',
    },
  },
  'trace-alpn-mismatch': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server speaks none of the protocols that were offered ({offered}).',
      mend: 'Leave --http2 or --http1.1 out, or enable that protocol on the server.',
    },
    zh: {
      cause: '服务器不支持所提供的任何协议（{offered}）。',
      mend: '请去掉 --http2 或 --http1.1，或在服务器上启用该协议。',
    },
  },
  'trace-handshake-failed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The handshake failed: {reason}.',
      mend: "The messages above show how far it came; look into the server's log.",
    },
    zh: { cause: '握手失败：{reason}。', mend: '上面的消息显示进行到了哪一步；请查看服务器日志。' },
  },
  'trace-handshake-too-large': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'A message of the handshake is larger than clients take (100 KiB of certificates at most).',
      mend: 'Have the server send its own certificate and the intermediate ones, and nothing else.',
    },
    zh: {
      cause: '握手消息过大，超出各方所能接受的范围（证书最多 100 KiB）。',
      mend: '请让服务器只发送自己的证书及中间证书。',
    },
  },
  'trace-client-certificate-required': {
    fault: 'client',
    severity: 'error',
    en: { cause: 'The server insists on a client certificate ({alert}).', mend: 'Give one with --cert and --key.' },
    zh: { cause: '服务器要求客户端证书（{alert}）。', mend: '请用 --cert 和 --key 提供证书。' },
  },
  'trace-client-certificate-refused': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The server refused the client certificate ({alert}).',
      mend: 'Check its issuer, dates and purpose (clientAuth) against what the server trusts.',
    },
    zh: {
      cause: '服务器拒绝了客户端证书（{alert}）。',
      mend: '请对照服务器信任的范围检查其颁发者、有效期和用途（clientAuth）。',
    },
  },
  'trace-insecure': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The certificate is not to be trusted, and --insecure went on all the same: anybody could be answering.',
      mend: 'Leave --insecure out once the certificate is mended.',
    },
    zh: { cause: '证书不可信，但因 --insecure 仍继续：作答的可能是任何人。', mend: '证书修好后请去掉 --insecure。' },
  },
  // The answer.
  'trace-no-response': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server took the request and did not answer within {seconds} s.',
      mend: 'Look at what the server, or the app behind it, waits for.',
    },
    zh: { cause: '服务器收到请求后 {seconds} 秒内没有作答。', mend: '请查看服务器或其后的应用在等待什么。' },
  },
  'trace-content-stalled': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The content stood still for {seconds} s.',
      mend: 'Look at what the server, or the app behind it, waits for.',
    },
    zh: { cause: '内容停滞了 {seconds} 秒。', mend: '请查看服务器或其后的应用在等待什么。' },
  },
  'trace-closed-without-answer': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server closed the connection without an answer{reason}.',
      mend: "Look into the server's log: the app behind it may have died.",
    },
    zh: { cause: '服务器未作答就关闭了连接{reason}。', mend: '请查看服务器日志：其后的应用可能已崩溃。' },
  },
  'trace-head-cut-short': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: "The connection ended in the middle of the answer's fields{reason}.",
      mend: "Look into the server's log: the app behind it may have died while it answered.",
    },
    zh: { cause: '连接在响应头部中途结束{reason}。', mend: '请查看服务器日志：其后的应用可能在作答时崩溃。' },
  },
  'trace-content-cut-short': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The content is cut short: {received}{announced} octets came{reason}.',
      mend: "Look into the server's log: the app may have died while it answered, or announce a wrong length (Content-Length).",
    },
    zh: {
      cause: '内容被截断：只收到 {received}{announced} 字节{reason}。',
      mend: '请查看服务器日志：应用可能在作答时崩溃，也可能声明了错误的长度（Content-Length）。',
    },
  },
  'trace-head-too-large': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: "The answer's header is larger than {bytes} octets or has more than {fields} fields.",
      mend: 'Look for what adds fields again and again, such as a cookie for every visit; a server whose header never ends is broken or hostile.',
    },
    zh: {
      cause: '响应头部超过 {bytes} 字节或 {fields} 个字段。',
      mend: '头部没完没了的服务器不是坏了就是有恶意：请检查是否有过多的 cookie。',
    },
  },
  'trace-interim-flood': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'More than {count} interim answers (1xx) came before the real one.',
      mend: 'Mend the server: one 100 or a few 103 are enough.',
    },
    zh: {
      cause: '正式响应之前出现了超过 {count} 个临时响应（1xx）。',
      mend: '请修复服务器：一个 100 或几个 103 就够了。',
    },
  },
  'trace-not-http': {
    fault: 'upstream',
    severity: 'error',
    en: { cause: 'What answers is not HTTP: {answer}.', mend: 'Check the port: another service listens there.' },
    zh: { cause: '回应的不是 HTTP：{answer}。', mend: '请检查端口：监听的是别的服务。' },
  },
  'trace-response-malformed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The answer breaks the rules of HTTP at octet {offset}: {reason}.',
      mend: 'Mend the server: proxies and browsers will refuse or misread such answers.',
    },
    zh: {
      cause: '响应在第 {offset} 字节处违反 HTTP 规则：{reason}。',
      mend: '请修复服务器：代理和浏览器会拒绝或误读这样的响应。',
    },
  },
  'trace-content-too-large': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The content is larger than {bytes} octets; the rest was not fetched.',
      mend: "Trace a smaller file, or a range of it: -H 'Range: bytes=0-999'.",
    },
    zh: {
      cause: '内容超过 {bytes} 字节；其余部分未获取。',
      mend: "请跟踪更小的文件或其中一段：-H 'Range: bytes=0-999'。",
    },
  },
  'trace-not-http2': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server agreed on h2 and does not speak HTTP/2.',
      mend: "Mend the server's ALPN, or trace with --http1.1.",
    },
    zh: { cause: '服务器协商了 h2，却不使用 HTTP/2。', mend: '请修正服务器的 ALPN，或改用 --http1.1。' },
  },
  'trace-h2-violation': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server breaks the rules of HTTP/2: {reason}.',
      mend: 'Mend the server; --http1.1 goes around it.',
    },
    zh: { cause: '服务器违反 HTTP/2 规则：{reason}。', mend: '请修复服务器；可用 --http1.1 绕开。' },
  },
  'trace-stream-reset': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server reset stream {stream}: {errorCode}.',
      mend: "Look into the server's log; HTTP_1_1_REQUIRED means to use --http1.1.",
    },
    zh: {
      cause: '服务器重置了流 {stream}：{errorCode}。',
      mend: '请查看服务器日志；HTTP_1_1_REQUIRED 表示应使用 --http1.1。',
    },
  },
  'trace-goaway': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server takes no more requests on this connection: {errorCode} {debug}',
      mend: "Look into the server's log; it may be restarting.",
    },
    zh: { cause: '服务器不再接受此连接上的请求：{errorCode} {debug}', mend: '请查看服务器日志；它可能正在重启。' },
  },
  'trace-coding-unknown': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The content is coded in a way that cannot be undone here: {coding}.',
      mend: "Ask for another with -H 'Accept-Encoding: gzip'.",
    },
    zh: { cause: '内容使用了此处无法解开的编码：{coding}。', mend: "请用 -H 'Accept-Encoding: gzip' 请求其他编码。" },
  },
  'trace-coding-broken': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The content is not what Content-Encoding says: {coding} cannot be undone ({reason}).',
      mend: 'Mend the server: something codes twice, not at all, or cuts it short.',
    },
    zh: {
      cause: '内容与 Content-Encoding 不符：{coding} 无法解开（{reason}）。',
      mend: '请修复服务器：可能重复编码、未编码或被截断。',
    },
  },
  'trace-content-bomb': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '{wireBytes} octets of {coding} unpack to more than {bytes} octets.',
      mend: 'Beware of this server: small content that becomes huge fills the memory of its clients.',
    },
    zh: {
      cause: '{wireBytes} 字节的 {coding} 解压后超过 {bytes} 字节。',
      mend: '请当心这台服务器：极小的内容解压后会撑满客户端内存。',
    },
  },
  'trace-status-client': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The server answers {status} {meaning}: it finds fault with the request.',
      mend: 'Check URL, method and credentials.',
    },
    zh: { cause: '服务器回答 {status} {meaning}：它认为请求有误。', mend: '请检查 URL、方法和凭据。' },
  },
  'trace-status-server': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The server answers {status} {meaning}: it failed.',
      mend: 'Look into the logs of the server and the app behind it.',
    },
    zh: { cause: '服务器回答 {status} {meaning}：它处理失败。', mend: '请查看服务器及其后应用的日志。' },
  },
  'trace-not-modified': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: '304: the copy from before is still good, so no content was sent ({why}).', mend: '' },
    zh: { cause: '304：先前的副本仍然有效，因此未发送内容（{why}）。', mend: '' },
  },
  'trace-not-revalidated': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The condition ({why}) was sent, and the server sent everything again.',
      mend: 'Let the server compare ETag or Last-Modified, and keep both the same while the content is.',
    },
    zh: {
      cause: '已发送条件（{why}），服务器仍重新发送了全部内容。',
      mend: '请让服务器比较 ETag 或 Last-Modified，并在内容不变时保持两者不变。',
    },
  },
  'trace-no-validator': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'The answer has neither ETag nor Last-Modified: it cannot be asked for on condition.',
      mend: 'Send an ETag for content that seldom changes.',
    },
    zh: { cause: '响应既无 ETag 也无 Last-Modified：无法进行条件请求。', mend: '请为不常变化的内容发送 ETag。' },
  },
  // Redirects.
  'trace-redirect-loop': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The redirects go in a circle: {url} was there before.',
      mend: 'Mend the redirects of the server; often a proxy in front speaks HTTP to an app that insists on HTTPS.',
    },
    zh: {
      cause: '重定向成环：{url} 之前已访问过。',
      mend: '请修正服务器的重定向；常见原因是前置代理用 HTTP 连接坚持 HTTPS 的应用。',
    },
  },
  'trace-too-many-redirects': {
    fault: 'upstream',
    severity: 'error',
    en: { cause: 'More than {count} redirects.', mend: 'Mend the redirects of the server.' },
    zh: { cause: '重定向超过 {count} 次。', mend: '请修正服务器的重定向。' },
  },
  'trace-redirect-unclear': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The answer is {status} without a usable Location: {location}.',
      mend: 'Send an absolute URL, or a path, in Location.',
    },
    zh: { cause: '响应为 {status}，但 Location 无法使用：{location}。', mend: '请在 Location 中给出绝对 URL 或路径。' },
  },
  'trace-redirect-downgrade': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'A redirect leads from https:// to http://: {url}.',
      mend: 'Redirect to https://; what follows can be read and changed by anybody on the way.',
    },
    zh: {
      cause: '重定向从 https:// 降到 http://：{url}。',
      mend: '请重定向到 https://；此后的内容途中任何人都能读取和篡改。',
    },
  },
  // What the fields say.
  'trace-plain-url': {
    fault: 'client',
    severity: 'warning',
    en: { cause: 'http:// is not encrypted: everything can be read and changed on the way.', mend: 'Use https://.' },
    zh: { cause: 'http:// 没有加密：途中可被读取和篡改。', mend: '请使用 https://。' },
  },
  'trace-hsts-missing': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'No Strict-Transport-Security: the next visit by http:// can be intercepted.',
      mend: 'Send Strict-Transport-Security: max-age=31536000 once all of the site works over HTTPS.',
    },
    zh: {
      cause: '没有 Strict-Transport-Security：下次用 http:// 访问可能被劫持。',
      mend: '全站可用 HTTPS 后，请发送 Strict-Transport-Security: max-age=31536000。',
    },
  },
  'trace-hsts-short': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'Strict-Transport-Security holds for {seconds} s only.',
      mend: 'Take half a year or more (max-age=15768000).',
    },
    zh: { cause: 'Strict-Transport-Security 只有效 {seconds} 秒。', mend: '请设为半年以上（max-age=15768000）。' },
  },
  'trace-csp-missing': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'No Content-Security-Policy: a script that gets into the page may do anything.',
      mend: "Begin with Content-Security-Policy: default-src 'self' and widen it where needed.",
    },
    zh: {
      cause: '没有 Content-Security-Policy：混入页面的脚本可以为所欲为。',
      mend: "可从 Content-Security-Policy: default-src 'self' 开始，再按需放宽。",
    },
  },
  'trace-cookie-weak': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The cookie {cookie} lacks {missing}.',
      mend: 'Set Secure and HttpOnly, and SameSite=Lax, unless a script has to read it.',
    },
    zh: {
      cause: 'cookie {cookie} 缺少 {missing}。',
      mend: '除非脚本需要读取，请设置 Secure、HttpOnly 和 SameSite=Lax。',
    },
  },
  'trace-uncompressed': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: '{bytes} octets of {mediaType} came uncompressed.',
      mend: 'Switch gzip, Brotli or Zstandard on for text.',
    },
    zh: { cause: '{bytes} 字节的 {mediaType} 未经压缩。', mend: '请为文本启用 gzip、Brotli 或 Zstandard。' },
  },
  'trace-charset-missing': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'Nothing says in which charset this {mediaType} is written.',
      mend: 'Send Content-Type: {mediaType}; charset=utf-8.',
    },
    zh: { cause: '没有说明这份 {mediaType} 的字符集。', mend: '请发送 Content-Type: {mediaType}; charset=utf-8。' },
  },
  'trace-charset-wrong': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The content is not well-formed {charset}, though {from} says so.',
      mend: 'Send the charset that the file is really written in, best UTF-8.',
    },
    zh: {
      cause: '内容并非合法的 {charset}，尽管 {from} 如此声明。',
      mend: '请声明文件实际使用的字符集，最好是 UTF-8。',
    },
  },
  'trace-version-told': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: '{field} tells the exact version of the software: {value}.',
      mend: 'Leave the version out; it only helps to find known holes.',
    },
    zh: { cause: '{field} 暴露了软件的确切版本：{value}。', mend: '请隐藏版本号；它只会方便他人寻找已知漏洞。' },
  },
  'trace-surplus': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: '{bytes} octets came behind the end of the answer.',
      mend: 'Mend the framing of the server (Content-Length): they would be taken for the next answer.',
    },
    zh: {
      cause: '响应结束后又多出 {bytes} 字节。',
      mend: '请修正服务器的消息边界（Content-Length）：它们会被当作下一个响应。',
    },
  },
  // Page and close.
  'trace-not-a-page': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: '{mediaType} is no HTML: it has no files to fetch.',
      mend: 'Give the URL of an HTML page for --page.',
    },
    zh: { cause: '{mediaType} 不是 HTML：没有可获取的文件。', mend: '使用 --page 时请给出 HTML 页面的 URL。' },
  },
  'trace-mixed-content': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The page is https:// and loads {url} over http://: browsers block it, or show the page as insecure.',
      mend: 'Load it over https://.',
    },
    zh: {
      cause: '页面是 https://，却经 http:// 加载 {url}：浏览器会拦截，或把页面显示为不安全。',
      mend: '请改用 https:// 加载。',
    },
  },
  'trace-resource-failed': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: '{kind} {url} of the page does not load: {reason}.',
      mend: 'Mend its URL or the server that it is on.',
    },
    zh: { cause: '页面中的 {kind} {url} 无法加载：{reason}。', mend: '请修正其 URL 或所在的服务器。' },
  },
  'trace-page-limit': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'The page has {count} files; only the first {limit} were fetched.', mend: '' },
    zh: { cause: '页面有 {count} 个文件；只获取了前 {limit} 个。', mend: '' },
  },
  'trace-no-close-notify': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The server ended the connection without close_notify: whether all came cannot be told from TLS.',
      mend: 'Let the server say close_notify before FIN; content without a length could be cut unnoticed.',
    },
    zh: {
      cause: '服务器没有发送 close_notify 就结束连接：无法从 TLS 判断内容是否完整。',
      mend: '请让服务器在 FIN 之前发送 close_notify；没有长度的内容可能被悄悄截断。',
    },
  },
  'trace-packets-dropped': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: '{count} packets passed faster than they could be captured and are missing from the list of segments.',
      mend: 'Trace a smaller file to see every packet.',
    },
    zh: {
      cause: '有 {count} 个数据包来得太快未能捕获，报文段列表中缺少它们。',
      mend: '若要看到每个数据包，请跟踪较小的文件。',
    },
  },
  'trace-packets-forbidden': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The packets could not be captured: {reason}.',
      mend: 'Run as root or with CAP_NET_RAW, with tcpdump installed; everything else is told without them.',
    },
    zh: {
      cause: '无法捕获数据包：{reason}。',
      mend: '请以 root 或 CAP_NET_RAW 运行并安装 tcpdump；其余内容不受影响。',
    },
  },
} as const satisfies Catalog;
