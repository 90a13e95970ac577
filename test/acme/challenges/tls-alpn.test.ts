import assert from 'node:assert/strict';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { challengeServerName } from '../../../src/acme/challenges/server-name.ts';
import { TlsAlpnCertificates } from '../../../src/acme/challenges/tls-alpn-certificates.ts';
import { challengeFor } from '../../../src/acme/client/key-authorization.ts';
import { parseCertificate } from '../../../src/codec/x509/certificate.ts';
import type { Identifier } from '../../../src/acme/issuer.ts';
import { ecSigningKey } from './keys.ts';

const NOW = Date.UTC(2026, 10, 22, 4);

test('the certificate is for the one name, holds the digest in a critical extension, and its key fits', async () => {
  const identifiers: Identifier[] = [
    { type: 'dns', value: 'example.test' },
    { type: 'ip', value: '192.0.2.7' },
    { type: 'ip', value: '2001:db8::7' },
  ];
  for (const identifier of identifiers) {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);
    const certificates = new TlsAlpnCertificates({ clock: () => NOW, random });
    const challenge = challengeFor('tls-alpn-01', identifier, 'token', ecSigningKey());
    assert.equal(await certificates.present(challenge), undefined);
    const answer = certificates.lookup(challengeServerName(identifier).toUpperCase());
    assert.ok(answer);
    const certificate = new X509Certificate(answer.certPem);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(answer.keyPem)));
    assert.ok(certificate.verify(certificate.publicKey), 'it has signed itself');
    const read = parseCertificate(certificate.raw);
    assert.ok(read.ok);
    const { notBefore, notAfter, extensions, serialNumber } = read.value;
    assert.ok(notBefore.epochMs < NOW && notAfter.epochMs > NOW);
    assert.ok(!serialNumber.negative);
    assert.equal(extensions.problems.length, 0);
    assert.equal(extensions.known.subjectAltName?.value.length, 1);
    const { acmeIdentifier } = extensions.known;
    assert.equal(acmeIdentifier?.critical, true);
    const digest = createHash('sha256').update(challenge.keyAuthorization).digest();
    assert.deepEqual(Buffer.from(acmeIdentifier.value), digest);
    const named =
      identifier.type === 'ip' ? certificate.checkIP(identifier.value) : certificate.checkHost('example.test');
    assert.ok(named !== undefined);
  }
});

test('addresses are asked for by their names in the reverse tree', () => {
  assert.equal(challengeServerName({ type: 'ip', value: '192.0.2.7' }), '7.2.0.192.in-addr.arpa');
  assert.equal(
    challengeServerName({ type: 'ip', value: '2001:db8::567:89ab' }),
    'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
  assert.equal(challengeServerName({ type: 'dns', value: 'Example.test' }), 'example.test');
});

test('taking an old challenge away leaves a newer one for the same name', async () => {
  const certificates = new TlsAlpnCertificates();
  const key = ecSigningKey();
  const identifier = { type: 'dns', value: 'example.test' } as const;
  const [first, second] = ['one', 'two'].map((token) => challengeFor('tls-alpn-01', identifier, token, key));
  assert.ok(first && second);
  await certificates.present(first);
  await certificates.present(second);
  await certificates.withdraw(first);
  assert.ok(certificates.lookup('example.test'));
  await certificates.withdraw(second);
  assert.equal(certificates.lookup('example.test'), undefined);
  assert.ok(!certificates.covers({ type: 'dns', value: '*.example.test' }));
});
