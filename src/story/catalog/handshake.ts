import type { Catalog } from '../catalog.ts';

/** Handshakes that did not come about, what keeps a site's TLS from being set up, and revocation lists that fail. */
export const handshakeCatalog = {
  // What came instead of a ClientHello
  'handshake-closed-before-hello': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'The client connected and closed again without sending anything: a health check on TCP, or a port scan.',
      mend: 'If it is a balancer of yours, let it check over HTTPS; otherwise nothing needs doing.',
    },
    zh: {
      cause: '客户端连接后什么也没有发送就关闭了：通常是 TCP 健康检查或端口扫描。',
      mend: '如果这是您自己的负载均衡器，请让它通过 HTTPS 检查；否则无需处理。',
    },
  },
  'handshake-hello-cut-short': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client closed the connection in the middle of its ClientHello, after {byteLength} octets.',
      mend: 'If it repeats, look for a firewall or a path with a small MTU in between: large hellos fail there first.',
    },
    zh: {
      cause: '客户端在 ClientHello 发送到一半（{byteLength} 字节）时关闭了连接。',
      mend: '若反复出现，请检查途中的防火墙或 MTU 较小的链路：较大的 ClientHello 最先在那里失败。',
    },
  },
  'handshake-timed-out-before-hello': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'The client connected but did not send a whole ClientHello in time ({byteLength} octets came).',
      mend: 'Nothing needs doing unless honest clients are that slow: then raise timeouts.handshakeMs.',
    },
    zh: {
      cause: '客户端已连接，但没有及时发送完整的 ClientHello（收到 {byteLength} 字节）。',
      mend: '一般无需处理；如果正常的客户端也这么慢，请调大 timeouts.handshakeMs。',
    },
  },
  'handshake-plain-http': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client speaks plain HTTP ({sample}) on the HTTPS port.',
      mend: 'Write https:// in the URL, or point the client to the plain HTTP port.',
    },
    zh: {
      cause: '客户端在 HTTPS 端口上使用明文 HTTP（{sample}）。',
      mend: '请在网址中使用 https://，或让客户端连接明文 HTTP 端口。',
    },
  },
  'handshake-proxy-protocol': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'A PROXY protocol header came before TLS: the balancer in front adds one.',
      mend: 'Turn the PROXY protocol off in the balancer: this gateway does not take it.',
    },
    zh: {
      cause: 'TLS 之前收到了 PROXY 协议头：前面的负载均衡器添加了它。',
      mend: '请在负载均衡器上关闭 PROXY 协议：本网关不接受它。',
    },
  },
  'handshake-ssh': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client speaks SSH ({sample}) on the HTTPS port.',
      mend: "Use the SSH server's own port; if nobody here did this, it was a scan.",
    },
    zh: {
      cause: '客户端在 HTTPS 端口上使用 SSH（{sample}）。',
      mend: '请使用 SSH 服务器自己的端口；如果不是您的人所为，则是一次扫描。',
    },
  },
  'handshake-sslv2-hello': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause:
        'The client sent a hello in the format of SSLv2 (offering up to {version}), which no secure version allows.',
      mend: 'Update the client, or turn off its SSLv2 compatibility (in old Java: the protocol "SSLv2Hello").',
    },
    zh: {
      cause: '客户端发送了 SSLv2 格式的 hello（最高提供 {version}），任何安全的版本都不允许这样做。',
      mend: '请升级客户端，或关闭其 SSLv2 兼容模式（旧版 Java 中的 "SSLv2Hello" 协议）。',
    },
  },
  'handshake-without-hello': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause:
        'The first TLS record is no handshake ({sample}): the client goes on with a connection that is not this one.',
      mend: 'If it repeats, look for a balancer that moves connections from one server to another.',
    },
    zh: {
      cause: '第一个 TLS 记录不是握手（{sample}）：客户端在继续另一个连接。',
      mend: '若反复出现，请检查是否有负载均衡器把连接从一台服务器移到另一台。',
    },
  },
  'handshake-not-tls': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'What the client sent is not TLS; it starts with: {sample}',
      mend: 'Point the client to the right port; if nobody here did this, it was a scan.',
    },
    zh: {
      cause: '客户端发送的不是 TLS，开头是：{sample}',
      mend: '请让客户端连接正确的端口；如果不是您的人所为，则是一次扫描。',
    },
  },
  'handshake-malformed-hello': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The ClientHello breaks the rules of TLS: {field} ({problem}, octet {offset}).',
      mend: 'Update the client, or look for a device in between that rewrites TLS.',
    },
    zh: {
      cause: 'ClientHello 不符合 TLS 规范：{field}（{problem}，第 {offset} 字节）。',
      mend: '请升级客户端，或检查途中是否有改写 TLS 的设备。',
    },
  },
  'handshake-hello-too-large': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The ClientHello is larger than the {limitBytes} octets that are allowed.',
      mend: 'If the client is honest, raise limits.clientHelloBytes.',
    },
    zh: {
      cause: 'ClientHello 超过了允许的 {limitBytes} 字节。',
      mend: '如果客户端是正常的，请调大 limits.clientHelloBytes。',
    },
  },

  // Which site
  'handshake-unknown-name': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client asks for {serverName}, and no site here has that name.',
      mend: 'Add the site, or set a defaultSite; if the name is not yours, correct the DNS record that points here.',
    },
    zh: {
      cause: '客户端请求 {serverName}，而这里没有这个名称的站点。',
      mend: '请添加该站点或设置 defaultSite；如果该名称不属于您，请更正指向这里的 DNS 记录。',
    },
  },
  'handshake-no-name': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client names no host (no SNI), as when the URL holds an IP address, and there is no default site.',
      mend: 'Use the host name in the URL, or set a defaultSite for clients without SNI.',
    },
    zh: {
      cause: '客户端没有指明主机名（无 SNI），例如网址中使用了 IP 地址，而且没有默认站点。',
      mend: '请在网址中使用主机名，或为不支持 SNI 的客户端设置 defaultSite。',
    },
  },

  // No common ground
  'handshake-old-version': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client offers only {offered}; this site needs {minVersion} or newer.',
      mend: 'Update the client: versions before TLS 1.2 are broken and forbidden (RFC 8996).',
    },
    zh: {
      cause: '客户端只提供 {offered}；本站要求 {minVersion} 或更新的版本。',
      mend: '请升级客户端：TLS 1.2 之前的版本已被攻破并禁用（RFC 8996）。',
    },
  },
  'handshake-version-not-enabled': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The client offers only {offered}, and this site is set to {minVersion} up to {maxVersion}.',
      mend: 'To serve such clients, widen tls.minVersion and tls.maxVersion of the site; otherwise update the client.',
    },
    zh: {
      cause: '客户端只提供 {offered}，而本站设置为 {minVersion} 至 {maxVersion}。',
      mend: '若要服务这类客户端，请放宽该站点的 tls.minVersion 和 tls.maxVersion；否则请升级客户端。',
    },
  },
  'handshake-no-shared-cipher': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'Client and site share no cipher suite. The client offers {offered}; the site allows {allowed}.',
      mend: "Update the client; if its suites are sound, add one to the site's tls.ciphers.",
    },
    zh: {
      cause: '客户端与站点没有共同的密码套件。客户端提供 {offered}；站点允许 {allowed}。',
      mend: '请升级客户端；如果它提供的套件是安全的，请把其中一个加入该站点的 tls.ciphers。',
    },
  },
  'handshake-certificate-type': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        "The client cannot verify this site's kind of certificate ({keyTypes}): none of its suites or signatures fit.",
      mend: 'Give the site a second certificate with an RSA key beside the ECDSA one, or update the client.',
    },
    zh: {
      cause: '客户端无法验证本站这种类型的证书（{keyTypes}）：它提供的套件或签名算法都不适用。',
      mend: '请为站点在 ECDSA 证书之外再配一张 RSA 证书，或升级客户端。',
    },
  },
  'handshake-no-shared-group': {
    fault: 'client',
    severity: 'error',
    en: {
      cause:
        'Client and site share no group for the key exchange. The client offers {offered}; the site allows {allowed}.',
      mend: "Update the client, or add one of its groups to the site's tls.groups.",
    },
    zh: {
      cause: '客户端与站点没有共同的密钥交换组。客户端提供 {offered}；站点允许 {allowed}。',
      mend: '请升级客户端，或把它的某个组加入该站点的 tls.groups。',
    },
  },
  'handshake-no-shared-protocol': {
    fault: 'client',
    severity: 'error',
    en: {
      cause:
        'Client and site share no application protocol (ALPN). The client offers {offered}; the site speaks {allowed}.',
      mend: 'Let the client speak HTTP/1.1 or HTTP/2; a client for another protocol does not belong on this port.',
    },
    zh: {
      cause: '客户端与站点没有共同的应用层协议（ALPN）。客户端提供 {offered}；站点支持 {allowed}。',
      mend: '请让客户端使用 HTTP/1.1 或 HTTP/2；使用其他协议的客户端不应连接此端口。',
    },
  },
  'handshake-fallback': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause:
        'The client came back with an older version after a failure, although both ends know a newer one (RFC 7507).',
      mend: 'Update the client; if many clients do this, something in between breaks their first try.',
    },
    zh: {
      cause: '客户端在失败后改用旧版本重试，而双方其实都支持更新的版本（RFC 7507）。',
      mend: '请升级客户端；如果许多客户端都这样，说明途中有设备破坏了首次握手。',
    },
  },

  // The client says no
  'handshake-local-ca-untrusted': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client does not trust the local CA that issued the certificate of {site} (alert {alert}).',
      mend: 'Run `menshen trust` on that machine, or give the client the root file of the local CA.',
    },
    zh: {
      cause: '客户端不信任为 {site} 签发证书的本地 CA（警报 {alert}）。',
      mend: '请在那台机器上运行 `menshen trust`，或把本地 CA 的根证书文件交给客户端。',
    },
  },
  'handshake-unknown-ca': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The client finds no trusted issuer for the certificate of {site} (alert {alert}).',
      mend: 'See that the certificate file holds the intermediate certificates too; with a private CA, install its root in the client.',
    },
    zh: {
      cause: '客户端找不到 {site} 证书的可信签发者（警报 {alert}）。',
      mend: '请确认证书文件中也包含中间证书；如果使用私有 CA，请在客户端安装其根证书。',
    },
  },
  'handshake-certificate-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'The client refuses the certificate of {site} without saying why (alert {alert}): untrusted, wrong name, or expired.',
      mend: 'See whether the certificate covers {serverName}, is valid now and comes with its intermediates.',
    },
    zh: {
      cause: '客户端拒绝了 {site} 的证书，但没有说明原因（警报 {alert}）：可能不受信任、名称不符或已过期。',
      mend: '请检查证书是否覆盖 {serverName}、当前是否有效，以及是否附带中间证书。',
    },
  },
  'handshake-certificate-expired': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The client says that the certificate of {site} has expired.',
      mend: "Renew the certificate; if it is still valid, the client's clock is wrong.",
    },
    zh: {
      cause: '客户端称 {site} 的证书已过期。',
      mend: '请更新证书；如果证书仍有效，则是客户端的时钟不准。',
    },
  },
  'handshake-certificate-revoked': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The client says that the certificate of {site} has been revoked.',
      mend: 'Replace the certificate, with a new key.',
    },
    zh: { cause: '客户端称 {site} 的证书已被吊销。', mend: '请更换证书，并使用新的密钥。' },
  },
  'handshake-certificate-unsupported': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The client cannot use the kind of certificate that {site} has ({keyTypes}).',
      mend: 'Give the site a second certificate with an RSA key, or update the client.',
    },
    zh: {
      cause: '客户端无法使用 {site} 这种类型的证书（{keyTypes}）。',
      mend: '请为站点再配一张 RSA 证书，或升级客户端。',
    },
  },
  'handshake-client-alert': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The client ended the handshake with the alert {alert}.',
      mend: "Look into the client's own log for its reason.",
    },
    zh: { cause: '客户端以警报 {alert} 结束了握手。', mend: '请查看客户端自己的日志以了解原因。' },
  },
  'handshake-client-closed': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'The client closed the connection during the handshake without a word.',
      mend: 'Browsers do so behind a certificate warning, and scanners always; if it repeats, see whether the client trusts the certificate.',
    },
    zh: {
      cause: '客户端在握手过程中一言不发地关闭了连接。',
      mend: '浏览器显示证书警告时会这样，扫描器总是这样；若反复出现，请检查客户端是否信任该证书。',
    },
  },
  'handshake-timed-out': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'The handshake did not end in time: after its ClientHello, the client stopped answering.',
      mend: 'Check the network in between (a path that drops large packets looks like this), or raise timeouts.handshakeMs.',
    },
    zh: {
      cause: '握手没有及时完成：客户端发送 ClientHello 之后不再回应。',
      mend: '请检查途中的网络（丢弃大包的链路会有这种表现），或调大 timeouts.handshakeMs。',
    },
  },
  'handshake-broken-message': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'A handshake message of the client is wrong or was altered on its way: {reason}.',
      mend: 'Update the client, or look for a device in between that rewrites TLS.',
    },
    zh: {
      cause: '客户端的某条握手消息有误，或在途中被篡改：{reason}。',
      mend: '请升级客户端，或检查途中是否有改写 TLS 的设备。',
    },
  },
  'handshake-failed': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'OpenSSL ended the handshake: {reason}.',
      mend: 'Try the same with `openssl s_client -msg`; if the client is sound, report this line.',
    },
    zh: {
      cause: 'OpenSSL 结束了握手：{reason}。',
      mend: '请用 `openssl s_client -msg` 重试；如果客户端没有问题，请报告这一行日志。',
    },
  },
  'handshake-gateway-stopped': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'The gateway stopped before the handshake was complete.', mend: 'The client may try again.' },
    zh: { cause: '握手完成之前网关已停止。', mend: '客户端可以重试。' },
  },

  // Authorities and revocation lists of client certificates
  'client-certificate-root-missing': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'The client certificate cannot be checked: the site\'s CA bundle holds "{subject}" but not "{issuer}", which issued it, and a chain has to end at a root.',
      mend: 'Add the certificate of "{issuer}" to clientAuth.ca.',
    },
    zh: {
      cause: '无法检查客户端证书：站点的 CA 文件中有“{subject}”，却没有签发它的“{issuer}”，而证书链必须以根证书结束。',
      mend: '请把“{issuer}”的证书加入 clientAuth.ca。',
    },
  },
  'client-certificate-crl-missing': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "The client certificate cannot be checked: the site's revocation lists hold none of its issuer.",
      mend: 'Put a CRL of every CA in the bundle into clientAuth.crl, the root included.',
    },
    zh: {
      cause: '无法检查客户端证书：站点的吊销列表中没有其签发者的列表。',
      mend: '请把 CA 文件中每个 CA（包括根）的 CRL 放入 clientAuth.crl。',
    },
  },
  'client-certificate-crl-expired': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "The client certificate cannot be checked: the site's revocation list is past its next update.",
      mend: 'Fetch a fresh CRL into clientAuth.crl, before the old one runs out each time.',
    },
    zh: {
      cause: '无法检查客户端证书：站点的吊销列表已过下次更新时间。',
      mend: '请为 clientAuth.crl 获取新的 CRL，并在每次到期之前更新。',
    },
  },
  'client-certificate-crl-invalid': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "The client certificate cannot be checked: the site's revocation list is not valid ({reason}).",
      mend: 'See that clientAuth.crl was issued by the CA in clientAuth.ca and is valid now.',
    },
    zh: {
      cause: '无法检查客户端证书：站点的吊销列表无效（{reason}）。',
      mend: '请确认 clientAuth.crl 由 clientAuth.ca 中的 CA 签发且当前有效。',
    },
  },

  // What keeps a site's TLS from being set up
  'tls-no-certificate': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'The site {site} has no certificate.', mend: 'Give it one, or leave it to the local CA.' },
    zh: { cause: '站点 {site} 没有证书。', mend: '请为它提供证书，或交给本地 CA 签发。' },
  },
  'tls-certificate-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Certificate {number} of the site {site} cannot be read: {reason}',
      mend: 'Give a PEM file with the leaf first, then its intermediates.',
    },
    zh: {
      cause: '站点 {site} 的第 {number} 张证书无法读取：{reason}',
      mend: '请提供 PEM 文件，叶证书在前，随后是中间证书。',
    },
  },
  'tls-key-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The private key of certificate {number} of the site {site} cannot be read: {reason}',
      mend: 'Give an unencrypted private key as a PEM file.',
    },
    zh: {
      cause: '站点 {site} 第 {number} 张证书的私钥无法读取：{reason}',
      mend: '请提供未加密的 PEM 私钥文件。',
    },
  },
  'tls-key-mismatch': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Certificate {number} of the site {site} and its private key do not belong together.',
      mend: 'Give the key with which the certificate was requested.',
    },
    zh: {
      cause: '站点 {site} 的第 {number} 张证书与其私钥不匹配。',
      mend: '请提供申请该证书时所用的私钥。',
    },
  },
  'tls-key-type-twice': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The site {site} has two certificates with the same type of key ({keyType}).',
      mend: 'Keep one certificate for each type: one ECDSA, one RSA.',
    },
    zh: {
      cause: '站点 {site} 有两张密钥类型相同（{keyType}）的证书。',
      mend: '每种类型请只保留一张：一张 ECDSA，一张 RSA。',
    },
  },
  'tls-staple-unusable': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The OCSP response that was to be stapled for {site} cannot be used: {reason}.',
      mend: 'Serve the certificate without it, and fetch another response from the CA.',
    },
    zh: {
      cause: '准备为 {site} 装订的 OCSP 响应无法使用：{reason}。',
      mend: '请先不装订该响应提供证书，并向 CA 重新获取。',
    },
  },
  'challenge-certificate-unusable': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The certificate that was to answer the TLS-ALPN-01 challenge for {name} cannot be used: {reason}.',
      mend: 'This is a fault of the program that made it: please report it.',
    },
    zh: {
      cause: '用于回应 {name} 的 TLS-ALPN-01 质询的证书无法使用：{reason}。',
      mend: '这是生成该证书的程序的错误，请报告。',
    },
  },
  'challenge-handshake': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'A CA at {peer} checked {name} by TLS-ALPN-01 and saw the answer.', mend: '' },
    zh: { cause: '位于 {peer} 的 CA 通过 TLS-ALPN-01 检查了 {name}，并得到了应答。', mend: '' },
  },
  'certificate-for-no-site': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'A certificate came for {site}, which is no site of the configuration in force.',
      mend: 'Nothing needs doing if the site was taken out of the configuration lately.',
    },
    zh: {
      cause: '收到了 {site} 的证书，但当前配置中没有这个站点。',
      mend: '如果刚从配置中移除该站点，则无需处理。',
    },
  },
  'tls-client-ca-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The CA bundle for client certificates of the site {site} cannot be read: {reason}',
      mend: 'Give a PEM file with the certificates of the authorities.',
    },
    zh: {
      cause: '站点 {site} 用于客户端证书的 CA 文件无法读取：{reason}',
      mend: '请提供包含各 CA 证书的 PEM 文件。',
    },
  },
  'tls-crl-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The revocation list of the site {site} cannot be read: {reason}',
      mend: 'Give a CRL as PEM or DER.',
    },
    zh: { cause: '站点 {site} 的吊销列表无法读取：{reason}', mend: '请提供 PEM 或 DER 格式的 CRL。' },
  },
  'tls-groups-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The site {site} names groups that OpenSSL {openssl} does not know: {groups}',
      mend: 'Correct tls.groups, for example X25519:P-256:P-384.',
    },
    zh: {
      cause: '站点 {site} 指定了 OpenSSL {openssl} 不认识的组：{groups}',
      mend: '请更正 tls.groups，例如 X25519:P-256:P-384。',
    },
  },
  'tls-settings-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'OpenSSL refuses the TLS settings of the site {site}: {reason}',
      mend: 'Correct tls.ciphers and the versions of the site, or take a profile.',
    },
    zh: {
      cause: 'OpenSSL 拒绝站点 {site} 的 TLS 设置：{reason}',
      mend: '请更正该站点的 tls.ciphers 和版本设置，或改用预设配置。',
    },
  },
} as const satisfies Catalog;
