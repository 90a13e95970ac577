import type { Finding } from '../../story/finding.ts';
import type { StoredCertificate } from '../../store/certificate-store.ts';
import type { Item } from './item.ts';
import type { CertificateEvent } from './wanted.ts';

/** What an event says beyond whom it is about. */
export type EventDetail = CertificateEvent extends infer E
  ? E extends CertificateEvent
    ? Omit<E, 'id' | 'names' | 'atMs'>
    : never
  : never;

/** How work on an item reaches the world. */
export interface Effects {
  emit(item: Item, event: EventDetail): void;
  /** Gives a result to everybody who waits for the item. */
  settle(item: Item, result: StoredCertificate | Finding): void;
  /** Serves a certificate that has just come. */
  goLive(certificate: StoredCertificate): void;
  /** Takes a certificate of the store as the live one, if it is another than the present one. */
  adopt(item: Item, certificate: StoredCertificate): boolean;
  /** A store that fails is told about, and nothing else happens. */
  guarded<T>(work: () => Promise<T>, item?: Item): Promise<Guarded<T>>;
}

export type Guarded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly finding: Finding };
