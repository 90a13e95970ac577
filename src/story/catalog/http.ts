import type { Catalog } from '../catalog.ts';

/** What goes wrong between a client, the gateway and an app on the HTTP layer. */
export const httpCatalog = {
  'no-such-site': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: 'No site here is called {authority}.',
      mend: 'Check the host name in the URL, or add the site to the configuration.',
    },
    zh: { cause: '这里没有名为 {authority} 的站点。', mend: '请检查网址中的主机名，或在配置中添加该站点。' },
  },
} as const satisfies Catalog;
