import type { Catalog } from '../catalog.ts';

/** The outcomes of what can be recomputed of a TLS handshake: signatures, Finished values, keys. */
export const tlsChecksCatalog = {
  'tls-check-key-exchange-right': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'The server signed its key exchange with the certificate’s key ({scheme}); the signature is right.',
      mend: '',
    },
    zh: { cause: '服务器用证书的私钥对密钥交换参数签名（{scheme}），签名正确。', mend: '' },
  },
  'tls-check-key-exchange-wrong': {
    fault: 'network',
    severity: 'error',
    en: {
      cause:
        'The signature over the server’s key exchange is wrong: these parameters are not from the holder of the certificate.',
      mend: 'Somebody between the two ends changes the handshake: try from another network.',
    },
    zh: {
      cause: '服务器密钥交换参数的签名不正确：这些参数并非来自证书持有者。',
      mend: '中间有人篡改了握手：请换一个网络再试。',
    },
  },
  'tls-check-certificate-verify-right': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'The {peer} proved with {scheme} that it holds the key of its certificate.', mend: '' },
    zh: { cause: '{peer}用 {scheme} 证明了它持有证书对应的私钥。', mend: '' },
  },
  'tls-check-certificate-verify-wrong': {
    fault: 'network',
    severity: 'error',
    en: {
      cause:
        'The {peer}’s CertificateVerify ({scheme}) is wrong: it does not hold the certificate’s key, or the handshake was changed on the way.',
      mend: 'Try from another network; check that certificate and key belong together.',
    },
    zh: {
      cause: '{peer}的 CertificateVerify（{scheme}）不正确：它不持有证书的私钥，或握手在途中被篡改。',
      mend: '请换一个网络再试；并检查证书与私钥是否匹配。',
    },
  },
  'tls-check-finished-right': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'The {peer}’s Finished is right: both sides saw the same handshake.', mend: '' },
    zh: { cause: '{peer}的 Finished 正确：双方看到的握手完全一致。', mend: '' },
  },
  'tls-check-finished-wrong': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The {peer}’s Finished does not fit the messages seen: the handshake was changed on the way.',
      mend: 'Look for a box between the two ends that changes TLS, and take it out.',
    },
    zh: {
      cause: '{peer}的 Finished 与所见消息不符：握手在途中被篡改。',
      mend: '请找出并移除两端之间篡改 TLS 的设备。',
    },
  },
  'tls-check-keys-right': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'The keys derived from {label} open what the {peer} sent.', mend: '' },
    zh: { cause: '由 {label} 推导出的密钥能够解开 {peer}发送的内容。', mend: '' },
  },
  'tls-check-keys-wrong': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The keys derived from {label} do not open what the {peer} sent.',
      mend: 'Use the key log of this very connection.',
    },
    zh: { cause: '由 {label} 推导出的密钥无法解开 {peer}发送的内容。', mend: '请使用这个连接自己的密钥日志。' },
  },
  'tls-check-secret-right': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'The secret {label} of the key log is the one that the key schedule gives.', mend: '' },
    zh: { cause: '密钥日志中的 {label} 与密钥推导得出的结果一致。', mend: '' },
  },
  'tls-check-secret-wrong': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The secret {label} of the key log is not the one that the key schedule gives.',
      mend: 'Use the key log of this very connection.',
    },
    zh: { cause: '密钥日志中的 {label} 与密钥推导得出的结果不一致。', mend: '请使用这个连接自己的密钥日志。' },
  },
  'tls-check-binder-right': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'The binder is right: the client holds the key of the ticket that it brings.', mend: '' },
    zh: { cause: 'PSK 绑定值正确：客户端持有所出示票据对应的密钥。', mend: '' },
  },
  'tls-check-binder-wrong': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The binder is wrong: the client does not hold the key of the ticket that it brings.',
      mend: 'Save and resume sessions per server.',
    },
    zh: { cause: 'PSK 绑定值不正确：客户端不持有所出示票据对应的密钥。', mend: '请按服务器分别保存和恢复会话。' },
  },
  'tls-check-negotiation-wrong': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The server chose what was not offered ({problem}: {value}).',
      mend: 'Update the server’s TLS library, or look for a box in between that answers for it.',
    },
    zh: {
      cause: '服务器选择了客户端未提供的内容（{problem}：{value}）。',
      mend: '请更新服务器的 TLS 库，或检查是否有中间设备代为应答。',
    },
  },
  'tls-check-downgrade-found': {
    fault: 'network',
    severity: 'error',
    en: {
      cause:
        'The server marks its answer: it can do better than {version}, and was not asked. Somebody changed the hello on the way.',
      mend: 'Try from another network, and look for a box that inspects TLS.',
    },
    zh: {
      cause:
        '服务器在应答中作了标记：它支持比 {version} 更好的版本，却没有收到这样的请求。有人在途中篡改了 ClientHello。',
      mend: '请换一个网络再试，并检查是否有审查 TLS 的设备。',
    },
  },
  'tls-check-sct-present': {
    fault: 'ca',
    severity: 'info',
    en: {
      cause: 'The certificate comes with promises of Certificate Transparency logs to publish it: {count}.',
      mend: '',
    },
    zh: { cause: '证书附带了 {count} 个证书透明度日志的公开承诺（SCT）。', mend: '' },
  },
  'tls-check-sct-absent': {
    fault: 'ca',
    severity: 'info',
    en: {
      cause:
        'The certificate comes without a promise of a Certificate Transparency log: browsers refuse that from public CAs.',
      mend: '',
    },
    zh: { cause: '证书没有附带证书透明度日志的承诺（SCT）：来自公共 CA 的此类证书会被浏览器拒绝。', mend: '' },
  },
  // What could not be checked, and why.
  'tls-check-without-secret': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Not checked: {claim} of the {peer}. Its secret is not known.', mend: '' },
    zh: { cause: '未检查 {peer}的 {claim}：缺少相应的密钥。', mend: '' },
  },
  'tls-check-without-certificate': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Not checked: {claim} of the {peer}. Its certificate was not seen.', mend: '' },
    zh: { cause: '未检查 {peer}的 {claim}：没有看到其证书。', mend: '' },
  },
  'tls-check-certificate-unreadable': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Not checked: {claim} of the {peer}. Its certificate cannot be read.', mend: '' },
    zh: { cause: '未检查 {peer}的 {claim}：其证书无法读取。', mend: '' },
  },
  'tls-check-scheme-unknown': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Not checked: {claim} of the {peer}. Signatures of {scheme} are not known here.', mend: '' },
    zh: { cause: '未检查 {peer}的 {claim}：此处不支持签名方案 {scheme}。', mend: '' },
  },
  'tls-check-unsigned': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'Not checked: {claim} of the {peer}. The suite has no signature there.', mend: '' },
    zh: { cause: '未检查 {peer}的 {claim}：该套件在此处没有签名。', mend: '' },
  },
  'tls-check-transcript-incomplete': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Not checked: {claim} of the {peer}. A message before it could not be read.', mend: '' },
    zh: { cause: '未检查 {peer}的 {claim}：在它之前有消息无法读取。', mend: '' },
  },
  'tls-heartbeat-overlong': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'A heartbeat of the {peer} asks for more than it sends, {byteLength} octets: that is Heartbleed.',
      mend: 'Update OpenSSL at once, then replace the certificate and its key.',
    },
    zh: {
      cause: '{peer}的心跳请求索要的内容多于它所发送的（{byteLength} 字节）：这就是 Heartbleed。',
      mend: '请立即更新 OpenSSL，然后更换证书和私钥。',
    },
  },
} as const satisfies Catalog;
