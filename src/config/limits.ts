import type { Language } from '../story/catalog.ts';
import type { LimitName, Limits, TimeoutName, Timeouts } from './config.ts';

/**
 * Every timeout and limit once: what it is called, how much, in what, and why that much.
 *
 * The schema takes its bounds from here, the loader its defaults, and the documentation its tables.
 */

/** `octets/s` is counted over the idle window that it guards. */
export type LimitUnit = 'ms' | 'octets' | 'count' | 'octets/s';

export interface LimitEntry<Name extends string> {
  readonly name: Name;
  /** Its key under `timeouts` or `limits` in a configuration file. */
  readonly setting: string;
  readonly default: number;
  readonly unit: LimitUnit;
  /** Bounds of what may be configured, both included. Where 0 has a meaning of its own, `zero` tells it. */
  readonly minimum: number;
  readonly maximum: number;
  readonly zero?: Readonly<Record<Language, string>>;
  /** `gateway`: decided before a site is known, or counted over all sites; a site cannot set it. */
  readonly scope: 'gateway' | 'site';
  readonly reason: Readonly<Record<Language, string>>;
}

const seconds = 1000;
const minutes = 60 * seconds;
const hours = 60 * minutes;
const days = 24 * hours;
const KiB = 1024;
const MiB = 1024 * KiB;

export const timeoutEntries: readonly LimitEntry<TimeoutName>[] = [
  {
    name: 'handshakeMs',
    setting: 'handshake',
    default: 10 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: 10 * minutes,
    scope: 'gateway',
    reason: {
      en: 'From the accepted connection to the finished TLS handshake: three round trips fit even over a satellite link with two losses, and a silent peer is gone soon.',
      zh: '从接受连接到完成 TLS 握手：即使经卫星链路并丢包两次，三个往返也足够；不出声的对端很快断开。',
    },
  },
  {
    name: 'requestHeadMs',
    setting: 'requestHead',
    default: 15 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: 10 * minutes,
    scope: 'site',
    reason: {
      en: 'From the first octet of a request to its complete head, so that a head that drips in (Slowloris) holds no connection; RFC 9110 section 15.5.9 names the answer, 408.',
      zh: '从请求的第一个字节到完整的请求头：慢速滴入的请求头（Slowloris）占不住连接；按 RFC 9110 第 15.5.9 节回答 408。',
    },
  },
  {
    name: 'requestContentIdleMs',
    setting: 'requestContentIdle',
    default: 60 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: days,
    scope: 'site',
    reason: {
      en: 'Without a new octet of content; an upload may last as long as it likes while it moves.',
      zh: '请求内容持续无新字节的时间；只要在传，上传多久都可以。',
    },
  },
  {
    name: 'keepAliveIdleMs',
    setting: 'keepAliveIdle',
    default: 75 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: days,
    scope: 'site',
    reason: {
      en: 'Between two requests; longer than the 60 s after which common load balancers close, so that the client side closes first and no request meets a closing connection.',
      zh: '两个请求之间；长于常见负载均衡器的 60 秒，由客户端一侧先关闭，请求便不会撞上正在关闭的连接。',
    },
  },
  {
    name: 'responseWriteStallMs',
    setting: 'responseWriteStall',
    default: 60 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: days,
    scope: 'site',
    reason: {
      en: 'The client accepts no octet although some wait; a slow reader is served, a dead one is not kept.',
      zh: '有数据待发而客户端一个字节也不收的时间；读得慢的照常服务，断了的不留。',
    },
  },
  {
    name: 'upstreamConnectMs',
    setting: 'upstreamConnect',
    default: 5 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: 10 * minutes,
    scope: 'site',
    reason: {
      en: 'One connection attempt to an app; covers two lost SYNs (sent again after 1 s and 3 s, RFC 6298).',
      zh: '一次连接应用的尝试；容得下两次 SYN 丢失（1 秒和 3 秒后重发，RFC 6298）。',
    },
  },
  {
    name: 'upstreamConnectRetryMs',
    setting: 'upstreamConnectRetry',
    default: 10 * seconds,
    unit: 'ms',
    minimum: 0,
    maximum: 10 * minutes,
    zero: { en: 'no retry', zh: '不重试' },
    scope: 'site',
    reason: {
      en: 'How long a request is held while its app refuses connections; an app that restarts is back within seconds, and nobody sees an error.',
      zh: '应用拒绝连接时请求等待多久；应用重启几秒就回来，没有人看到错误。',
    },
  },
  {
    name: 'upstreamResponseHeadMs',
    setting: 'upstreamResponseHead',
    default: 120 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: days,
    scope: 'site',
    reason: {
      en: 'From the complete request to the head of the answer; long reports finish, a hung app ends in a 504 before people have given up.',
      zh: '从请求完整到响应头；耗时的报表能做完，卡住的应用则以 504 结束。',
    },
  },
  {
    name: 'upstreamContentIdleMs',
    setting: 'upstreamContentIdle',
    default: 300 * seconds,
    unit: 'ms',
    minimum: 10,
    maximum: 7 * days,
    scope: 'site',
    reason: {
      en: 'Without a new octet of the answer; event streams that send a comment every few minutes live on.',
      zh: '响应内容持续无新字节的时间；每隔几分钟发一条注释的事件流不会被切断。',
    },
  },
  {
    name: 'upstreamPoolIdleMs',
    setting: 'upstreamPoolIdle',
    default: 4 * seconds,
    unit: 'ms',
    minimum: 0,
    maximum: hours,
    zero: { en: 'no connection is reused', zh: '不复用连接' },
    scope: 'site',
    reason: {
      en: 'How long an idle connection to an app waits for reuse; Uvicorn and Node close theirs after 5 s, so the gateway lets go first.',
      zh: '到应用的空闲连接等待复用多久；Uvicorn 和 Node 在 5 秒后关闭，网关先放手。',
    },
  },
  {
    name: 'tunnelIdleMs',
    setting: 'tunnelIdle',
    default: hours,
    unit: 'ms',
    minimum: 10,
    maximum: 7 * days,
    scope: 'site',
    reason: {
      en: 'A WebSocket or other tunnel with no octet either way; far above the ping intervals of common libraries (20 to 60 s).',
      zh: 'WebSocket 等隧道两个方向都没有字节的时间；远高于常见库的 ping 间隔（20 至 60 秒）。',
    },
  },
  {
    name: 'drainMs',
    setting: 'drain',
    default: 30 * seconds,
    unit: 'ms',
    minimum: 0,
    maximum: days,
    zero: { en: 'running requests are cut at once', zh: '立即切断进行中的请求' },
    scope: 'gateway',
    reason: {
      en: 'How long running requests may finish after SIGTERM; supervisors commonly kill after 90 s (systemd) or 30 s (Kubernetes).',
      zh: '收到 SIGTERM 后，进行中的请求可用多久完成；监管程序通常在 90 秒（systemd）或 30 秒（Kubernetes）后强行结束进程。',
    },
  },
];

export const limitEntries: readonly LimitEntry<LimitName>[] = [
  {
    name: 'requestHeadBytes',
    setting: 'requestHead',
    default: 64 * KiB,
    unit: 'octets',
    minimum: KiB,
    maximum: MiB,
    scope: 'site',
    reason: {
      en: 'Request line and field lines together; browsers with many cookies stay below 16 KiB, Kerberos tickets need up to 64 KiB. Beyond it: 431 (RFC 6585 section 5).',
      zh: '请求行与各字段行之和；cookie 很多的浏览器也不到 16 KiB，Kerberos 票据最多要 64 KiB。超出则答 431（RFC 6585 第 5 节）。',
    },
  },
  {
    name: 'requestTargetBytes',
    setting: 'requestTarget',
    default: 16 * KiB,
    unit: 'octets',
    minimum: 256,
    maximum: MiB,
    scope: 'site',
    reason: {
      en: 'RFC 9112 section 3 asks for at least 8,000 octets of request line; twice that. Beyond it: 414.',
      zh: 'RFC 9112 第 3 节要求请求行至少支持 8,000 字节；这里是它的两倍。超出则答 414。',
    },
  },
  {
    name: 'requestFieldCount',
    setting: 'requestFieldCount',
    default: 128,
    unit: 'count',
    minimum: 8,
    maximum: 4096,
    scope: 'site',
    reason: {
      en: 'Field lines of one head; browsers send about 20, chains of proxies add a dozen. Beyond it: 431.',
      zh: '一个请求头的字段行数；浏览器约发 20 行，多层代理再加十来行。超出则答 431。',
    },
  },
  {
    name: 'requestContentBytes',
    setting: 'requestContent',
    default: 0,
    unit: 'octets',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    zero: { en: 'no limit', zh: '不限' },
    scope: 'site',
    reason: {
      en: 'Content is streamed and never held as a whole, so its size costs the gateway nothing; the app knows what it accepts. Beyond a limit: 413.',
      zh: '内容是流式转发的，从不整体存放，大小对网关没有成本；应用自己知道接受多少。设了上限而超出则答 413。',
    },
  },
  {
    name: 'trailerBytes',
    setting: 'trailers',
    default: 8 * KiB,
    unit: 'octets',
    minimum: 0,
    maximum: MiB,
    zero: { en: 'no trailers are accepted', zh: '不接受 trailer' },
    scope: 'site',
    reason: {
      en: 'Trailers carry checksums and gRPC states of some hundred octets; RFC 9112 section 7.1.2 lets a recipient bound them.',
      zh: 'trailer 只装校验和、gRPC 状态等几百字节；RFC 9112 第 7.1.2 节允许接收方设限。',
    },
  },
  {
    name: 'chunkExtensionBytes',
    setting: 'chunkExtension',
    default: KiB,
    unit: 'octets',
    minimum: 0,
    maximum: 64 * KiB,
    zero: { en: 'chunk extensions are refused', zh: '拒绝 chunk 扩展' },
    scope: 'site',
    reason: {
      en: 'All chunk extensions of one message; hardly anybody sends any, and RFC 9112 section 7.1.1 tells recipients to limit them.',
      zh: '一条消息全部 chunk 扩展之和；几乎没有人发送，RFC 9112 第 7.1.1 节要求接收方限制其总量。',
    },
  },
  {
    name: 'responseHeadBytes',
    setting: 'responseHead',
    default: 128 * KiB,
    unit: 'octets',
    minimum: KiB,
    maximum: 4 * MiB,
    scope: 'site',
    reason: {
      en: "An app's response head; the app is trusted more than the client, and long Link, CSP and Set-Cookie lists pass. Beyond it: 502.",
      zh: '应用的响应头；应用比客户端更可信，很长的 Link、CSP、Set-Cookie 都能通过。超出则答 502。',
    },
  },
  {
    name: 'interimResponses',
    setting: 'interimResponses',
    default: 20,
    unit: 'count',
    minimum: 0,
    maximum: 1000,
    zero: { en: 'every interim response ends in 502', zh: '任何 1xx 响应都以 502 结束' },
    scope: 'site',
    reason: {
      en: '1xx responses to one request (RFC 9110 section 15.2); a 100, a 103 and a few 102 are usual, an endless row is a fault.',
      zh: '一个请求的 1xx 响应个数（RFC 9110 第 15.2 节）；一个 100、一个 103、几个 102 是正常的，没完没了则是故障。',
    },
  },
  {
    name: 'pipelinedBytes',
    setting: 'pipelined',
    default: 64 * KiB,
    unit: 'octets',
    minimum: KiB,
    maximum: MiB,
    scope: 'site',
    reason: {
      en: 'Octets of later requests that are held while one is answered (RFC 9112 section 9.3.2); beyond it the connection is simply not read.',
      zh: '回答一个请求期间为后续流水线请求保存的字节数（RFC 9112 第 9.3.2 节）；再多就暂停读取该连接。',
    },
  },
  {
    name: 'clientHelloBytes',
    setting: 'clientHello',
    default: 32 * KiB,
    unit: 'octets',
    minimum: 4 * KiB,
    maximum: 128 * KiB,
    scope: 'gateway',
    reason: {
      en: 'A ClientHello with post-quantum key shares takes about 1.8 KiB, with a large session ticket some KiB more; RFC 8446 section 4 would allow 16 MiB.',
      zh: '带后量子密钥的 ClientHello 约 1.8 KiB，再带大的会话票据也只多几 KiB；RFC 8446 第 4 节的格式则允许到 16 MiB。',
    },
  },
  {
    name: 'connections',
    setting: 'connections',
    default: 20_000,
    unit: 'count',
    minimum: 1,
    maximum: 1_000_000,
    scope: 'gateway',
    reason: {
      en: 'Client connections of one worker; an idle TLS connection holds tens of KiB, so that 20,000 stay around one GiB.',
      zh: '每个 worker 的客户端连接数；一个空闲 TLS 连接占几十 KiB，20,000 个约 1 GiB。',
    },
  },
  {
    name: 'upstreamConnections',
    setting: 'upstreamConnections',
    default: 1024,
    unit: 'count',
    minimum: 1,
    maximum: 65_535,
    scope: 'site',
    reason: {
      en: 'Requests with the apps of one site at a time, from one worker: over HTTP/1.1 each has a connection, over HTTP/2 they share some. Further ones get 503.',
      zh: '每个 worker 同时交给一个站点的应用的请求数：HTTP/1.1 每个请求占一个连接，HTTP/2 则共用少数连接；超出的请求得到 503。',
    },
  },
  {
    name: 'upstreamPoolSize',
    setting: 'upstreamPoolSize',
    default: 512,
    unit: 'count',
    minimum: 0,
    maximum: 65_535,
    zero: { en: 'no connection is reused', zh: '不复用连接' },
    scope: 'site',
    reason: {
      en: 'Idle connections kept for reuse: as many as a busy moment over HTTP/2 needed at once, so that the next one opens none; what stays idle is closed by its timeout.',
      zh: '留作复用的空闲连接数：HTTP/2 繁忙时同时用到多少就留多少，下次不必新建；一直空闲的由超时关闭。',
    },
  },
  {
    name: 'minimumContentRate',
    setting: 'minimumContentRate',
    default: 16,
    unit: 'octets/s',
    minimum: 0,
    maximum: 1_000_000,
    zero: { en: 'no minimum', zh: '不设下限' },
    scope: 'site',
    reason: {
      en: 'Of request content, averaged over the idle window: one octet a minute keeps no request alive, while the slowest modems reach a hundred times as much.',
      zh: '请求内容在空闲窗口内的平均速率下限：每分钟一个字节保不住请求，而最慢的调制解调器也有它的上百倍。',
    },
  },
];

/** The defaults as the gateway takes them. */
export const defaultTimeouts: Timeouts = defaults(timeoutEntries);
export const defaultLimits: Limits = defaults(limitEntries);

function defaults<Name extends string>(entries: readonly LimitEntry<Name>[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry.default])) as Record<Name, number>;
}
