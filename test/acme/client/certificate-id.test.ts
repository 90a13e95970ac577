import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateId } from '../../../src/acme/client/certificate-id.ts';
import {
  authorityKeyIdentifier,
  extension,
  issue,
  keyIdentifier,
  leafExtensions,
  leafKey,
  ROOT,
  rootKey,
  without,
} from '../../pki/issue.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';

const spec = (serial: Uint8Array, identifier: Uint8Array) => ({
  subject: { CN: 'example.com' },
  issuer: ROOT,
  key: leafKey(),
  signer: rootKey(),
  serial,
  extensions: [
    ...without(leafExtensions(rootKey(), ['dns:example.com']), Oid.authorityKeyIdentifier),
    authorityKeyIdentifier(identifier),
  ],
});

test('the identifier is the one that RFC 9773 section 4.1 works out', () => {
  // Key identifier and serial number of the example; the zero in front of the serial number belongs to it.
  const certificate = issue(
    spec(Buffer.from('0087654321', 'hex'), Buffer.from('69885b6b87464041e1b37b847ba0ae2cde01c8d4', 'hex')),
  );
  assert.equal(certificateId(certificate), 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
});

test('a certificate without an authority key identifier has none', () => {
  const { extensions, ...rest } = spec(Buffer.of(1), keyIdentifier(rootKey()));
  assert.equal(
    certificateId(issue({ ...rest, extensions: without(extensions, Oid.authorityKeyIdentifier) })),
    undefined,
  );
  const empty = extension(Oid.authorityKeyIdentifier, Buffer.from('3000', 'hex'));
  const changed = [...without(extensions, Oid.authorityKeyIdentifier), empty];
  assert.equal(certificateId(issue({ ...rest, extensions: changed })), undefined);
});
