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

/** Every entry of every domain. A code stands in one domain only; a test checks it. */
export const catalog = {
  ...acmeCatalog,
  ...certificateCatalog,
  ...certsCatalog,
  ...configCatalog,
  ...demoCatalog,
  ...dnsCatalog,
  ...gatewayCatalog,
  ...handshakeCatalog,
  ...httpCatalog,
  ...http2Catalog,
  ...listenCatalog,
  ...localCaCatalog,
  ...renewalCatalog,
  ...storeCatalog,
  ...traceCatalog,
  ...tlsChecksCatalog,
  ...tlsChoicesCatalog,
  ...upstreamTlsCatalog,
  ...verifyCatalog,
  ...workersCatalog,
} as const;

export type FindingCode = keyof typeof catalog;
