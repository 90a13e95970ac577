import type { Language } from '../story/catalog.ts';

/** One setting as the documentation tells it. `*` in a path stands for a site's name. */
export interface SettingEntry {
  readonly path: string;
  /** TypeScript's notation. */
  readonly type: string;
  /** As one would write it, or in words; '' where there is none. */
  readonly default: string | Readonly<Record<Language, string>>;
  readonly says: Readonly<Record<Language, string>>;
}

/** Every setting but those of `timeouts` and `limits`, whose table is `limits.ts`. A test holds it against the schema. */
export const settingEntries: readonly SettingEntry[] = [
  {
    path: 'email',
    type: 'string',
    default: "''",
    says: {
      en: 'Who answers for the certificates; authorities write to this address.',
      zh: '证书的负责人；证书颁发机构会写信到这个地址。',
    },
  },
  {
    path: 'sites',
    type: '{ [name]: Target | Target[] | { … } }',
    default: '',
    says: {
      en: 'What answers under which name. A name is exact (`app.example.com`), one label wide (`*.example.com`), or an IP address; internationalized names may be written as they are.',
      zh: '哪个名字由谁回答。名字可以是完整的（`app.example.com`）、通配一级的（`*.example.com`）或 IP 地址；中文等国际化域名照写即可。',
    },
  },
  {
    path: 'sites.*.to',
    type: 'Target | Target[]',
    default: '',
    says: {
      en: 'The app that answers, or several that take turns.',
      zh: '回答请求的应用；写多个则轮流。',
    },
  },
  {
    path: 'sites.*.root',
    type: 'string',
    default: '',
    says: { en: 'Folder whose files are served.', zh: '要提供其文件的文件夹。' },
  },
  {
    path: 'sites.*.index',
    type: 'string | string[]',
    default: "['index.html']",
    says: { en: 'File names tried in order for a folder of `root`.', zh: '访问 `root` 里的文件夹时依次尝试的文件名。' },
  },
  {
    path: 'sites.*.fallback',
    type: 'Target | Target[]',
    default: '',
    says: { en: 'The app for what is not a file in `root`.', zh: '`root` 里没有对应文件时由这个应用回答。' },
  },
  {
    path: 'sites.*.clientAuth',
    type: '{ mode, ca, crl? }',
    default: '',
    says: { en: 'Asks clients for a certificate (mutual TLS).', zh: '要求客户端出示证书（双向 TLS）。' },
  },
  {
    path: 'sites.*.clientAuth.mode',
    type: "'require' | 'optional'",
    default: '',
    says: {
      en: '`require` refuses clients without a good certificate; `optional` lets them in and tells the app.',
      zh: '`require` 拒绝没有有效证书的客户端；`optional` 放行，并告知应用。',
    },
  },
  {
    path: 'sites.*.clientAuth.ca',
    type: 'string',
    default: '',
    says: {
      en: 'PEM file of the authorities whose client certificates are accepted.',
      zh: 'PEM 文件：接受哪些机构颁发的客户端证书。',
    },
  },
  {
    path: 'sites.*.clientAuth.crl',
    type: 'string',
    default: '',
    says: { en: 'PEM or DER file of revoked certificates.', zh: '吊销列表文件，PEM 或 DER。' },
  },
  {
    path: 'sites.*.certificate',
    type: "'local' | { cert, key } | { cert, key }[]",
    default: { en: 'issued', zh: '自动签发' },
    says: {
      en: 'PEM files, one pair or an ECDSA and an RSA pair side by side; `local` means the local CA in the state folder. When left out, `issuers` certify a public name, and the local CA any other.',
      zh: 'PEM 文件：一对，或 ECDSA 与 RSA 各一对并用；`local` 表示由状态文件夹里的本地 CA 签发。不写时，公共域名由 `issuers` 签发，其他名称由本地 CA 签发。',
    },
  },
  {
    path: 'sites.*.certificate.cert',
    type: 'string',
    default: '',
    says: { en: 'PEM file: the leaf first, then its chain.', zh: 'PEM 文件：叶证书在前，其后是证书链。' },
  },
  {
    path: 'sites.*.certificate.key',
    type: 'string',
    default: '',
    says: { en: 'PEM file of the private key, without a passphrase.', zh: 'PEM 文件：私钥，不带口令。' },
  },
  {
    path: 'sites.*.issuers',
    type: 'Issuer | Issuer[]',
    default: { en: 'as `issuers`, for public names', zh: '公共域名同 `issuers`' },
    says: {
      en: 'Who certifies this name, public or not, in order. See [certificates](certificates.md).',
      zh: '由谁签发这个名称的证书（无论是否公共域名），按顺序尝试。见 [certificates](certificates.zh-CN.md)。',
    },
  },
  {
    path: 'sites.*.challenge',
    type: "'http-01' | 'tls-alpn-01' | 'dns-01'",
    default: { en: 'any that works', zh: '任一可行的' },
    says: {
      en: 'The only way to prove control of the name.',
      zh: '证明域名控制权只用这一种方式。',
    },
  },
  {
    path: 'sites.*.keyType',
    type: "'ecdsa' | 'rsa' | (…)[]",
    default: "'ecdsa'",
    says: {
      en: 'Key of the certificate that is ordered; with two, one certificate for each.',
      zh: '所申请证书的密钥类型；写两种则各申请一张。',
    },
  },
  {
    path: 'sites.*.tls',
    type: "'intermediate' | 'modern' | { … }",
    default: { en: 'as `tls`', zh: '同 `tls`' },
    says: {
      en: 'This site’s TLS; takes the same as `tls`. A `profile` starts afresh; without one the values of `tls` are overridden one by one.',
      zh: '本站点的 TLS，写法同 `tls`。写了 `profile` 则从头开始，不写则逐项覆盖 `tls` 的值。',
    },
  },
  {
    path: 'sites.*.timeouts',
    type: '{ … }',
    default: { en: 'as `timeouts`', zh: '同 `timeouts`' },
    says: { en: 'This site’s timeouts.', zh: '本站点的超时。' },
  },
  {
    path: 'sites.*.limits',
    type: '{ … }',
    default: { en: 'as `limits`', zh: '同 `limits`' },
    says: { en: 'This site’s limits.', zh: '本站点的上限。' },
  },
  {
    path: 'sites.*.default',
    type: 'boolean',
    default: 'false',
    says: { en: 'Makes this site the `defaultSite`.', zh: '让本站点成为 `defaultSite`。' },
  },
  {
    path: 'sites.*.to.url',
    type: 'string | number',
    default: '',
    says: {
      en: 'Where the app listens, in an object that says more of it; `fallback` takes the same.',
      zh: '用对象写目标时，应用监听的位置；`fallback` 同样可用。',
    },
  },
  {
    path: 'sites.*.to.ca',
    type: 'string',
    default: { en: 'authorities of the system', zh: '系统信任的机构' },
    says: {
      en: 'PEM file of the authorities that vouch for an `https://` app, instead of the system’s.',
      zh: 'PEM 文件：为 `https://` 应用担保的机构，代替系统信任的机构。',
    },
  },
  {
    path: 'sites.*.to.serverName',
    type: 'string',
    default: { en: 'host of `url`', zh: '`url` 的主机' },
    says: {
      en: 'Name or address that the app’s certificate must be for; a name is sent in SNI, too.',
      zh: '应用证书必须对应的名称或地址；名称也用于 SNI。',
    },
  },
  {
    path: 'sites.*.to.clientCertificate',
    type: '{ cert, key }',
    default: '',
    says: {
      en: 'What the gateway shows to an app that asks for a certificate.',
      zh: '应用要求证书时，网关出示的证书。',
    },
  },
  {
    path: 'sites.*.to.clientCertificate.cert',
    type: 'string',
    default: '',
    says: { en: 'PEM file: the leaf first, then its chain.', zh: 'PEM 文件：叶证书在前，其后是证书链。' },
  },
  {
    path: 'sites.*.to.clientCertificate.key',
    type: 'string',
    default: '',
    says: { en: 'PEM file of the private key, without a passphrase.', zh: 'PEM 文件：私钥，不带口令。' },
  },
  {
    path: 'sites.*.to.verify',
    type: 'boolean',
    default: 'true',
    says: {
      en: '**Dangerous** when `false`: whoever answers at that address is believed to be the app. `check` and the log warn of it.',
      zh: '设为 `false` 很**危险**：无论谁在该地址应答都会被当作应用。`check` 和日志会就此告警。',
    },
  },
  {
    path: 'issuers',
    type: 'Issuer | Issuer[]',
    default: "'letsencrypt'",
    says: {
      en: "Who certifies public names, in order: `'letsencrypt'`, `'letsencrypt-staging'`, `'zerossl'`, `'local'`, or a directory. Names that are not public get certificates of the local CA. See [certificates](certificates.md).",
      zh: "由谁签发公共域名的证书，按顺序尝试：`'letsencrypt'`、`'letsencrypt-staging'`、`'zerossl'`、`'local'`，或某个目录。非公共域名使用本地 CA 的证书。见 [certificates](certificates.zh-CN.md)。",
    },
  },
  {
    path: 'issuers.directory',
    type: 'string',
    default: '',
    says: {
      en: 'URL of an ACME directory (https), or the name of a known authority.',
      zh: 'ACME 目录的网址（https），或已知机构的名称。',
    },
  },
  {
    path: 'issuers.name',
    type: 'string',
    default: { en: 'host of `directory`', zh: '`directory` 的主机' },
    says: {
      en: 'How sites, the log and `menshen certs` name it.',
      zh: '站点、日志和 `menshen certs` 对它的称呼。',
    },
  },
  {
    path: 'issuers.ca',
    type: 'string',
    default: { en: 'authorities of the system', zh: '系统信任的机构' },
    says: {
      en: 'PEM file of the authorities that vouch for its server.',
      zh: 'PEM 文件：为其服务器担保的机构。',
    },
  },
  {
    path: 'issuers.eab',
    type: '{ keyId, hmacKey }',
    default: '',
    says: {
      en: 'External account binding, where the authority wants one. `hmacKey` is a `Secret`.',
      zh: '外部账户绑定，机构要求时填写。`hmacKey` 是 `Secret`。',
    },
  },
  {
    path: 'issuers.profile',
    type: 'string',
    default: '',
    says: {
      en: 'A profile of the directory, such as `shortlived`. For addresses Let’s Encrypt is asked for `shortlived` by itself.',
      zh: '目录提供的证书规格，例如 `shortlived`。为 IP 地址向 Let’s Encrypt 申请时自动使用 `shortlived`。',
    },
  },
  {
    path: 'issuers.preferredChain',
    type: 'string',
    default: '',
    says: {
      en: 'Common name of the root in which the chain should end, where several are offered.',
      zh: '提供多条证书链时，希望以哪个根（通用名称）结尾。',
    },
  },
  {
    path: 'issuers.internal',
    type: 'boolean',
    default: 'false',
    says: {
      en: 'It certifies names that are not public, too: an authority of your own network.',
      zh: '它也签发非公共域名的证书：您自己网络里的机构。',
    },
  },
  {
    path: 'dns',
    type: '{ … }',
    default: '',
    says: {
      en: 'How records for DNS-01 come into the DNS; wildcards need it. The first of these that covers a name is used.',
      zh: 'DNS-01 的记录如何写入 DNS；通配符证书需要它。使用其中第一个适用于该名称的方式。',
    },
  },
  {
    path: 'dns.responder',
    type: '{ zone, ns, addresses?, listen? }',
    default: '',
    says: {
      en: 'The built-in name server, for a zone that was delegated to it: no key of a provider is needed.',
      zh: '内置的域名服务器，用于委派给它的区域：不需要服务商的密钥。',
    },
  },
  {
    path: 'dns.responder.zone',
    type: 'string | string[]',
    default: '',
    says: {
      en: 'The delegated zone, such as `acme.example.com`.',
      zh: '委派的区域，例如 `acme.example.com`。',
    },
  },
  {
    path: 'dns.responder.ns',
    type: 'string',
    default: '',
    says: {
      en: 'Name of this server, as the NS record of the zone says.',
      zh: '本服务器的名称，与该区域的 NS 记录一致。',
    },
  },
  {
    path: 'dns.responder.addresses',
    type: 'string | string[]',
    default: '[]',
    says: {
      en: 'Public addresses of `ns`, where it lies inside the zone.',
      zh: '`ns` 在该区域之内时，它的公网地址。',
    },
  },
  {
    path: 'dns.responder.listen',
    type: 'string | string[]',
    default: "['[::]:53', '0.0.0.0:53']",
    says: {
      en: 'Where to listen, over UDP and TCP.',
      zh: '监听的地址，UDP 和 TCP。',
    },
  },
  {
    path: 'dns.rfc2136',
    type: '{ server?, keyName?, algorithm?, secret }',
    default: '',
    says: {
      en: 'Updates of the zone (RFC 2136), signed with TSIG.',
      zh: '以 TSIG 签名的动态更新（RFC 2136）。',
    },
  },
  {
    path: 'dns.rfc2136.server',
    type: 'string',
    default: { en: 'the primary that the SOA names', zh: 'SOA 所写的主服务器' },
    says: {
      en: 'Address of the server that takes updates.',
      zh: '接受更新的服务器地址。',
    },
  },
  {
    path: 'dns.rfc2136.keyName',
    type: 'string',
    default: '',
    says: {
      en: 'Name of the key; not needed where `secret` holds a whole key (`tsig-keygen`, or `algorithm:name:secret`).',
      zh: '密钥名称；`secret` 是完整密钥（`tsig-keygen` 的输出或 `算法:名称:密钥`）时不需要。',
    },
  },
  {
    path: 'dns.rfc2136.algorithm',
    type: "'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512'",
    default: "'hmac-sha256'",
    says: {
      en: 'Its algorithm.',
      zh: '密钥算法。',
    },
  },
  {
    path: 'dns.rfc2136.secret',
    type: 'Secret',
    default: '',
    says: {
      en: 'The key, in base64, or a whole key.',
      zh: 'base64 密钥，或完整密钥。',
    },
  },
  {
    path: 'dns.cloudflare',
    type: '{ token }',
    default: '',
    says: {
      en: 'Cloudflare’s API.',
      zh: 'Cloudflare 的 API。',
    },
  },
  {
    path: 'dns.cloudflare.token',
    type: 'Secret',
    default: '',
    says: {
      en: 'A token with Zone:Read and DNS:Edit for the zones.',
      zh: '对相关区域有 Zone:Read 和 DNS:Edit 权限的令牌。',
    },
  },
  {
    path: 'dns.exec',
    type: '{ hook, cleanup?, style?, timeout? }',
    default: '',
    says: {
      en: 'A program of your own, run as certbot or dehydrated would run it.',
      zh: '您自己的程序，按 certbot 或 dehydrated 的方式运行。',
    },
  },
  {
    path: 'dns.exec.hook',
    type: 'string',
    default: '',
    says: {
      en: 'File of the program that sets the record.',
      zh: '设置记录的程序文件。',
    },
  },
  {
    path: 'dns.exec.cleanup',
    type: 'string',
    default: '',
    says: {
      en: 'File of the program that takes the record away (`certbot` style).',
      zh: '删除记录的程序文件（`certbot` 方式）。',
    },
  },
  {
    path: 'dns.exec.style',
    type: "'certbot' | 'dehydrated'",
    default: "'certbot'",
    says: {
      en: 'How it is told: by variables of the environment, or by arguments.',
      zh: '如何告知它：用环境变量，或用参数。',
    },
  },
  {
    path: 'dns.exec.timeout',
    type: 'Duration',
    default: "'5m'",
    says: {
      en: 'How long it may run.',
      zh: '最长运行时间。',
    },
  },
  {
    path: 'dns.check',
    type: 'boolean',
    default: 'true',
    says: {
      en: 'Whether all authoritative servers must show a record before the authority is asked. `false` where they cannot be asked from here.',
      zh: '请求机构之前，是否必须所有权威服务器都已显示记录。无法从这里询问它们时设为 `false`。',
    },
  },
  {
    path: 'onDemand',
    type: '{ ask, … }',
    default: '',
    says: {
      en: 'Certificates for names that are not in the configuration, made while a handshake waits; the `defaultSite` answers. Off when left out.',
      zh: '为配置中没有的名称在握手等待时申请证书；由 `defaultSite` 回答。不写则关闭。',
    },
  },
  {
    path: 'onDemand.ask',
    type: 'string | function',
    default: '',
    says: {
      en: 'Who says whether a name may have one: `GET url?domain=NAME&client=ADDRESS`, where 2xx is yes and 4xx is no; or a function.',
      zh: '由谁决定某个名称可否获得证书：`GET url?domain=NAME&client=ADDRESS`，2xx 为允许，4xx 为拒绝；或一个函数。',
    },
  },
  {
    path: 'onDemand.burst',
    type: 'number',
    default: '10',
    says: {
      en: 'How many new names at once.',
      zh: '一次最多多少个新名称。',
    },
  },
  {
    path: 'onDemand.every',
    type: 'Duration',
    default: "'1m'",
    says: {
      en: 'How long until one more is allowed.',
      zh: '每隔多久再允许一个。',
    },
  },
  {
    path: 'onDemand.issuers',
    type: 'string | string[]',
    default: { en: 'as `issuers`', zh: '同 `issuers`' },
    says: {
      en: 'Names of the authorities that are asked.',
      zh: '向哪些机构申请，写名称。',
    },
  },
  {
    path: 'webhook',
    type: '{ url, secret }',
    default: '',
    says: {
      en: 'Where events of certificates are told, signed.',
      zh: '证书事件发送到哪里（带签名）。',
    },
  },
  {
    path: 'webhook.url',
    type: 'string',
    default: '',
    says: {
      en: 'Gets a POST with JSON for each event.',
      zh: '每个事件向它 POST 一份 JSON。',
    },
  },
  {
    path: 'webhook.secret',
    type: 'Secret',
    default: '',
    says: {
      en: 'Key of the signature in `Menshen-Signature`.',
      zh: '`Menshen-Signature` 签名的密钥。',
    },
  },
  {
    path: 'defaultSite',
    type: 'string',
    default: "''",
    says: {
      en: 'The site that answers for names that no site has. Without one, such handshakes end with the alert `unrecognized_name`.',
      zh: '没有站点匹配时由它回答。不设则这样的握手以 `unrecognized_name` 警报结束。',
    },
  },
  {
    path: 'listen',
    type: '{ … }',
    default: '',
    says: { en: 'Where to listen.', zh: '监听的地址和端口。' },
  },
  {
    path: 'listen.host',
    type: 'string | string[]',
    default: '[]',
    says: {
      en: 'IP addresses; all of them, IPv6 and IPv4, when left out.',
      zh: 'IP 地址；不写则监听全部 IPv6 和 IPv4 地址。',
    },
  },
  {
    path: 'listen.https',
    type: 'number',
    default: '443',
    says: { en: 'Port of HTTPS; 0 lets the system pick a free one.', zh: 'HTTPS 端口；0 表示由系统挑一个空闲端口。' },
  },
  {
    path: 'listen.http',
    type: 'number',
    default: '80',
    says: { en: 'Port that redirects to HTTPS; 0 turns it off.', zh: '重定向到 HTTPS 的端口；0 表示关闭。' },
  },
  {
    path: 'state',
    type: 'string',
    default: { en: 'see right', zh: '见右' },
    says: {
      en: 'Folder of certificates, keys and the local CA. For root `/var/lib/menshen`; else `$XDG_STATE_HOME/menshen`, or `~/.local/state/menshen`.',
      zh: '存放证书、密钥和本地 CA 的文件夹。root 用户为 `/var/lib/menshen`；其他用户为 `$XDG_STATE_HOME/menshen` 或 `~/.local/state/menshen`。',
    },
  },
  {
    path: 'workers',
    type: 'number',
    default: '0',
    says: {
      en: 'Processes that serve, up to 256; 0 for one a core. See [workers](workers.md).',
      zh: '提供服务的进程数，最多 256；0 表示每个核心一个。见 [workers](workers.md)。',
    },
  },
  {
    path: 'log',
    type: "'json' | 'pretty' | 'common' | 'combined'",
    default: { en: '`pretty` on a terminal, else `json`', zh: '终端上为 `pretty`，否则为 `json`' },
    says: { en: 'How log lines look.', zh: '日志格式。' },
  },
  {
    path: 'lang',
    type: "'en' | 'zh'",
    default: { en: 'from `LC_ALL`, `LC_MESSAGES`, `LANG`', zh: '取自 `LC_ALL`、`LC_MESSAGES`、`LANG`' },
    says: { en: 'Language of what people read.', zh: '给人看的文字用什么语言。' },
  },
  {
    path: 'tls',
    type: "'intermediate' | 'modern' | { … }",
    default: "'intermediate'",
    says: {
      en: 'A profile of Mozilla’s guidelines (6.0), or single values over one.',
      zh: 'Mozilla 指南（6.0）的一个方案，或在其上逐项修改。',
    },
  },
  {
    path: 'tls.profile',
    type: "'intermediate' | 'modern'",
    default: "'intermediate'",
    says: {
      en: 'Where values that are not set come from. `intermediate`: TLS 1.2 and 1.3, forward secrecy and AEAD only; `modern`: TLS 1.3 only.',
      zh: '未设置的值取自哪个方案。`intermediate`：TLS 1.2 和 1.3，只用前向保密与 AEAD；`modern`：只用 TLS 1.3。',
    },
  },
  {
    path: 'tls.minVersion',
    type: "'TLSv1.2' | 'TLSv1.3'",
    default: { en: 'of the profile', zh: '取自方案' },
    says: {
      en: 'Lowest version. TLS 1.0 and 1.1 are not offered (RFC 8996).',
      zh: '最低版本。不提供 TLS 1.0 和 1.1（RFC 8996）。',
    },
  },
  {
    path: 'tls.maxVersion',
    type: "'TLSv1.2' | 'TLSv1.3'",
    default: "'TLSv1.3'",
    says: { en: 'Highest version.', zh: '最高版本。' },
  },
  {
    path: 'tls.ciphers',
    type: 'string | string[]',
    default: { en: 'of the profile', zh: '取自方案' },
    says: {
      en: 'Suites by their OpenSSL names, those of TLS 1.3 included; as a list or colon separated.',
      zh: '密码套件的 OpenSSL 名称，包括 TLS 1.3 的；列表，或用冒号分隔。',
    },
  },
  {
    path: 'tls.groups',
    type: 'string | string[]',
    default: "'X25519MLKEM768:X25519:prime256v1:secp384r1'",
    says: {
      en: 'Key exchange groups, the preferred first. Post-quantum groups are left out where Node’s OpenSSL is older than 3.5.',
      zh: '密钥交换组，优先的在前。Node 自带的 OpenSSL 低于 3.5 时略去后量子组。',
    },
  },
  {
    path: 'tls.honorCipherOrder',
    type: 'boolean',
    default: 'false',
    says: {
      en: 'The server’s order of suites decides instead of the client’s.',
      zh: '由服务器而不是客户端的套件顺序决定。',
    },
  },
  {
    path: 'tls.ticketLifetime',
    type: 'Duration',
    default: "'2h'",
    says: {
      en: 'How long a session may be resumed; 0 issues no tickets, seven days is the most (RFC 8446 section 4.6.1).',
      zh: '会话可恢复多久；0 表示不发票据，最长七天（RFC 8446 第 4.6.1 节）。',
    },
  },
  {
    path: 'trustedProxies',
    type: 'string[]',
    default: '[]',
    says: {
      en: 'Networks (`10.0.0.0/8`, `::1`) of proxies in front, whose `X-Forwarded-*` is believed. From everybody else it is removed.',
      zh: '前置代理所在的网络（`10.0.0.0/8`、`::1`），只相信它们的 `X-Forwarded-*`；其他来源的一律删除。',
    },
  },
  {
    path: 'forwarded',
    type: 'boolean',
    default: 'false',
    says: {
      en: 'Adds `Forwarded` (RFC 7239) beside `X-Forwarded-*`.',
      zh: '在 `X-Forwarded-*` 之外再加 `Forwarded`（RFC 7239）。',
    },
  },
  {
    path: 'admin',
    type: '{ port }',
    default: '',
    says: { en: 'Metrics and status, on loopback only.', zh: '指标和状态，只在本机回环地址上。' },
  },
  {
    path: 'admin.port',
    type: 'number',
    default: '0',
    says: { en: 'Its port; 0 turns it off.', zh: '它的端口；0 表示关闭。' },
  },
  {
    path: 'timeouts',
    type: '{ … }',
    default: '',
    says: { en: 'For all sites; see the table below.', zh: '对所有站点；见下表。' },
  },
  {
    path: 'limits',
    type: '{ … }',
    default: '',
    says: { en: 'For all sites; see the table below.', zh: '对所有站点；见下表。' },
  },
];

/** Where a key belongs, for people who put it elsewhere: `clientAuth` → `sites["name"].clientAuth`. */
export const settingPlaces: ReadonlyMap<string, string> = new Map(
  settingEntries
    // The first place of a key wins: the one nearest to the top.
    .toReversed()
    .map(({ path }) => [path.slice(path.lastIndexOf('.') + 1), path.replace('sites.*', 'sites["app.example.com"]')]),
);

/** The type of a setting, by its path without names and list positions: `sites.*.clientAuth.ca` → `string`. */
export const settingTypes: ReadonlyMap<string, string> = new Map(settingEntries.map(({ path, type }) => [path, type]));
