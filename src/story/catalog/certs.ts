import type { Catalog } from '../catalog.ts';

/** Certificates in a gateway that runs, `menshen certs`, and `menshen check --live`. */
export const certsCatalog = {
  // What happened.
  'certificate-obtained': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name} has a certificate of {issuer}, good until {until}.', mend: '' },
    zh: { cause: '{name} 已获得 {issuer} 的证书，有效期至 {until}。', mend: '' },
  },
  'certificate-renewed': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'The certificate for {name} was renewed by {issuer}; the new one is good until {until}.', mend: '' },
    zh: { cause: '{name} 的证书已由 {issuer} 续期，新证书有效期至 {until}。', mend: '' },
  },
  'certificate-adopted': {
    fault: 'gateway',
    severity: 'info',
    en: {
      cause:
        'A certificate for {name} ({issuer}, good until {until}) came into the store from elsewhere and is served.',
      mend: '',
    },
    zh: { cause: '存储中出现了来自别处的 {name} 证书（{issuer}，有效期至 {until}），已开始使用。', mend: '' },
  },
  'managed-certificate-revoked': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: 'The certificate for {name} is revoked; another with a new key is ordered at once.',
      mend: 'Nothing, unless you did not do that: then look for who has the old key.',
    },
    zh: {
      cause: '{name} 的证书已被吊销，正在用新私钥立即重新申请。',
      mend: '无需处理；如果不是您吊销的，请查明谁持有旧私钥。',
    },
  },
  'certificate-file-revoked': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The responder of its authority calls the certificate of {name} revoked; it comes from files.',
      mend: 'Put another certificate with a new key into the files, or leave `certificate` out, so that one is ordered.',
    },
    zh: {
      cause: '颁发机构的 OCSP 应答者称 {name} 的证书已被吊销；该证书来自文件。',
      mend: '请在文件中换上使用新私钥的证书，或去掉 `certificate` 以便自动申请。',
    },
  },
  'certificate-placeholder': {
    fault: 'gateway',
    severity: 'warning',
    en: {
      cause:
        '{name} has no certificate yet, so it is served with one of the local CA, which browsers elsewhere do not trust; {issuer} is being asked for one.',
      mend: 'Nothing: it is replaced as soon as the authority has issued. If that takes longer than a minute, look into `menshen certs`.',
    },
    zh: {
      cause: '{name} 还没有证书，暂用本地 CA 的证书（其他机器的浏览器不信任它）；正在向 {issuer} 申请。',
      mend: '无需处理：机构签发后会自动替换。如果超过一分钟，请查看 `menshen certs`。',
    },
  },
  'certificate-served-expired': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The only certificate for {name} ended {date}; it is served all the same until there is another.',
      mend: 'Look at the last error in `menshen certs` and mend that.',
    },
    zh: {
      cause: '{name} 唯一的证书已于 {date} 到期；在获得新证书之前仍用它。',
      mend: '请在 `menshen certs` 中查看最近的错误并加以修复。',
    },
  },
  'certificates-unloaded': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The store of certificates cannot be used: {reason}. What is served goes on; nothing can be ordered.',
      mend: 'Make the state folder readable and writable for the user of the gateway; it is tried again.',
    },
    zh: {
      cause: '证书存储无法使用：{reason}。正在提供的服务不受影响，但无法申请证书。',
      mend: '请让网关的用户可以读写状态目录；会再次尝试。',
    },
  },
  // OCSP staples.
  'staple-unavailable': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: 'No OCSP answer about the certificate for {name} could be had from {url}: {reason}.',
      mend: 'Nothing: it is asked again. What was stapled so far is sent until its end.',
    },
    zh: {
      cause: '无法从 {url} 获得 {name} 证书的 OCSP 应答：{reason}。',
      mend: '无需处理：会再次询问。已有的应答在到期前继续随握手发送。',
    },
  },
  // DNS-01.
  'dns01-not-delegated': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{record} does not lead into a zone that the built-in name server answers for ({zone}).',
      mend: 'Add this record at your DNS provider: {record}. CNAME {target}',
    },
    zh: {
      cause: '{record} 没有指向内置域名服务器负责的区域（{zone}）。',
      mend: '请在您的 DNS 服务商处添加记录：{record}. CNAME {target}',
    },
  },
  'dns01-no-room': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The built-in name server has no room for another record at {record}.',
      mend: 'Nothing: it is tried again when the orders under way are done.',
    },
    zh: { cause: '内置域名服务器在 {record} 处没有空间再放记录。', mend: '无需处理：进行中的订单结束后会重试。' },
  },
  'dns01-not-visible': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'After {seconds} s the record at {record} was still not shown by {servers}, so the authority was not asked.',
      mend: 'Look with `menshen dns {record} TXT --all`. If these servers cannot be asked from this machine, set `dns.check` to false.',
    },
    zh: {
      cause: '{seconds} 秒后 {servers} 仍未显示 {record} 的记录，因此没有请求机构。',
      mend: '请用 `menshen dns {record} TXT --all` 查看。如果本机无法询问这些服务器，请将 `dns.check` 设为 false。',
    },
  },
  // The command line.
  'certs-none': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'There are no certificates of authorities in {folder}; those of the local CA and of files are not listed.',
      mend: 'If a gateway keeps some elsewhere, name its folder with --state, or its configuration with --config.',
    },
    zh: {
      cause: '{folder} 中没有颁发机构的证书；本地 CA 和文件中的证书不在此列出。',
      mend: '如果网关把证书放在别处，请用 --state 指定其状态目录，或用 --config 指定其配置。',
    },
  },
  'certs-no-gateway': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'No gateway is running on {folder}, and renewing needs one that answers the authority.',
      mend: 'Start `menshen serve`; what is due is renewed at once. To renew without it being due, run this again then.',
    },
    zh: {
      cause: '没有网关在使用 {folder}，而续期需要有网关回应证书机构。',
      mend: '请启动 `menshen serve`，到期的会立即续期；要提前续期，请在启动后再次运行本命令。',
    },
  },
  'certs-no-answer': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The gateway on {folder} did not answer within {seconds} s.',
      mend: 'It may still be at work: look into `menshen certs` and its log.',
    },
    zh: {
      cause: '使用 {folder} 的网关在 {seconds} 秒内没有应答。',
      mend: '它可能仍在处理：请查看 `menshen certs` 和日志。',
    },
  },
  'certs-name-unknown': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'No certificate in the store is for {name}.', mend: 'Known are: {known}.' },
    zh: { cause: '存储中没有 {name} 的证书。', mend: '已有：{known}。' },
  },
  'certs-renewed': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name}: renewed by {issuer}, good until {until}, served already.', mend: '' },
    zh: { cause: '{name}：已由 {issuer} 续期，有效期至 {until}，已在使用。', mend: '' },
  },
  'certs-revoked': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name}: the certificate is revoked at {issuer}.', mend: '' },
    zh: { cause: '{name}：证书已在 {issuer} 吊销。', mend: '' },
  },
  'certs-imported': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name}: a certificate of {issuer}, good until {until}, is in the store.', mend: '' },
    zh: { cause: '{name}：{issuer} 的证书已存入，有效期至 {until}。', mend: '' },
  },
  'certs-import-older': {
    fault: 'config',
    severity: 'info',
    en: { cause: '{name}: the store has one that lasts as long or longer, so nothing was changed.', mend: '' },
    zh: { cause: '{name}：存储中已有有效期相同或更长的证书，未作更改。', mend: '' },
  },
  'certs-busy': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: '{name}: a gateway is ordering a certificate for it, so nothing was imported.',
      mend: 'Run this again in a minute, or stop the gateway first.',
    },
    zh: { cause: '{name}：网关正在为它申请证书，因此没有导入。', mend: '请一分钟后再试，或先停止网关。' },
  },
  'certs-account-imported': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'The account at {issuer} was taken over.', mend: '' },
    zh: { cause: '已接管 {issuer} 的账户。', mend: '' },
  },
  'certs-exported': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name}: written to {certificate} and {key}.', mend: '' },
    zh: { cause: '{name}：已写入 {certificate} 和 {key}。', mend: '' },
  },
  'certs-file-exists': {
    fault: 'config',
    severity: 'error',
    en: { cause: '{file} is there already and is not overwritten.', mend: 'Name another folder with --out.' },
    zh: { cause: '{file} 已存在，不会覆盖。', mend: '请用 --out 指定其他目录。' },
  },
  'certs-file-unwritable': {
    fault: 'config',
    severity: 'error',
    en: { cause: '{file} cannot be written: the system said {reason}.', mend: 'Name another folder with --out.' },
    zh: { cause: '无法写入 {file}：系统返回 {reason}。', mend: '请用 --out 指定其他目录。' },
  },
  'certs-import-nothing': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{path} holds no certificate with its key.',
      mend: 'Name a PEM file that holds chain and key, a chain and its key as two files, or a folder of certbot or Caddy.',
    },
    zh: {
      cause: '{path} 中没有带私钥的证书。',
      mend: '请指定同时含证书链和私钥的 PEM 文件，或证书链与私钥两个文件，或 certbot、Caddy 的目录。',
    },
  },
  'certs-reason-unknown': {
    fault: 'config',
    severity: 'error',
    en: { cause: '{found} is no reason for a revocation.', mend: 'Use one of: {known}.' },
    zh: { cause: '{found} 不是吊销原因。', mend: '请用其中之一：{known}。' },
  },
  // Before going live.
  'live-nothing': {
    fault: 'config',
    severity: 'info',
    en: {
      cause: 'No site needs a certificate of a public authority, so there is nothing to look at outside.',
      mend: '',
    },
    zh: { cause: '没有站点需要公共机构的证书，无需对外检查。', mend: '' },
  },
  'live-dns-good': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name}: every authoritative server ({count}) leads here ({addresses}).', mend: '' },
    zh: { cause: '{name}：全部 {count} 个权威服务器都指向这里（{addresses}）。', mend: '' },
  },
  'live-dns-elsewhere': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: '{name} leads to {addresses}, and this machine has {own}.',
      mend: 'Fine where a router or load balancer forwards to this machine; else change the A and AAAA records of {name}.',
    },
    zh: {
      cause: '{name} 指向 {addresses}，而本机的地址是 {own}。',
      mend: '如果由路由器或负载均衡转发到本机则没有问题；否则请修改 {name} 的 A 和 AAAA 记录。',
    },
  },
  'live-dns-missing': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name} has neither an A nor an AAAA record.',
      mend: 'Add one at your DNS provider that holds the public address of this machine.',
    },
    zh: { cause: '{name} 既没有 A 记录也没有 AAAA 记录。', mend: '请在 DNS 服务商处添加指向本机公网地址的记录。' },
  },
  'live-dns-differs': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: '{name}: the authoritative servers do not agree ({servers} say something else).',
      mend: 'Wait until all of them have the new records; look with `menshen dns {name} --all`.',
    },
    zh: {
      cause: '{name}：各权威服务器的回答不一致（{servers} 不同）。',
      mend: '请等到它们都有新记录；可用 `menshen dns {name} --all` 查看。',
    },
  },
  'live-port-good': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name}: {address} port {port} reaches this machine.', mend: '' },
    zh: { cause: '{name}：{address} 的 {port} 端口可以到达本机。', mend: '' },
  },
  'live-port-closed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name}: nothing answers at {address} port {port} ({reason}).',
      mend: 'Open the port in the firewall (of the machine and of the provider), and forward it to this machine. Some routers do not let a machine reach itself from inside: then ask from outside.',
    },
    zh: {
      cause: '{name}：{address} 的 {port} 端口没有应答（{reason}）。',
      mend: '请在防火墙（本机及服务商）中开放该端口，并转发到本机。有些路由器不允许从内部访问自己的公网地址，此时请从外部检查。',
    },
  },
  'live-port-foreign': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name}: somebody else answers at {address} port {port}.',
      mend: 'Let the name lead to this machine, or the port of that address be forwarded here.',
    },
    zh: {
      cause: '{name}：{address} 的 {port} 端口由其他程序应答。',
      mend: '请让该名称指向本机，或把该地址的端口转发到这里。',
    },
  },
  'live-port-taken': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'Port {port} cannot be tried: it is in use here, and not by a gateway on this state folder ({reason}).',
      mend: 'Stop what listens there, or run this with the configuration of the gateway that does.',
    },
    zh: {
      cause: '无法检查 {port} 端口：它在本机已被占用，且不是使用此状态目录的网关（{reason}）。',
      mend: '请停止占用它的程序，或用该网关的配置运行本命令。',
    },
  },
  'live-caa-good': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{name}: the DNS allows {issuer} to issue.', mend: '' },
    zh: { cause: '{name}：DNS 允许 {issuer} 签发。', mend: '' },
  },
  'live-caa-forbids': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name}: the CAA records at {at} do not allow {issuer} to issue.',
      mend: 'Add there: {at}. CAA 0 {tag} "{domain}"',
    },
    zh: { cause: '{name}：{at} 的 CAA 记录不允许 {issuer} 签发。', mend: '请在那里添加：{at}. CAA 0 {tag} "{domain}"' },
  },
  'live-caa-other-method': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name}: the CAA record at {at} lets {issuer} issue by {methods} only; this site is proven by {ways}.',
      mend: 'Add one of these to `validationmethods` there, or set `challenge` of the site to one that is allowed.',
    },
    zh: {
      cause: '{name}：{at} 的 CAA 记录只允许 {issuer} 以 {methods} 方式签发，而该站点使用 {ways}。',
      mend: '请在那里的 `validationmethods` 中加入其中一种，或把站点的 `challenge` 设为允许的方式。',
    },
  },
  'live-caa-other-account': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name}: the CAA record at {at} lets {issuer} issue to the account {account} only; the one here is {own}.',
      mend: 'Name the account of this gateway in `accounturi` there (without one yet: run this again when there is), or import the one that is allowed.',
    },
    zh: {
      cause: '{name}：{at} 的 CAA 记录只允许 {issuer} 向账户 {account} 签发，而本机账户是 {own}。',
      mend: '请在那里的 `accounturi` 中写上本网关的账户（尚无账户时，有了之后再运行一次），或导入被允许的账户。',
    },
  },
  'live-caa-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{name}: the CAA records at {at} could not be looked up, and then no authority may issue.',
      mend: 'Mend the name servers of that zone; look with `menshen dns {at} CAA`.',
    },
    zh: {
      cause: '{name}：查不到 {at} 的 CAA 记录，此时任何机构都不得签发。',
      mend: '请修复该区域的域名服务器；可用 `menshen dns {at} CAA` 查看。',
    },
  },
  'live-clock-good': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'The clock agrees with that of {issuer}.', mend: '' },
    zh: { cause: '本机时钟与 {issuer} 一致。', mend: '' },
  },
  'live-clock-wrong': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The clock of this machine differs from that of {issuer} by {seconds} s.',
      mend: 'Set it, and keep it right with NTP (`timedatectl set-ntp true`).',
    },
    zh: {
      cause: '本机时钟与 {issuer} 相差 {seconds} 秒。',
      mend: '请校准时钟，并用 NTP 保持准确（`timedatectl set-ntp true`）。',
    },
  },
  'live-authority-unreachable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{issuer} cannot be reached from here: {reason}.',
      mend: 'Let this machine make HTTPS connections to {host}.',
    },
    zh: { cause: '无法从这里访问 {issuer}：{reason}。', mend: '请允许本机与 {host} 建立 HTTPS 连接。' },
  },
  'live-account-good': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{issuer} takes our account.', mend: '' },
    zh: { cause: '{issuer} 接受我们的账户。', mend: '' },
  },
} as const satisfies Catalog;
