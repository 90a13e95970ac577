import type { Catalog } from '../catalog.ts';

/** What the running gateway tells its operator, beside requests and handshakes. */
export const gatewayCatalog = {
  ready: {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'Ready: {addresses}', mend: '' },
    zh: { cause: '已就绪：{addresses}', mend: '' },
  },
  reloaded: {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'The new configuration is live (generation {generation}).', mend: '' },
    zh: { cause: '新配置已生效（第 {generation} 代）。', mend: '' },
  },
  'reload-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The new configuration is not valid, so the old one stays in force: {problems}',
      mend: 'Correct it and reload; `menshen check` names every mistake.',
    },
    zh: {
      cause: '新配置无效，旧配置继续生效：{problems}',
      mend: '请改正后重新加载；`menshen check` 会列出所有错误。',
    },
  },
  draining: {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'Ending: no new connections; {connections} still open have {seconds} s to finish.', mend: '' },
    zh: { cause: '正在结束：不再接受新连接；现有 {connections} 个连接须在 {seconds} 秒内完成。', mend: '' },
  },
  stopped: {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'Ended.', mend: '' },
    zh: { cause: '已结束。', mend: '' },
  },
  'log-lines-lost': {
    fault: 'gateway',
    severity: 'warning',
    en: {
      cause: '{lines} lines of the log could not be written and are missing before this one.',
      mend: 'See that the disk has room and that whatever reads the log keeps up.',
    },
    zh: {
      cause: '有 {lines} 行日志无法写入，在此行之前缺失。',
      mend: '请确认磁盘有剩余空间，且读取日志的程序跟得上。',
    },
  },
  'log-reopen-failed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The log file could not be opened anew, so the old one stays in use: {reason}',
      mend: 'Check that its folder exists and may be written to, then ask for it again.',
    },
    zh: {
      cause: '无法重新打开日志文件，继续使用旧文件：{reason}',
      mend: '请确认其目录存在且可写，然后再次请求重新打开。',
    },
  },
  'admin-ready': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'Metrics and status: {address}', mend: '' },
    zh: { cause: '指标与状态：{address}', mend: '' },
  },
  'admin-not-loopback': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The admin listener answers without a password, so it listens on loopback addresses only; {host} is none.',
      mend: 'Use 127.0.0.1 or ::1, and reach it from elsewhere through a tunnel such as ssh -L.',
    },
    zh: {
      cause: '管理端口没有密码，只能监听环回地址；{host} 不是环回地址。',
      mend: '请使用 127.0.0.1 或 ::1，从别处访问时使用 ssh -L 之类的隧道。',
    },
  },
  'admin-port-taken': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Another process already listens on the admin port {host}:{port}.',
      mend: 'Set another adminPort, or 0 to go without metrics and status.',
    },
    zh: {
      cause: '管理端口 {host}:{port} 已被其他进程占用。',
      mend: '请设置另一个 adminPort，或设为 0 以不提供指标与状态。',
    },
  },
  'admin-cannot-listen': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The admin listener cannot listen on {host}:{port}: {reason}',
      mend: 'Set another adminPort (above 1023 needs no privileges), or 0 to go without metrics and status.',
    },
    zh: {
      cause: '管理端口无法监听 {host}:{port}：{reason}',
      mend: '请设置另一个 adminPort（1023 以上无需特权），或设为 0 以不提供指标与状态。',
    },
  },
} as const satisfies Catalog;
