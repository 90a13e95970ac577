/**
 * Whether certificates could be had, before a CA is asked for them: the DNS, the ports, CAA, the clock, the account.
 * Nothing is ordered.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { networkInterfaces } from 'node:os';
import tls from 'node:tls';
import { ACME_TLS_PROTOCOL, TlsAlpnCertificates } from '../../acme/challenges/tls-alpn-certificates.ts';
import { challengeServerName } from '../../acme/challenges/server-name.ts';
import { createAcmeHttp } from '../../acme/client/http.ts';
import { parseName } from '../../codec/dns/name.ts';
import { RecordType } from '../../codec/dns/registry.ts';
import type { Config, SiteConfig } from '../../config/config.ts';
import { knownDirectories, type IssuanceConfig, type IssuerConfig } from '../../config/issuance.ts';
import { explainFailure, tellServer, withoutDot } from '../../dns/explain.ts';
import { viewsThatDiffer } from '../../dns/view-comparison.ts';
import type { CertificateStore } from '../../store/certificate-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import type { Folder } from '../../store/folder.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { ChallengeAnswer } from '../challenge-board.ts';
import type { CertificatePem } from '../tls/site-input.ts';
import { askGateway, runningGateways } from './control.ts';
import type { DnsWorld } from './dns-world.ts';
import { isStaging, openIssuer, stagingOf } from './issuers.ts';
import { lookAtCaa, type CaaAuthority } from './live-caa.ts';
import { identifierOf } from './issuance.ts';

export interface LiveCheck {
  readonly config: Config;
  readonly issuance: IssuanceConfig;
  readonly folder: Folder;
  readonly world: DnsWorld;
  /** Ports that the world knows; other ones in tests. */
  readonly ports?: { readonly http: number; readonly https: number };
}

const ANSWER_WITHIN_MS = 5_000;
const DIRECTORY_BYTES = 65_536;
/** A CA looks at times to the second, and certificates are valid from some minutes ago at most. */
const CLOCK_TOLERANCE_MS = 30_000;

/** Findings in the order in which things have to be right; those of severity `info` say what is. */
export async function checkLive(check: LiveCheck): Promise<readonly Finding[]> {
  const { config, issuance } = check;
  const sites = config.sites.filter((site) => site.issuance !== undefined);
  if (sites.length === 0) return [finding('live-nothing')];
  const findings: Finding[] = [];
  const authorities = new Map<string, CaaAuthority>();
  const store = createFolderStore({ folder: check.folder, clock: Date.now });
  for (const issuer of issuance.issuers) {
    const [authority, told] = await askAuthority(issuer, store);
    if (authority !== undefined) authorities.set(issuer.name, authority);
    findings.push(...told);
  }
  const probe = await openProbe(check, sites);
  findings.push(...probe.findings);
  try {
    for (const site of sites) {
      const isWildcard = site.name.startsWith('*.');
      const addresses = isWildcard ? [] : await lookAtAddresses(site, check.world, findings);
      for (const address of addresses) findings.push(...(await reach(site, address, probe, check)));
      findings.push(...(await lookAtCaa(site, issuance, authorities, check.world)));
    }
  } finally {
    await probe.close();
  }
  for (const issuer of issuance.issuers) {
    if (authorities.has(issuer.name)) findings.push(await tryAccount(issuer, store, check.config.email));
  }
  return findings;
}

// The authority and the clock.

async function askAuthority(
  issuer: IssuerConfig,
  store: CertificateStore,
): Promise<readonly [CaaAuthority | undefined, readonly Finding[]]> {
  const { name, directoryUrl, caFile } = issuer;
  const roots = caFile === '' ? undefined : readFileSync(caFile, 'utf8');
  const settings = { issuer: name, userAgent: 'menshen check', timeoutMs: ANSWER_WITHIN_MS * 2 };
  const client = createAcmeHttp({ ...settings, ...(roots !== undefined && { roots }) });
  try {
    const outcome = await client.send({ method: 'GET', url: directoryUrl, headers: {}, maxBytes: DIRECTORY_BYTES });
    const host = new URL(directoryUrl).host;
    if (!outcome.ok) {
      const reason = String(outcome.finding.values['reason'] ?? outcome.finding.code);
      return [undefined, [finding('live-authority-unreachable', { issuer: name, host, reason })]];
    }
    const { headers, content } = outcome.response;
    const accountUrl = (await store.account(name).load())?.url;
    return [{ caaIdentities: caaIdentitiesOf(content), accountUrl }, clockOf(name, headers['date'])];
  } finally {
    client.close();
  }
}

function caaIdentitiesOf(content: string): readonly string[] {
  try {
    const { meta } = JSON.parse(content) as { readonly meta?: { readonly caaIdentities?: unknown } };
    const listed = meta?.caaIdentities;
    return Array.isArray(listed) ? listed.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

function clockOf(issuer: string, date: string | undefined): readonly Finding[] {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return [];
  const differenceMs = Math.abs(Date.now() - theirs);
  if (differenceMs <= CLOCK_TOLERANCE_MS) return [finding('live-clock-good', { issuer })];
  return [finding('live-clock-wrong', { issuer, seconds: Math.round(differenceMs / 1000) })];
}

// The DNS.

/** Addresses of a site at all its authoritative servers; what is to be said of them goes to `findings`. */
async function lookAtAddresses({ name }: SiteConfig, world: DnsWorld, findings: Finding[]): Promise<readonly string[]> {
  const identifier = parseName(name);
  if (/^[\d.]+$|:/.test(name) || !identifier.ok) return [name];
  const addresses = new Set<string>();
  let servers = 0;
  for (const type of [RecordType.A, RecordType.AAAA]) {
    const seen = await world.lookAtAll(identifier.name, type);
    if ('ok' in seen) {
      findings.push(explainFailure(seen.failure, withoutDot(seen.name)));
      return [];
    }
    servers = Math.max(servers, seen.views.length);
    const behind = viewsThatDiffer(seen);
    if (behind.length > 0) {
      const told = behind.map(({ server, serverName }) => tellServer(server, serverName)).join(', ');
      findings.push(finding('live-dns-differs', { name, servers: told }));
    }
    for (const { data } of seen.views.flatMap(({ records }) => records)) {
      if (data.kind === 'A' || data.kind === 'AAAA') addresses.add(data.address);
    }
  }
  const own = ownAddresses();
  // Name servers take turns with the order.
  const list = [...addresses].toSorted().join(', ');
  if (addresses.size === 0) findings.push(finding('live-dns-missing', { name }));
  else if ([...addresses].every((address) => own.has(address))) {
    findings.push(finding('live-dns-good', { name, addresses: list, count: servers }));
  } else findings.push(finding('live-dns-elsewhere', { name, addresses: list, own: [...own].join(', ') }));
  return [...addresses];
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => address.replace(/%.*$/, '')));
}

// The ports.

/** Something that only this machine can answer, on both ports. */
interface Probe {
  readonly findings: readonly Finding[];
  readonly token: string;
  readonly content: string;
  /** By server name. */
  readonly certificates: ReadonlyMap<string, CertificatePem>;
  /** Ports that cannot be tried. */
  readonly skipped: ReadonlySet<'http' | 'https'>;
  close(): Promise<void>;
}

async function openProbe({ config, folder }: LiveCheck, sites: readonly SiteConfig[]): Promise<Probe> {
  const token = randomBytes(24).toString('base64url');
  const content = `${token}.${randomBytes(24).toString('base64url')}`;
  const certificates = new Map<string, CertificatePem>();
  const answers: ChallengeAnswer[] = [{ type: 'http-01', token, keyAuthorization: content }];
  for (const site of sites.filter(({ name }) => !name.startsWith('*.'))) {
    const identifier = identifierOf(site);
    const made = new TlsAlpnCertificates();
    const challenge = { type: 'tls-alpn-01', identifier, token, keyAuthorization: content } as const;
    await made.present({ ...challenge, digest: randomBytes(32) });
    const certificate = made.lookup(challengeServerName(identifier))!;
    certificates.set(challengeServerName(identifier), certificate);
    answers.push({ type: 'tls-alpn-01', identifier, certificate });
  }
  const parts = { token, content, certificates };
  if ((await runningGateways(folder)).length > 0) {
    const asked = await askGateway(folder, { kind: 'probe', answers }, ANSWER_WITHIN_MS * 2);
    if (asked.ok) return { ...parts, findings: asked.findings, skipped: new Set(), close: async () => undefined };
  }
  return { ...parts, ...(await listenForProbe(config, parts)) };
}

async function listenForProbe(
  { hosts, httpPort, httpsPort }: Config,
  { token, content, certificates }: Pick<Probe, 'token' | 'content' | 'certificates'>,
): Promise<Pick<Probe, 'findings' | 'skipped' | 'close'>> {
  const plain = http.createServer((request, response) => {
    const isAsked = request.url === `/.well-known/acme-challenge/${token}`;
    response.writeHead(isAsked ? 200 : 404, { connection: 'close' }).end(isAsked ? content : '');
  });
  const [first] = certificates.values();
  const secure = tls.createServer({
    ...(first && { cert: first.certPem, key: first.keyPem }),
    ALPNProtocols: [ACME_TLS_PROTOCOL],
    SNICallback: (serverName, done) => {
      const found = certificates.get(serverName);
      done(null, found && tls.createSecureContext({ cert: found.certPem, key: found.keyPem }));
    },
  });
  secure.on('tlsClientError', () => undefined);
  const findings: Finding[] = [];
  const skipped = new Set<'http' | 'https'>();
  for (const [role, server, port] of [
    ['http', plain, httpPort],
    ['https', secure, httpsPort],
  ] as const) {
    const reason = port === 0 ? '' : await listen(server, port, hosts[0]);
    if (reason === undefined) continue;
    skipped.add(role);
    if (reason !== '') findings.push(finding('live-port-taken', { port, reason }));
  }
  return {
    findings,
    skipped,
    close: async () => {
      plain.closeAllConnections();
      for (const server of [plain, secure]) if (server.listening) await new Promise((done) => server.close(done));
    },
  };
}

/** Undefined where it listens, else why not. */
function listen(server: http.Server | tls.Server, port: number, host: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, ...(host !== undefined && { host }) }, () => resolve(undefined));
  });
}

async function reach(
  site: SiteConfig,
  address: string,
  probe: Probe,
  { ports = { http: 80, https: 443 } }: LiveCheck,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const tell = (port: number, seen: 'here' | 'foreign' | { readonly reason: string }): void => {
    const values = { name: site.name, address, port };
    if (seen === 'here') findings.push(finding('live-port-good', values));
    else if (seen === 'foreign') findings.push(finding('live-port-foreign', values));
    else findings.push(finding('live-port-closed', { ...values, ...seen }));
  };
  if (!probe.skipped.has('http')) tell(ports.http, await askPlain(site.name, address, ports.http, probe));
  if (!probe.skipped.has('https')) tell(ports.https, await askSecure(site, address, ports.https, probe));
  return findings;
}

type Seen = 'here' | 'foreign' | { readonly reason: string };

function askPlain(name: string, host: string, port: number, { token, content }: Probe): Promise<Seen> {
  return new Promise((resolve) => {
    const path = `/.well-known/acme-challenge/${token}`;
    const request = http.get({ host, port, path, agent: false, timeout: ANSWER_WITHIN_MS, headers: { host: name } });
    request.on('timeout', () => request.destroy(new Error('ETIMEDOUT')));
    request.on('error', (error: NodeJS.ErrnoException) => resolve({ reason: error.code ?? error.message }));
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (text.length > content.length) response.destroy();
      });
      response.on('close', () => resolve(text === content ? 'here' : 'foreign'));
    });
  });
}

function askSecure(site: SiteConfig, host: string, port: number, { certificates }: Probe): Promise<Seen> {
  const servername = challengeServerName(identifierOf(site));
  const expected = certificates.get(servername);
  return new Promise((resolve) => {
    const socket = tls.connect({
      host,
      port,
      servername,
      ALPNProtocols: [ACME_TLS_PROTOCOL],
      // It is held against the very certificate that was made for this.
      rejectUnauthorized: false,
      timeout: ANSWER_WITHIN_MS,
    });
    socket.on('timeout', () => socket.destroy(new Error('ETIMEDOUT')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever does not know the protocol ends the handshake with an alert.
      const isAlert = error.code?.startsWith('ERR_SSL_') === true || error.code === 'ECONNRESET';
      resolve(isAlert ? 'foreign' : { reason: error.code ?? error.message });
    });
    socket.on('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()?.toString().trim();
      socket.end();
      resolve(
        shown !== undefined && expected?.certPem.replaceAll(/\s/g, '') === shown.replaceAll(/\s/g, '')
          ? 'here'
          : 'foreign',
      );
    });
  });
}

// The account.

/** Let's Encrypt is asked in its staging environment; any other authority makes the account that it will need anyway. */
async function tryAccount(issuer: IssuerConfig, store: CertificateStore, email: string): Promise<Finding> {
  const isLetsEncrypt = issuer.directoryUrl === knownDirectories.letsencrypt || isStaging(issuer);
  const asked = isLetsEncrypt ? stagingOf(issuer) : issuer;
  const opened = openIssuer(asked, store, email);
  try {
    return (await opened.openAccount()) ?? finding('live-account-good', { issuer: asked.name });
  } finally {
    opened.close();
  }
}
