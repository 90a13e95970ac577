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
    default: "'local'",
    says: {
      en: 'PEM files, one pair or an ECDSA and an RSA pair side by side; `local` means the local CA in the state folder.',
      zh: 'PEM 文件：一对，或 ECDSA 与 RSA 各一对并用；`local` 表示由状态文件夹里的本地 CA 签发。',
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
