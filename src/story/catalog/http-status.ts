import type { Language, Phrase } from '../catalog.ts';

/** What a client is told of a status, where the catalogue's own words are meant for the operator. */
export interface StatusPhrase extends Phrase {
  /** The status in a few words, as a headline. */
  readonly title: string;
}

/**
 * The words of an error page by status. They name nothing inside: no address of an app, no path, no setting.
 * English titles are the reason phrases of RFC 9110 section 15 and RFC 6585.
 */
export const statusPhrases = {
  400: {
    en: {
      title: 'Bad Request',
      cause: 'The request is not valid HTTP.',
      mend: 'Check the URL and what sends the request.',
    },
    zh: { title: '请求有误', cause: '该请求不符合 HTTP 规范。', mend: '请检查网址以及发送请求的程序。' },
  },
  403: {
    en: { title: 'Forbidden', cause: 'You may not see this.', mend: 'Ask who runs this site for access.' },
    zh: { title: '禁止访问', cause: '您无权访问此内容。', mend: '请向本站的运营者申请访问权限。' },
  },
  404: {
    en: { title: 'Not Found', cause: 'There is nothing at this address.', mend: 'Check the URL.' },
    zh: { title: '未找到', cause: '该地址上没有内容。', mend: '请检查网址。' },
  },
  405: {
    en: {
      title: 'Method Not Allowed',
      cause: 'This resource does not take this method.',
      mend: 'Use another method.',
    },
    zh: { title: '方法不允许', cause: '该资源不接受此请求方法。', mend: '请改用其他方法。' },
  },
  408: {
    en: { title: 'Request Timeout', cause: 'The request did not arrive in time.', mend: 'Try again.' },
    zh: { title: '请求超时', cause: '请求未能及时到达。', mend: '请重试。' },
  },
  412: {
    en: {
      title: 'Precondition Failed',
      cause: 'A condition of the request does not hold.',
      mend: 'Send the request without it.',
    },
    zh: { title: '先决条件未满足', cause: '请求所附的条件不成立。', mend: '请去掉该条件后重试。' },
  },
  413: {
    en: { title: 'Content Too Large', cause: 'The request is larger than this site accepts.', mend: 'Send less.' },
    zh: { title: '内容过大', cause: '请求超出本站允许的大小。', mend: '请减小内容。' },
  },
  414: {
    en: { title: 'URI Too Long', cause: 'The URL is longer than this site accepts.', mend: 'Use a shorter one.' },
    zh: { title: '网址过长', cause: '网址超出本站允许的长度。', mend: '请使用较短的网址。' },
  },
  416: {
    en: {
      title: 'Range Not Satisfiable',
      cause: 'The range that was asked for lies outside of the content.',
      mend: 'Ask for all of it.',
    },
    zh: { title: '范围无法满足', cause: '请求的范围超出了内容。', mend: '请请求全部内容。' },
  },
  417: {
    en: {
      title: 'Expectation Failed',
      cause: 'The request expects something that is not done here.',
      mend: 'Send the request without the Expect field.',
    },
    zh: { title: '期望无法满足', cause: '请求提出了本服务器不支持的期望。', mend: '请去掉 Expect 字段后重试。' },
  },
  421: {
    en: {
      title: 'Misdirected Request',
      cause: 'This connection was opened for another site.',
      mend: 'Try again on a new connection.',
    },
    zh: { title: '请求发错了连接', cause: '该连接是为另一个站点建立的。', mend: '请在新的连接上重试。' },
  },
  431: {
    en: {
      title: 'Request Header Fields Too Large',
      cause: 'The request head is larger than this site accepts.',
      mend: 'Delete the cookies of this site and try again.',
    },
    zh: { title: '请求头过大', cause: '请求头超出本站允许的大小。', mend: '请清除本站的 Cookie 后重试。' },
  },
  500: {
    en: {
      title: 'Internal Server Error',
      cause: 'Something went wrong on this server.',
      mend: 'Try again later. If it goes on, tell who runs this site the number below.',
    },
    zh: {
      title: '服务器内部错误',
      cause: '服务器出现了问题。',
      mend: '请稍后重试。若问题持续，请将下方的编号告知本站的运营者。',
    },
  },
  501: {
    en: { title: 'Not Implemented', cause: 'The request asks for something that this server does not do.', mend: '' },
    zh: { title: '尚未实现', cause: '请求要求的功能本服务器不支持。', mend: '' },
  },
  502: {
    en: {
      title: 'Bad Gateway',
      cause: 'The app behind this site cannot be reached, or gave no valid answer.',
      mend: 'Try again in a moment. If it goes on, tell who runs this site the number below.',
    },
    zh: {
      title: '网关错误',
      cause: '无法连接本站背后的应用，或应用没有给出有效的应答。',
      mend: '请稍候重试。若问题持续，请将下方的编号告知本站的运营者。',
    },
  },
  503: {
    en: {
      title: 'Service Unavailable',
      cause: 'This site has more work than it can take on at the moment, or is being restarted.',
      mend: 'Try again in a moment.',
    },
    zh: { title: '服务暂不可用', cause: '本站目前负载过高，或正在重启。', mend: '请稍候重试。' },
  },
  504: {
    en: {
      title: 'Gateway Timeout',
      cause: 'The app behind this site did not answer in time.',
      mend: 'Try again in a moment. If it goes on, tell who runs this site the number below.',
    },
    zh: {
      title: '网关超时',
      cause: '本站背后的应用未能及时应答。',
      mend: '请稍候重试。若问题持续，请将下方的编号告知本站的运营者。',
    },
  },
  505: {
    en: {
      title: 'HTTP Version Not Supported',
      cause: 'This HTTP version is not spoken here.',
      mend: 'Use HTTP/1.1 or HTTP/2.',
    },
    zh: { title: '不支持的 HTTP 版本', cause: '本服务器不支持该 HTTP 版本。', mend: '请使用 HTTP/1.1 或 HTTP/2。' },
  },
} as const satisfies Readonly<Record<number, Readonly<Record<Language, StatusPhrase>>>>;

/** Statuses that the gateway itself answers with. */
export type ErrorStatus = keyof typeof statusPhrases;
