import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import { contextConstructed, contextPrimitive, Tag } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { rangeOf } from '../../../src/codec/der/octets.ts';
import { parseCertificate } from '../../../src/codec/x509/certificate.ts';
import { comparableName, formatName } from '../../../src/codec/x509/name.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { parsePem } from '../../../src/codec/x509/pem.ts';
import {
  basicConstraints,
  caExtensions,
  certificate,
  chainSpecs,
  extension,
  generalName,
  issue,
  issueDer,
  leafExtensions,
  nameConstraints,
  name,
  octetString,
  oid,
  pooledKey,
  replacing,
  rsaKey,
  sequence,
  subjectAltName,
  text,
} from '../../pki/issue.ts';

const [, , leafSpec] = chainSpecs();
const leafDer = issueDer({
  ...leafSpec,
  extensions: [
    ...leafExtensions(pooledKey(1), [
      'dns:a.example',
      'ip:c0000201',
      'email:a@b.example',
      'uri:https://a.example/',
      'dn:x',
      'other:1.2.3',
    ]),
    basicConstraints(false),
    nameConstraints(['dns:example', 'ip:c0000200ffffff00'], ['email:.b.example']),
  ],
});

describe('a certificate', () => {
  it('is read into values whose ranges are their octets', () => {
    const parsed = certificate(leafDer);
    assert.equal(parsed.version, 3);
    assert.equal(formatName(parsed.subject), 'CN=host.example');
    assert.equal(parsed.publicKey.kind, 'ec');
    assert.deepEqual(parsed.signatureScheme, { kind: 'ecdsa', hash: 'sha256' });
    assert.deepEqual(parsed.extensions.problems, []);
    const names = parsed.extensions.known.subjectAltName?.value ?? [];
    assert.deepEqual(
      names.map(({ kind }) => kind),
      ['dns', 'ip', 'email', 'uri', 'directory', 'other'],
    );
    assert.deepEqual(Buffer.from(rangeOf(parsed.bytes, names[0]!)), Buffer.from(generalName('dns:a.example')));
    assert.equal(parsed.bytes[parsed.tbs.start], Tag.sequence);
    assert.deepEqual(Buffer.from(rangeOf(parsed.bytes, parsed.subject)), Buffer.from(name({ CN: 'host.example' })));
    for (const item of parsed.extensions.list) assert.equal(parsed.bytes[item.start], Tag.sequence);
    assert.equal(parsed.extensions.known.nameConstraints?.value.permitted.length, 2);
    assert.equal(parsed.extensions.known.nameConstraints?.critical, true);
  });

  it('is refused when it is cut off anywhere, or when octets follow', () => {
    for (let length = 0; length < leafDer.length; length++) {
      const parsed = parseCertificate(leafDer.subarray(0, length));
      assert.equal(parsed.ok, false, `cut at ${length}`);
      assert.equal(parsed.error.problem, 'truncated', `cut at ${length}`);
    }
    const longer = parseCertificate(Buffer.concat([leafDer, Buffer.of(0)]));
    assert.equal(longer.ok, false);
    assert.deepEqual(longer.error, { problem: 'trailing-data', field: '', offset: leafDer.length });
  });

  it('never makes the parser throw, whichever octets are changed', () => {
    const changes = fc.array(fc.tuple(fc.nat({ max: leafDer.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = Uint8Array.from(leafDer);
        for (const [at, octet] of list) bytes[at] = octet;
        const parsed = parseCertificate(bytes);
        if (parsed.ok) {
          for (const { offset } of parsed.value.extensions.problems) assert.ok(offset <= bytes.length);
        } else assert.ok(parsed.error.offset <= bytes.length && parsed.error.field !== undefined);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseCertificate(bytes)),
      { numRuns: 1000 },
    );
  });

  it('keeps what is good where one extension is malformed, and says which one and where', () => {
    const wrong: [ReturnType<typeof extension>, string, string][] = [
      [extension(Oid.subjectAltName, Buffer.from('host.example')), 'unexpected-tag', 'subjectAltName'],
      [extension(Oid.subjectAltName, sequence()), 'empty-not-allowed', 'subjectAltName'],
      [
        extension(Oid.subjectAltName, sequence(text(contextPrimitive(2), 'bücher.example'))),
        'string-malformed',
        'subjectAltName.name[0]',
      ],
      [
        extension(Oid.subjectAltName, sequence(generalName('ip:c00002010000'))),
        'value-not-allowed',
        'subjectAltName.iPAddress',
      ],
      [extension(Oid.extKeyUsage, sequence()), 'empty-not-allowed', 'extKeyUsage'],
      [extension(Oid.keyUsage, octetString(Buffer.of(1))), 'unexpected-tag', 'keyUsage'],
      [extension(Oid.authorityInfoAccess, Buffer.from('x')), 'unexpected-tag', 'authorityInfoAccess'],
      [extension(Oid.basicConstraints, Buffer.concat([sequence(), Buffer.of(0)])), 'trailing-data', 'basicConstraints'],
      [extension(Oid.nameConstraints, sequence()), 'empty-not-allowed', 'nameConstraints'],
      [
        extension(Oid.nameConstraints, sequence(encodeElement(contextConstructed(0)))),
        'empty-not-allowed',
        'nameConstraints.permittedSubtrees',
      ],
      [
        extension(Oid.certificatePolicies, sequence(sequence(oid('1.2.3')), sequence(oid('1.2.3')))),
        'duplicate',
        'certificatePolicies.policyIdentifier',
      ],
    ];
    for (const [item, problem, field] of wrong) {
      const { extensions } = issue({ ...leafSpec, extensions: replacing(leafSpec.extensions, item) });
      assert.equal(extensions.problems.length, 1, field);
      assert.deepEqual(
        [extensions.problems[0]?.problem, extensions.problems[0]?.field],
        [problem, `certificate.tbsCertificate.extensions.${field}`],
      );
      assert.ok(extensions.known.authorityKeyIdentifier !== undefined);
    }
  });

  it('may hold an extension once only, and extensions in version 3 only', () => {
    const twice = issue({ ...leafSpec, extensions: [...leafSpec.extensions, subjectAltName(['dns:b.example'])] });
    assert.equal(twice.extensions.problems[0]?.problem, 'duplicate');
    assert.equal(twice.extensions.known.subjectAltName?.value.length, 1);
    const old = parseCertificate(issueDer({ ...leafSpec, version: 0 }));
    assert.equal(old.ok, false);
    assert.equal(old.error.field, 'certificate.tbsCertificate.extensions');
    assert.equal(issue({ ...leafSpec, version: 0, extensions: [] }).version, 1);
    assert.equal(parseCertificate(issueDer({ ...leafSpec, version: 3 })).ok, false);
  });

  it('has its RSA key measured in bits', () => {
    const key = rsaKey(1024);
    const parsed = issue({ ...leafSpec, key });
    assert.equal(parsed.publicKey.kind === 'rsa' && parsed.publicKey.modulusBits, 1024);
    assert.equal(parsed.publicKey.kind === 'rsa' && parsed.publicKey.exponent, 65537n);
  });
});

describe('a directory name', () => {
  const read = (parts: Record<string, string>, tag?: number) =>
    issue({ ...leafSpec, subject: parts, ...(tag !== undefined && { nameTag: tag }) }).subject;

  it('compares without regard to case, white space and string type', () => {
    const a = comparableName(read({ O: 'Example  Org ', CN: 'X' }));
    assert.equal(a, comparableName(read({ O: 'example org', CN: 'x' }, Tag.printableString)));
    assert.notEqual(a, comparableName(read({ CN: 'X', O: 'Example Org' })));
    assert.notEqual(comparableName(read({ CN: 'a\n2.5.4.3=b' })), comparableName(read({ CN: 'a', OU: 'b' })));
  });

  it('cannot change how it is shown', () => {
    assert.equal(formatName(read({ CN: 'a, O=b\u001b[2J' })), 'CN=a\\, O\\=b\\u001b[2J');
  });
});

describe('beside Node’s own parser', () => {
  function compare(der: Uint8Array): void {
    const theirs = new X509Certificate(der);
    const ours = certificate(der);
    assert.equal(
      ours.serialNumber.hex.replace(/^0+(?=.)/, ''),
      theirs.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
    );
    assert.equal(ours.notBefore.epochMs, Date.parse(theirs.validFrom));
    assert.equal(ours.notAfter.epochMs, Date.parse(theirs.validTo));
    assert.deepEqual(
      Buffer.from(rangeOf(ours.bytes, ours.publicKey)),
      theirs.publicKey.export({ format: 'der', type: 'spki' }),
    );
    // Node asks OpenSSL whether the certificate may act as a CA, which takes both extensions together.
    const { basicConstraints: constraints, keyUsage: usage } = ours.extensions.known;
    if (constraints !== undefined)
      assert.equal(constraints.value.cA && usage?.value.has('keyCertSign') !== false, theirs.ca);
    const dns = (ours.extensions.known.subjectAltName?.value ?? []).flatMap((one) =>
      one.kind === 'dns' ? [one.value] : [],
    );
    const told = (theirs.subjectAltName ?? '')
      .split(', ')
      .flatMap((one) => (one.startsWith('DNS:') ? [one.slice(4)] : []));
    assert.deepEqual(dns, told);
  }

  it('reads the same from every root that Node ships', () => {
    assert.ok(rootCertificates.length > 50);
    for (const root of rootCertificates) {
      const blocks = parsePem(root);
      assert.ok(blocks.ok);
      compare(blocks.blocks[0]!.bytes);
    }
  });

  it('reads the same from the certificates of x509-limbo', (t) => {
    const file = '../shared/corpora/x509-limbo/limbo.json';
    if (!existsSync(file)) return t.skip('the x509-limbo corpus is absent');
    const { testcases } = JSON.parse(readFileSync(file, 'utf8')) as {
      testcases: { id: string; peer_certificate: string }[];
    };
    let compared = 0;
    for (const { id, peer_certificate } of testcases) {
      if (/malformed|emoji|invalid|negative|forbidden|v1|wildcard-embedded/.test(id)) continue;
      const blocks = parsePem(peer_certificate);
      assert.ok(blocks.ok);
      compare(blocks.blocks[0]!.bytes);
      compared++;
    }
    assert.ok(compared > 50);
    return undefined;
  });
});

it('a CA certificate’s path length is read', () => {
  const ca = issue({ ...leafSpec, extensions: caExtensions(pooledKey(2), pooledKey(1), 3) });
  assert.deepEqual(ca.extensions.known.basicConstraints?.value, { cA: true, pathLenConstraint: 3 });
});
