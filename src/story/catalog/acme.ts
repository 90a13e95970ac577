import type { Catalog } from '../catalog.ts';

/** What goes wrong between us and a certificate authority, and between the authority and what it has to look at. */
export const acmeCatalog = {
  // Reaching the CA.
  'acme-stopped': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'The work with {issuer} was stopped before it was done.', mend: '' },
    zh: { cause: '与 {issuer} 的交互在完成之前被停止。', mend: '' },
  },
  'acme-name-unresolved': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name of {issuer}, {host}, cannot be resolved from here ({reason}).',
      mend: 'Check the resolver of this machine and the spelling of the directory URL.',
    },
    zh: {
      cause: '本机无法解析 {issuer} 的名称 {host}（{reason}）。',
      mend: '请检查本机的 DNS 解析设置以及目录 URL 的拼写。',
    },
  },
  'acme-unreachable': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'No connection to {issuer} at {host} came about ({reason}).',
      mend: 'Check that this machine may connect outwards over HTTPS; a firewall or a proxy that is needed stands in the way most often.',
    },
    zh: {
      cause: '无法连接到 {issuer}（{host}）：{reason}。',
      mend: '请检查本机是否允许向外建立 HTTPS 连接；最常见的原因是防火墙，或必须经过代理。',
    },
  },
  'acme-connection-lost': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The connection to {issuer} at {host} broke before its answer came ({reason}).',
      mend: 'It is tried again by itself; if it happens each time, look for what cuts connections between here and there.',
    },
    zh: {
      cause: '与 {issuer}（{host}）的连接在收到应答之前中断（{reason}）。',
      mend: '系统会自动重试；若每次都如此，请检查中间是什么切断了连接。',
    },
  },
  'acme-timeout': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{issuer} gave no whole answer within {seconds} seconds ({url}).',
      mend: 'Look at the status page of the CA; it is tried again by itself.',
    },
    zh: {
      cause: '{issuer} 在 {seconds} 秒内没有给出完整的应答（{url}）。',
      mend: '请查看该 CA 的状态页面；系统会自动重试。',
    },
  },
  'acme-server-untrusted': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The server {host} of {issuer} shows a certificate that is not trusted here ({reason}).',
      mend: 'For a private CA, name its root certificate in the settings of this issuer; otherwise somebody stands in between, or the clock is wrong.',
    },
    zh: {
      cause: '{issuer} 的服务器 {host} 出示的证书在本机不受信任（{reason}）。',
      mend: '若是私有 CA，请在该签发者的设置中指定其根证书；否则可能有人介入连接，或本机时钟有误。',
    },
  },
  'acme-directory-wrong': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'There is no ACME directory at {url}, which stands in the settings of {issuer}.',
      mend: 'Copy the directory URL from the documentation of the CA.',
    },
    zh: { cause: '{issuer} 设置中的 {url} 处没有 ACME 目录。', mend: '请从该 CA 的文档中复制目录 URL。' },
  },

  // Answers that cannot be used.
  'acme-answer-too-large': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The answer of {issuer} at {url} is larger than {limit} octets and was not read.',
      mend: 'Use another CA, or tell the operator of this one.',
    },
    zh: {
      cause: '{issuer} 在 {url} 的应答超过 {limit} 字节，未予读取。',
      mend: '请改用其他 CA，或告知该 CA 的运营方。',
    },
  },
  'acme-answer-malformed': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The answer of {issuer} is not a well-formed {resource}: {problem}.',
      mend: 'It is tried again by itself; if it stays, use another CA and tell the operator of this one.',
    },
    zh: {
      cause: '{issuer} 的应答不是格式正确的 {resource}：{problem}。',
      mend: '系统会自动重试；若持续如此，请改用其他 CA，并告知该 CA 的运营方。',
    },
  },
  'acme-answer-unexpected': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} answered with status {status} and without a reason ({url}).',
      mend: 'Look at the status page of the CA; it is tried again by itself.',
    },
    zh: {
      cause: '{issuer} 以状态码 {status} 应答，未说明原因（{url}）。',
      mend: '请查看该 CA 的状态页面；系统会自动重试。',
    },
  },
  'acme-answer-untrue': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} answered with something that was not asked for: {what}.',
      mend: 'Use another CA, and tell the operator of this one.',
    },
    zh: { cause: '{issuer} 的应答与请求不符：{what}。', mend: '请改用其他 CA，并告知该 CA 的运营方。' },
  },
  'acme-server-error': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} has a failure of its own: {detail}.',
      mend: 'Look at the status page of the CA; it is tried again by itself.',
    },
    zh: { cause: '{issuer} 自身发生故障：{detail}。', mend: '请查看该 CA 的状态页面；系统会自动重试。' },
  },
  'acme-refused': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} refused ({type}): {detail}.',
      mend: 'Look the reason up in the documentation of the CA.',
    },
    zh: { cause: '{issuer} 拒绝了请求（{type}）：{detail}。', mend: '请在该 CA 的文档中查找此原因。' },
  },
  'acme-request-refused': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: '{issuer} took a request for malformed: {detail}.',
      mend: 'If the sentence names no setting of yours, report it to the Menshen project.',
    },
    zh: {
      cause: '{issuer} 认为请求格式有误：{detail}。',
      mend: '如果这句话没有指向您的某项设置，请向 Menshen 项目报告。',
    },
  },
  'acme-nonce-refused': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} refused every nonce that it had just given out.',
      mend: 'It is tried again by itself; if it stays, the servers of the CA do not share their nonces.',
    },
    zh: {
      cause: '{issuer} 拒绝了它刚刚发放的每一个 nonce。',
      mend: '系统会自动重试；若持续如此，说明该 CA 的各服务器未共享 nonce。',
    },
  },
  'acme-rate-limited': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} has had too many requests from here and does not say until when: {detail}.',
      mend: 'Wait some hours; look for a second machine or a loop that orders certificates for the same names.',
    },
    zh: {
      cause: '{issuer} 收到来自本机的请求过多，且未说明何时恢复：{detail}。',
      mend: '请等待数小时；并检查是否有另一台机器或某个循环在为相同的名称申请证书。',
    },
  },
  'acme-rate-limited-until': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} takes no more of these requests until {until}: {detail}.',
      mend: 'Nothing has to be done: it is tried again then. Look for a second machine or a loop that orders certificates for the same names.',
    },
    zh: {
      cause: '{issuer} 在 {until} 之前不再接受此类请求：{detail}。',
      mend: '无需操作：届时会自动重试。请检查是否有另一台机器或某个循环在为相同的名称申请证书。',
    },
  },
  'acme-unauthorized': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} does not allow this account to do that: {detail}.',
      mend: 'Check that the account is the one that ordered, and that its agreement with the CA is in force.',
    },
    zh: {
      cause: '{issuer} 不允许此账户执行该操作：{detail}。',
      mend: '请确认这就是下单的账户，且它与该 CA 的协议仍然有效。',
    },
  },

  // The account.
  'acme-account-unknown': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} does not know our account any more: {detail}.',
      mend: 'It is registered again by itself, with the same key.',
    },
    zh: { cause: '{issuer} 已不认识我们的账户：{detail}。', mend: '系统会用同一密钥自动重新注册。' },
  },
  'acme-account-deactivated': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Our account at {issuer} was ended: {detail}.',
      mend: 'Move the account file of this issuer away; another account is then made at the next order.',
    },
    zh: {
      cause: '我们在 {issuer} 的账户已被停用：{detail}。',
      mend: '请移走该签发者的账户文件；下次下单时会新建账户。',
    },
  },
  'acme-account-key-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The stored key of the account at {issuer} cannot be read.',
      mend: 'Restore it from a backup, or move the account file of this issuer away to have another account made.',
    },
    zh: {
      cause: '无法读取所存的 {issuer} 账户密钥。',
      mend: '请从备份恢复，或移走该签发者的账户文件以新建账户。',
    },
  },
  'acme-key-change-unsupported': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} offers no exchange of account keys.',
      mend: 'Make a new account, and deactivate the old one.',
    },
    zh: { cause: '{issuer} 不支持更换账户密钥。', mend: '请新建账户并停用旧账户。' },
  },
  'acme-terms-not-agreed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} gives certificates only to those who agree to its terms of service.',
      mend: 'Read {url} and state the agreement in the settings.',
    },
    zh: { cause: '{issuer} 只向同意其服务条款者签发证书。', mend: '请阅读 {url}，并在设置中表明同意。' },
  },
  'acme-user-action-required': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} wants a person to do something before it goes on: {detail}.',
      mend: 'Open {url} and follow it.',
    },
    zh: { cause: '{issuer} 要求有人先完成某项操作才会继续：{detail}。', mend: '请打开 {url} 并按其说明操作。' },
  },
  'acme-external-account-required': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} makes accounts only for its customers, and no external account binding (EAB) is set.',
      mend: 'Get a key identifier and an HMAC key in the web interface of the CA, and put both into the settings of this issuer.',
    },
    zh: {
      cause: '{issuer} 只为其客户开设账户，而当前没有设置外部账户绑定（EAB）。',
      mend: '请在该 CA 的网页界面取得 key ID 和 HMAC 密钥，并写入该签发者的设置。',
    },
  },
  'acme-external-account-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} did not accept the external account binding with key identifier {keyId}: {detail}.',
      mend: 'Copy both values again; at many CAs a pair serves for one account only and must then be made anew.',
    },
    zh: {
      cause: '{issuer} 不接受 key ID 为 {keyId} 的外部账户绑定：{detail}。',
      mend: '请重新复制这两个值；在许多 CA，一对值只能用于一个账户，用过后须重新生成。',
    },
  },
  'acme-contact-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} does not accept the contact address: {detail}.',
      mend: 'Set an e-mail address that exists in "email", or none.',
    },
    zh: { cause: '{issuer} 不接受该联系地址：{detail}。', mend: '请在 “email” 中填写真实存在的邮箱地址，或不填写。' },
  },
  'acme-key-refused': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} does not accept the key: {detail}.',
      mend: 'Choose the other key type (ECDSA or RSA) for this issuer.',
    },
    zh: { cause: '{issuer} 不接受该密钥：{detail}。', mend: '请为该签发者选择另一种密钥类型（ECDSA 或 RSA）。' },
  },
  'acme-signature-algorithm-refused': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} does not accept the signature algorithm of the account key: {detail}.',
      mend: 'Choose the other account key type (ECDSA or RSA) for this issuer.',
    },
    zh: {
      cause: '{issuer} 不接受账户密钥的签名算法：{detail}。',
      mend: '请为该签发者选择另一种账户密钥类型（ECDSA 或 RSA）。',
    },
  },

  // The order.
  'acme-name-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} gives no certificate for {name}: {detail}.',
      mend: 'Take the name out of the configuration, use another issuer for it, or ask the CA.',
    },
    zh: {
      cause: '{issuer} 不为 {name} 签发证书：{detail}。',
      mend: '请从配置中去掉该名称，为它改用其他签发者，或咨询该 CA。',
    },
  },
  'acme-name-unsupported': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} has no certificates for names of the kind of {name}: {detail}.',
      mend: 'For IP addresses choose an issuer and a profile that have them (Let\'s Encrypt: "shortlived").',
    },
    zh: {
      cause: '{issuer} 不为 {name} 这类名称提供证书：{detail}。',
      mend: "对于 IP 地址，请选择支持它的签发者和 profile（Let's Encrypt：“shortlived”）。",
    },
  },
  'acme-profile-unknown': {
    fault: 'config',
    severity: 'error',
    en: { cause: '{issuer} has no profile "{profile}".', mend: 'Choose one of these: {offered}; or none.' },
    zh: { cause: '{issuer} 没有名为 “{profile}” 的 profile。', mend: '请从以下之中选择：{offered}；或不指定。' },
  },
  'acme-profile-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} does not give this profile to this account or these names: {detail}.',
      mend: 'Choose another profile, or none.',
    },
    zh: { cause: '{issuer} 不向此账户或这些名称提供该 profile：{detail}。', mend: '请选择其他 profile，或不指定。' },
  },
  'acme-key-unsupported': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'No certificate can be asked for with this key ({name}): it is unreadable, or neither RSA nor an ECDSA key on P-256, P-384 or P-521, or there are no names.',
      mend: 'Have a new key made.',
    },
    zh: {
      cause:
        '无法用此密钥申请证书（{name}）：它无法读取，或既不是 RSA 也不是 P-256、P-384、P-521 上的 ECDSA 密钥，或没有名称。',
      mend: '请生成新的密钥。',
    },
  },
  'acme-csr-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} refused the certificate request for {name}: {detail}.',
      mend: 'Choose another key type, fewer names, or another profile, whichever the sentence names.',
    },
    zh: {
      cause: '{issuer} 拒绝了 {name} 的证书请求：{detail}。',
      mend: '请依据该原因更换密钥类型、减少名称，或更换 profile。',
    },
  },
  'acme-already-replaced': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: 'For {issuer} another certificate has replaced this one already: {detail}.',
      mend: 'It is ordered without the mark of a renewal by itself; check whether two machines renew the same names.',
    },
    zh: {
      cause: '在 {issuer} 看来，此证书已被另一张证书替换：{detail}。',
      mend: '系统会自动以不带续期标记的方式下单；请检查是否有两台机器在续期相同的名称。',
    },
  },
  'acme-order-not-ready': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} was not ready for the order of {name}: {detail}.',
      mend: 'It is tried again by itself.',
    },
    zh: { cause: '{issuer} 尚未准备好处理 {name} 的订单：{detail}。', mend: '系统会自动重试。' },
  },
  'acme-order-invalid': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} ended the order for {name} without a reason.',
      mend: 'It is ordered anew by itself; if it stays, ask the CA.',
    },
    zh: { cause: '{issuer} 未说明原因就终止了 {name} 的订单。', mend: '系统会自动重新下单；若持续如此，请咨询该 CA。' },
  },
  'acme-order-slow': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} does not get on with the order for {name}.',
      mend: 'The order is kept and taken up again later by itself.',
    },
    zh: { cause: '{issuer} 对 {name} 的订单迟迟没有进展。', mend: '订单会保留，稍后自动继续。' },
  },
  'acme-authorization-ended': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} holds the authorization for {name} as {status}.',
      mend: 'It is ordered anew by itself.',
    },
    zh: { cause: '{issuer} 中 {name} 的授权状态为 {status}。', mend: '系统会自动重新下单。' },
  },
  'acme-no-way-of-proof': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} offers {offered} to prove control of {name}; what can be answered here: {available}.',
      mend: 'A wildcard needs dns-01: set a DNS provider, a hook or a delegated zone. An IP address needs http-01 or tls-alpn-01: open port 80 or 443.',
    },
    zh: {
      cause: '{issuer} 为证明对 {name} 的控制权提供 {offered}；此处能够应答的是：{available}。',
      mend: '通配符名称需要 dns-01：请设置 DNS 提供商、钩子脚本或委派区域。IP 地址需要 http-01 或 tls-alpn-01：请开放 80 或 443 端口。',
    },
  },

  // What the CA saw when it looked.
  'acme-caa-forbids': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'A CAA record of {name} or of a domain above it does not allow {issuer} to issue: {detail}.',
      mend: 'Add a CAA record that names this CA (for example 0 issue "letsencrypt.org"), or use a CA that the record allows.',
    },
    zh: {
      cause: '{name} 或其上级域名的 CAA 记录不允许 {issuer} 签发：{detail}。',
      mend: '请添加列出该 CA 的 CAA 记录（例如 0 issue "letsencrypt.org"），或改用该记录允许的 CA。',
    },
  },
  'acme-validation-dns': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{issuer} could not look up {name}: {detail}.',
      mend: 'Check that the name has an A or AAAA record that points here, and that all name servers of its zone answer, with valid DNSSEC where it is signed.',
    },
    zh: {
      cause: '{issuer} 无法查询 {name}：{detail}。',
      mend: '请检查该名称是否有指向本机的 A 或 AAAA 记录，其区域的所有域名服务器是否都能应答；若已签名，DNSSEC 是否有效。',
    },
  },
  'acme-validation-unreachable': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{issuer} could not connect to {name} at address {address}, port {port}: {detail}.',
      mend: 'Check that this address is the one of this machine (an old A or AAAA record often is not), and that the port is open to the whole Internet and forwarded here.',
    },
    zh: {
      cause: '{issuer} 无法连接 {name}（地址 {address}，端口 {port}）：{detail}。',
      mend: '请确认该地址就是本机地址（过时的 A 或 AAAA 记录往往不是），且该端口对整个互联网开放并转发到本机。',
    },
  },
  'acme-validation-tls': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{issuer} reached {address}, port {port}, for {name}, but the TLS handshake there failed: {detail}.',
      mend: 'Check that no other server or proxy answers on that port in front of this gateway, and that the address is the one of this machine.',
    },
    zh: {
      cause: '{issuer} 为 {name} 连接到 {address} 的端口 {port}，但 TLS 握手失败：{detail}。',
      mend: '请确认该端口上没有其他服务器或代理挡在本网关之前，且该地址就是本机地址。',
    },
  },
  'acme-validation-wrong': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'What {issuer} found for {name} is not the expected proof: {detail}.',
      mend: 'Check that the name points to this machine and to no other.',
    },
    zh: { cause: '{issuer} 为 {name} 找到的内容不是所期望的证明：{detail}。', mend: '请确认该名称指向且只指向本机。' },
  },
  'acme-answer-wrong': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} asked {address}, port {port}, for the proof of {name} and got something else: {detail}.',
      mend: 'Another server answered: check that every A and AAAA record of the name points to this machine, and that nothing in front of it (a CDN, a redirect) takes /.well-known/acme-challenge/.',
    },
    zh: {
      cause: '{issuer} 向 {address} 的端口 {port} 索取 {name} 的证明，却得到了其他内容：{detail}。',
      mend: '应答的是另一台服务器：请确认该名称的所有 A 和 AAAA 记录都指向本机，且前面没有 CDN 或重定向截走 /.well-known/acme-challenge/。',
    },
  },
  'acme-validation-certificate-wrong': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        '{issuer} connected to {address}, port {port}, for {name} and was shown another certificate than the proof: {detail}.',
      mend: 'Another server or a proxy that ends TLS answered: let port 443 of this name reach this gateway untouched, or use http-01 or dns-01.',
    },
    zh: {
      cause: '{issuer} 为 {name} 连接到 {address} 的端口 {port}，看到的却不是作为证明的证书：{detail}。',
      mend: '应答的是另一台服务器或终结 TLS 的代理：请让该名称的 443 端口原样到达本网关，或改用 http-01 或 dns-01。',
    },
  },
  'acme-record-lookup-failed': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{issuer} could not look up the TXT record {record}: {detail}.',
      mend: 'Check that all name servers of the zone answer, that a delegation or CNAME there leads somewhere, and that DNSSEC is valid where the zone is signed.',
    },
    zh: {
      cause: '{issuer} 无法查询 TXT 记录 {record}：{detail}。',
      mend: '请检查该区域的所有域名服务器是否都能应答，委派或 CNAME 是否指向有效位置；若区域已签名，DNSSEC 是否有效。',
    },
  },
  'acme-record-wrong': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} looked up the TXT record {record} and did not find the proof: {detail}.',
      mend: 'Check that the record is written into the zone that the world sees, that all its name servers have it, and that no old record or CNAME stands there instead.',
    },
    zh: {
      cause: '{issuer} 查询了 TXT 记录 {record}，但没有找到证明：{detail}。',
      mend: '请确认该记录写入了外界可见的区域，所有域名服务器都已更新，且那里没有旧记录或 CNAME。',
    },
  },
  'acme-validation-slow': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} did not come to an end with looking at {name} ({way}).',
      mend: 'The order is kept and taken up again later by itself.',
    },
    zh: { cause: '{issuer} 对 {name} 的验证（{way}）迟迟没有结束。', mend: '订单会保留，稍后自动继续。' },
  },

  // What the CA handed out.
  'acme-certificate-malformed': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'What stands for a certificate of {issuer} cannot be read as one.',
      mend: 'It is downloaded again at the next try; if it stays, use another CA.',
    },
    zh: {
      cause: '本应是 {issuer} 证书的内容无法作为证书读取。',
      mend: '下次尝试时会重新下载；若持续如此，请改用其他 CA。',
    },
  },
  'acme-certificate-foreign-key': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The certificate that {issuer} handed out is for another key than ours; it was not put to use.',
      mend: 'It is ordered anew at the next try; if it happens again, tell the CA.',
    },
    zh: {
      cause: '{issuer} 给出的证书对应的不是我们的密钥，因此没有使用。',
      mend: '下次尝试时会重新下单；若再次发生，请告知该 CA。',
    },
  },
  'acme-certificate-names-missing': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The certificate that {issuer} handed out lacks {names}; it was not put to use.',
      mend: 'It is ordered anew at the next try; if it happens again, tell the CA.',
    },
    zh: {
      cause: '{issuer} 给出的证书缺少 {names}，因此没有使用。',
      mend: '下次尝试时会重新下单；若再次发生，请告知该 CA。',
    },
  },
  'acme-certificate-dates': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The certificate that {issuer} handed out is valid from {from} until {until}, and here it is {now}.',
      mend: 'Check the clock of this machine first.',
    },
    zh: {
      cause: '{issuer} 给出的证书有效期为 {from} 至 {until}，而本机时间为 {now}。',
      mend: '请先检查本机时钟。',
    },
  },
  'acme-certificate-purpose': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The certificate that {issuer} handed out is not one for a server; it was not put to use.',
      mend: 'Choose another profile, or another CA.',
    },
    zh: { cause: '{issuer} 给出的证书不是服务器证书，因此没有使用。', mend: '请选择其他 profile 或其他 CA。' },
  },
  'acme-chain-broken': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'None of the certificates that {issuer} sent along has signed ours.',
      mend: 'It is ordered anew at the next try; if it happens again, tell the CA.',
    },
    zh: {
      cause: '{issuer} 随附的证书中没有一张签署了我们的证书。',
      mend: '下次尝试时会重新下单；若再次发生，请告知该 CA。',
    },
  },

  // Revocation.
  'acme-already-revoked': {
    fault: 'ca',
    severity: 'info',
    en: { cause: '{issuer} had revoked the certificate before: {detail}.', mend: '' },
    zh: { cause: '{issuer} 此前已吊销该证书：{detail}。', mend: '' },
  },
  'acme-revocation-unsupported': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} offers no revocation.',
      mend: 'Stop using the key; the certificate ends by itself.',
    },
    zh: { cause: '{issuer} 不提供吊销。', mend: '请停止使用该密钥；证书会自行到期。' },
  },
  'acme-revocation-reason-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} does not revoke for that reason: {detail}.',
      mend: 'Give another reason; keyCompromise is often taken only when it is signed with the key of the certificate.',
    },
    zh: {
      cause: '{issuer} 不接受以该原因吊销：{detail}。',
      mend: '请换用其他原因；keyCompromise 往往只有用证书自身的密钥签名时才被接受。',
    },
  },

  // Those who put records into the DNS for us.
  'acme-hook-failed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The DNS hook {command} ended with {status} for {record}: {output}.',
      mend: 'Run it by hand with the same arguments and environment, as the user of this process.',
    },
    zh: {
      cause: 'DNS 钩子 {command} 处理 {record} 时以 {status} 结束：{output}。',
      mend: '请以本进程的用户身份，用相同的参数和环境变量手动运行它。',
    },
  },
  'acme-hook-unusable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The DNS hook {command} cannot be run ({reason}).',
      mend: 'Check the path, and that the file is executable for the user of this process.',
    },
    zh: { cause: '无法运行 DNS 钩子 {command}（{reason}）。', mend: '请检查路径，以及本进程的用户是否有执行权限。' },
  },
  'acme-hook-slow': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The DNS hook {command} was not done with {record} after {seconds} seconds and was ended.',
      mend: 'Run it by hand and see what it waits for, or allow it more time.',
    },
    zh: {
      cause: 'DNS 钩子 {command} 在 {seconds} 秒后仍未处理完 {record}，已被终止。',
      mend: '请手动运行它，看它在等待什么，或给它更多时间。',
    },
  },
  'acme-cloudflare-unreachable': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The API of Cloudflare could not be asked for {record}: {reason}.',
      mend: 'Check that this machine may connect outwards over HTTPS; it is tried again by itself.',
    },
    zh: {
      cause: '无法就 {record} 向 Cloudflare API 发出请求：{reason}。',
      mend: '请检查本机是否允许向外建立 HTTPS 连接；系统会自动重试。',
    },
  },
  'acme-cloudflare-token-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Cloudflare does not accept the API token for {record}: {detail}.',
      mend: 'Make a token with the permissions Zone:Read and DNS:Edit for that zone, and put it into the settings.',
    },
    zh: {
      cause: 'Cloudflare 不接受用于 {record} 的 API 令牌：{detail}。',
      mend: '请创建对该区域具有 Zone:Read 和 DNS:Edit 权限的令牌，并写入设置。',
    },
  },
  'acme-cloudflare-zone-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The Cloudflare token sees no zone that {record} would be in.',
      mend: 'Check that the domain is in this Cloudflare account and that the token covers its zone.',
    },
    zh: {
      cause: '该 Cloudflare 令牌看不到 {record} 所属的区域。',
      mend: '请确认该域名在此 Cloudflare 账户中，且令牌覆盖其区域。',
    },
  },
  'acme-cloudflare-failed': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'Cloudflare did not write {record}: {detail}.',
      mend: 'Look the code up in the documentation of Cloudflare; it is tried again by itself.',
    },
    zh: {
      cause: 'Cloudflare 没有写入 {record}：{detail}。',
      mend: '请在 Cloudflare 的文档中查找该代码；系统会自动重试。',
    },
  },
} as const satisfies Catalog;
