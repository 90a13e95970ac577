/** Pebble, Let's Encrypt's test CA, with a DNS server and listeners for its challenges: everything on loopback. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { freePort } from '../free-port.ts';
import { HttpTokens } from './http-tokens.ts';
import { ACME_TLS_PROTOCOL, TlsAlpnCertificates } from '../../src/acme/challenges/tls-alpn-certificates.ts';
import { recordName, recordValue } from '../../src/acme/challenges/record.ts';
import type { AccountRecord, AccountStore } from '../../src/acme/client/account.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../../src/acme/issuer.ts';
import { openLocalCa } from '../../src/pki/local-ca.ts';
import { openFolder } from '../../src/store/folder.ts';

/** Every copy of a program: where the system has it, and where `go install` puts it. */
export function copiesOf(program: string): string[] {
  const go = process.env['GOPATH'] ?? path.join(homedir(), 'go');
  const folders = [process.env['GOBIN'], path.join(go, 'bin'), ...(process.env['PATH'] ?? '').split(path.delimiter)];
  const files = folders.flatMap((folder) => {
    const file = path.join(folder ?? '', program);
    return folder !== undefined && folder !== '' && existsSync(file) ? [realpathSync(file)] : [];
  });
  return [...new Set(files)];
}

const [challengeServer] = copiesOf('pebble-challtestsrv');
export const pebblePrograms: readonly string[] = challengeServer === undefined ? [] : copiesOf('pebble');

export interface PebbleOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Further members of its configuration. */
  readonly config?: object;
  /** `address:port` of the server that it asks, instead of one where every name is 127.0.0.1. */
  readonly dnsServer?: string;
}

export interface Pebble {
  readonly directoryUrl: string;
  /** Where it listens, for a proxy in front of it. */
  readonly port: number;
  /** PEM of the root of its own server's certificate. */
  readonly serverRoot: string;
  /** A certificate and key for localhost, under `serverRoot`. */
  readonly serverCertificate: { readonly cert: string; readonly key: string };
  readonly httpTokens: HttpTokens;
  readonly alpnCertificates: TlsAlpnCertificates;
  readonly dns: ChallengeSolver;
  /** Requests for challenges that came over port 80 and 443. */
  readonly seen: { http: number; alpn: number };
  /** Whether it offers renewal information and profiles (2.6 and 2.7). */
  readonly current: boolean;
  /** What it has printed. */
  log(): string;
  /** A page of its management interface. */
  managed(page: string): Promise<string>;
  /** What the DNS says for a name, instead of 127.0.0.1 for every one. */
  setAddress(name: string, address: string): Promise<void>;
  /** Lets it neither hear nor speak, until `goOn`. */
  hold(): void;
  goOn(): void;
  stop(): Promise<void>;
}

export interface ChallengeDns {
  /** On 127.0.0.1, UDP and TCP. */
  readonly port: number;
  /** Of its management interface, plain HTTP. */
  readonly managementPort: number;
  readonly solver: ChallengeSolver;
  /** What it says for a name, instead of 127.0.0.1 for every one. */
  setAddress(name: string, address: string): Promise<void>;
  stop(): Promise<void>;
}

/** A DNS server where every name is 127.0.0.1 and TXT records can be set; undefined where it is not installed. */
export async function startChallengeDns(): Promise<ChallengeDns | undefined> {
  if (challengeServer === undefined) return undefined;
  const [port, management] = [await freePort(), await freePort()];
  const usage = await usageOf(challengeServer);
  const server = spawn(
    challengeServer,
    [
      // Renamed after 2.4.
      [/-dnsserver\b/.test(usage) ? '-dnsserver' : '-dns01', `127.0.0.1:${port}`],
      ['-management', `127.0.0.1:${management}`],
      ['-http01', ''],
      ['-https01', ''],
      ['-tlsalpn01', ''],
      ['-defaultIPv4', '127.0.0.1'],
      ['-defaultIPv6', ''],
      ...(/-doh\b/.test(usage) ? [['-doh', '']] : []),
    ].flat(),
    { stdio: 'ignore' },
  );
  const ended = closed(server);
  const post = async (page: string, content: object): Promise<void> => {
    const sent = await fetch(`http://127.0.0.1:${management}/${page}`, {
      method: 'POST',
      body: JSON.stringify(content),
    });
    await sent.arrayBuffer();
    if (!sent.ok) throw new Error(`the DNS server answered ${sent.status}`);
  };
  const dns: ChallengeDns = {
    port,
    managementPort: management,
    solver: {
      type: 'dns-01',
      covers: ({ type }: Identifier) => type === 'dns',
      present: async (challenge: Challenge) => {
        await post('set-txt', { host: `${recordName(challenge.identifier)}.`, value: recordValue(challenge) });
        return undefined;
      },
      withdraw: (challenge: Challenge) => post('clear-txt', { host: `${recordName(challenge.identifier)}.` }),
    },
    async setAddress(name, address) {
      await post('clear-a', { host: `${name}.` });
      await post('add-a', { host: `${name}.`, addresses: [address] });
    },
    async stop() {
      server.kill('SIGKILL');
      await ended;
    },
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await dns.setAddress('ready.test', '127.0.0.1');
      return dns;
    } catch (error) {
      if (attempt < 200 && server.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 25));
      else {
        await dns.stop();
        throw error;
      }
    }
  }
}

/** To be asked for at once: one that has ended already says so no second time. */
const closed = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('close', resolve));

export async function startPebble(program: string, options: PebbleOptions = {}): Promise<Pebble> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-pebble-'));
  const state = await openFolder(path.join(folder, 'ca'));
  const ca = await openLocalCa({ folder: state, clock: Date.now, random: randomBytes, machine: 'test' }, ['localhost']);
  const { certPem: cert, keyPem: key } = await ca.issue('localhost');
  writeFileSync(path.join(folder, 'cert.pem'), cert);
  writeFileSync(path.join(folder, 'key.pem'), key);

  const httpTokens = new HttpTokens();
  const alpnCertificates = new TlsAlpnCertificates();
  const seen = { http: 0, alpn: 0 };
  const answers = http.createServer((request, response) => {
    seen.http += 1;
    const token = /^\/\.well-known\/acme-challenge\/([\w-]+)$/.exec(request.url ?? '')?.[1];
    const found = token === undefined ? undefined : httpTokens.lookup(token);
    response.statusCode = found === undefined ? 404 : 200;
    response.end(found ?? 'nothing here');
  });
  const handshakes = tls.createServer({
    cert,
    key,
    ALPNProtocols: [ACME_TLS_PROTOCOL],
    SNICallback: (serverName, done) => {
      seen.alpn += 1;
      const answer = alpnCertificates.lookup(serverName);
      done(null, answer && tls.createSecureContext({ cert: answer.certPem, key: answer.keyPem }));
    },
  });
  handshakes.on('tlsClientError', () => undefined);
  for (const server of [answers, handshakes]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const portOf = (server: http.Server | tls.Server): number => (server.address() as AddressInfo).port;

  const [port, managementPort] = [await freePort(), await freePort()];
  const dns = await startChallengeDns();
  if (dns === undefined) throw new Error('pebble-challtestsrv is not there');
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate: path.join(folder, 'cert.pem'),
      privateKey: path.join(folder, 'key.pem'),
      httpPort: portOf(answers),
      tlsPort: portOf(handshakes),
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
      retryAfter: { authz: 1, order: 1 },
      keyAlgorithm: 'ecdsa',
      domainBlocklist: ['blocked-domain.example'],
      profiles: {
        default: { description: 'ninety days', validityPeriod: 7_776_000 },
        shortlived: { description: 'six days', validityPeriod: 518_400 },
      },
      ...options.config,
    },
  };
  const configFile = path.join(folder, 'pebble.json');
  writeFileSync(configFile, JSON.stringify(config));

  let printed = '';
  const child = spawn(
    program,
    ['-config', configFile, '-dnsserver', options.dnsServer ?? `127.0.0.1:${dns.port}`, '-strict'],
    {
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));

  const ended = closed(child);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await dns.stop();
    answers.close();
    answers.closeAllConnections();
    handshakes.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const page = (url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      // In strict mode every request has to say who asks.
      const headers = { 'user-agent': 'menshen-test' };
      const asked = https.get(url, { ca: ca.rootPem, agent: false, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
        response.on('end', () => resolve(text));
      });
      asked.on('error', reject);
    });
  const directoryUrl = `https://localhost:${port}/dir`;
  let directory = '';
  for (let attempt = 0; directory === ''; attempt++) {
    directory = await page(directoryUrl).catch(() => '');
    if (directory === '' && (attempt > 200 || child.exitCode !== null)) {
      await stop();
      throw new Error(`Pebble did not start: ${printed}`);
    }
    if (directory === '') await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    directoryUrl,
    port,
    serverRoot: ca.rootPem,
    serverCertificate: { cert, key },
    httpTokens,
    alpnCertificates,
    dns: dns.solver,
    seen,
    current: 'renewalInfo' in (JSON.parse(directory) as object),
    log: () => printed,
    managed: (name) => page(`https://localhost:${managementPort}/${name}`),
    setAddress: dns.setAddress,
    hold: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    stop,
  };
}

function usageOf(program: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, ['-help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', () => resolve(''));
    child.on('close', () => resolve(text));
  });
}

/** An account kept in memory. */
export class MemoryAccount implements AccountStore {
  record: AccountRecord | undefined;
  writes = 0;

  async load(): Promise<AccountRecord | undefined> {
    return this.record;
  }

  async create(record: AccountRecord): Promise<AccountRecord> {
    this.writes += 1;
    return (this.record ??= record);
  }

  async replace(record: AccountRecord): Promise<void> {
    this.writes += 1;
    this.record = record;
  }
}
