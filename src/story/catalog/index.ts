import type { CatalogEntry } from '../catalog.ts';
import { acmeCatalog } from './acme.ts';
import { certificateCatalog } from './certificate.ts';
import { certsCatalog } from './certs.ts';
import { configCatalog } from './config.ts';
import { demoCatalog } from './demo.ts';
import { dnsCatalog } from './dns.ts';
import { gatewayCatalog } from './gateway.ts';
import { handshakeCatalog } from './handshake.ts';
import { httpCatalog } from './http.ts';
import { http2Catalog } from './http2.ts';
import { listenCatalog } from './listen.ts';
import { localCaCatalog } from './local-ca.ts';
import { renewalCatalog } from './renewal.ts';
import { storeCatalog } from './store.ts';
import { traceCatalog } from './trace.ts';
import { tlsChecksCatalog } from './tls-checks.ts';
import { tlsChoicesCatalog } from './tls-choices.ts';
import { upstreamTlsCatalog } from './upstream-tls.ts';
import { verifyCatalog } from './verify.ts';
import { workersCatalog } from './workers.ts';

const domains = [
  acmeCatalog,
  certificateCatalog,
  certsCatalog,
  configCatalog,
  demoCatalog,
  dnsCatalog,
  gatewayCatalog,
  handshakeCatalog,
  httpCatalog,
  http2Catalog,
  listenCatalog,
  localCaCatalog,
  renewalCatalog,
  storeCatalog,
  traceCatalog,
  tlsChecksCatalog,
  tlsChoicesCatalog,
  upstreamTlsCatalog,
  verifyCatalog,
  workersCatalog,
] as const;

type Domain = (typeof domains)[number];
type Codes<One> = One extends unknown ? keyof One : never;

export type FindingCode = Codes<Domain>;

/**
 * Every entry of every domain. A code stands in one domain only; a test checks it.
 *
 * Made without a prototype, so that it is a hash table from the start: spreading as many entries into a literal makes V8
 * build a shape for each, which takes longer than all else that a start does here.
 */
export const catalog: Readonly<Record<FindingCode, CatalogEntry>> = Object.assign(Object.create(null), ...domains);
