import type { Catalog } from '../catalog.ts';

/**
 * Mistakes in a configuration and on the command line.
 *
 * `{path}` is the place as one writes it in the file (`sites["api.example.com"].clientAuth.mode`), or the flag that gave
 * the value; `{found}` is the value, shown short. What stands in values is the same in both languages: code, not prose.
 */
export const configCatalog = {
  // What a configuration says wrongly, value by value.
  'config-not-an-object': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The configuration is {found}, not an object.',
      mend: 'Export an object with `sites`, or a function that returns one.',
    },
    zh: { cause: '配置是 {found}，而不是对象。', mend: '请导出一个含 `sites` 的对象，或返回它的函数。' },
  },
  'config-not-plain': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is not plain data but {found}.',
      mend: 'Write strings, numbers, booleans, lists and plain objects only; compute the value before it is exported.',
    },
    zh: {
      cause: '`{path}` 不是纯数据，而是 {found}。',
      mend: '只能写字符串、数字、布尔值、列表和普通对象；请先算出值再导出。',
    },
  },
  'config-cycle': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` contains itself.', mend: 'Take the circular reference out.' },
    zh: { cause: '`{path}` 包含了它自己。', mend: '请去掉循环引用。' },
  },
  'config-key-misspelled': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is not a setting.', mend: 'Did you mean `{suggestion}`?' },
    zh: { cause: '没有 `{path}` 这个设置。', mend: '您是不是想写 `{suggestion}`？' },
  },
  'config-key-misplaced': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is not a setting in this place.', mend: 'Move it to `{place}`.' },
    zh: { cause: '`{path}` 这个设置不属于这里。', mend: '请移到 `{place}`。' },
  },
  'config-key-unknown': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is not a setting.', mend: 'Take it out; what can be set here: {known}.' },
    zh: { cause: '没有 `{path}` 这个设置。', mend: '请删去；这里可以设置：{known}。' },
  },
  'config-missing': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is missing.', mend: 'Add it; the type here is {expected}.' },
    zh: { cause: '缺少 `{path}`。', mend: '请补上；这里的类型是 {expected}。' },
  },
  'config-type': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is {found}, which has the wrong type.', mend: 'The type here is {expected}.' },
    zh: { cause: '`{path}` 是 {found}，类型不对。', mend: '这里的类型是 {expected}。' },
  },
  'config-empty': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is empty.', mend: 'Give it a value, or take it out.' },
    zh: { cause: '`{path}` 是空的。', mend: '请填上值，或删去它。' },
  },
  'config-empty-list': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is an empty list.', mend: 'Name at least one, or take it out.' },
    zh: { cause: '`{path}` 是空列表。', mend: '请至少写一项，或删去它。' },
  },
  'config-choice': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is {found}, which is not one of the choices.', mend: 'Choose one of {choices}.' },
    zh: { cause: '`{path}` 是 {found}，不在可选值之中。', mend: '请从 {choices} 中选一个。' },
  },
  'config-choice-misspelled': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not one of the choices: {choices}.',
      mend: 'Did you mean {suggestion}?',
    },
    zh: { cause: '`{path}` 是 {found}，不在可选值之中：{choices}。', mend: '您是不是想写 {suggestion}？' },
  },
  'config-not-whole': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is {found}, not a whole number.', mend: 'Write a whole number.' },
    zh: { cause: '`{path}` 是 {found}，不是整数。', mend: '请写整数。' },
  },
  'config-range': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, outside of what is possible.',
      mend: 'Choose a value from {minimum} to {maximum}.',
    },
    zh: { cause: '`{path}` 是 {found}，超出了范围。', mend: '请取 {minimum} 到 {maximum} 之间的值。' },
  },
  'config-gateway-wide': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        '`{path}` cannot differ from site to site: it holds before the site is known, or for all of them together.',
      mend: 'Set `{setting}` at the top of the configuration, outside of `sites`.',
    },
    zh: {
      cause: '`{path}` 不能按站点设置：它在站点确定之前就起作用，或由所有站点共用。',
      mend: '请在配置的顶层（`sites` 之外）设置 `{setting}`。',
    },
  },
  'config-duration': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not a duration.',
      mend: "Write a number of milliseconds, or a number with a unit: '250ms', '30s', '5m', '1h', '7d'.",
    },
    zh: {
      cause: '`{path}` 是 {found}，不是时长。',
      mend: "请写毫秒数，或带单位的数：'250ms'、'30s'、'5m'、'1h'、'7d'。",
    },
  },
  'config-size': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not a size.',
      mend: "Write a number of octets, or a number with a unit: '512B', '64KiB', '1MB'.",
    },
    zh: { cause: '`{path}` 是 {found}，不是大小。', mend: "请写字节数，或带单位的数：'512B'、'64KiB'、'1MB'。" },
  },
  'config-email': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not a mail address.',
      mend: "Write one address, such as 'ops@example.com'.",
    },
    zh: { cause: '`{path}` 是 {found}，不是邮件地址。', mend: "请写一个地址，例如 'ops@example.com'。" },
  },
  'config-port': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is {found}, which is not a port.', mend: 'Write a number from 0 to 65535.' },
    zh: { cause: '`{path}` 是 {found}，不是端口。', mend: '请写 0 到 65535 之间的数。' },
  },
  'config-ports-clash': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` and `{other}` are both port {port}.', mend: 'Give one of them another port.' },
    zh: { cause: '`{path}` 和 `{other}` 都用了端口 {port}。', mend: '请给其中一个换个端口。' },
  },
  'config-listen-host': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not an IP address.',
      mend: "Write an IP address such as '127.0.0.1' or '::1'; leave it out to listen on all.",
    },
    zh: {
      cause: '`{path}` 是 {found}，不是 IP 地址。',
      mend: "请写 '127.0.0.1'、'::1' 这样的 IP 地址；不写则监听全部地址。",
    },
  },
  'config-network': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not a network.',
      mend: "Write an IP address or a network in CIDR notation: '192.0.2.7', '10.0.0.0/8', 'fd00::/8'.",
    },
    zh: {
      cause: '`{path}` 是 {found}，不是网络。',
      mend: "请写 IP 地址或 CIDR 网段：'192.0.2.7'、'10.0.0.0/8'、'fd00::/8'。",
    },
  },
  // Names of sites.
  'config-no-sites': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` names no site, so there is nothing to serve.',
      mend: "Add one: sites: { 'app.localhost': 3000 }.",
    },
    zh: {
      cause: '`{path}` 里一个站点也没有，没有可提供的内容。',
      mend: "请添加一个：sites: { 'app.localhost': 3000 }。",
    },
  },
  'config-site-name-empty': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}`: a site has the empty name.', mend: "Name the host that people type: 'app.example.com'." },
    zh: { cause: '`{path}`：有站点的名字是空的。', mend: "请写用户输入的主机名：'app.example.com'。" },
  },
  'config-site-name-url': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}`: a site is named by its host, and {name} is a URL.', mend: "Write '{suggestion}'." },
    zh: { cause: '`{path}`：站点用主机名命名，而 {name} 是网址。', mend: "请写 '{suggestion}'。" },
  },
  'config-site-name-path': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: a site is named by its host, and {name} has a path.',
      mend: "Write '{suggestion}'; a site answers for all of its paths.",
    },
    zh: {
      cause: '`{path}`：站点用主机名命名，而 {name} 带有路径。',
      mend: "请写 '{suggestion}'；一个站点回答它的所有路径。",
    },
  },
  'config-site-name-port': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: a site is named by its host, and {name} has a port.',
      mend: "Write '{suggestion}'; the port is set once, in `listen.https`.",
    },
    zh: {
      cause: '`{path}`：站点用主机名命名，而 {name} 带有端口。',
      mend: "请写 '{suggestion}'；端口统一在 `listen.https` 设置。",
    },
  },
  'config-site-name-wildcard': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: {name} is no wildcard that certificates know: a star stands for one whole label, at the front.',
      mend: "Write '*.example.com'; for every name there is, mark one site with `default: true`.",
    },
    zh: {
      cause: '`{path}`：证书不认识 {name} 这样的通配：星号只能在最前面，代表完整的一级。',
      mend: "请写 '*.example.com'；若要接住所有名字，请给一个站点设 `default: true`。",
    },
  },
  'config-site-name-characters': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: {name} is not a host name.',
      mend: 'Use letters, digits and inner hyphens, labels separated by dots; internationalized names may be written as they are.',
    },
    zh: {
      cause: '`{path}`：{name} 不是主机名。',
      mend: '请用字母、数字和中间的连字符，各级以点分隔；国际化域名照写即可。',
    },
  },
  'config-site-name-length': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: {name} is too long for DNS.',
      mend: 'Keep labels within 63 octets and the whole name within 253.',
    },
    zh: { cause: '`{path}`：{name} 超过了 DNS 允许的长度。', mend: '每级不超过 63 字节，全名不超过 253 字节。' },
  },
  'config-site-twice': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is the same name as {other}: both are {name}.', mend: 'Keep one of them.' },
    zh: { cause: '`{path}` 与 {other} 是同一个名字：都是 {name}。', mend: '请只保留一个。' },
  },
  // What a site consists of.
  'config-site-without-answer': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` has nothing that answers.',
      mend: "Give it an app (`to: 3000`) or a folder of files (`root: './public'`).",
    },
    zh: {
      cause: '`{path}` 没有东西来回答请求。',
      mend: "请给它一个应用（`to: 3000`）或一个文件夹（`root: './public'`）。",
    },
  },
  'config-to-beside-root': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` stands beside `root`, so it is not clear who answers first.',
      mend: 'Rename it to `fallback`: files first, then the app.',
    },
    zh: { cause: '`{path}` 与 `root` 并列，不清楚先由谁回答。', mend: '请改名为 `fallback`：先找文件，再问应用。' },
  },
  'config-fallback-beside-to': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` stands beside `to`; an app that answers everything leaves nothing to fall back from.',
      mend: 'Keep `to` for an app alone, or `root` with `fallback` for files first.',
    },
    zh: {
      cause: '`{path}` 与 `to` 并列；应用既然回答一切，就用不到后备。',
      mend: '只用应用就留 `to`；先找文件就用 `root` 加 `fallback`。',
    },
  },
  'config-fallback-without-root': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` needs a `root` whose missing files it answers for.',
      mend: 'Add `root`, or rename it to `to`.',
    },
    zh: { cause: '`{path}` 需要有 `root`，没有的文件才由它回答。', mend: '请添加 `root`，或改名为 `to`。' },
  },
  'config-index-without-root': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` needs a `root` in whose folders it is looked for.', mend: 'Add `root`, or take it out.' },
    zh: { cause: '`{path}` 需要有 `root`，才能在其文件夹里查找。', mend: '请添加 `root`，或删去它。' },
  },
  'config-index-name': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not the name of a file that may be served.',
      mend: "Write a plain file name, such as 'index.html'.",
    },
    zh: { cause: '`{path}` 是 {found}，不是可以提供的文件名。', mend: "请写普通的文件名，例如 'index.html'。" },
  },
  'config-default-twice': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}`: {other} is the default already.', mend: 'Mark one site only.' },
    zh: { cause: '`{path}`：{other} 已经是默认站点。', mend: '只能标记一个站点。' },
  },
  'config-default-conflict': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` says {found}, and {other} has `default: true`.', mend: 'Keep one of the two.' },
    zh: { cause: '`{path}` 写的是 {found}，而 {other} 又设了 `default: true`。', mend: '两处请只留一处。' },
  },
  'config-default-unknown': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is {found}, which is not among the sites.', mend: 'Name one of them: {suggestion}?' },
    zh: { cause: '`{path}` 是 {found}，站点中没有它。', mend: '请写其中一个：是不是 {suggestion}？' },
  },
  // How certificates are got.
  'config-issuer-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, and no authority is known by that name.',
      mend: "Did you mean '{suggestion}'? Any other authority is written as { directory: 'https://…' }.",
    },
    zh: {
      cause: '`{path}` 是 {found}，没有叫这个名字的证书机构。',
      mend: "您是不是想写 '{suggestion}'？其他机构请写成 { directory: 'https://…' }。",
    },
  },
  'config-issuer-name': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which cannot name an authority here.',
      mend: "Use lower-case letters, digits, '.' and '-'; 'local' means the local CA.",
    },
    zh: {
      cause: '`{path}` 是 {found}，不能作为证书机构的名称。',
      mend: "请用小写字母、数字、'.' 和 '-'；'local' 表示本地 CA。",
    },
  },
  'config-issuer-twice': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` defines the authority {name} a second time, and differently.',
      mend: 'Define it once, and write its name in the other places; or give one of them another `name`.',
    },
    zh: {
      cause: '`{path}` 再次定义了证书机构 {name}，且内容不同。',
      mend: '请只定义一次，其他地方写它的名称；或给其中一个换一个 `name`。',
    },
  },
  'config-issuer-eab': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is ZeroSSL, which takes accounts only with the key of an external account.',
      mend: "Make an EAB key in ZeroSSL's developer page and write { directory: 'zerossl', eab: { keyId, hmacKey } }.",
    },
    zh: {
      cause: '`{path}` 是 ZeroSSL，它只接受绑定外部账户的 ACME 账户。',
      mend: "请在 ZeroSSL 的开发者页面生成 EAB 密钥，并写成 { directory: 'zerossl', eab: { keyId, hmacKey } }。",
    },
  },
  'config-directory': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not the address of an ACME directory.',
      mend: "Write its https URL, such as 'https://ca.example/acme/directory', or the name of a known authority.",
    },
    zh: {
      cause: '`{path}` 是 {found}，不是 ACME 目录的地址。',
      mend: "请写 https 地址，例如 'https://ca.example/acme/directory'，或已知机构的名称。",
    },
  },
  'config-issuance-beside-certificate': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` stands beside `certificate`, with which nothing is ordered.',
      mend: 'Keep one of the two.',
    },
    zh: { cause: '`{path}` 与 `certificate` 并列，而有了后者就不会申请证书。', mend: '两者请只留其一。' },
  },
  'config-issuance-local': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` has no effect: {name} is not a public name, so the local CA certifies it.',
      mend: 'Take it out; or name in `issuers` of this site an authority that certifies this name.',
    },
    zh: {
      cause: '`{path}` 不起作用：{name} 不是公共域名，由本地 CA 签发。',
      mend: '请删去它；或在本站点的 `issuers` 中写出能签发该名称的机构。',
    },
  },
  'config-wildcard-needs-dns': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        '`{path}`: authorities certify a wildcard only after a look into the DNS, and nothing here can put a record there.',
      mend: "Add `dns` (a delegated zone, RFC 2136, Cloudflare or a hook); or set `certificate` to files or to 'local'.",
    },
    zh: {
      cause: '`{path}`：机构只有查过 DNS 才签发通配符证书，而这里没有办法写入 DNS 记录。',
      mend: "请添加 `dns`（委派的区域、RFC 2136、Cloudflare 或脚本）；或将 `certificate` 设为文件或 'local'。",
    },
  },
  'config-wildcard-challenge': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, and control of the wildcard {name} is proven by dns-01 only.',
      mend: "Write 'dns-01', or take it out.",
    },
    zh: { cause: '`{path}` 是 {found}，而通配符 {name} 只能用 dns-01 证明。', mend: "请写 'dns-01'，或删去它。" },
  },
  'config-address-challenge': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: an address has no record in the DNS that {name} could be proven with.',
      mend: "Write 'http-01' or 'tls-alpn-01', or take it out.",
    },
    zh: {
      cause: '`{path}`：IP 地址没有可用来证明 {name} 的 DNS 记录。',
      mend: "请写 'http-01' 或 'tls-alpn-01'，或删去它。",
    },
  },
  'config-challenge-needs-dns': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is dns-01, and nothing here can put a record into the DNS.',
      mend: 'Add `dns`: a delegated zone, RFC 2136, Cloudflare or a hook.',
    },
    zh: {
      cause: '`{path}` 是 dns-01，而这里没有办法写入 DNS 记录。',
      mend: '请添加 `dns`：委派的区域、RFC 2136、Cloudflare 或脚本。',
    },
  },
  'config-challenge-needs-http': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is http-01, and `listen.http` is 0.',
      mend: 'Set `listen.http` to the port that the world reaches as port 80, or take `challenge` out.',
    },
    zh: {
      cause: '`{path}` 是 http-01，而 `listen.http` 是 0。',
      mend: '请将 `listen.http` 设为外界以 80 端口访问的端口，或删去 `challenge`。',
    },
  },
  'config-dns-empty': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` names no way to put a record into the DNS.',
      mend: 'Add `responder`, `rfc2136`, `cloudflare` or `exec`.',
    },
    zh: {
      cause: '`{path}` 没有写明如何写入 DNS 记录。',
      mend: '请添加 `responder`、`rfc2136`、`cloudflare` 或 `exec`。',
    },
  },
  'config-dns-name': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is {found}, which is no domain name.', mend: "Write a name, such as 'acme.example.com'." },
    zh: { cause: '`{path}` 是 {found}，不是域名。', mend: "请写域名，例如 'acme.example.com'。" },
  },
  'config-dns-address': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is no IP address with or without a port.',
      mend: "Write '192.0.2.1', '192.0.2.1:5353' or '[2001:db8::1]:5353'.",
    },
    zh: {
      cause: '`{path}` 是 {found}，不是 IP 地址（可带端口）。',
      mend: "请写 '192.0.2.1'、'192.0.2.1:5353' 或 '[2001:db8::1]:5353'。",
    },
  },
  'config-tsig-key': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` holds no TSIG key that can be read: {problem}.',
      mend: 'Name the file that tsig-keygen wrote as `secret: { file }`, or set `keyName`, `algorithm` and `secret`.',
    },
    zh: {
      cause: '`{path}` 中没有可读取的 TSIG 密钥：{problem}。',
      mend: '请用 `secret: { file }` 指定 tsig-keygen 生成的文件，或设置 `keyName`、`algorithm` 和 `secret`。',
    },
  },
  'config-secret-env': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` stands in the variable {variable}, which is not set or empty.',
      mend: 'Set the variable where the gateway is started.',
    },
    zh: { cause: '`{path}` 取自环境变量 {variable}，而它未设置或为空。', mend: '请在启动网关的环境中设置该变量。' },
  },
  'config-secret-empty': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` stands in {place}, which is empty.', mend: 'Write the secret into that file.' },
    zh: { cause: '`{path}` 取自 {place}，而该文件是空的。', mend: '请把密钥写入该文件。' },
  },
  'config-url': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is no address of the web.',
      mend: "Write an http or https URL, such as 'http://127.0.0.1:9000/ask'.",
    },
    zh: {
      cause: '`{path}` 是 {found}，不是网址。',
      mend: "请写 http 或 https 网址，例如 'http://127.0.0.1:9000/ask'。",
    },
  },
  // Where apps listen.
  'config-upstream-type': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which does not say where an app listens.',
      mend: "Write a port (3000), an address ('127.0.0.1:8000') or a socket ('unix:/run/app.sock').",
    },
    zh: {
      cause: '`{path}` 是 {found}，没有说明应用在哪里监听。',
      mend: "请写端口（3000）、地址（'127.0.0.1:8000'）或套接字（'unix:/run/app.sock'）。",
    },
  },
  'config-upstream-form': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is not an address of an app.',
      mend: "Write a port (3000), an address ('127.0.0.1:8000', '[::1]:3000', 'http://app.internal:80') or a socket ('unix:/run/app.sock').",
    },
    zh: {
      cause: '`{path}` 是 {found}，不是应用的地址。',
      mend: "请写端口（3000）、地址（'127.0.0.1:8000'、'[::1]:3000'、'http://app.internal:80'）或套接字（'unix:/run/app.sock'）。",
    },
  },
  'config-upstream-no-port': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which has no port.',
      mend: "Add the port that the app listens on: '{suggestion}'.",
    },
    zh: { cause: '`{path}` 是 {found}，没有端口。', mend: "请加上应用监听的端口：'{suggestion}'。" },
  },
  'config-upstream-port': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "`{path}` is {found}, and an app's port is a whole number from 1 to 65535.",
      mend: 'Write the port that the app listens on.',
    },
    zh: { cause: '`{path}` 是 {found}，而应用的端口应是 1 到 65535 的整数。', mend: '请写应用监听的端口。' },
  },
  'config-upstream-brackets': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, where address and port of IPv6 cannot be told apart.',
      mend: "Put the address in brackets: '{suggestion}'.",
    },
    zh: { cause: '`{path}` 是 {found}，IPv6 的地址和端口无法区分。', mend: "请给地址加方括号：'{suggestion}'。" },
  },
  'config-upstream-path': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}; apps get the path that the client asked for, so `{rest}` has no effect.',
      mend: 'Take `{rest}` out.',
    },
    zh: {
      cause: '`{path}` 是 {found}；应用收到的就是客户端请求的路径，`{rest}` 不起作用。',
      mend: '请去掉 `{rest}`。',
    },
  },
  'config-upstream-userinfo': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "`{path}` has a user name in front of the host; requests to apps carry no credentials of the gateway's.",
      mend: 'Take everything up to the @ out.',
    },
    zh: { cause: '`{path}` 在主机前带有用户名；网关向应用转发请求时不附加凭据。', mend: '请去掉 @ 及其之前的部分。' },
  },
  'config-upstream-server-name': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which is neither a host name in ASCII nor an IP address.',
      mend: "Write the name that the app's certificate is for, such as 'app.internal'.",
    },
    zh: {
      cause: '`{path}` 是 {found}，既不是 ASCII 主机名，也不是 IP 地址。',
      mend: "请写应用证书所对应的名称，例如 'app.internal'。",
    },
  },
  'config-upstream-tls-options': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` sets `{setting}`, which concerns TLS, and {found} is reached without TLS.',
      mend: "Write 'https://…' as `url`, or take `{setting}` out.",
    },
    zh: {
      cause: '`{path}` 设置了与 TLS 有关的 `{setting}`，而 {found} 并不使用 TLS。',
      mend: "请把 `url` 写成 'https://…'，或去掉 `{setting}`。",
    },
  },
  'config-upstream-unverified': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause:
        '`{path}` says `verify: false`: whoever answers at {upstream} is believed to be the app and gets all its requests, passwords and cookies included.',
      mend: "Name the authority of the app's certificate as `ca` instead; a self-signed certificate is its own authority.",
    },
    zh: {
      cause:
        '`{path}` 设置了 `verify: false`：无论谁在 {upstream} 应答都会被当作该应用，并收到它的全部请求，包括密码和 Cookie。',
      mend: '请改为在 `ca` 中写明应用证书的颁发机构；自签名证书就是它自己的颁发机构。',
    },
  },
  'config-upstream-scheme': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}; {scheme}:// is not a way to reach an app.',
      mend: "Write 'http://…', 'https://…', 'h2c://…' or 'unix:/…'.",
    },
    zh: {
      cause: '`{path}` 是 {found}；不能用 {scheme}:// 连接应用。',
      mend: "请写 'http://…'、'https://…'、'h2c://…' 或 'unix:/…'。",
    },
  },
  'config-upstream-folder': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}, which looks like a path and not like an app.',
      mend: "For files write { root: {found} }, for a socket put 'unix:' in front.",
    },
    zh: {
      cause: '`{path}` 是 {found}，看起来是路径而不是应用。',
      mend: "要提供文件请写 { root: {found} }；若是套接字，请在前面加 'unix:'。",
    },
  },
  'config-upstream-socket-long': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "`{path}` is {found}, which is longer than the {longest} octets that a socket's path may have.",
      mend: 'Move the socket to a shorter path, such as one in /run.',
    },
    zh: {
      cause: '`{path}` 是 {found}，超过了套接字路径最长的 {longest} 字节。',
      mend: '请把套接字放到较短的路径，例如 /run 之下。',
    },
  },
  // Files and folders.
  'config-path-characters': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` is {found}, which holds a NUL.', mend: 'Take the NUL out.' },
    zh: { cause: '`{path}` 是 {found}，其中有 NUL 字符。', mend: '请去掉 NUL。' },
  },
  'config-file-missing': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` names the file {file}, which does not exist.',
      mend: "Correct the path (relative ones start from the configuration's folder), or put the file there.",
    },
    zh: {
      cause: '`{path}` 指向的文件 {file} 不存在。',
      mend: '请改正路径（相对路径以配置文件所在的文件夹为准），或把文件放到那里。',
    },
  },
  'config-folder-missing': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` names the folder {file}, which does not exist.',
      mend: "Correct the path (relative ones start from the configuration's folder), or make the folder.",
    },
    zh: {
      cause: '`{path}` 指向的文件夹 {file} 不存在。',
      mend: '请改正路径（相对路径以配置文件所在的文件夹为准），或建立这个文件夹。',
    },
  },
  'config-file-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` names {file}, which this user may not read.',
      mend: 'Give the user that runs Menshen the right to read it and to enter the folders above it.',
    },
    zh: {
      cause: '`{path}` 指向 {file}，当前用户无权读取。',
      mend: '请让运行 Menshen 的用户有权读取它，并能进入其上各级文件夹。',
    },
  },
  'config-not-a-file': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` names {file}, which is not a file.', mend: 'Name the file itself.' },
    zh: { cause: '`{path}` 指向 {file}，它不是文件。', mend: '请写文件本身的路径。' },
  },
  'config-not-a-folder': {
    fault: 'config',
    severity: 'error',
    en: { cause: '`{path}` names {file}, which is not a folder.', mend: 'Name the folder itself.' },
    zh: { cause: '`{path}` 指向 {file}，它不是文件夹。', mend: '请写文件夹本身的路径。' },
  },
  'config-certificate-content': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: {file} holds no certificate that can be read.',
      mend: 'Name a PEM file with -----BEGIN CERTIFICATE----- in it, the leaf first.',
    },
    zh: {
      cause: '`{path}`：{file} 里没有可读的证书。',
      mend: '请指定含 -----BEGIN CERTIFICATE----- 的 PEM 文件，叶证书在最前。',
    },
  },
  'config-crl-content': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: {file} is not a list of revoked certificates.',
      mend: 'Name a CRL file, PEM (-----BEGIN X509 CRL-----) or DER.',
    },
    zh: {
      cause: '`{path}`：{file} 不是证书吊销列表。',
      mend: '请指定 CRL 文件，PEM（-----BEGIN X509 CRL-----）或 DER。',
    },
  },
  'config-key-content': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: {file} holds no private key that can be read.',
      mend: 'Name a PEM file with -----BEGIN PRIVATE KEY----- in it.',
    },
    zh: { cause: '`{path}`：{file} 里没有可读的私钥。', mend: '请指定含 -----BEGIN PRIVATE KEY----- 的 PEM 文件。' },
  },
  'config-key-encrypted': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        '`{path}`: the private key in {file} is locked by a passphrase, and nobody is there to type it when the gateway starts.',
      mend: 'Write it without one: openssl pkey -in {file} -out key.pem, readable by its owner only.',
    },
    zh: {
      cause: '`{path}`：{file} 中的私钥有口令，而网关启动时无人输入。',
      mend: '请去掉口令另存：openssl pkey -in {file} -out key.pem，并只允许所有者读取。',
    },
  },
  'config-key-mismatch': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: the key in {keyFile} does not belong to the certificate in {certFile}.',
      mend: "Pair the certificate with the key that it was requested with; the leaf must stand first in the certificate's file.",
    },
    zh: {
      cause: '`{path}`：{keyFile} 中的私钥与 {certFile} 中的证书不是一对。',
      mend: '请用申请该证书时的私钥；证书文件里叶证书须在最前。',
    },
  },
  'config-certificate-expired': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: '`{path}`: the certificate in {file} ran out on {until}; every client refuses it.',
      mend: 'Renew it; the new file goes live as soon as it is there.',
    },
    zh: {
      cause: '`{path}`：{file} 中的证书已于 {until} 过期，所有客户端都会拒绝。',
      mend: '请更新证书；新文件放好即自动生效。',
    },
  },
  'config-certificate-not-yet': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: '`{path}`: the certificate in {file} holds from {from} on; until then clients refuse it.',
      mend: "Check this machine's clock, or wait.",
    },
    zh: {
      cause: '`{path}`：{file} 中的证书从 {from} 起才有效，此前客户端会拒绝。',
      mend: '请检查本机时钟，或等到那时。',
    },
  },
  'config-certificate-other-name': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: '`{path}`: the certificate in {file} is not for {site} but for {names}.',
      mend: 'Get a certificate that names {site}.',
    },
    zh: { cause: '`{path}`：{file} 中的证书不是给 {site} 的，而是给 {names} 的。', mend: '请换用含 {site} 的证书。' },
  },
  // TLS.
  'config-tls-version-old': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}` is {found}; versions below TLS 1.2 are broken and not offered (RFC 8996).',
      mend: "Write 'TLSv1.2'.",
    },
    zh: { cause: '`{path}` 是 {found}；TLS 1.2 以下的版本已不安全，不再提供（RFC 8996）。', mend: "请写 'TLSv1.2'。" },
  },
  'config-tls-versions-crossed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '`{path}`: the lowest version, {minVersion}, lies above the highest, {maxVersion}.',
      mend: 'Raise `maxVersion` or lower `minVersion`.',
    },
    zh: {
      cause: '`{path}`：最低版本 {minVersion} 高于最高版本 {maxVersion}。',
      mend: '请提高 `maxVersion` 或降低 `minVersion`。',
    },
  },
  'config-tls-cipher': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "`{path}`: {name} is not a cipher suite that this Node's OpenSSL knows.",
      mend: "Write OpenSSL's names, such as {suggestion}.",
    },
    zh: {
      cause: '`{path}`：当前 Node 的 OpenSSL 不认识密码套件 {name}。',
      mend: '请用 OpenSSL 的名称，例如 {suggestion}。',
    },
  },
  'config-tls-group': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: "`{path}`: {name} is not a key exchange group that this Node's OpenSSL knows.",
      mend: 'Write a group such as {suggestion}.',
    },
    zh: { cause: '`{path}`：当前 Node 的 OpenSSL 不认识密钥交换组 {name}。', mend: '请写例如 {suggestion} 这样的组。' },
  },
  // Finding and loading a file.
  'config-none': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'There is no configuration: {folder} holds no menshen.config.ts, .mts, .js, .mjs or .json, and no site was named.',
      mend: "Name a site (menshen serve app.localhost=3000), or write menshen.config.ts:\n\n    import { defineConfig } from 'menshen'\n    export default defineConfig({ sites: {\n      'app.localhost': 3000 } })",
    },
    zh: {
      cause: '没有配置：{folder} 里没有 menshen.config.ts、.mts、.js、.mjs 或 .json，命令里也没有写站点。',
      mend: "请写上站点（menshen serve app.localhost=3000），或建立 menshen.config.ts：\n\n    import { defineConfig } from 'menshen'\n    export default defineConfig({ sites: {\n      'app.localhost': 3000 } })",
    },
  },
  'config-file-not-found': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'The configuration file {file} does not exist.', mend: 'Correct the path after --config.' },
    zh: { cause: '配置文件 {file} 不存在。', mend: '请改正 --config 后的路径。' },
  },
  'config-file-closed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The configuration file {file} cannot be read: {reason}.',
      mend: 'Name a file that the user who runs Menshen may read.',
    },
    zh: { cause: '无法读取配置文件 {file}：{reason}。', mend: '请指定运行 Menshen 的用户能读取的文件。' },
  },
  'config-file-kind-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{file} is of a kind that cannot be loaded.',
      mend: 'Write the configuration as .ts, .mts, .js, .mjs or .json.',
    },
    zh: { cause: '{file} 这种文件无法载入。', mend: '请把配置写成 .ts、.mts、.js、.mjs 或 .json。' },
  },
  'config-several-files': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'There are several configuration files, and {file} is the one in use; {others} is not read.',
      mend: 'Remove what is not used, or name one with --config.',
    },
    zh: { cause: '有多个配置文件，使用的是 {file}，{others} 不会被读取。', mend: '请删去不用的，或用 --config 指定。' },
  },
  'config-syntax': {
    fault: 'config',
    severity: 'error',
    en: { cause: '{place}: {reason}', mend: 'Correct the file there.' },
    zh: { cause: '{place}：{reason}', mend: '请改正文件中的这一处。' },
  },
  'config-import': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{place}: the configuration imports {module}, which is not there.',
      mend: 'Correct the path, or install the package beside the configuration.',
    },
    zh: { cause: '{place}：配置导入的 {module} 不存在。', mend: '请改正路径，或在配置旁安装该软件包。' },
  },
  'config-threw': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{place}: the configuration failed while it was evaluated: {reason}',
      mend: 'Correct the code there.',
    },
    zh: { cause: '{place}：配置在执行时出错：{reason}', mend: '请改正该处的代码。' },
  },
  'config-no-export': {
    fault: 'config',
    severity: 'error',
    en: { cause: '{file} has no default export.', mend: 'Write: export default defineConfig({ sites: { … } }).' },
    zh: { cause: '{file} 没有默认导出。', mend: '请写：export default defineConfig({ sites: { … } })。' },
  },
  'config-reload-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The changed configuration has mistakes and is not used; the former one stays.',
      mend: 'Correct them; the file is read again when it is saved.',
    },
    zh: { cause: '改动后的配置有错误，未予采用；仍用原来的配置。', mend: '请改正；保存后会自动重新读取。' },
  },
  'config-reload-failed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The reload failed and the former configuration stays: {reason}',
      mend: 'Correct the cause and save the configuration again, or send SIGHUP.',
    },
    zh: { cause: '重新载入失败，仍用原来的配置：{reason}', mend: '请排除原因，再次保存配置，或发送 SIGHUP。' },
  },
  'config-reloaded': {
    fault: 'config',
    severity: 'info',
    en: { cause: 'The changed configuration is in use.', mend: '' },
    zh: { cause: '改动后的配置已生效。', mend: '' },
  },
  // The command line.
  'cli-site-form': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{argument} is not a site.',
      mend: 'Write name=target: app.localhost=3000, api.localhost=unix:/run/api.sock or www.localhost=./public.',
    },
    zh: {
      cause: '{argument} 不是站点。',
      mend: '请写 名字=目标：app.localhost=3000、api.localhost=unix:/run/api.sock 或 www.localhost=./public。',
    },
  },
  'cli-site-twice': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name} is given twice on the command line.',
      mend: 'For several apps that take turns write {name}=3000,3001.',
    },
    zh: { cause: '命令里两次给出了 {name}。', mend: '若要多个应用轮流，请写 {name}=3000,3001。' },
  },
  'cli-unknown-command': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'There is no command {name}.', mend: 'Run menshen --help for the list.' },
    zh: { cause: '没有 {name} 这个命令。', mend: '运行 menshen --help 查看命令列表。' },
  },
  'cli-unknown-command-near': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'There is no command {name}.', mend: 'Did you mean {suggestion}?' },
    zh: { cause: '没有 {name} 这个命令。', mend: '您是不是想写 {suggestion}？' },
  },
  'cli-unknown-option': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'There is no option {name} here.', mend: 'Run {command} --help for the list.' },
    zh: { cause: '这里没有 {name} 这个选项。', mend: '运行 {command} --help 查看选项列表。' },
  },
  'cli-unknown-option-near': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'There is no option {name} here.', mend: 'Did you mean {suggestion}?' },
    zh: { cause: '这里没有 {name} 这个选项。', mend: '您是不是想写 {suggestion}？' },
  },
  'cli-option-value': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'The option {name} needs a value.', mend: 'Write it after the option; {command} --help shows which.' },
    zh: { cause: '选项 {name} 需要一个值。', mend: '请写在选项之后；运行 {command} --help 查看写法。' },
  },
  'cli-usage': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'The command line cannot be understood: {reason}', mend: 'Run {command} --help.' },
    zh: { cause: '无法理解这条命令：{reason}', mend: '请运行 {command} --help。' },
  },
  'cli-failed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Menshen could not go on: {reason}',
      mend: "Run it again with MENSHEN_DEBUG=1 for the stack, and report it if it is no fault of the machine's.",
    },
    zh: {
      cause: 'Menshen 无法继续：{reason}',
      mend: '请用 MENSHEN_DEBUG=1 再运行一次查看调用栈；若不是机器的问题，请报告。',
    },
  },
} as const satisfies Catalog;
