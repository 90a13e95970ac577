import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Stage } from './processes.ts';

/** PEM files of the one certificate that every peer serves: ECDSA P-256, self-signed, trusted by the load clients. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Certificate and key in one file. */
  readonly bothFile: string;
}

export function makeCertificate(stage: Stage, serverName: string): CertificateFiles {
  const files = { certFile: stage.file('cert.pem'), keyFile: stage.file('key.pem'), bothFile: stage.file('both.pem') };
  const subject = ['-subj', `/CN=${serverName}`, '-addext', `subjectAltName=DNS:${serverName}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', files.keyFile];
  const done = spawnSync('openssl', ['req', '-x509', '-days', '2', ...key, '-out', files.certFile, ...subject], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`openssl req failed: ${done.stderr ?? done.error?.message}`);
  writeFileSync(files.bothFile, readFileSync(files.certFile, 'utf8') + readFileSync(files.keyFile, 'utf8'), {
    mode: 0o600,
  });
  return files;
}
