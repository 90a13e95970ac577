import type { TlsSettings } from '../../config/config.ts';

/** A certificate and its key as they stand in files. */
export interface CertificatePem {
  /** The leaf first, then its intermediates. */
  readonly certPem: string;
  readonly keyPem: string;
  /**
   * An OCSPResponse about the leaf, DER (RFC 6960 section 4.2.1): sent to clients that ask for it (RFC 6066 section 8)
   * until its nextUpdate. A site with two certificates is not stapled: OpenSSL does not tell which one it will send.
   */
  readonly ocspStaple?: Uint8Array | undefined;
}

export interface ClientAuthInput {
  readonly mode: 'require' | 'optional';
  /** PEM bundle of the authorities that clients' certificates may come from. */
  readonly caPem: string;
  /** PEM, possibly several; or one DER list. With revocation, every authority in the bundle needs a list. */
  readonly crl?: string | Uint8Array | undefined;
}

/** All that the TLS of one site is made from. */
export interface TlsSiteInput {
  /** As configured: a host name, `*.` and a host name, or an IP literal. */
  readonly name: string;
  /** One for each type of key, ECDSA and RSA side by side. */
  readonly certificates: readonly CertificatePem[];
  readonly clientAuth?: ClientAuthInput | undefined;
  readonly tls: TlsSettings;
  /** The certificates come from the gateway's local CA: it changes what to do about a client that distrusts them. */
  readonly localCa?: boolean | undefined;
}

/** Every site at one moment. */
export interface TlsSnapshot {
  readonly sites: readonly TlsSiteInput[];
  /** Name of the site for names that match none, and for clients without SNI; '' for none. */
  readonly defaultSite: string;
  /** False where names that no site has are not asked about, though there is somebody to ask. */
  readonly onDemand?: boolean;
}
