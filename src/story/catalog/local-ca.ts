import type { Catalog } from '../catalog.ts';

/** The local CA: the names that it certifies, its root, and the places that trust it. */
export const localCaCatalog = {
  'local-name-malformed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '"{name}" is not a host name that a certificate can carry.',
      mend: 'Use labels of letters, digits and inner hyphens, at most 63 long, joined by dots; write international names in their xn-- form.',
    },
    zh: {
      cause: '“{name}”不是证书能够承载的主机名。',
      mend: '请使用由字母、数字和中间连字符组成的标签（每个不超过 63 个字符），以点连接；国际化域名请写成 xn-- 形式。',
    },
  },
  'local-name-underscore': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '"{name}" has an underscore, which host names may not have: TLS libraries reject certificates for it.',
      mend: 'Write a hyphen in its place.',
    },
    zh: { cause: '“{name}”含有下划线，主机名不允许使用：TLS 库会拒绝这样的证书。', mend: '请改用连字符。' },
  },
  'local-name-wildcard-place': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'In "{name}" the star does not stand for exactly the first label, so no client would accept the certificate.',
      mend: 'Write a wildcard as *.example.com, or name each site.',
    },
    zh: {
      cause: '“{name}”中的星号并非恰好代表第一个标签，任何客户端都不会接受这样的证书。',
      mend: '通配符请写成 *.example.com，或逐个列出站点。',
    },
  },
  'local-name-wildcard-wide': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: '"{name}" is a wildcard directly under a top-level name; clients do not accept a certificate for that.',
      mend: 'Name each site, or put them one label deeper, as in *.dev.localhost.',
    },
    zh: {
      cause: '“{name}”是直接位于顶级名称之下的通配符；客户端不接受这样的证书。',
      mend: '请逐个列出站点，或再深一级，例如 *.dev.localhost。',
    },
  },
  'local-name-address': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The local CA certifies addresses of this machine only (127.0.0.0/8 and ::1), not {name}.',
      mend: 'Use a host name for that site, or give it a certificate as files.',
    },
    zh: {
      cause: '本地 CA 只为本机地址（127.0.0.0/8 与 ::1）签发证书，不包括 {name}。',
      mend: '请为该站点使用主机名，或以文件形式提供证书。',
    },
  },
  'local-ca-name-outside': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The local root may not certify {name}: it is bound to {permitted}.',
      mend: 'Add the site to the configuration and reload; a root for its name is then made.',
    },
    zh: {
      cause: '本地根证书不得为 {name} 签发：它只限于 {permitted}。',
      mend: '请将该站点加入配置并重新加载，届时会生成包含此名称的根证书。',
    },
  },
  'local-ca-root-damaged': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'The local root in {folder} cannot be used: its certificate, key and description are not all there or do not belong together.',
      mend: 'Put the folder back from a backup, or delete it: a new root is then made, and `menshen trust` has to be run again.',
    },
    zh: {
      cause: '无法使用 {folder} 中的本地根证书：其证书、密钥与说明不全，或互不匹配。',
      mend: '请从备份恢复该目录，或将其删除：随后会生成新的根证书，并需再次运行 `menshen trust`。',
    },
  },
  'local-ca-trust-stale': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause:
        'The local root is now "{name}". Whatever trusted an earlier one does not trust it: a root is bound to its names and years, and the earlier one did not reach far enough.',
      mend: 'Run `menshen trust` again.',
    },
    zh: {
      cause: '本地根证书现为“{name}”。信任旧根证书的程序并不信任它：根证书限定了名称与年限，旧的已不够用。',
      mend: '请再次运行 `menshen trust`。',
    },
  },
  'trust-hint': {
    fault: 'client',
    severity: 'info',
    en: {
      cause: 'Browsers do not know the local CA yet.',
      mend: 'Run `npx menshen trust`; until then: {command}',
    },
    zh: { cause: '浏览器尚不认识本地 CA。', mend: '请运行 `npx menshen trust`；在此之前可用：{command}' },
  },
  'trust-root': {
    fault: 'client',
    severity: 'info',
    en: {
      cause:
        'Root "{name}", SHA-256 {fingerprint}, in {file}. It can vouch for these names only: {permitted}; and for this machine\'s loopback addresses.',
      mend: '',
    },
    zh: {
      cause:
        '根证书“{name}”，SHA-256 {fingerprint}，位于 {file}。它只能为这些名称作证：{permitted}，以及本机环回地址。',
      mend: '',
    },
  },
  'untrust-root': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Root "{name}", SHA-256 {fingerprint}, in {file}.', mend: '' },
    zh: { cause: '根证书“{name}”，SHA-256 {fingerprint}，位于 {file}。', mend: '' },
  },
  'trust-question': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Trust it in the system store and in browsers? [y/N] ', mend: '' },
    zh: { cause: '要在系统证书库和浏览器中信任它吗？[y/N] ', mend: '' },
  },
  'untrust-question': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Take it out of the system store and of browsers? [y/N] ', mend: '' },
    zh: { cause: '要从系统证书库和浏览器中移除它吗？[y/N] ', mend: '' },
  },
  'trust-declined': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Nothing was changed.', mend: '' },
    zh: { cause: '未作任何更改。', mend: '' },
  },
  'trust-needs-answer': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'This needs a yes, and there is no terminal to ask on. Nothing was changed.',
      mend: 'Add --yes to the command.',
    },
    zh: { cause: '此操作需要确认，但没有可供询问的终端。未作任何更改。', mend: '请在命令后加上 --yes。' },
  },
  'trust-no-root': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'There is no local CA in {folder}, so there is nothing to take out.', mend: '' },
    zh: { cause: '{folder} 中没有本地 CA，无需移除。', mend: '' },
  },
  'trust-installed': {
    fault: 'client',
    severity: 'info',
    en: { cause: '{place}: trusted from now on', mend: '' },
    zh: { cause: '{place}：已信任', mend: '' },
  },
  'trust-already': {
    fault: 'client',
    severity: 'info',
    en: { cause: '{place}: was trusted already', mend: '' },
    zh: { cause: '{place}：此前已信任', mend: '' },
  },
  'trust-removed': {
    fault: 'client',
    severity: 'info',
    en: { cause: '{place}: taken out', mend: '' },
    zh: { cause: '{place}：已移除', mend: '' },
  },
  'trust-not-there': {
    fault: 'client',
    severity: 'info',
    en: { cause: '{place}: was not trusted there', mend: '' },
    zh: { cause: '{place}：原本就未信任', mend: '' },
  },
  'trust-place-absent': {
    fault: 'client',
    severity: 'info',
    en: { cause: '{place}: not present', mend: '' },
    zh: { cause: '{place}：不存在', mend: '' },
  },
  'trust-store-unknown': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause: 'No system store that menshen knows was found here.',
      mend: 'Install the ca-certificates package of your system, or add {file} to its store by hand.',
    },
    zh: {
      cause: '此处未找到 menshen 认识的系统证书库。',
      mend: '请安装系统的 ca-certificates 软件包，或手动将 {file} 加入证书库。',
    },
  },
  'trust-certutil-missing': {
    fault: 'client',
    severity: 'warning',
    en: {
      cause:
        '{place}: the command certutil, which opens the certificate store of Chromium and Firefox, is not installed',
      mend: 'Install the package {package}, then run the command again.',
    },
    zh: {
      cause: '{place}：未安装 certutil 命令，无法打开 Chromium 与 Firefox 的证书库',
      mend: '请安装软件包 {package}，然后重新运行此命令。',
    },
  },
  'trust-needs-root': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: '{place}: only the administrator may change it, and sudo is not at hand or was refused',
      mend: 'Run the command as root with --state {state}.',
    },
    zh: {
      cause: '{place}：只有管理员可以更改，而 sudo 不可用或被拒绝',
      mend: '请以 root 身份加上 --state {state} 运行。',
    },
  },
  'trust-command-failed': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: '{place}: `{command}` failed: {reason}',
      mend: 'Mend what it complains about, then run the command again.',
    },
    zh: { cause: '{place}：`{command}` 失败：{reason}', mend: '请解决它所报告的问题，然后重新运行此命令。' },
  },
  'trust-nothing-done': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'The root is trusted nowhere.',
      mend: 'Mend one of the above, or pass the root by hand: {command}',
    },
    zh: { cause: '根证书尚未在任何地方被信任。', mend: '请解决上述问题之一，或手动指定根证书：{command}' },
  },
  'trust-restart-browsers': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Browsers that are open take note when they are started again.', mend: '' },
    zh: { cause: '已打开的浏览器需重新启动后才会生效。', mend: '' },
  },
} as const satisfies Catalog;
