import { contextPrimitive } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  caExtensions,
  certificatePolicies,
  ecKey,
  edKey,
  extKeyUsage,
  extension,
  integer,
  issueDer,
  keyUsage,
  leafExtensions,
  nameConstraints,
  NOW,
  octetString,
  oid,
  pooledKey,
  replacing,
  rsaKey,
  sequence,
  subjectAltName,
  withSha1,
  without,
  type CertificateSpec,
  type ExtensionSpec,
  type KeyPair,
} from '../issue.ts';

/** Chains for differential tests: right ones, changed in named ways, each with names of its own. */

export interface Draft {
  readonly root: CertificateSpec;
  /** From below the root down. */
  readonly intermediates: readonly CertificateSpec[];
  readonly leaf: CertificateSpec;
  readonly trusted: boolean;
  /** Whether the intermediates are sent. */
  readonly complete: boolean;
}

export interface MadeChain {
  readonly mutations: readonly string[];
  readonly leaf: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
  readonly root: Uint8Array | undefined;
}

type Change = (draft: Draft) => Draft;

const onLeaf =
  (change: Partial<CertificateSpec>): Change =>
  (draft) => ({ ...draft, leaf: { ...draft.leaf, ...change } });

const leafWith =
  (...items: ExtensionSpec[]): Change =>
  (draft) => ({ ...draft, leaf: { ...draft.leaf, extensions: replacing(draft.leaf.extensions, ...items) } });

const leafWithout =
  (id: string): Change =>
  (draft) => ({ ...draft, leaf: { ...draft.leaf, extensions: without(draft.leaf.extensions, id) } });

/** Changes the intermediate right above the leaf. */
const onIssuer =
  (change: (spec: CertificateSpec) => Partial<CertificateSpec>): Change =>
  (draft) => {
    const last = draft.intermediates.at(-1);
    if (last === undefined) return draft;
    return { ...draft, intermediates: [...draft.intermediates.slice(0, -1), { ...last, ...change(last) }] };
  };

const issuerWith = (...items: ExtensionSpec[]): Change =>
  onIssuer(({ extensions }) => ({ extensions: replacing(extensions, ...items) }));

const rootWith =
  (...items: ExtensionSpec[]): Change =>
  (draft) => ({ ...draft, root: { ...draft.root, extensions: replacing(draft.root.extensions, ...items) } });

const strange = (critical: boolean): ExtensionSpec =>
  extension('1.3.6.1.4.1.55738.666.1', octetString(Buffer.of(1)), critical);

let weak: KeyPair | undefined;
const weakRsa = (): KeyPair => (weak ??= rsaKey(1024));
let small: KeyPair | undefined;
const p224 = (): KeyPair => (small ??= ecKey('P-224'));
let edwards: KeyPair | undefined;
const ed25519 = (): KeyPair => (edwards ??= edKey('ed25519'));

const requireExplicitPolicy = extension(
  Oid.policyConstraints,
  sequence(encodeElement(contextPrimitive(0), Buffer.of(0))),
  true,
);

/** What can be done to a chain. The name says where and what. */
export const mutations: Readonly<Record<string, Change>> = {
  'leaf expired': onLeaf({ notAfter: NOW - 1000 }),
  'leaf of tomorrow': onLeaf({ notBefore: NOW + 1000 }),
  'leaf at its last second': onLeaf({ notAfter: NOW }),
  'leaf for another name': leafWith(subjectAltName(['dns:other.example'])),
  'leaf for many names': leafWith(subjectAltName(['dns:a.example', 'dns:host.example', 'ip:c0000201'])),
  'leaf without subjectAltName': leafWithout(Oid.subjectAltName),
  'leaf with a wildcard': leafWith(subjectAltName(['dns:*.example'])),
  'leaf with a wildcard in a label': leafWith(subjectAltName(['dns:ho*.example'])),
  'leaf with a name in capitals': leafWith(subjectAltName(['dns:HOST.EXAMPLE'])),
  'leaf with a mailbox only': leafWith(subjectAltName(['email:a@host.example'])),
  'leaf with an address too long': leafWith(subjectAltName(['dns:host.example', 'ip:c000020100'])),
  'leaf for clients': leafWith(extKeyUsage([Oid.clientAuth])),
  'leaf for servers and clients': leafWith(extKeyUsage([Oid.serverAuth, Oid.clientAuth])),
  'leaf for any purpose': leafWith(extKeyUsage([Oid.anyExtendedKeyUsage])),
  'leaf with critical purpose': leafWith(extKeyUsage([Oid.serverAuth], true)),
  'leaf without purpose': leafWithout(Oid.extKeyUsage),
  'leaf that may encipher keys only': leafWith(keyUsage(['keyEncipherment'])),
  'leaf that may sign certificates only': leafWith(keyUsage(['keyCertSign'])),
  'leaf without key usage': leafWithout(Oid.keyUsage),
  'leaf that is a CA': leafWith(basicConstraints(true), keyUsage(['digitalSignature', 'keyCertSign'])),
  'leaf that says it is no CA': leafWith(basicConstraints(false)),
  'leaf with an unknown critical extension': leafWith(strange(true)),
  'leaf with an unknown extension': leafWith(strange(false)),
  'leaf signed with SHA-1': (draft) => onLeaf({ signer: withSha1(draft.leaf.signer) })(draft),
  'leaf signed by a stranger': onLeaf({ signer: pooledKey(9) }),
  'leaf with serial number 0': onLeaf({ serial: Buffer.of(0) }),
  'leaf with a negative serial number': onLeaf({ serial: Buffer.of(0x80) }),
  'leaf with a padded serial number': onLeaf({ serial: Buffer.of(0, 1) }),
  'leaf with RSA 1024': (draft) => onLeaf({ key: weakRsa() })(draft),
  'leaf with P-224': (draft) => onLeaf({ key: p224() })(draft),
  'leaf with Ed25519': (draft) => onLeaf({ key: ed25519() })(draft),
  'leaf naming another key': leafWith(authorityKeyIdentifier(Buffer.alloc(20, 7))),
  'leaf naming no key': leafWithout(Oid.authorityKeyIdentifier),
  'leaf with an extension twice': (draft) =>
    onLeaf({ extensions: [...draft.leaf.extensions, subjectAltName(['dns:b.example'])] })(draft),
  'leaf with a malformed subjectAltName': leafWith(extension(Oid.subjectAltName, Buffer.from('host.example'))),
  'leaf with two algorithms': onLeaf({ innerAlgorithm: sequence(oid('1.2.840.10045.4.3.3')) }),
  'leaf with name constraints': leafWith(nameConstraints(['dns:host.example'])),
  'leaf of version 2 with extensions': onLeaf({ version: 1 }),
  'leaf under a policy': leafWith(certificatePolicies(['1.2.3'])),
  'issuer expired': onIssuer(() => ({ notAfter: NOW - 1000 })),
  'issuer of tomorrow': onIssuer(() => ({ notBefore: NOW + 1000 })),
  'issuer that is no CA': issuerWith(basicConstraints(false)),
  'issuer without basicConstraints': onIssuer(({ extensions }) => ({
    extensions: without(extensions, Oid.basicConstraints),
  })),
  'issuer with uncritical basicConstraints': issuerWith(basicConstraints(true, undefined, false)),
  'issuer that may not sign': issuerWith(keyUsage(['cRLSign'])),
  'issuer without key usage': onIssuer(({ extensions }) => ({ extensions: without(extensions, Oid.keyUsage) })),
  'issuer without key identifier': onIssuer(({ extensions }) => ({
    extensions: without(extensions, Oid.subjectKeyIdentifier),
  })),
  'issuer with path length 0': issuerWith(basicConstraints(true, 0)),
  'issuer for mail': issuerWith(extKeyUsage([Oid.emailProtection])),
  'issuer for servers': issuerWith(extKeyUsage([Oid.serverAuth])),
  'issuer for any purpose': issuerWith(extKeyUsage([Oid.anyExtendedKeyUsage])),
  'issuer with an unknown critical extension': issuerWith(strange(true)),
  'issuer signed with SHA-1': onIssuer(({ signer }) => ({ signer: withSha1(signer) })),
  'issuer signed by a stranger': onIssuer(() => ({ signer: pooledKey(9) })),
  'issuer permitting the host': issuerWith(nameConstraints(['dns:example'])),
  'issuer permitting another host': issuerWith(nameConstraints(['dns:other.test'])),
  'issuer permitting with a leading dot': issuerWith(nameConstraints(['dns:.example'])),
  'issuer excluding the host': issuerWith(nameConstraints([], ['dns:host.example'])),
  'issuer excluding another host': issuerWith(nameConstraints([], ['dns:other.test'])),
  'issuer permitting addresses': issuerWith(nameConstraints(['ip:c0000200ffffff00'])),
  'issuer excluding addresses': issuerWith(nameConstraints([], ['ip:c0000200ffffff00'])),
  'issuer permitting mailboxes': issuerWith(nameConstraints(['email:host.example'])),
  'issuer permitting other names': issuerWith(nameConstraints(['dn:nobody'])),
  'issuer excluding its own leaf by name': (draft) =>
    issuerWith(nameConstraints([], [`dn:${draft.leaf.subject['CN'] ?? ''}`]))(draft),
  'issuer with uncritical constraints': issuerWith(nameConstraints(['dns:other.test'], [], false)),
  'issuer that demands a policy': issuerWith(requireExplicitPolicy),
  'issuer not sent': (draft) => ({ ...draft, complete: false }),
  'one more intermediate': (draft) => addIntermediate(draft),
  'root expired': (draft) => ({ ...draft, root: { ...draft.root, notAfter: NOW - 1000 } }),
  'root that is no CA': rootWith(basicConstraints(false)),
  'root that may not sign': rootWith(keyUsage(['cRLSign'])),
  'root with path length 0': rootWith(basicConstraints(true, 0)),
  'root with path length 1': rootWith(basicConstraints(true, 1)),
  'root with an unknown critical extension': rootWith(strange(true)),
  'root signed with SHA-1': (draft) => ({ ...draft, root: { ...draft.root, signer: withSha1(draft.root.signer) } }),
  'root for mail': rootWith(extKeyUsage([Oid.emailProtection])),
  'root permitting another host': rootWith(nameConstraints(['dns:other.test'])),
  'root with inhibitAnyPolicy': rootWith(extension(Oid.inhibitAnyPolicy, integer(0), true)),
  'root not trusted': (draft) => ({ ...draft, trusted: false }),
};

/** Puts another intermediate between the root and what is below it. */
function addIntermediate(draft: Draft): Draft {
  const [first, ...rest] = draft.intermediates;
  if (first === undefined) return draft;
  const key = pooledKey(3);
  const subject = { CN: `${first.subject['CN'] ?? ''} above` };
  const above: CertificateSpec = {
    subject,
    issuer: draft.root.subject,
    key,
    signer: draft.root.key,
    extensions: caExtensions(key, draft.root.key),
  };
  return {
    ...draft,
    intermediates: [
      above,
      {
        ...first,
        issuer: subject,
        signer: key,
        extensions: replacing(first.extensions, ...caExtensions(first.key, key).slice(-1)),
      },
      ...rest,
    ],
  };
}

/** A chain for `host.example`, changed. `index` makes its names its own, so that many can be judged together. */
export function makeChain(index: number, applied: readonly string[], purpose: string): MadeChain {
  const [rootKey, issuerKey, leafKey] = [pooledKey(0), pooledKey(1), pooledKey(2)];
  const rootName = { CN: `Root ${index}` };
  const issuerName = { CN: `Issuer ${index}` };
  let draft: Draft = {
    root: { subject: rootName, issuer: rootName, key: rootKey, signer: rootKey, extensions: caExtensions(rootKey) },
    intermediates: [
      {
        subject: issuerName,
        issuer: rootName,
        key: issuerKey,
        signer: rootKey,
        extensions: caExtensions(issuerKey, rootKey),
      },
    ],
    leaf: {
      subject: { CN: 'host.example' },
      issuer: issuerName,
      key: leafKey,
      signer: issuerKey,
      extensions: replacing(leafExtensions(issuerKey, ['dns:host.example']), extKeyUsage([purpose])),
    },
    trusted: true,
    complete: true,
  };
  // The extra intermediate goes first: what is done to the others must not be undone by it.
  const order = applied.toSorted(
    (a, b) => Number(b === 'one more intermediate') - Number(a === 'one more intermediate'),
  );
  for (const mutation of order) draft = mutations[mutation]?.(draft) ?? draft;
  return {
    mutations: applied,
    leaf: issueDer(draft.leaf),
    intermediates: draft.complete ? draft.intermediates.map(issueDer) : [],
    root: draft.trusted ? issueDer(draft.root) : undefined,
  };
}
