import type { Language } from '../story/catalog.ts';

/** What the command line says about itself. Findings speak through the catalogue; this is help, headings and tables. */
interface CliWords {
  readonly description: string;
  readonly usage: string;
  readonly options: string;
  readonly commands: string;
  readonly arguments: string;
  readonly default: string;
  readonly help: string;
  readonly version: string;
  readonly serve: string;
  readonly check: string;
  readonly site: string;
  readonly config: string;
  readonly httpsPort: string;
  readonly httpPort: string;
  readonly host: string;
  readonly state: string;
  readonly workers: string;
  readonly log: string;
  readonly lang: string;
  readonly adminPort: string;
  readonly noWatch: string;
  readonly upgrade: string;
  /** `{count}`, `{version}` and `{pid}` are filled in. */
  readonly upgraded: string;
  readonly examples: string;
  /** Headings of `check`. */
  readonly tableSite: string;
  readonly tableAnswers: string;
  readonly tableCertificate: string;
  readonly tableClients: string;
  readonly localCa: string;
  readonly required: string;
  readonly optional: string;
  readonly anybody: string;
  readonly isDefault: string;
  /** `{count}` and `{from}` are filled in. */
  readonly inOrder: string;
  readonly oneMistake: string;
  readonly mistakes: string;
  readonly commandLine: string;
  readonly listens: string;
  readonly stateIn: string;
}

export const cliWords: Readonly<Record<Language, CliWords>> = {
  en: {
    description: 'The HTTPS gateway that shows its work.',
    usage: 'Usage:',
    options: 'Options:',
    commands: 'Commands:',
    arguments: 'Arguments:',
    default: 'default',
    help: 'show this help',
    version: 'show the version',
    serve: 'stand in front of your apps, with HTTPS',
    check: 'name every mistake in the configuration, with its place and the mend',
    site: 'name=target: a port (3000), an address, unix:/run/app.sock, or a folder (./public)',
    config: 'configuration file (else menshen.config.ts, .mts, .js, .mjs, .json in this folder)',
    httpsPort: 'port of HTTPS (443)',
    httpPort: 'port that redirects to HTTPS (80); 0 turns it off',
    host: 'address to listen on, repeatable (all)',
    state: 'folder of certificates, keys and the local CA',
    workers: 'number of processes that serve (one a core)',
    log: 'json, pretty, common or combined (pretty on a terminal, else json)',
    lang: 'en or zh (from LC_ALL, LC_MESSAGES, LANG)',
    adminPort: 'loopback port of metrics and status (off)',
    noWatch: 'do not reload by itself when the configuration or a certificate changes',
    upgrade: 'replace the workers of a running gateway by the version on the disk, without refusing a connection',
    upgraded: '{count} new workers serve (version {version}, supervisor {pid})',
    examples: 'Examples:',
    tableSite: 'site',
    tableAnswers: 'answered by',
    tableCertificate: 'certificate',
    tableClients: 'client certificate',
    localCa: 'local CA',
    required: 'required',
    optional: 'optional',
    anybody: 'not asked for',
    isDefault: 'default',
    inOrder: '{from}: in order',
    oneMistake: '{from}: 1 mistake',
    mistakes: '{from}: {count} mistakes',
    commandLine: 'command line',
    listens: 'listens on',
    stateIn: 'state in',
  },
  zh: {
    description: '把每一步都摆出来的 HTTPS 网关。',
    usage: '用法：',
    options: '选项：',
    commands: '命令：',
    arguments: '参数：',
    default: '默认',
    help: '显示帮助',
    version: '显示版本',
    serve: '站在应用前面，提供 HTTPS',
    check: '指出配置中的每个错误、位置和改法',
    site: '名字=目标：端口（3000）、地址、unix:/run/app.sock，或文件夹（./public）',
    config: '配置文件（默认为当前文件夹的 menshen.config.ts、.mts、.js、.mjs、.json）',
    httpsPort: 'HTTPS 端口（443）',
    httpPort: '重定向到 HTTPS 的端口（80）；0 表示关闭',
    host: '监听的地址，可重复（全部）',
    state: '存放证书、密钥和本地 CA 的文件夹',
    workers: '提供服务的进程数（每个核心一个）',
    log: 'json、pretty、common 或 combined（终端上为 pretty，否则为 json）',
    lang: 'en 或 zh（取自 LC_ALL、LC_MESSAGES、LANG）',
    adminPort: '指标和状态的本机端口（关闭）',
    noWatch: '配置或证书变化时不自动重新载入',
    upgrade: '用磁盘上的版本替换正在运行的网关的 worker，不拒绝任何连接',
    upgraded: '{count} 个新 worker 已提供服务（版本 {version}，监督进程 {pid}）',
    examples: '示例：',
    tableSite: '站点',
    tableAnswers: '由谁回答',
    tableCertificate: '证书',
    tableClients: '客户端证书',
    localCa: '本地 CA',
    required: '必需',
    optional: '可选',
    anybody: '不要求',
    isDefault: '默认',
    inOrder: '{from}：没有问题',
    oneMistake: '{from}：1 个错误',
    mistakes: '{from}：{count} 个错误',
    commandLine: '命令行',
    listens: '监听',
    stateIn: '状态文件夹',
  },
};
