import type { Catalog } from '../catalog.ts';

/** What the two sides of a TLS handshake agreed on, and why that is good or bad. */
export const tlsChoicesCatalog = {
  // Version.
  'tls-version-best': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: '{version} was chosen, the newest: one round trip, every suite sound, certificates encrypted.',
      mend: '',
    },
    zh: { cause: '选择了最新版本 {version}：一次往返、所有套件均可靠、证书加密传输。', mend: '' },
  },
  'tls-version-older': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: '{version} was chosen although {offered} was offered: sound with the right suites, a round trip slower.',
      mend: 'Switch TLS 1.3 on at the server.',
    },
    zh: {
      cause: '客户端提供了 {offered}，但选择了 {version}：配合合适的套件仍然可靠，只是多一次往返。',
      mend: '请在服务器上启用 TLS 1.3。',
    },
  },
  'tls-version-capped': {
    fault: 'client',
    severity: 'info',
    en: { cause: '{version} was chosen, the newest that this client offered.', mend: '' },
    zh: { cause: '选择了 {version}，这是本客户端提供的最新版本。', mend: '' },
  },
  'tls-version-obsolete': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: '{version} was chosen, which RFC 8996 took out of use in 2021; browsers refuse it.',
      mend: 'Switch TLS 1.2 and 1.3 on at the server, and the older ones off.',
    },
    zh: {
      cause: '选择了 {version}，该版本已于 2021 年被 RFC 8996 废止，浏览器会拒绝它。',
      mend: '请在服务器上启用 TLS 1.2 和 1.3，并停用更旧的版本。',
    },
  },
  // Key exchange.
  'tls-key-exchange-ephemeral': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause:
        'Keys were agreed with {exchange} over {group}: made for this connection only, so that a server key stolen later opens nothing of it.',
      mend: '',
    },
    zh: {
      cause: '密钥通过 {exchange}（{group}）协商，仅用于此连接：即使日后服务器私钥泄露，也无法解开本次通信。',
      mend: '',
    },
  },
  'tls-key-exchange-post-quantum': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause:
        'Keys were agreed over {group}, a hybrid that also withstands quantum computers: what is recorded today stays closed.',
      mend: '',
    },
    zh: { cause: '密钥通过 {group} 协商，这是可抵御量子计算机的混合方案：今天被录下的流量将来也无法解开。', mend: '' },
  },
  'tls-key-exchange-static': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause:
        'The keys were agreed with {exchange}, under the server’s long-lived key: whoever gets that key can read this connection from a recording.',
      mend: 'Allow ECDHE suites only at the server, or TLS 1.3.',
    },
    zh: {
      cause: '密钥通过 {exchange} 协商，依赖服务器的长期私钥：得到该私钥的人可以从录下的流量中读出本次通信。',
      mend: '请在服务器上只允许 ECDHE 套件，或启用 TLS 1.3。',
    },
  },
  'tls-key-exchange-anonymous': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The suite {cipherSuite} proves nobody’s identity: anyone between the two ends can be the server.',
      mend: 'Take anonymous suites out at the server.',
    },
    zh: {
      cause: '套件 {cipherSuite} 不验证任何一方的身份：中间的任何人都可以冒充服务器。',
      mend: '请在服务器上移除匿名套件。',
    },
  },
  'tls-key-exchange-small-prime': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The Diffie-Hellman prime has {bits} bits; below 2048 it can be broken by those with means (Logjam).',
      mend: 'Use ECDHE, or ffdhe2048 or larger, at the server.',
    },
    zh: {
      cause: 'Diffie-Hellman 素数只有 {bits} 位；低于 2048 位时，有足够资源者可以破解（Logjam）。',
      mend: '请在服务器上改用 ECDHE，或使用 ffdhe2048 及更大的参数。',
    },
  },
  'tls-key-exchange-weak-curve': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The curve {group} gives less than 112 bits of security.',
      mend: 'Use x25519 or secp256r1 at the server.',
    },
    zh: { cause: '曲线 {group} 提供的安全强度不足 112 位。', mend: '请在服务器上使用 x25519 或 secp256r1。' },
  },
  'tls-hello-retry': {
    fault: 'client',
    severity: 'info',
    en: {
      cause:
        'The server asked for another key share: the client had sent keys for {sent}, the server wants {wanted}. That cost one more round trip.',
      mend: 'Let the client send a key for {wanted} first, or allow {sent} at the server.',
    },
    zh: {
      cause: '服务器要求另一个密钥份额：客户端发送的是 {sent}，服务器需要 {wanted}，因此多花了一次往返。',
      mend: '请让客户端优先发送 {wanted} 的密钥，或在服务器上允许 {sent}。',
    },
  },
  'tls-hello-retry-cookie': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause:
        'The server sent a cookie and asked for the hello once more, to see that the client is where it says. That cost one more round trip.',
      mend: '',
    },
    zh: { cause: '服务器发送了 cookie 并要求重新发送 ClientHello，以确认客户端的地址，因此多花了一次往返。', mend: '' },
  },
  // Cipher.
  'tls-cipher-sound': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'Records are sealed with {cipher}, which encrypts and authenticates at once (AEAD).', mend: '' },
    zh: { cause: '记录使用 {cipher} 保护，加密与认证同时完成（AEAD）。', mend: '' },
  },
  'tls-cipher-short-tag': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: '{cipher} authenticates with eight octets instead of sixteen, meant for small devices.',
      mend: 'Use GCM or ChaCha20-Poly1305 where the devices can.',
    },
    zh: {
      cause: '{cipher} 的认证标签只有 8 字节而非 16 字节，是为小型设备设计的。',
      mend: '在设备允许时请使用 GCM 或 ChaCha20-Poly1305。',
    },
  },
  'tls-cipher-cbc': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause:
        '{cipher} with a separate {hash} MAC checked after decryption was chosen: the order that Lucky 13 and POODLE used.',
      mend: 'Put GCM or ChaCha20-Poly1305 suites first at the server.',
    },
    zh: {
      cause: '选择了 {cipher}，并在解密之后才校验单独的 {hash} MAC：这正是 Lucky 13 和 POODLE 所利用的顺序。',
      mend: '请在服务器上优先使用 GCM 或 ChaCha20-Poly1305 套件。',
    },
  },
  'tls-cipher-cbc-encrypt-then-mac': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: '{cipher} with {hash} was chosen, an old kind of cipher; encrypt_then_mac takes its worst away.',
      mend: 'Put GCM or ChaCha20-Poly1305 suites first at the server.',
    },
    zh: {
      cause: '选择了较旧的 {cipher} 与 {hash}；encrypt_then_mac 扩展消除了其主要弱点。',
      mend: '请在服务器上优先使用 GCM 或 ChaCha20-Poly1305 套件。',
    },
  },
  'tls-cipher-broken': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The suite {cipherSuite} is broken or encrypts nothing.',
      mend: 'Allow only GCM and ChaCha20-Poly1305 suites at the server.',
    },
    zh: {
      cause: '套件 {cipherSuite} 已被攻破或根本不加密。',
      mend: '请在服务器上只允许 GCM 和 ChaCha20-Poly1305 套件。',
    },
  },
  'tls-signature-weak': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The {peer} signed the handshake with {scheme}; SHA-1 and MD5 can be forged.',
      mend: 'Let both sides sign with SHA-256 or better.',
    },
    zh: {
      cause: '{peer} 使用 {scheme} 对握手签名；SHA-1 和 MD5 可以被伪造。',
      mend: '请让双方使用 SHA-256 或更强的算法签名。',
    },
  },
  // Extensions.
  'tls-server-name-unacknowledged': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause:
        'The server did not acknowledge the name {serverName} of the hello: it may have a single certificate for all names.',
      mend: '',
    },
    zh: { cause: '服务器没有确认 ClientHello 中的名称 {serverName}：它可能对所有名称使用同一张证书。', mend: '' },
  },
  'tls-server-name-absent': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'The hello named no server (no SNI): the server answers with its default certificate.', mend: '' },
    zh: { cause: 'ClientHello 没有包含服务器名称（无 SNI）：服务器会用默认证书应答。', mend: '' },
  },
  'tls-protocol-agreed': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'Both sides agreed to speak {protocol} (ALPN); the client had offered {offered}.', mend: '' },
    zh: { cause: '双方通过 ALPN 商定使用 {protocol}；客户端提供了 {offered}。', mend: '' },
  },
  'tls-protocol-ignored': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'The server did not answer the protocols offered ({offered}): HTTP/1.1 is spoken.',
      mend: 'Switch ALPN and HTTP/2 on at the server.',
    },
    zh: {
      cause: '服务器没有回应客户端提供的协议（{offered}）：将使用 HTTP/1.1。',
      mend: '请在服务器上启用 ALPN 和 HTTP/2。',
    },
  },
  'tls-renegotiation-insecure': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause:
        'The server does not know secure renegotiation (RFC 5746): somebody in between may put octets before the client’s.',
      mend: 'Update the server’s TLS library.',
    },
    zh: {
      cause: '服务器不支持安全重协商（RFC 5746）：中间人可能在客户端数据之前插入内容。',
      mend: '请更新服务器的 TLS 库。',
    },
  },
  'tls-extended-master-secret-missing': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The master secret is not bound to the handshake’s messages (no extended_master_secret, RFC 7627).',
      mend: 'Update the server’s TLS library, or use TLS 1.3.',
    },
    zh: {
      cause: '主密钥没有与握手消息绑定（缺少 extended_master_secret，RFC 7627）。',
      mend: '请更新服务器的 TLS 库，或使用 TLS 1.3。',
    },
  },
  'tls-compression': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'TLS compression is on: lengths give secrets away (CRIME).',
      mend: 'Switch TLS compression off at the server.',
    },
    zh: { cause: '启用了 TLS 压缩：长度会泄露机密（CRIME）。', mend: '请在服务器上关闭 TLS 压缩。' },
  },
  'tls-client-certificate-asked': {
    fault: 'client',
    severity: 'info',
    en: {
      cause:
        'The server asked for a client certificate and named {authorities} authorities that it takes (0 for any); certificates sent: {sent}.',
      mend: '',
    },
    zh: {
      cause:
        '服务器要求客户端证书，并列出了 {authorities} 个可接受的颁发机构（0 表示不限）；客户端发送的证书数：{sent}。',
      mend: '',
    },
  },
  'tls-staple-absent': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'The client asked for the certificate’s status, and the server stapled none.',
      mend: 'Switch OCSP stapling on if the CA still answers OCSP.',
    },
    zh: { cause: '客户端请求了证书状态，但服务器没有附带。', mend: '如果 CA 仍提供 OCSP，请启用 OCSP 装订。' },
  },
  'tls-staple-present': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'The server stapled the status of its certificate ({byteLength} octets of OCSP).', mend: '' },
    zh: { cause: '服务器附带了其证书的状态（{byteLength} 字节的 OCSP 应答）。', mend: '' },
  },
  // Sessions.
  'tls-session-resumed': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'The session of an earlier connection was resumed: no certificate was sent, and no signature made.',
      mend: '',
    },
    zh: { cause: '恢复了先前连接的会话：不再发送证书，也不再签名。', mend: '' },
  },
  'tls-session-cheaper': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause:
        'Resuming spared, of the full handshake: octets {byteLength}, round trips {roundTrips} of {fullRoundTrips}, signatures {signatures} ({beforeMs} ms, now {afterMs} ms).',
      mend: '',
    },
    zh: {
      cause:
        '与完整握手相比，会话恢复省去了 {fullRoundTrips} 次往返中的 {roundTrips} 次、{byteLength} 字节和 {signatures} 次签名（原来 {beforeMs} ms，现在 {afterMs} ms）。',
      mend: '',
    },
  },
  'tls-session-refused': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'The client asked to resume a session, and the server started anew.', mend: '' },
    zh: { cause: '客户端请求恢复会话，但服务器重新进行了完整握手。', mend: '' },
  },
  'tls-session-saved': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause:
        'The server gave session tickets ({count}), good for {seconds} s at most: the next connection can be shorter.',
      mend: '',
    },
    zh: { cause: '服务器提供了 {count} 个会话票据，最长有效 {seconds} 秒：下次连接可以更快。', mend: '' },
  },
  'tls-session-ticket-too-long': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'A ticket says that it lives {days} days; RFC 8446 allows seven.',
      mend: 'Set a ticket lifetime of hours at the server.',
    },
    zh: {
      cause: '票据声称有效期为 {days} 天，而 RFC 8446 最多允许七天。',
      mend: '请在服务器上把票据有效期设为数小时。',
    },
  },
  'tls-early-data-accepted': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'The server took early data (0-RTT): a request in it can be sent again by somebody in between.',
      mend: 'Let the application take only safe requests from early data.',
    },
    zh: {
      cause: '服务器接受了早期数据（0-RTT）：其中的请求可能被中间人重放。',
      mend: '应用应只接受早期数据中的安全请求。',
    },
  },
  'tls-early-data-rejected': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'The client sent early data (0-RTT) and the server did not take it.', mend: '' },
    zh: { cause: '客户端发送了早期数据（0-RTT），但服务器没有接受。', mend: '' },
  },
} as const satisfies Catalog;
