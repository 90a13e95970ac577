import type { Language } from '../../story/catalog.ts';
import type { ChapterKind, Knowledge, StageName } from '../../story/observation.ts';
import type { PhaseKind } from '../../story/stages-phases.ts';

/** Headings and captions of a trace as people read it, in the terminal and in HTML. */
export interface TracePageWords {
  readonly stages: Readonly<Record<StageName, string>>;
  readonly phases: Readonly<Record<PhaseKind, string>>;
  readonly chapters: Readonly<Record<ChapterKind, string>>;
  readonly known: Readonly<Record<Knowledge, string>>;
  readonly client: string;
  readonly server: string;
  readonly waterfall: string;
  readonly findings: string;
  readonly noFindings: string;
  readonly files: string;
  readonly more: string;
  readonly octets: string;
  readonly octetsTotal: string;
  readonly in: string;
  readonly reused: string;
  readonly connection: string;
  readonly noAnswer: string;
  readonly title: string;
  readonly tracedAt: string;
  readonly fieldsShown: string;
  /** Checks that hold, put together. */
  readonly proofs: string;
  readonly legend: string;
}

export const tracePageWords: Readonly<Record<Language, TracePageWords>> = {
  en: {
    stages: {
      name: 'Name',
      route: 'Route',
      tcp: 'TCP',
      tls: 'TLS',
      certificate: 'Certificate',
      http: 'HTTP',
      page: 'Page',
      close: 'Close',
    },
    phases: {
      name: 'name',
      tcp: 'TCP',
      tls: 'TLS',
      certificate: 'certificate',
      request: 'request',
      wait: 'first byte',
      content: 'content',
      close: 'close',
    },
    chapters: { request: 'request', redirect: 'redirect', repeat: 'second time', resource: 'file' },
    known: { seen: 'seen', kernel: 'told by the kernel', inferred: 'inferred' },
    client: 'client',
    server: 'server',
    waterfall: 'Waterfall',
    findings: 'Findings',
    noFindings: 'Nothing to mend.',
    files: 'Files of the page',
    more: '{count} more',
    octets: 'octets',
    octetsTotal: '{count} octets',
    in: 'in',
    reused: 'open connection',
    connection: 'connection',
    noAnswer: 'no answer',
    title: 'Trace of {url}',
    tracedAt: 'traced at {time}',
    fieldsShown: 'fields',
    proofs: 'Proved {count} times over: signatures, Finished and keys fit what passed (-v tells each).',
    legend: '~ inferred, nobody saw it   ^ told by the kernel',
  },
  zh: {
    stages: {
      name: '域名',
      route: '路由',
      tcp: 'TCP',
      tls: 'TLS',
      certificate: '证书',
      http: 'HTTP',
      page: '页面',
      close: '关闭',
    },
    phases: {
      name: '域名解析',
      tcp: 'TCP',
      tls: 'TLS',
      certificate: '证书',
      request: '请求',
      wait: '首字节',
      content: '内容',
      close: '关闭',
    },
    chapters: { request: '请求', redirect: '重定向', repeat: '第二次', resource: '文件' },
    known: { seen: '亲见', kernel: '内核告知', inferred: '推断' },
    client: '客户端',
    server: '服务器',
    waterfall: '瀑布图',
    findings: '发现',
    noFindings: '没有需要改进之处。',
    files: '页面的文件',
    more: '另有 {count} 个',
    octets: '字节',
    octetsTotal: '{count} 字节',
    in: '用时',
    reused: '已打开的连接',
    connection: '连接',
    noAnswer: '没有应答',
    title: '{url} 的跟踪',
    tracedAt: '跟踪时间 {time}',
    fieldsShown: '字段',
    proofs: '{count} 项验证全部成立：签名、Finished 和密钥都与所传内容相符（-v 逐项列出）。',
    legend: '~ 推断，无人看到   ^ 内核告知',
  },
};
