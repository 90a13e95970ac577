/** A CA whose answers about its one certificate come from `openssl ocsp`, as files and as a responder on loopback. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { Oid } from '../../../src/codec/x509/oid.ts';
import {
  authorityInfoAccess,
  caExtensions,
  ecKey,
  issueDer,
  leafExtensions,
  pem,
  type KeyPair,
} from '../../pki/issue.ts';

export const hasOpenssl = (spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '').startsWith(
  'OpenSSL 3',
);

export type Standing = 'good' | 'revoked';

export interface OcspAuthority {
  readonly folder: string;
  /** Leaf and CA. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** What the responder says from its next start on. */
  say(standing: Standing): void;
  /** The DER response to a DER request; forged: signed with a key that is not the CA's. */
  answer(request: Uint8Array, forged?: boolean): Uint8Array;
  /** Starts the responder; resolves with what ends it. */
  respond(port: number): Promise<() => Promise<void>>;
}

const DAY_MS = 86_400_000;
const SERIAL = 0x1234;
const CA = { CN: 'Stapling CA' };

const keyPemOf = (key: KeyPair): string => key.privateKey.export({ format: 'pem', type: 'pkcs8' });

/** `responder`: the URL that the certificate names; undefined for none. */
export function createOcspAuthority(t: TestContext, name: string, responder: string | undefined): OcspAuthority {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-ocsp-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (file: string, content: string | Uint8Array): void => writeFileSync(path.join(folder, file), content);
  const [caKey, key, otherKey] = [ecKey(), ecKey(), ecKey()];
  const validity = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + 60 * DAY_MS };
  const self = (signer: KeyPair): string =>
    pem(issueDer({ ...validity, subject: CA, issuer: CA, key: signer, signer, extensions: caExtensions(signer) }));
  const ca = self(caKey);
  const extensions = leafExtensions(caKey, [`dns:${name}`]);
  if (responder !== undefined) extensions.push(authorityInfoAccess(Oid.accessOcsp, responder));
  const leaf = pem(
    issueDer({ ...validity, subject: { CN: name }, issuer: CA, key, signer: caKey, serial: SERIAL, extensions }),
  );
  write('ca.pem', ca);
  write('ca.key', keyPemOf(caKey));
  write('other.pem', self(otherKey));
  write('other.key', keyPemOf(otherKey));
  const say = (standing: Standing): void => {
    const [letter, date] = standing === 'good' ? ['V', ''] : ['R', '260102030405Z,keyCompromise'];
    // Status, expiry, revocation, serial number, file, subject: the database of `openssl ca`.
    write('index.txt', `${letter}\t991231235959Z\t${date}\t${SERIAL.toString(16)}\tunknown\t/CN=${name}\n`);
  };
  say('good');
  const signing = (signer: string): string[] => ['-rsigner', `${signer}.pem`, '-rkey', `${signer}.key`];
  const database = ['ocsp', '-index', 'index.txt', '-CA', 'ca.pem', '-ndays', '8'];
  return {
    folder,
    chainPem: leaf + ca,
    keyPem: keyPemOf(key),
    say,
    answer(request, forged = false) {
      write('request.der', request);
      const files = ['-reqin', 'request.der', '-respout', 'response.der'];
      execFileSync('openssl', [...database, ...signing(forged ? 'other' : 'ca'), ...files], {
        cwd: folder,
        stdio: 'ignore',
      });
      return readFileSync(path.join(folder, 'response.der'));
    },
    async respond(port) {
      const child = spawn('openssl', [...database, ...signing('ca'), '-port', String(port)], { cwd: folder });
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const end = (): Promise<void> => {
        child.kill('SIGKILL');
        return ended;
      };
      t.after(end);
      await new Promise<void>((resolve, reject) => {
        const look = (chunk: Buffer): void => {
          if (/waiting for|ACCEPT/i.test(chunk.toString())) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void ended.then(() => reject(new Error('openssl ocsp ended')));
      });
      return end;
    },
  };
}
