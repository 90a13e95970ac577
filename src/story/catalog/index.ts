import { configCatalog } from './config.ts';
import { gatewayCatalog } from './gateway.ts';
import { httpCatalog } from './http.ts';
import { localCaCatalog } from './local-ca.ts';
import { storeCatalog } from './store.ts';

/** Every entry of every domain. A code stands in one domain only; a test checks it. */
export const catalog = {
  ...configCatalog,
  ...gatewayCatalog,
  ...httpCatalog,
  ...localCaCatalog,
  ...storeCatalog,
} as const;

export type FindingCode = keyof typeof catalog;
