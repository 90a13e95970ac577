import type { Catalog } from '../catalog.ts';

/** What `menshen verify` tells beyond the certificate's own faults: stores, fetching, the connection, checks that pass. */
export const verifyCatalog = {
  // Trust stores.
  'trust-store-unreadable': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'The trust store {file} cannot be read.', mend: 'Check the path and who may read it.' },
    zh: { cause: '无法读取信任库 {file}。', mend: '请检查路径和读取权限。' },
  },
  'trust-store-malformed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{file} is not a well-formed {format} file: {problem} in {field}, at octet {offset}.',
      mend: 'Give a PEM or DER certificate, a PKCS#12 file, a Java key store, or a folder of certificates.',
    },
    zh: {
      cause: '{file} 不是格式正确的 {format} 文件：第 {offset} 字节处的 {field} 存在问题（{problem}）。',
      mend: '请提供 PEM 或 DER 证书、PKCS#12 文件、Java 密钥库，或存放证书的文件夹。',
    },
  },
  'trust-store-password': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The password does not open {file}, or the file was changed.',
      mend: 'Give the right one with --trust-password; without it "changeit" and the empty one are tried.',
    },
    zh: {
      cause: '密码无法打开 {file}，或该文件被改动过。',
      mend: '请用 --trust-password 给出正确的密码；未给出时会尝试 “changeit” 和空密码。',
    },
  },
  'trust-store-encryption-unsupported': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{file} is sealed with an algorithm that is not supported here: {algorithm}.',
      mend: 'Export the certificates as PEM, or as PKCS#12 with AES.',
    },
    zh: {
      cause: '{file} 使用了此处不支持的加密算法：{algorithm}。',
      mend: '请将证书导出为 PEM，或使用 AES 的 PKCS#12。',
    },
  },
  'trust-store-empty': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{file} holds no certificate to trust.',
      mend: 'Give a file with the root certificates; a private key and its own certificate are no trust anchors.',
    },
    zh: { cause: '{file} 中没有可供信任的证书。', mend: '请提供包含根证书的文件；私钥及其自身的证书不是信任锚。' },
  },
  'trust-store-unchecked': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'Whether {file} was changed could not be checked: its password is not "changeit".',
      mend: 'Give its password with --trust-password.',
    },
    zh: {
      cause: '无法检查 {file} 是否被改动过：它的密码不是 “changeit”。',
      mend: '请用 --trust-password 给出其密码。',
    },
  },
  'trust-store-passed-over': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'Certificates in {file} that are not well-formed were passed over: {count}.',
      mend: 'Replace them if a site needs them.',
    },
    zh: { cause: '{file} 中有 {count} 个编码有误的证书被跳过。', mend: '如有网站需要它们，请替换。' },
  },
  'trust-everything': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'Every issuer is trusted, as asked: anyone who can get in between could pose as this server unnoticed.',
      mend: 'Use this for looking only; name the roots to trust with --trust.',
    },
    zh: {
      cause: '已按要求信任所有签发者：任何能介入连接的人都可以冒充该服务器而不被发现。',
      mend: '请仅用于查看；用 --trust 指定要信任的根证书。',
    },
  },

  // Files to judge.
  'verify-file-unreadable': {
    fault: 'config',
    severity: 'error',
    en: { cause: '{file} cannot be read.', mend: 'Check the path and who may read it.' },
    zh: { cause: '无法读取 {file}。', mend: '请检查路径和读取权限。' },
  },
  'verify-file-empty': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{file} holds no certificate.',
      mend: 'Give a PEM or DER file with the certificate first and its chain after it.',
    },
    zh: { cause: '{file} 中没有证书。', mend: '请提供 PEM 或 DER 文件：先是该证书，之后是证书链。' },
  },
  'verify-file-malformed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{file} is not well-formed: {problem} in {field}, at octet {offset}.',
      mend: 'Have the file made anew.',
    },
    zh: { cause: '{file} 编码有误：第 {offset} 字节处的 {field} 存在问题（{problem}）。', mend: '请重新生成该文件。' },
  },
  'verify-sent-malformed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'Certificate {number} that the server sent is not well-formed: {problem} in {field}, at octet {offset}.',
      mend: 'Have it issued anew by software that encodes certificates correctly.',
    },
    zh: {
      cause: '服务器发送的第 {number} 个证书编码有误：第 {offset} 字节处的 {field} 存在问题（{problem}）。',
      mend: '请用能正确编码证书的软件重新签发。',
    },
  },
  'verify-target-unclear': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: '"{target}" is neither a file nor a host with an optional port.',
      mend: 'Write example.com, example.com:8443, [2001:db8::1]:443, or the path of a file that is there.',
    },
    zh: {
      cause: '“{target}”既不是文件，也不是可带端口的主机。',
      mend: '请写成 example.com、example.com:8443、[2001:db8::1]:443，或现有文件的路径。',
    },
  },
  'verify-name-unclear': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: '"{name}" is no host name and no IP address.',
      mend: 'Give the name that the certificate is to be for.',
    },
    zh: { cause: '“{name}”既不是主机名也不是 IP 地址。', mend: '请给出证书应当适用的名称。' },
  },
  'verify-time-unclear': {
    fault: 'client',
    severity: 'error',
    en: { cause: '"{time}" is no date.', mend: 'Write it as 2026-01-31 or 2026-01-31T12:00:00Z.' },
    zh: { cause: '“{time}”不是日期。', mend: '请写成 2026-01-31 或 2026-01-31T12:00:00Z。' },
  },

  // The connection.
  'verify-unresolved': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name {host} has no address ({reason}).',
      mend: 'Check the spelling, and the DNS of the domain with: dig {host}',
    },
    zh: { cause: '名称 {host} 没有地址（{reason}）。', mend: '请检查拼写，并用 dig {host} 检查该域名的 DNS。' },
  },
  'verify-refused': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{address} refuses connections on port {port}.',
      mend: 'Check that the server runs and listens there, and that no firewall rejects.',
    },
    zh: { cause: '{address} 的 {port} 端口拒绝连接。', mend: '请确认服务器正在该处监听，且没有被防火墙拒绝。' },
  },
  'verify-timeout': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'No handshake with {address} port {port} within {seconds} s; it got as far as: {stage}.',
      mend: 'Check the firewall and the route to the server, or give it more time with --timeout.',
    },
    zh: {
      cause: '在 {seconds} 秒内未能与 {address} 的 {port} 端口完成握手；进行到：{stage}。',
      mend: '请检查防火墙和到服务器的路由，或用 --timeout 给予更多时间。',
    },
  },
  'verify-unreachable': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'No connection to {address} port {port} ({reason}).',
      mend: 'Check the route to the server and whether it speaks TLS on that port.',
    },
    zh: {
      cause: '无法连接 {address} 的 {port} 端口（{reason}）。',
      mend: '请检查到服务器的路由，以及该端口是否使用 TLS。',
    },
  },
  'verify-not-tls': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '{address} port {port} does not speak TLS; it answered: {answer}',
      mend: 'Give the port for HTTPS, usually 443.',
    },
    zh: {
      cause: '{address} 的 {port} 端口不使用 TLS；它的回答是：{answer}',
      mend: '请给出 HTTPS 的端口，通常是 443。',
    },
  },
  'verify-handshake-failed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server ended the handshake before it sent a certificate: {reason}.',
      mend: 'Check its TLS versions and ciphers, and whether it knows the name {serverName}.',
    },
    zh: {
      cause: '服务器在发送证书之前结束了握手：{reason}。',
      mend: '请检查其 TLS 版本和密码套件，以及它是否认识名称 {serverName}。',
    },
  },
  'verify-certificate-unseen': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The server\u2019s Certificate message could not be read from the handshake ({reason}).',
      mend: 'Report this with the server\u2019s address; it is a defect here or a handshake of an unknown kind.',
    },
    zh: {
      cause: '无法从握手中读取服务器的 Certificate 消息（{reason}）。',
      mend: '请连同服务器地址一起报告；这是本程序的缺陷，或一种未知的握手。',
    },
  },
  'verify-client-certificate-asked': {
    fault: 'client',
    severity: 'info',
    en: {
      cause:
        'The server asks for a client certificate and got none; it let the handshake pass and may refuse requests.',
      mend: 'Give one with --client-cert and --client-key.',
    },
    zh: {
      cause: '服务器要求客户端证书而没有得到；它让握手通过，但可能拒绝请求。',
      mend: '请用 --client-cert 和 --client-key 提供。',
    },
  },
  'verify-client-certificate-required': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The server insists on a client certificate and ended the connection without one ({alert}).',
      mend: 'Give one that its CA issued with --client-cert and --client-key.',
    },
    zh: {
      cause: '服务器强制要求客户端证书，因未提供而结束了连接（{alert}）。',
      mend: '请用 --client-cert 和 --client-key 提供由其 CA 签发的证书。',
    },
  },
  'verify-client-certificate-refused': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The server refused the client certificate: {alert}.',
      mend: 'Use one that is in date, not revoked, and issued by a CA that the server accepts.',
    },
    zh: {
      cause: '服务器拒绝了客户端证书：{alert}。',
      mend: '请使用在有效期内、未被吊销、由服务器接受的 CA 签发的证书。',
    },
  },
  'verify-client-certificate-unusable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The client certificate {file} cannot be used: {reason}.',
      mend: 'Give a PEM file with certificate and key (or the key with --client-key), or a PKCS#12 file and its password.',
    },
    zh: {
      cause: '客户端证书 {file} 无法使用：{reason}。',
      mend: '请提供含证书和密钥的 PEM 文件（或用 --client-key 给出密钥），或 PKCS#12 文件及其密码。',
    },
  },

  // Trust.
  'certificate-root-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The chain ends at "{subject}", whose issuer "{issuer}" is not in the trust store.',
      mend: 'If you know and trust "{issuer}", give its certificate (`menshen verify --trust FILE`, `menshen trace --cacert FILE`); if it is an intermediate, let the server send it.',
    },
    zh: {
      cause: '证书链终止于“{subject}”，其签发者“{issuer}”不在信任库中。',
      mend: '如果您认识并信任“{issuer}”，请给出其证书（`menshen verify --trust FILE`、`menshen trace --cacert FILE`）；如果它是中间证书，请让服务器发送它。',
    },
  },
  'certificate-self-signed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate "{subject}" is self-signed: nobody but the server itself says that it is genuine.',
      mend: 'Let the server get a certificate of a CA (a gateway of Menshen does so by itself). If it is your own and meant so, trust this one: `menshen trace --cacert FILE`, `menshen verify --trust FILE`.',
    },
    zh: {
      cause: '证书“{subject}”是自签名的：除了服务器自己，没有谁能证明它是真的。',
      mend: '请让服务器取得 CA 签发的证书（Menshen 网关会自动完成）。如果这是您自己有意使用的证书，可以单独信任它：`menshen trace --cacert FILE`、`menshen verify --trust FILE`。',
    },
  },
  'certificate-local-root-untrusted': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'The certificate "{subject}" comes from "{issuer}", the local CA of a Menshen gateway, and its root is not in the trust store.',
      mend: 'If it is your gateway, run `menshen trust` on this machine, or name its root, local-ca/root.pem in the state folder: `menshen trace --cacert FILE`, `menshen verify --trust FILE`. For visitors from elsewhere it needs a certificate of a public CA.',
    },
    zh: {
      cause: '证书“{subject}”由“{issuer}”签发，这是某个 Menshen 网关的本地 CA，而它的根证书不在信任库中。',
      mend: '如果这是您的网关，请在本机运行 `menshen trust`，或指定其根证书（状态文件夹中的 local-ca/root.pem）：`menshen trace --cacert FILE`、`menshen verify --trust FILE`。若要供外部访问，则需要公共 CA 签发的证书。',
    },
  },

  // Fetching.
  'fetch-failed': {
    fault: 'network',
    severity: 'warning',
    en: {
      cause: 'The {kind} for "{subject}" could not be had from {url} ({reason}).',
      mend: 'Check that this machine may reach that address; if so, the CA is at fault.',
    },
    zh: {
      cause: '无法从 {url} 获取“{subject}”的 {kind}（{reason}）。',
      mend: '请确认本机可以访问该地址；如果可以，则是 CA 的问题。',
    },
  },
  'fetch-malformed': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: 'What {url} answered for "{subject}" is no {kind}: {problem} in {field}, at octet {offset}.',
      mend: 'Tell the CA, unless something in between answers in its place.',
    },
    zh: {
      cause: '{url} 对“{subject}”的回答不是 {kind}：第 {offset} 字节处的 {field} 存在问题（{problem}）。',
      mend: '请告知 CA，除非有中间设备代为回答。',
    },
  },
  'staple-malformed': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause:
        'The OCSP answer that the server stapled for "{subject}" is not well-formed: {problem} in {field}, at octet {offset}.',
      mend: 'Let the server fetch a fresh one from its CA.',
    },
    zh: {
      cause: '服务器为“{subject}”附带的 OCSP 回答编码有误：第 {offset} 字节处的 {field} 存在问题（{problem}）。',
      mend: '请让服务器从其 CA 重新获取。',
    },
  },

  // Checks that pass, and what is told beside them.
  'check-in-date': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'In date: every certificate of the path; "{subject}" is the first to expire, on {notAfter} ({left} left).',
      mend: '',
    },
    zh: {
      cause: '有效期：路径上的证书都在有效期内；最先过期的是“{subject}”，于 {notAfter}（剩余 {left}）。',
      mend: '',
    },
  },
  'check-expiring': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: '"{subject}" expires on {notAfter}: {left} left, less than a sixth of its life.',
      mend: 'Renew it; renewal should have happened after two thirds of its life.',
    },
    zh: {
      cause: '“{subject}”将于 {notAfter} 过期：剩余 {left}，不足其有效期的六分之一。',
      mend: '请续期；本应在有效期过去三分之二时续期。',
    },
  },
  'check-trusted': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'Issued by someone trusted: the path ends at "{anchor}", in {store}.', mend: '' },
    zh: { cause: '签发者可信：路径终止于“{anchor}”，位于 {store}。', mend: '' },
  },
  'check-name': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'For this name: the certificate is for {name}.', mend: '' },
    zh: { cause: '名称相符：证书适用于 {name}。', mend: '' },
  },
  'check-name-unasked': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'The name was not checked: none was given.', mend: 'Give one with --name.' },
    zh: { cause: '未检查名称：没有给出名称。', mend: '请用 --name 给出。' },
  },
  'check-not-revoked': {
    fault: 'ca',
    severity: 'info',
    en: { cause: 'Not revoked: "{subject}", says the {source} of {thisUpdate}.', mend: '' },
    zh: { cause: '未被吊销：{thisUpdate} 的 {source} 证实“{subject}”有效。', mend: '' },
  },
  'check-revocation-unasked': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Revocation was not looked at, as asked.', mend: '' },
    zh: { cause: '已按要求不检查吊销状态。', mend: '' },
  },
  'check-revocation-unknown': {
    fault: 'network',
    severity: 'warning',
    en: {
      cause: 'Whether "{subject}" is revoked is not known: no usable answer was to be had. That does not decide here.',
      mend: 'Insist on an answer with --revocation hard.',
    },
    zh: {
      cause: '不知道“{subject}”是否已被吊销：没有得到可用的回答。此处不据此判定。',
      mend: '如需强制要求，请使用 --revocation hard。',
    },
  },
  'check-revocation-nowhere': {
    fault: 'ca',
    severity: 'info',
    en: {
      cause: '"{subject}" names no CRL and no OCSP responder: nobody can find out whether it is revoked.',
      mend: '',
    },
    zh: { cause: '“{subject}”没有写明 CRL 或 OCSP 响应方：无从得知它是否已被吊销。', mend: '' },
  },
  'check-purpose': {
    fault: 'ca',
    severity: 'info',
    en: { cause: 'Allowed for this: purposes, key usages and constraints of the path permit {purpose}.', mend: '' },
    zh: { cause: '用途相符：路径上的用途、密钥用途和约束均允许 {purpose}。', mend: '' },
  },
  'check-strength': {
    fault: 'ca',
    severity: 'info',
    en: { cause: 'Strong: every key and every signature of the path.', mend: '' },
    zh: { cause: '强度足够：路径上的每个密钥和签名都足够强。', mend: '' },
  },
  'check-form': {
    fault: 'ca',
    severity: 'info',
    en: { cause: 'Well-formed: every certificate of the path.', mend: '' },
    zh: { cause: '格式正确：路径上的每个证书编码都正确。', mend: '' },
  },
  'check-sent-right': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'Sent as it should be: the leaf first, each certificate followed by its issuer, no root.', mend: '' },
    zh: { cause: '发送方式正确：先是叶证书，每张证书之后是其签发者，没有根证书。', mend: '' },
  },

  // OpenSSL beside ours.
  'openssl-agrees': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'OpenSSL comes to the same verdict: {verdict}.', mend: '' },
    zh: { cause: 'OpenSSL 的判断相同：{verdict}。', mend: '' },
  },
  'openssl-unasked': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'OpenSSL was not asked: {reason}.', mend: '' },
    zh: { cause: '没有询问 OpenSSL：{reason}。', mend: '' },
  },
  'openssl-blind-revocation': {
    fault: 'client',
    severity: 'info',
    en: {
      cause:
        'OpenSSL says "{verdict}": it was not given CRLs and does not fetch them, so that it knows of no revocation.',
      mend: '',
    },
    zh: { cause: 'OpenSSL 的判断是“{verdict}”：它没有得到 CRL，也不会自行获取，因此不知道吊销情况。', mend: '' },
  },
  'openssl-blind-rules': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'OpenSSL says "{verdict}": it does not apply the rule that is broken here; browsers and we do.',
      mend: '',
    },
    zh: { cause: 'OpenSSL 的判断是“{verdict}”：它不检查这里违反的规则，而浏览器和本程序会检查。', mend: '' },
  },
  'openssl-does-not-fetch': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'OpenSSL says "{verdict}": it does not fetch the missing intermediate certificate, which we did.',
      mend: '',
    },
    zh: { cause: 'OpenSSL 的判断是“{verdict}”：它不会获取缺少的中间证书，而本程序获取了。', mend: '' },
  },
  'openssl-wants-root': {
    fault: 'client',
    severity: 'info',
    en: {
      cause:
        'OpenSSL says "{verdict}": it trusts self-signed roots only, and the path ends at "{anchor}", which is none.',
      mend: '',
    },
    zh: { cause: 'OpenSSL 的判断是“{verdict}”：它只信任自签名的根证书，而路径终止于非自签名的“{anchor}”。', mend: '' },
  },
  'openssl-differs': {
    fault: 'gateway',
    severity: 'warning',
    en: {
      cause: 'OpenSSL comes to another verdict: {verdict}. Why is not known here.',
      mend: 'Report this with the chain (--json holds it); one of the two is wrong.',
    },
    zh: {
      cause: 'OpenSSL 的判断不同：{verdict}。原因未知。',
      mend: '请连同证书链（见 --json）一起报告；两者之一有误。',
    },
  },

  // A gateway's own chain, looked at when it is loaded.
  'site-chain-incomplete': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause:
        'The certificate file {file} of site {site} ends at "{subject}"; "{issuer}", which issued it, is neither in the file nor a root of this system. Most clients will refuse the site.',
      mend: 'Append the missing intermediate certificate to the file (CAs call that file fullchain).',
    },
    zh: {
      cause:
        '站点 {site} 的证书文件 {file} 终止于“{subject}”；签发它的“{issuer}”既不在文件中，也不是本系统的根证书。多数客户端会拒绝该站点。',
      mend: '请把缺少的中间证书追加到该文件（CA 通常称之为 fullchain）。',
    },
  },
  'site-chain-disorder': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause:
        'In the certificate file {file} of site {site}, "{subject}" does not stand after the certificate that it issued.',
      mend: 'Put the site\u2019s own certificate first and after each certificate its issuer.',
    },
    zh: {
      cause: '站点 {site} 的证书文件 {file} 中，“{subject}”没有紧跟在它所签发的证书之后。',
      mend: '请把站点自己的证书放在最前，每张证书之后放其签发者。',
    },
  },
  'site-certificate-expiring': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'The certificate {file} of site {site} expires on {notAfter}: {left} left, less than a sixth of its life.',
      mend: 'Renew it; the gateway loads the new file by itself.',
    },
    zh: {
      cause: '站点 {site} 的证书 {file} 将于 {notAfter} 过期：剩余 {left}，不足其有效期的六分之一。',
      mend: '请续期；网关会自行加载新文件。',
    },
  },
} as const satisfies Catalog;
