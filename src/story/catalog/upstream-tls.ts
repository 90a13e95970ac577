import type { Catalog } from '../catalog.ts';

/** Apps behind TLS and apps that speak HTTP/2: what can go wrong on the way to them. */
export const upstreamTlsCatalog = {
  // The app's certificate
  'upstream-certificate-expired': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate of the app at {upstream} ran out on {until} (subject: {subject}).',
      mend: 'Renew the certificate of the app, and look at its clock and at the one of this machine.',
    },
    zh: {
      cause: '位于 {upstream} 的应用的证书已于 {until} 到期（主体：{subject}）。',
      mend: '请为该应用更换证书，并检查它与本机的时钟。',
    },
  },
  'upstream-certificate-not-yet-valid': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate of the app at {upstream} is valid only from {from} on (subject: {subject}).',
      mend: 'Check the clock of this machine, and whether the app serves the right certificate.',
    },
    zh: {
      cause: '位于 {upstream} 的应用的证书要到 {from} 才生效（主体：{subject}）。',
      mend: '请检查本机时钟，以及该应用是否使用了正确的证书。',
    },
  },
  'upstream-certificate-untrusted': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause:
        'The certificate of the app at {upstream} leads to no trusted authority ({detail}); it was issued by {issuer}. Trusted were: {roots}.',
      mend: 'Name the PEM file of that authority as `ca` of this target, or let the app send its intermediate certificates.',
    },
    zh: {
      cause:
        '位于 {upstream} 的应用的证书无法追溯到受信任的颁发机构（{detail}）；其颁发者为 {issuer}。本次信任的是：{roots}。',
      mend: '请在该目标的 `ca` 中写明该机构的 PEM 文件，或让应用同时发送中间证书。',
    },
  },
  'upstream-certificate-self-signed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} shows a self-signed certificate (subject: {subject}) that nobody has vouched for.',
      mend: 'Copy that certificate to a PEM file and name it as `ca` of this target.',
    },
    zh: {
      cause: '位于 {upstream} 的应用出示了自签名证书（主体：{subject}），没有任何机构为其担保。',
      mend: '请把该证书存为 PEM 文件，并写在该目标的 `ca` 中。',
    },
  },
  'upstream-certificate-name-mismatch': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The certificate of the app at {upstream} is for other names than {name}: {names}.',
      mend: 'Write one of these names in the target, or as its `serverName`, or let the app get a certificate for {name}.',
    },
    zh: {
      cause: '位于 {upstream} 的应用的证书不适用于 {name}，只适用于：{names}。',
      mend: '请在目标或其 `serverName` 中使用上述名称之一，或为应用申请适用于 {name} 的证书。',
    },
  },
  'upstream-certificate-revoked': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate of the app at {upstream} has been revoked (subject: {subject}).',
      mend: 'Get a new certificate with a new key for the app.',
    },
    zh: {
      cause: '位于 {upstream} 的应用的证书已被吊销（主体：{subject}）。',
      mend: '请为该应用换用新密钥申请新证书。',
    },
  },
  'upstream-certificate-refused': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate of the app at {upstream} was refused: {detail} (subject: {subject}).',
      mend: 'Let the app use a certificate that is made for servers and signed with algorithms of today.',
    },
    zh: {
      cause: '位于 {upstream} 的应用的证书未被接受：{detail}（主体：{subject}）。',
      mend: '请让应用使用适用于服务器、且采用现行签名算法的证书。',
    },
  },
  // Our certificate, shown to the app
  'upstream-wants-client-certificate': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} asks the gateway for a client certificate ({detail}).',
      mend: 'Give this target a `clientCertificate` that the app accepts.',
    },
    zh: {
      cause: '位于 {upstream} 的应用要求网关出示客户端证书（{detail}）。',
      mend: '请为该目标设置应用接受的 `clientCertificate`。',
    },
  },
  'upstream-refused-client-certificate': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} did not accept the client certificate of the gateway ({detail}).',
      mend: 'Check that the `clientCertificate` of this target has not run out and that the app trusts who issued it.',
    },
    zh: {
      cause: '位于 {upstream} 的应用没有接受网关的客户端证书（{detail}）。',
      mend: '请检查该目标的 `clientCertificate` 是否过期，以及应用是否信任其颁发者。',
    },
  },
  // The handshake
  'upstream-speaks-no-tls': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'What listens at {upstream} does not speak TLS ({detail}).',
      mend: 'Write `http://` (or `h2c://` for HTTP/2 without TLS) in the target, or correct its port.',
    },
    zh: {
      cause: '在 {upstream} 监听的程序不使用 TLS（{detail}）。',
      mend: '请在目标中改用 `http://`（明文 HTTP/2 则用 `h2c://`），或更正端口。',
    },
  },
  'upstream-tls-failed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'No TLS connection to the app at {upstream} came about: {detail}.',
      mend: 'Look into the log of the app; both sides need a TLS version and a cipher suite in common (TLS 1.2 or 1.3).',
    },
    zh: {
      cause: '未能与位于 {upstream} 的应用建立 TLS 连接：{detail}。',
      mend: '请查看应用的日志；双方需要有共同的 TLS 版本（1.2 或 1.3）和密码套件。',
    },
  },
  'upstream-knows-no-such-name': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} has no site by the name {name} and refused the TLS handshake.',
      mend: 'Set the `serverName` of this target to a name that the app serves.',
    },
    zh: {
      cause: '位于 {upstream} 的应用没有名为 {name} 的站点，拒绝了 TLS 握手。',
      mend: '请把该目标的 `serverName` 设为应用所服务的名称。',
    },
  },
  'upstream-tls-material': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The files for TLS to {upstream} cannot be used: {detail}.',
      mend: 'Check `ca` and `clientCertificate` of this target with `menshen check`.',
    },
    zh: {
      cause: '用于与 {upstream} 建立 TLS 的文件无法使用：{detail}。',
      mend: '请用 `menshen check` 检查该目标的 `ca` 和 `clientCertificate`。',
    },
  },
  // HTTP/2
  'upstream-not-http2': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'What listens at {upstream} does not speak HTTP/2.',
      mend: 'Write `http://` instead of `h2c://` in the target if the app speaks HTTP/1.1, or correct its port.',
    },
    zh: {
      cause: '在 {upstream} 监听的程序不使用 HTTP/2。',
      mend: '若应用使用 HTTP/1.1，请在目标中把 `h2c://` 改为 `http://`，或更正端口。',
    },
  },
  'upstream-stream-reset': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} reset the HTTP/2 stream of the request before it answered.',
      mend: 'Look into the log of the app for this request.',
    },
    zh: {
      cause: '位于 {upstream} 的应用在应答之前重置了该请求的 HTTP/2 流。',
      mend: '请在应用的日志中查找该请求。',
    },
  },
  'upstream-stream-refused': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The app at {upstream} refused the request before it acted on it, and again over other connections.',
      mend: 'Find out why the app takes no more streams: mostly it is overloaded or shutting down.',
    },
    zh: {
      cause: '位于 {upstream} 的应用在处理之前就拒绝了该请求，换用其他连接后仍然拒绝。',
      mend: '请查明应用为何不再接受新的流：多半是过载或正在关闭。',
    },
  },
  'upstream-upgrade-unsupported': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'A WebSocket was asked for, and the app at {upstream} speaks HTTP/2 without offering WebSockets in it ' +
        '(SETTINGS_ENABLE_CONNECT_PROTOCOL, RFC 8441).',
      mend:
        'Switch extended CONNECT on in the app, or let it take WebSockets over HTTP/1.1: with `http://` in the target, ' +
        'or beside HTTP/2 behind `https://`.',
    },
    zh: {
      cause:
        '客户端请求 WebSocket，而位于 {upstream} 的应用使用 HTTP/2，且未声明可在其中承载 WebSocket' +
        '（SETTINGS_ENABLE_CONNECT_PROTOCOL，RFC 8441）。',
      mend:
        '请在应用中启用扩展 CONNECT，或让应用通过 HTTP/1.1 接受 WebSocket：在目标中使用 `http://`，' +
        '或让 `https://` 应用在 HTTP/2 之外也支持 HTTP/1.1。',
    },
  },
} as const satisfies Catalog;

/** Every code of this file. */
export type UpstreamTlsCatalogCode = keyof typeof upstreamTlsCatalog;
