import { loadWithWrk } from '../load/wrk.ts';
import type { Figure, Scenario } from '../scenario.ts';

const CONNECTIONS = 64;

type Fields = Readonly<Record<string, string>>;

function keepAliveRequests(name: string, title: Figure['title'], fields: Fields): Scenario {
  const load = { fields, connections: CONNECTIONS };
  return {
    name,
    figures: [{ name, title, unit: 'µs' }],
    workers: 1,
    app: 'answers',
    freshPeer: false,
    async warmUp(subject, bench) {
      await loadWithWrk(subject, bench, load, bench.warmUpSeconds);
    },
    async measure(subject, bench) {
      return [(await loadWithWrk(subject, bench, load, bench.seconds)).cpuPerRequest];
    },
  };
}

/** Small requests with nothing but Host. */
export const bareRequests = keepAliveRequests('bare', { en: 'request, HTTP/1.1, bare', zh: 'HTTP/1.1 简单请求' }, {});

/** Small requests with the field lines that a browser sends. */
export const browserRequests = keepAliveRequests(
  'browser',
  { en: 'request, HTTP/1.1, browser-like', zh: 'HTTP/1.1 类浏览器请求' },
  {
    'User-Agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'Accept-Language': 'zh-CN,zh;q=0.9,en;q=0.8',
    'Accept-Encoding': 'gzip, deflate, br, zstd',
    Referer: 'https://localhost/articles/2026/how-a-door-opens?from=index',
    Cookie: 'session=9f2c1be04a7d4c6e8b5a3f71; theme=dark; consent=1; _visit=1763.20551.1837465; cart=3%3A7%2C12%3A1',
    'Upgrade-Insecure-Requests': '1',
    'Sec-Fetch-Dest': 'document',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Site': 'same-origin',
    'Cache-Control': 'max-age=0',
  },
);

/** Bare requests to a peer with two workers: what one costs, and how many there are in a second. */
export const twoWorkers: Scenario = {
  name: 'workers',
  figures: [
    { name: 'workers-cpu', title: { en: 'two workers: request, bare', zh: '两个工作进程：简单请求' }, unit: 'µs' },
    {
      name: 'workers-throughput',
      title: { en: 'two workers: requests a second', zh: '两个工作进程：每秒请求数' },
      unit: '/s',
    },
  ],
  workers: 2,
  app: 'answers',
  freshPeer: false,
  async warmUp(subject, bench) {
    await loadWithWrk(subject, bench, { fields: {}, connections: 2 * CONNECTIONS }, bench.warmUpSeconds);
  },
  async measure(subject, bench) {
    const load = { fields: {}, connections: 2 * CONNECTIONS };
    const { cpuPerRequest, requestsPerSecond } = await loadWithWrk(subject, bench, load, bench.seconds);
    return [cpuPerRequest, requestsPerSecond];
  },
};
