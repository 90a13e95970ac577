import { loadWithWrk } from '../load/wrk.ts';
import type { Scenario } from '../scenario.ts';

/** Long enough for a compiler that works while the peer runs. */
const WARM_UP_SECONDS = 4;

function keepAliveRequests(name: string, title: string, fields: Readonly<Record<string, string>>): Scenario {
  return {
    name,
    title,
    unit: 'µs',
    freshPeer: false,
    async warmUp(subject, bench) {
      await loadWithWrk(subject, bench, fields, WARM_UP_SECONDS);
    },
    measure: (subject, bench) => loadWithWrk(subject, bench, fields, bench.seconds),
  };
}

/** Small requests with nothing but Host. */
export const bareRequests = keepAliveRequests('bare', 'request, bare', {});

/** Small requests with the field lines that a browser sends. */
export const browserRequests = keepAliveRequests('browser', 'request, browser-like', {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
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
});
