import { extKeyUsage, issue, ecKey, keyUsage, pem, caExtensions } from '../pki/issue.ts';
import { Oid } from '../../src/codec/x509/oid.ts';
import { present } from './verify/lab.ts';
import type { World } from './world.ts';

/** A client certificate for `me` with its key in one file, and the CA that issued it. */
export function clientCredentials(world: World): { readonly file: string; readonly ca: string } {
  const caKey = ecKey();
  const own = ecKey();
  const authority = { CN: 'Client CA' };
  const ca = issue({
    subject: authority,
    issuer: authority,
    key: caKey,
    signer: caKey,
    extensions: caExtensions(caKey),
    ...present,
  });
  const extensions = [keyUsage(['digitalSignature']), extKeyUsage([Oid.clientAuth])];
  const me = issue({ subject: { CN: 'me' }, issuer: authority, key: own, signer: caKey, extensions, ...present });
  const key = own.privateKey.export({ format: 'pem', type: 'pkcs8' });
  return { file: world.file('me.pem', pem(me.bytes) + key), ca: world.file('client-ca.pem', pem(ca.bytes)) };
}
