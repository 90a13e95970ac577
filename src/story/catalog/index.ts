import { httpCatalog } from './http.ts';

/** Every entry of every domain. A code stands in one domain only; a test checks it. */
export const catalog = {
  ...httpCatalog,
} as const;

export type FindingCode = keyof typeof catalog;
