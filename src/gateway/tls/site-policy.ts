import { constants, createHash } from 'node:crypto';
import tls from 'node:tls';
import type { ClientHello } from '../../codec/tls/client-hello.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { OfferedPolicy } from '../../story/rules/handshake-failure.ts';
import { ClientCertificates } from './client-certificate.ts';
import type { Staple } from './ocsp-staple.ts';
import type { TlsSiteInput } from './site-input.ts';
import { reasonOf, type SiteMaterial } from './site-material.ts';
import { bringsTicketOf, type TicketKeys } from './ticket-keys.ts';

/** Called with what came out of a handshake; the policy is the one that it was made under. */
export interface PolicyListener {
  onSecure(socket: tls.TLSSocket, policy: SitePolicy): void;
  onFailed(error: Error, socket: tls.TLSSocket): void;
}

/** What goes over from a site's last policy while its client authentication stays the same. */
export interface KeptAcrossPolicies {
  readonly ticketKeys: TicketKeys;
  readonly clients?: ClientCertificates | undefined;
}

/** What all policies of a gateway have in common. */
export interface CommonToPolicies {
  /** ALPN names in order of preference. */
  readonly alpn: readonly string[];
  readonly listener: PolicyListener;
  /** Epoch milliseconds. */
  wallNow(): number;
}

/**
 * The TLS of one site: certificates, versions, suites, groups, client authentication, ticket keys.
 *
 * It runs as a `tls.Server` that never listens and is fed with `emit('connection', socket)`: that is the public way to
 * learn how client authentication went (`authorized`, `authorizationError`). Each policy has its own ticket keys and
 * session id context, so that no ticket of another site can be resumed here. OpenSSL holds one ticket key for each
 * context: tickets of the previous key are opened by a twin, made when the first of them comes.
 */
export class SitePolicy {
  readonly site: string;
  readonly policyId: string;
  readonly inputId: string;
  readonly clientAuthId: string;
  readonly ticketLifetimeMs: number;
  /** Undefined for a site that asks for no client certificate. */
  readonly clients: ClientCertificates | undefined;
  readonly offered: OfferedPolicy;
  readonly #options: tls.TlsOptions;
  readonly #listener: PolicyListener;
  readonly #staple: Staple | undefined;
  readonly #wallNow: () => number;
  #keys: TicketKeys;
  #server: tls.Server;
  #twin: tls.Server | undefined;

  /** Throws what OpenSSL says about settings that it refuses; `buildPolicy` makes a finding of it. */
  constructor(site: TlsSiteInput, material: SiteMaterial, kept: KeptAcrossPolicies, common: CommonToPolicies) {
    this.site = site.name;
    this.policyId = material.policyId;
    this.inputId = material.inputId;
    this.clientAuthId = material.clientAuthId;
    this.ticketLifetimeMs = site.tls.ticketLifetimeSeconds * 1_000;
    const { ca, crl } = material;
    this.clients = kept.clients ?? (site.clientAuth && new ClientCertificates(site.clientAuth.mode, ca, crl));
    const { minVersion, maxVersion, ciphers } = site.tls;
    const { groups, keyTypes } = material;
    const { alpn, listener } = common;
    const localCa = site.localCa ?? false;
    this.offered = { minVersion, maxVersion, ciphers, groups, alpn, keyTypes, localCa };
    this.#options = contextOptions(site, material, alpn);
    this.#listener = listener;
    this.#staple = material.staple;
    this.#wallNow = common.wallNow;
    this.#keys = kept.ticketKeys;
    this.#server = this.#serverWith(this.#keys.current);
  }

  get ticketKeys(): TicketKeys {
    return this.#keys;
  }

  /** Goes over to other ticket keys. Handshakes that have begun end under the old ones. */
  set ticketKeys(keys: TicketKeys) {
    const { previous } = keys;
    const before = this.#keys;
    this.#keys = keys;
    if (!keys.current.equals(before.current)) {
      const old = this.#server;
      this.#server = this.#serverWith(keys.current);
      this.#twin = previous?.equals(before.current) === true ? old : undefined;
    } else if (previous === undefined || before.previous?.equals(previous) !== true) {
      this.#twin = undefined;
    }
  }

  /** The server that is to make this handshake: the twin where the client brings a ticket of the previous key. */
  serverFor(hello: ClientHello): tls.Server {
    const { current, previous } = this.#keys;
    if (previous === undefined || !bringsTicketOf(hello, previous, current)) return this.#server;
    this.#twin ??= this.#serverWith(previous);
    return this.#twin;
  }

  #serverWith(ticketKey: Buffer): tls.Server {
    const server = tls.createServer({ ...this.#options, ticketKeys: ticketKey });
    server.on('secureConnection', (socket) => this.#listener.onSecure(socket, this));
    server.on('tlsClientError', (error, socket) => this.#listener.onFailed(error, socket));
    const staple = this.#staple;
    if (staple !== undefined) {
      // A response that has run out is worse than none: clients take it for an attack.
      server.on('OCSPRequest', (_certificate, _issuer, give) => {
        give(null, this.#wallNow() < staple.untilMs ? staple.response : Buffer.alloc(0));
      });
    }
    return server;
  }
}

/** A policy, or why OpenSSL refuses the site's settings. */
export function buildPolicy(
  site: TlsSiteInput,
  material: SiteMaterial,
  kept: KeptAcrossPolicies,
  common: CommonToPolicies,
): SitePolicy | Finding {
  try {
    return new SitePolicy(site, material, kept, common);
  } catch (error) {
    const values = { site: site.name, reason: reasonOf(error) };
    const isCrl = error instanceof Error && error.message.includes('CRL');
    return finding(isCrl ? 'tls-crl-unreadable' : 'tls-settings-refused', values);
  }
}

function contextOptions(site: TlsSiteInput, material: SiteMaterial, alpn: readonly string[]): tls.TlsOptions {
  const { tls: settings, clientAuth } = site;
  // Only what the site itself names is spoken for; DHE needs parameters, which OpenSSL chooses by the key's strength.
  const wantsDhe = /(?:^|[:+])DHE-/.test(settings.ciphers);
  return {
    cert: [...material.cert],
    key: [...material.key],
    minVersion: settings.minVersion,
    maxVersion: settings.maxVersion,
    ciphers: settings.ciphers,
    ecdhCurve: material.groups,
    honorCipherOrder: settings.honorCipherOrder,
    ...(wantsDhe ? { dhparam: 'auto' } : {}),
    // Without client authentication nobody is trusted; an absent `ca` would mean every public root.
    ca: [...material.ca],
    ...(material.crl.length > 0 ? { crl: [...material.crl] } : {}),
    requestCert: clientAuth !== undefined,
    // A certificate that fails is explained over HTTP, not cut off in the handshake.
    rejectUnauthorized: false,
    ALPNProtocols: [...alpn],
    // Nothing that the hello decided may change later (RFC 9113 section 9.2.1 forbids it for HTTP/2 anyway).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    sessionIdContext: sessionIdContext(site.name, material.clientAuthId),
    sessionTimeout: settings.ticketLifetimeSeconds,
  };
}

/** At most 32 octets (OpenSSL's SSL_MAX_SID_CTX_LENGTH), different for every site and client-certificate policy. */
function sessionIdContext(site: string, clientAuthId: string): string {
  return createHash('sha256').update(`${site}\0${clientAuthId}`).digest('base64url').slice(0, 32);
}
