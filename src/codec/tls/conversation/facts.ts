import type { DecodedExtension } from '../message/extension-value.ts';
import type {
  CertificateBody,
  CertificateRequestBody,
  ClientHelloBody,
  ClientKeyExchangeBody,
  NewSessionTicketBody,
  ServerHelloBody,
  ServerKeyExchangeBody,
  TlsSignature,
} from '../message/handshake-body.ts';
import type { CheckResult } from './check-result.ts';

/** What a handshake agreed on, as far as it was seen. Undefined stands for what was not seen, or is not there. */
export interface HandshakeFacts {
  /** The hello that counts: the second one where the server asked for another key. */
  readonly clientHello: ClientHelloBody | undefined;
  readonly firstHello: ClientHelloBody | undefined;
  readonly retry: ServerHelloBody | undefined;
  readonly serverHello: ServerHelloBody | undefined;
  readonly version: number | undefined;
  readonly cipherSuite: number | undefined;
  /** NamedGroup of the (EC)DHE exchange; undefined for RSA key exchange and for finite-field groups without a name. */
  readonly group: number | undefined;
  readonly alpn: string | undefined;
  readonly encryptedExtensions: readonly DecodedExtension[];
  readonly serverKeyExchange: ServerKeyExchangeBody | undefined;
  readonly clientKeyExchange: ClientKeyExchangeBody | undefined;
  /** Chains as they were sent; a compressed one is decompressed. */
  readonly serverCertificate: CertificateBody | undefined;
  readonly clientCertificate: CertificateBody | undefined;
  /** The stapled OCSP response of the server's leaf, DER. */
  readonly ocspResponse: Uint8Array | undefined;
  readonly certificateRequest: CertificateRequestBody | undefined;
  /** The signatures of ServerKeyExchange or CertificateVerify. */
  readonly serverSignature: TlsSignature | undefined;
  readonly clientSignature: TlsSignature | undefined;
  readonly tickets: readonly NewSessionTicketBody[];
  readonly isResumed: boolean;
  readonly earlyData: 'none' | 'offered' | 'accepted' | 'rejected';
  readonly isFinished: { readonly client: boolean; readonly server: boolean };
  readonly checks: readonly CheckResult[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Facts while they are gathered. */
export type GrowingFacts = Omit<Mutable<HandshakeFacts>, 'tickets' | 'checks' | 'isFinished'> & {
  tickets: NewSessionTicketBody[];
  checks: CheckResult[];
  isFinished: { client: boolean; server: boolean };
};

export function emptyFacts(): GrowingFacts {
  return {
    clientHello: undefined,
    firstHello: undefined,
    retry: undefined,
    serverHello: undefined,
    version: undefined,
    cipherSuite: undefined,
    group: undefined,
    alpn: undefined,
    encryptedExtensions: [],
    serverKeyExchange: undefined,
    clientKeyExchange: undefined,
    serverCertificate: undefined,
    clientCertificate: undefined,
    ocspResponse: undefined,
    certificateRequest: undefined,
    serverSignature: undefined,
    clientSignature: undefined,
    tickets: [],
    isResumed: false,
    earlyData: 'none',
    isFinished: { client: false, server: false },
    checks: [],
  };
}
