import type { Catalog } from '../catalog.ts';

/** What `menshen demo` has to say besides the addresses. */
export const demoCatalog = {
  'demo-ports-moved': {
    fault: 'config',
    severity: 'info',
    en: {
      cause: 'Ports {wantedHttps} and {wantedHttp} are not both free, so the demo uses {https} and {http}.',
      mend: 'Open the addresses as they are printed, or name ports with --https-port and --http-port.',
    },
    zh: {
      cause: '端口 {wantedHttps} 和 {wantedHttp} 没有都空闲，演示改用 {https} 和 {http}。',
      mend: '请打开下面打印的地址，或用 --https-port 和 --http-port 指定端口。',
    },
  },
  'demo-no-ports': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'None of the {count} pairs of ports from {wantedHttps} and {wantedHttp} upwards is free.',
      mend: 'Name two free ports: menshen demo --https-port N --http-port M',
    },
    zh: {
      cause: '从 {wantedHttps} 和 {wantedHttp} 起的 {count} 对端口都被占用。',
      mend: '请指定两个空闲端口：menshen demo --https-port N --http-port M',
    },
  },
} as const satisfies Catalog;
