import type { Language } from '../../story/catalog.ts';

/** What the demo prints around the addresses. Findings speak through the catalogue. */
interface DemoWords {
  /** Help of the command. */
  readonly description: string;
  readonly log: string;
  readonly httpsPort: string;
  readonly httpPort: string;
  readonly runs: string;
  readonly page: string;
  /** `{target}` is filled in. */
  readonly app: string;
  readonly redirect: string;
  readonly end: string;
}

export const demoWords: Readonly<Record<Language, DemoWords>> = {
  en: {
    description: 'serve a page and two small apps over HTTPS on this machine, to see it work',
    log: 'pretty, json, common or combined (pretty)',
    httpsPort: 'port of HTTPS (8443, or the next free one)',
    httpPort: 'port that redirects to HTTPS (8080, or the next free one)',
    runs: '门神 Menshen: the demo runs. Open',
    page: 'a page with style, script and image, served from files',
    app: 'an app on {target}',
    redirect: 'redirects to HTTPS',
    end: 'Requests appear below as they come. Ctrl-C ends everything.',
  },
  zh: {
    description: '在本机用 HTTPS 提供一个页面和两个小应用，看看效果',
    log: 'pretty、json、common 或 combined（默认 pretty）',
    httpsPort: 'HTTPS 端口（8443，或下一个空闲端口）',
    httpPort: '重定向到 HTTPS 的端口（8080，或下一个空闲端口）',
    runs: '门神 Menshen：演示已启动。请打开',
    page: '带样式、脚本和图片的页面，由文件直接提供',
    app: '监听 {target} 的应用',
    redirect: '重定向到 HTTPS',
    end: '请求到来时会显示在下方。按 Ctrl-C 结束一切。',
  },
};
