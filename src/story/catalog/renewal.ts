import type { Catalog } from '../catalog.ts';

/** What happens to certificates that the gateway gets and renews by itself, and to the store that keeps them. */
export const renewalCatalog = {
  // The store.
  'store-file-damaged': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        '{path} is damaged or does not belong to the files beside it, so that version of the certificate was set aside at {moved}; an older one is used, or a new one is ordered.',
      mend: 'Check the disk, and what else writes into this folder. What was set aside may be deleted.',
    },
    zh: {
      cause: '{path} 已损坏，或与同目录的其他文件不匹配；该证书版本已移到 {moved}，改用较旧的版本，或重新申请。',
      mend: '请检查磁盘，以及还有什么程序会写入此目录。移走的文件可以删除。',
    },
  },
  'store-order-damaged': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'The order kept at {path} cannot be read; it is made anew.',
      mend: 'Check the disk, and what else writes into this folder.',
    },
    zh: { cause: '无法读取保存在 {path} 的订单；将重新下单。', mend: '请检查磁盘，以及还有什么程序会写入此目录。' },
  },
  'store-account-damaged': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The account at {issuer} that is kept in {path} cannot be read, and no other is made behind its back.',
      mend: 'Put the file back from a backup; or delete it, and a new account is made.',
    },
    zh: {
      cause: '无法读取保存在 {path} 的 {issuer} 账户；不会擅自另建账户。',
      mend: '请从备份恢复该文件；或者删除它，之后会新建账户。',
    },
  },
  'store-key-sealed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The key in {path} is sealed, and the key that opens it is not the one given here.',
      mend: 'Start with the same sealing key as the gateway that wrote it.',
    },
    zh: {
      cause: '{path} 中的私钥是加密保存的，而这里给出的密钥无法打开它。',
      mend: '请使用与写入它的网关相同的加密密钥启动。',
    },
  },
  'store-lease-lost': {
    fault: 'gateway',
    severity: 'warning',
    en: {
      cause:
        'Another gateway has taken over the work on {id} (this one held fence {fence} and was too slow), so nothing more was written here.',
      mend: 'Nothing, if that happens once: the other one goes on. If it happens often, look for a machine or disk that hangs, or clocks that differ.',
    },
    zh: {
      cause: '另一个网关已接管 {id} 的工作（本网关持有的序号 {fence} 已过期），因此这里没有再写入。',
      mend: '偶尔一次无需处理：另一个网关会继续。如果经常发生，请检查是否有机器或磁盘卡住，或时钟不一致。',
    },
  },
  // Import.
  'import-folder-unreadable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{path} cannot be read: the system said {reason}.',
      mend: 'Run the import as a user who may read it (often root), or copy the folder first.',
    },
    zh: {
      cause: '无法读取 {path}：系统返回 {reason}。',
      mend: '请以有权读取的用户（通常是 root）运行导入，或先复制该目录。',
    },
  },
  'import-folder-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '{path} holds neither the folders of certbot (live, renewal) nor those of Caddy (certificates).',
      mend: 'Name the folder itself: /etc/letsencrypt for certbot, ~/.local/share/caddy or /var/lib/caddy/.local/share/caddy for Caddy.',
    },
    zh: {
      cause: '{path} 中既没有 certbot 的目录（live、renewal），也没有 Caddy 的目录（certificates）。',
      mend: '请指定正确的目录：certbot 为 /etc/letsencrypt，Caddy 为 ~/.local/share/caddy 或 /var/lib/caddy/.local/share/caddy。',
    },
  },
  'import-pair-unusable': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause:
        'The certificate in {certificate} and the key in {key} cannot be read or do not belong together; they were left out.',
      mend: 'Nothing, if they are old; a new certificate is ordered for the names that are in the configuration.',
    },
    zh: {
      cause: '{certificate} 中的证书与 {key} 中的私钥无法读取或不匹配，已跳过。',
      mend: '如果它们已过时则无需处理；配置中的域名会重新申请证书。',
    },
  },
  'import-pair-expired': {
    fault: 'config',
    severity: 'info',
    en: { cause: 'The certificate in {certificate} has expired and was left out.', mend: '' },
    zh: { cause: '{certificate} 中的证书已过期，已跳过。', mend: '' },
  },
  'import-account-unusable': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'The account in {path} cannot be read; it was left out.',
      mend: 'Nothing: a new account is made when the first certificate is ordered.',
    },
    zh: { cause: '无法读取 {path} 中的账户，已跳过。', mend: '无需处理：申请第一张证书时会新建账户。' },
  },
  // Renewal.
  'renewal-waits-for-limit': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause:
        'The certificate for {name} waits until {until}: one order more would exceed what {issuer} allows ({limit} {subject}).',
      mend: 'Nothing: it goes on by itself. Fewer changes of name sets need fewer certificates.',
    },
    zh: {
      cause: '{name} 的证书要等到 {until}：再下单就会超出 {issuer} 的限制（{limit} {subject}）。',
      mend: '无需处理，会自动继续。减少域名组合的变动可以减少所需的证书。',
    },
  },
  'renewal-timed-out': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '{issuer} did not finish the order for {name} within {seconds} s.',
      mend: 'Nothing: it is tried again. If it lasts, look at the status page of the CA, and whether it can be reached from here.',
    },
    zh: {
      cause: '{issuer} 未能在 {seconds} 秒内完成 {name} 的订单。',
      mend: '无需处理，会自动重试。如果持续发生，请查看该 CA 的状态页，并检查从这里能否访问它。',
    },
  },
  'renewal-issuer-failed': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The order for {name} at {issuer} broke off with an error of the program itself: {reason}.',
      mend: 'It is tried again. Please report this as a defect.',
    },
    zh: {
      cause: '{name} 在 {issuer} 的订单因程序自身的错误而中断：{reason}。',
      mend: '会自动重试。请将此作为缺陷报告。',
    },
  },
  'renewal-held-elsewhere': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'Another gateway is getting the certificate for {name}.', mend: '' },
    zh: { cause: '另一个网关正在申请 {name} 的证书。', mend: '' },
  },
  'renewal-not-kept': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'The new certificate for {name} is served, but could not be kept ({reason}); it would be lost in a restart.',
      mend: 'Make the state folder writable; writing is tried again.',
    },
    zh: {
      cause: '{name} 的新证书已在使用，但未能保存（{reason}）；重启后会丢失。',
      mend: '请让状态目录可写；会再次尝试写入。',
    },
  },
  'renewal-expiring': {
    fault: 'gateway',
    severity: 'warning',
    en: {
      cause: 'The certificate for {name} ends in {left} and has not been renewed.',
      mend: 'Look at its last error in `menshen certs` and mend that.',
    },
    zh: {
      cause: '{name} 的证书将在 {left} 后到期，尚未续期。',
      mend: '请在 `menshen certs` 中查看最近的错误并加以修复。',
    },
  },
  'renewal-unknown-certificate': {
    fault: 'config',
    severity: 'error',
    en: { cause: 'There is no certificate for {name} here.', mend: 'See the names with `menshen certs`.' },
    zh: { cause: '这里没有 {name} 的证书。', mend: '请用 `menshen certs` 查看已有的名称。' },
  },
  'renewal-unknown-issuer': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The certificate for {name} was issued by {issuer}, which is not configured here.',
      mend: 'Configure that CA, or revoke the certificate at the CA itself.',
    },
    zh: {
      cause: '{name} 的证书由 {issuer} 签发，而这里没有配置该 CA。',
      mend: '请配置该 CA，或直接在 CA 处吊销证书。',
    },
  },
  'renewal-stopped': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'The gateway was stopped before the certificate for {name} was there.', mend: '' },
    zh: { cause: '在获得 {name} 的证书之前，网关已停止。', mend: '' },
  },
  // On demand.
  'on-demand-refused': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'No certificate is made for {name}: `ask` said no.', mend: '' },
    zh: { cause: '不会为 {name} 申请证书：`ask` 拒绝了。', mend: '' },
  },
  'on-demand-name-invalid': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'No certificate is made for {name}: it is no host name that a public CA could certify.', mend: '' },
    zh: { cause: '不会为 {name} 申请证书：它不是公共 CA 能够认证的主机名。', mend: '' },
  },
  'on-demand-ask-failed': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '`ask` could not be asked about {name}: {reason}.',
      mend: 'See to it that the address given as `ask` answers with 200 (yes) or 403, 404 (no).',
    },
    zh: {
      cause: '无法就 {name} 询问 `ask`：{reason}。',
      mend: '请确保 `ask` 地址能以 200（允许）或 403、404（拒绝）作答。',
    },
  },
  'on-demand-limited': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'No certificate is made for {name} now: more new names are asked for than are allowed.',
      mend: 'If these names are yours, raise the rate, or put them into the configuration.',
    },
    zh: {
      cause: '暂不为 {name} 申请证书：新名称的请求数超过了允许的数量。',
      mend: '如果这些名称属于您，请提高速率，或把它们写入配置。',
    },
  },
  'on-demand-waiting': {
    fault: 'ca',
    severity: 'info',
    en: {
      cause: 'The certificate for {name} is being made and was not ready after {seconds} s.',
      mend: 'Try again in a moment.',
    },
    zh: { cause: '{name} 的证书正在申请中，{seconds} 秒内尚未就绪。', mend: '请稍后重试。' },
  },
  'webhook-undelivered': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The event "{event}" could not be delivered to {url} after {attempts} attempts: {reason}.',
      mend: 'See to it that the address answers with a status of 2xx.',
    },
    zh: {
      cause: '事件“{event}”经 {attempts} 次尝试仍未能送达 {url}：{reason}。',
      mend: '请确保该地址以 2xx 状态作答。',
    },
  },
} as const satisfies Catalog;
