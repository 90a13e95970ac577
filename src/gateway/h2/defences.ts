/**
 * Every number that bounds an HTTP/2 connection, once: how much, in what, and why that much. They are not settings: each
 * is far from what honest clients do, and none is tied to what an app is like. What depends on apps (size of heads, time
 * for them, size of content) stands in the configuration and holds for both protocols.
 */
import type { Language } from '../../story/catalog.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import type { BudgetRule } from './budget.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

export interface H2Limit {
  readonly value: number;
  readonly unit: 'octets' | 'count' | 'ms';
  readonly reason: Readonly<Record<Language, string>>;
}

export const h2Limits = {
  concurrentStreams: {
    value: 128,
    unit: 'count',
    reason: {
      en: 'Requests of one connection at the same time, told to the client (SETTINGS_MAX_CONCURRENT_STREAMS); RFC 9113 section 6.5.2 recommends no fewer than 100. More are refused with REFUSED_STREAM, which a client may send again.',
      zh: '一个连接上同时进行的请求数，会告知客户端（SETTINGS_MAX_CONCURRENT_STREAMS）；RFC 9113 第 6.5.2 节建议不少于 100。超出的以 REFUSED_STREAM 拒绝，客户端可以重发。',
    },
  },
  workInFlight: {
    value: 256,
    unit: 'count',
    reason: {
      en: 'Requests of one connection that apps may be busy with: those that run, and those that were cancelled within the last second, since an app needs time to notice. Further ones wait. Two full pages of images cancelled in a row pass without a wait.',
      zh: '一个连接可能让应用忙于处理的请求数：正在进行的，以及最近一秒内被取消的（应用需要时间才能察觉）。再多的请求先等待。连续取消两整页图片也无需等待。',
    },
  },
  streamWindow: {
    value: 512 * KiB,
    unit: 'octets',
    reason: {
      en: 'Content that a client may send ahead of its app on one stream: 40 Mbit/s at a round trip of 100 ms. This much is held at most when the app stands still.',
      zh: '一个流上客户端可先于应用发送的内容：往返 100 毫秒时相当于 40 Mbit/s。应用停滞时最多保存这么多。',
    },
  },
  connectionWindow: {
    value: MiB,
    unit: 'octets',
    reason: {
      en: 'The same for all streams of a connection together; one upload that stands still leaves room for the others.',
      zh: '同上，为一个连接全部流之和；一个停滞的上传仍给其他流留有余地。',
    },
  },
  unreadOutput: {
    value: 256 * KiB,
    unit: 'octets',
    reason: {
      en: 'Frames that a client has asked for and does not read; beyond it nothing more is read of it. Content stops at a quarter of this, so only heads and answers to control frames get here.',
      zh: '客户端要求了却不读取的帧；超过则不再读取该客户端。内容在其四分之一处就已暂停，因此只有响应头和控制帧的应答会到达此处。',
    },
  },
  continuations: {
    value: 16,
    unit: 'count',
    reason: {
      en: 'CONTINUATION frames of one head, empty ones too; a head of 64 KiB needs three.',
      zh: '一个首部块的 CONTINUATION 帧数，空帧也算；64 KiB 的首部只需三个。',
    },
  },
  settingsAcknowledgement: {
    value: 30_000,
    unit: 'ms',
    reason: {
      en: 'Until our SETTINGS are acknowledged (RFC 9113 section 6.5.3): many round trips, also over a satellite.',
      zh: '等待对方确认我们的 SETTINGS（RFC 9113 第 6.5.3 节）：即使经卫星链路也有许多个往返。',
    },
  },
} as const satisfies Readonly<Record<string, H2Limit>>;

/** A flood: what is counted, how much of it is honest, and the code under which the connection is cut. */
export interface H2Flood extends BudgetRule {
  readonly reason: Readonly<Record<Language, string>>;
}

export const h2Floods = {
  'h2-reset-flood': {
    burst: 4000,
    perSecond: 400,
    reason: {
      en: 'Streams cancelled by the client, or refused because too many were open. A page of 100 images that is loaded anew four times a second stays below; what a cancelled request costs an app is bounded by workInFlight.',
      zh: '客户端取消的流，或因并发过多而被拒绝的流。含 100 张图片的页面每秒刷新四次仍不会超出；取消的请求给应用带来的负担另由 workInFlight 限制。',
    },
  },
  'h2-stream-error-flood': {
    burst: 100,
    perSecond: 5,
    reason: {
      en: 'Streams that had to be reset because a frame or a head was wrong; honest clients cause none.',
      zh: '因帧或首部有误而不得不重置的流；正常客户端不会引发。',
    },
  },
  'h2-large-head-flood': {
    burst: 50,
    perSecond: 1,
    reason: {
      en: 'Requests that were answered with 431; each may have cost the decoding of many times its size.',
      zh: '以 431 回答的请求；每个都可能耗费数倍于其大小的解码工作。',
    },
  },
  'h2-empty-data-flood': {
    burst: 100,
    perSecond: 10,
    reason: {
      en: 'DATA frames without content that end nothing; padding hides lengths and is rarely sent alone.',
      zh: '没有内容也不结束流的 DATA 帧；填充用于隐藏长度，很少单独发送。',
    },
  },
  'h2-settings-flood': {
    burst: 100,
    perSecond: 2,
    reason: {
      en: 'SETTINGS frames, each of which has to be acknowledged; clients send one, some adapt their window now and then.',
      zh: 'SETTINGS 帧，每个都须确认；客户端通常只发一个，有些会偶尔调整窗口。',
    },
  },
  'h2-ping-flood': {
    burst: 200,
    perSecond: 20,
    reason: {
      en: 'PING frames; one more for each DATA frame that is sent, since gRPC measures the bandwidth that way.',
      zh: 'PING 帧；每发送一个 DATA 帧可多一个，因为 gRPC 用它测量带宽。',
    },
  },
  'h2-window-update-flood': {
    burst: 1000,
    perSecond: 100,
    reason: {
      en: 'WINDOW_UPDATE frames; ten more for each DATA frame that is sent and each request that comes.',
      zh: 'WINDOW_UPDATE 帧；每发送一个 DATA 帧、每收到一个请求可多十个。',
    },
  },
  'h2-priority-flood': {
    burst: 500,
    perSecond: 50,
    reason: {
      en: 'PRIORITY and PRIORITY_UPDATE frames; ten more for each request: browsers change their mind while a page is scrolled.',
      zh: 'PRIORITY 和 PRIORITY_UPDATE 帧；每个请求可多十个：滚动页面时浏览器会改变主意。',
    },
  },
  'h2-unknown-frame-flood': {
    burst: 200,
    perSecond: 10,
    reason: {
      en: 'Frames of types that nobody knows, which are ignored; some clients send one now and then so that servers stay tolerant.',
      zh: '未知类型的帧，会被忽略；有些客户端偶尔发送一个，以促使服务器保持宽容。',
    },
  },
} as const satisfies Partial<Readonly<Record<FindingCode, H2Flood>>>;

export type H2FloodCode = keyof typeof h2Floods;

/** How much a DATA frame that we send, or a request that comes, entitles a client to. */
export const WINDOW_UPDATES_EARNED = 10;
export const PRIORITIES_EARNED = 10;
export const PINGS_EARNED = 1;

/** Violations that are attacks or abuse rather than mistakes: they are counted as defences, by their codes. */
const defended: ReadonlySet<FindingCode> = new Set<FindingCode>([
  ...(Object.keys(h2Floods) as H2FloodCode[]),
  'h2-stream-refused',
  'h2-header-block-too-large',
  'h2-too-many-continuations',
  'h2-field-list-too-large',
  'h2-too-many-fields',
  'h2-field-too-long',
  'h2-head-unfinished',
  'h2-settings-unacknowledged',
  'response-write-stalled',
  'content-timeout',
]);

/** Whether `code` is counted among the defences. */
export function isDefence(code: FindingCode): boolean {
  return defended.has(code);
}
