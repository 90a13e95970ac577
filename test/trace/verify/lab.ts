import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { freePort } from '../../free-port.ts';
import { listening } from '../../listening.ts';
import { contextConstructed } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import type { Certificate } from '../../../src/codec/x509/certificate.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { runVerify } from '../../../src/cli/verify-run.ts';
import type { VerifyFlags } from '../../../src/cli/commands/verify.ts';
import {
  chain,
  extension,
  generalName,
  integer,
  leafExtensions,
  caExtensions,
  intermediateKey,
  pem,
  rootKey,
  sequence,
  type Chain,
  type ChainChanges,
  type ExtensionSpec,
  type KeyPair,
} from '../../pki/issue.ts';

/** Real servers, responders and certificates of the present day, and `menshen verify` run against them. */

const DAY = 86_400_000;
const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';

/** Why the live tests cannot run here, or undefined. */
export const lacksOpenssl = openssl.startsWith('OpenSSL 3') ? undefined : 'openssl 3 is absent';
const nginxVersion = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
export const lacksNginx = nginxVersion.status === 0 ? undefined : 'nginx is absent';

export const present = { notBefore: Date.now() - 30 * DAY, notAfter: Date.now() + 60 * DAY };

export const HOST = 'host.localhost';
export const leafWith = (...more: readonly ExtensionSpec[]): ExtensionSpec[] => [
  ...leafExtensions(intermediateKey(), [`dns:${HOST}`, 'ip:7f000001']),
  ...more,
];

export const crlPoint = (url: string): ExtensionSpec =>
  extension(
    Oid.cRLDistributionPoints,
    sequence(
      sequence(encodeElement(contextConstructed(0), encodeElement(contextConstructed(0), generalName(`uri:${url}`)))),
    ),
  );
export const mustStaple: ExtensionSpec = extension(Oid.tlsFeature, sequence(integer(5)));

/** The usual three certificates, in date today. */
export function presentChain({ root, intermediate, leaf }: ChainChanges = {}): Chain {
  return chain({
    root: { ...present, extensions: caExtensions(rootKey()), ...root },
    intermediate: { ...present, ...intermediate },
    leaf: { ...present, extensions: leafWith(), ...leaf },
  });
}

const pemKey = (key: KeyPair): string => key.privateKey.export({ format: 'pem', type: 'pkcs8' });

/** A folder and processes that are gone when the test is over. */
export class Lab {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'menshen-lab-'));
  readonly #processes: ChildProcess[] = [];
  readonly #servers: http.Server[] = [];

  file(name: string, content: string | Uint8Array): string {
    const place = path.join(this.folder, name);
    writeFileSync(place, content);
    return place;
  }

  certificates(name: string, list: readonly Certificate[]): string {
    return this.file(name, list.map(({ bytes }) => pem(bytes)).join(''));
  }

  key(name: string, key: KeyPair): string {
    return this.file(name, pemKey(key));
  }

  openssl(...words: readonly string[]): void {
    const result = spawnSync('openssl', words, { cwd: this.folder, encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`openssl ${words[0]}: ${result.stderr}`);
  }

  /** Starts `openssl s_server` or `openssl ocsp` and gives the port that it tells. */
  async #listening(words: readonly string[]): Promise<number> {
    const child = spawn('openssl', words, { cwd: this.folder, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#processes.push(child);
    let told = '';
    return new Promise((resolve, reject) => {
      const look = (chunk: Buffer): void => {
        told += chunk.toString();
        const port = /ACCEPT \S*:(\d+)/.exec(told)?.[1];
        if (port !== undefined) resolve(Number(port));
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('exit', () => reject(new Error(told)));
    });
  }

  /** A TLS server that sends these certificates, the first with this key. */
  serve(sent: readonly Certificate[], key: KeyPair, ...more: readonly string[]): Promise<number> {
    const [leaf, ...rest] = sent;
    const words = ['s_server', '-accept', '127.0.0.1:0', '-cipher', 'DEFAULT@SECLEVEL=0'];
    words.push('-cert', this.certificates('leaf.pem', [leaf!]), '-key', this.key('leaf.key', key));
    if (rest.length > 0) words.push('-cert_chain', this.certificates('rest.pem', rest));
    return this.#listening([...words, ...more]);
  }

  async nginx(sent: readonly Certificate[], key: KeyPair, more = ''): Promise<number> {
    const port = await freePort();
    const config = `daemon off; master_process off; pid nginx.pid; error_log stderr crit; events {}
http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
server { listen 127.0.0.1:${port} ssl; ssl_certificate ${this.certificates('n.pem', sent)}; ssl_certificate_key ${this.key('n.key', key)}; ${more} } }`;
    const file = this.file('nginx.conf', config);
    const child = spawn('nginx', ['-p', this.folder, '-c', file, '-e', 'stderr'], { stdio: 'ignore' });
    this.#processes.push(child);
    await listening(port);
    return port;
  }

  /** The files of a CA that `openssl ca` and `openssl ocsp` read; serial numbers in hexadecimal. */
  authority(ca: Certificate, key: KeyPair, revoked: readonly string[], valid: readonly string[]): void {
    this.certificates('ca.pem', [ca]);
    this.key('ca.key', key);
    const line = (status: string, date: string, serial: string): string =>
      `${status}\t991231235959Z\t${date}\t${serial.toUpperCase()}\tunknown\t/CN=${HOST}\n`;
    const entries = [
      ...revoked.map((serial) => line('R', '260102030405Z,keyCompromise', serial)),
      ...valid.map((serial) => line('V', '', serial)),
    ];
    this.file('index.txt', entries.join(''));
    this.file('index.txt.attr', 'unique_subject = no\n');
    this.file('crlnumber', '10\n');
    this.file(
      'ca.cnf',
      '[ca]\ndefault_ca = ours\n[ours]\ndatabase = index.txt\ncrlnumber = crlnumber\ndefault_md = sha256\ncrl_extensions = crl\n[crl]\nauthorityKeyIdentifier = keyid:always\n',
    );
  }

  /** `openssl ca -gencrl`, as DER. */
  makeCrl(): void {
    this.openssl(
      'ca',
      '-gencrl',
      '-config',
      'ca.cnf',
      '-cert',
      'ca.pem',
      '-keyfile',
      'ca.key',
      '-crldays',
      '7',
      '-out',
      'crl.pem',
    );
    this.openssl('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');
  }

  /** A live `openssl ocsp` responder. */
  responder(): Promise<number> {
    const words = [
      'ocsp',
      '-port',
      '0',
      '-index',
      'index.txt',
      '-CA',
      'ca.pem',
      '-rsigner',
      'ca.pem',
      '-rkey',
      'ca.key',
    ];
    return this.#listening([...words, '-nmin', '60']);
  }

  /** An OCSP answer about a certificate in a file, made by `openssl ocsp`. */
  makeStaple(leaf: Certificate, minutes: number): void {
    this.certificates('asked.pem', [leaf]);
    const own = [
      '-index',
      'index.txt',
      '-CA',
      'ca.pem',
      '-rsigner',
      'ca.pem',
      '-rkey',
      'ca.key',
      '-nmin',
      `${minutes}`,
    ];
    this.openssl('ocsp', '-issuer', 'ca.pem', '-cert', 'asked.pem', '-reqout', 'request.der', '-no_nonce');
    this.openssl('ocsp', ...own, '-reqin', 'request.der', '-respout', 'staple.der');
  }

  /** A plain web server on loopback; `requests` counts what it was asked. */
  async web(
    answer: (path: string) => Uint8Array | undefined,
  ): Promise<{ readonly url: string; readonly requests: string[] }> {
    const requests: string[] = [];
    const server = http.createServer((request, response) => {
      requests.push(request.url ?? '');
      const bytes = answer(request.url ?? '');
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, requests };
  }

  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const child of this.#processes) {
      if (child.exitCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs `use` with a lab and cleans up. */
export async function withLab(use: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = new Lab();
  try {
    await use(lab);
  } finally {
    await lab.close();
  }
}

/** What `menshen verify --json` said: exit code, cause, and each check's sign and code. */
export interface Outcome {
  readonly exitCode: number;
  readonly cause: string | null;
  readonly bad: readonly string[];
  readonly codes: readonly string[];
  readonly sentences: string;
  readonly stapled: boolean | null | undefined;
  readonly protocol: string | null | undefined;
  readonly sent: readonly { readonly label: string }[];
}

interface Told {
  readonly cause: string | null;
  readonly connection?: { readonly stapled: boolean | null; readonly protocol: string | null };
  readonly sent: readonly { readonly label: string }[];
  readonly checks: readonly { readonly sign: string; readonly code: string; readonly cause: string }[];
}

const usual: VerifyFlags = {
  revocation: 'soft',
  fetch: true,
  cache: false,
  purpose: 'server',
  timeout: 10,
  json: true,
};

export async function verified(target: string, flags: Partial<VerifyFlags>): Promise<Outcome> {
  const { code, text } = await runVerify(target, { ...usual, ...flags }, 'en');
  const { cause, connection, sent, checks } = JSON.parse(text) as Told;
  return {
    exitCode: code,
    cause,
    bad: checks.filter(({ sign }) => sign === 'bad').map((check) => check.code),
    codes: checks.map((check) => check.code),
    sentences: checks.map((check) => check.cause).join('\n'),
    stapled: connection?.stapled,
    protocol: connection?.protocol,
    sent,
  };
}
