import { httpCatalog } from './http.ts';
import { storeCatalog } from './store.ts';

/** Every entry of every domain. A code stands in one domain only; a test checks it. */
export const catalog = {
  ...httpCatalog,
  ...storeCatalog,
} as const;

export type FindingCode = keyof typeof catalog;
