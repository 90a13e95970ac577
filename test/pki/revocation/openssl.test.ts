import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parseCrl } from '../../../src/codec/x509/crl.ts';
import { encodeOcspRequest } from '../../../src/codec/x509/ocsp-request.ts';
import { parseOcspResponse } from '../../../src/codec/x509/ocsp-response.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { parsePem } from '../../../src/codec/x509/pem.ts';
import { certIdOf } from '../../../src/pki/revocation/ocsp-judgement.ts';
import {
  judgeRevocation,
  noEvidence,
  type RevocationEvidence,
} from '../../../src/pki/revocation/revocation-judgement.ts';
import { revocationDefaults } from '../../../src/pki/revocation/revocation-status.ts';
import { chain, extension, extKeyUsage, INTERMEDIATE, intermediateKey, issue, pem, pooledKey } from '../issue.ts';

/** Real answers: CRLs by `openssl ca`, OCSP responses by `openssl ocsp`, read and judged here. */

const version = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';
const hasOpenssl = version.startsWith('OpenSSL 3');

interface Authority {
  readonly folder: string;
  readonly run: (...args: string[]) => void;
}

/** Makes the folder of a CA that has revoked `serials`, runs `use`, and removes it. */
function withAuthority(
  t: TestContext,
  revoked: readonly string[],
  good: readonly string[],
  use: (authority: Authority) => void,
): void {
  if (!hasOpenssl) return t.skip('openssl 3 is absent');
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-ca-'));
  const file = (name: string, content: string | Buffer): void => writeFileSync(path.join(folder, name), content);
  try {
    const { intermediate } = chain();
    file('ca.pem', pem(intermediate.bytes));
    file('ca.key', intermediateKey().privateKey.export({ format: 'pem', type: 'pkcs8' }));
    // Status, expiry, revocation date and reason, serial number, file, subject: the database of `openssl ca`.
    const line = (status: string, date: string, serial: string): string =>
      `${status}\t991231235959Z\t${date}\t${serial.toUpperCase()}\tunknown\t/CN=host.example\n`;
    file(
      'index.txt',
      [
        ...revoked.map((serial) => line('R', '260102030405Z,keyCompromise', serial)),
        ...good.map((serial) => line('V', '', serial)),
      ].join(''),
    );
    file('index.txt.attr', 'unique_subject = no\n');
    file('crlnumber', '10\n');
    file(
      'ca.cnf',
      '[ca]\ndefault_ca = ours\n[ours]\ndatabase = index.txt\ncrlnumber = crlnumber\ndefault_md = sha256\ncrl_extensions = crl\n[crl]\nauthorityKeyIdentifier = keyid:always\n',
    );
    const run = (...args: string[]): void => {
      const result = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
      assert.equal(result.status, 0, result.stderr);
    };
    use({ folder, run });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verdict(
  evidence: Partial<RevocationEvidence>,
  certificates: ReturnType<typeof pathOf>,
  timeMs: number,
): string {
  const settings = { ...revocationDefaults, mode: 'soft', timeMs, conformance: 'strict' } as const;
  const { statuses, reasons, warnings } = judgeRevocation(certificates, { ...noEvidence, ...evidence }, settings);
  return [
    statuses[0]?.kind,
    statuses[0]?.reason,
    ...reasons.map(({ code }) => code),
    ...warnings.map(({ code }) => code),
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

const pathOf = () => {
  const { leaf, intermediate, root } = chain();
  return [leaf, intermediate, root] as const;
};

describe('beside openssl', () => {
  it('its CRLs say what its database says', (t) => {
    const certificates = pathOf();
    const other = pathOf()[0];
    withAuthority(t, [certificates[0].serialNumber.hex], [], ({ folder, run }) => {
      run(
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
      const blocks = parsePem(readFileSync(path.join(folder, 'crl.pem'), 'utf8'));
      assert.ok(blocks.ok);
      const crl = parseCrl(blocks.blocks[0]!.bytes);
      assert.ok(crl.ok, JSON.stringify(crl));
      const now = crl.value.thisUpdate.epochMs;
      assert.equal(verdict({ crls: [crl.value] }, certificates, now), 'revoked keyCompromise certificate-revoked');
      assert.equal(verdict({ crls: [crl.value] }, [other, certificates[1], certificates[2]], now), 'good');
      assert.equal(verdict({ crls: [crl.value] }, certificates, now + 8 * 86_400_000), 'unknown revocation-stale');
    });
  });

  it('its OCSP responder reads our requests and we its answers, by the CA and by a delegate', (t) => {
    const [bad, intermediate, root] = pathOf();
    const [fine] = pathOf();
    withAuthority(t, [bad.serialNumber.hex], [fine.serialNumber.hex], ({ folder, run }) => {
      const delegateKey = pooledKey(6);
      const delegate = issue({
        subject: { CN: 'Responder' },
        issuer: INTERMEDIATE,
        key: delegateKey,
        signer: intermediateKey(),
        notBefore: Date.UTC(2020, 0, 1),
        notAfter: Date.UTC(2049, 0, 1),
        extensions: [extKeyUsage([Oid.ocspSigning]), extension(Oid.ocspNoCheck, Buffer.of(5, 0))],
      });
      writeFileSync(path.join(folder, 'responder.pem'), pem(delegate.bytes));
      writeFileSync(
        path.join(folder, 'responder.key'),
        delegateKey.privateKey.export({ format: 'pem', type: 'pkcs8' }),
      );
      for (const [signer, key] of [
        ['ca.pem', 'ca.key'],
        ['responder.pem', 'responder.key'],
      ] as const)
        for (const [leaf, expected] of [
          [bad, 'revoked keyCompromise certificate-revoked'],
          [fine, 'good'],
          [pathOf()[0], 'unknown'],
        ] as const) {
          const nonce = Buffer.from('sixteen octets !');
          const certId = certIdOf(leaf, intermediate)!;
          writeFileSync(path.join(folder, 'request.der'), encodeOcspRequest(certId, nonce));
          run(
            'ocsp',
            '-index',
            'index.txt',
            '-CA',
            'ca.pem',
            '-rsigner',
            signer,
            '-rkey',
            key,
            '-reqin',
            'request.der',
            '-respout',
            'response.der',
            '-ndays',
            '7',
          );
          const response = parseOcspResponse(readFileSync(path.join(folder, 'response.der')));
          assert.ok(response.ok, JSON.stringify(response));
          const now = response.value.basic!.producedAt.epochMs;
          const answer = { response: response.value, nonce, requireNonce: true };
          const ocsp = new Map([[leaf, [answer]]]);
          assert.equal(verdict({ ocsp }, [leaf, intermediate, root], now), expected);
          const replayed = new Map([[leaf, [{ ...answer, nonce: Buffer.alloc(16) }]]]);
          assert.equal(verdict({ ocsp: replayed }, [leaf, intermediate, root], now), 'unknown ocsp-nonce-mismatch');
        }
    });
  });
});
