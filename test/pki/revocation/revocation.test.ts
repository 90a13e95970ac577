import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contextConstructed, contextPrimitive, Tag } from '../../../src/codec/der/der-tag.ts';
import { encodeElement, hexOctets } from '../../../src/codec/der/der-writer.ts';
import { rangeOf } from '../../../src/codec/der/octets.ts';
import type { Certificate } from '../../../src/codec/x509/certificate.ts';
import { parseCrl, type CertificateList } from '../../../src/codec/x509/crl.ts';
import { encodeOcspRequest, parseOcspRequest, type CertId } from '../../../src/codec/x509/ocsp-request.ts';
import { parseOcspResponse, type OcspResponse } from '../../../src/codec/x509/ocsp-response.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { createMemoryCache } from '../../../src/pki/fetch/evidence-cache.ts';
import { fetchRevocation } from '../../../src/pki/fetch/fetch-revocation.ts';
import { certIdOf, type OcspAnswer } from '../../../src/pki/revocation/ocsp-judgement.ts';
import {
  judgeRevocation,
  noEvidence,
  type RevocationEvidence,
} from '../../../src/pki/revocation/revocation-judgement.ts';
import { revocationDefaults, type RevocationSettings } from '../../../src/pki/revocation/revocation-status.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  boolean,
  caExtensions,
  chain,
  chainSpecs,
  extKeyUsage,
  extension,
  generalName,
  integer,
  INTERMEDIATE,
  intermediateKey,
  issue,
  keyIdentifier,
  keyUsage,
  leafExtensions,
  name,
  NOW,
  octetString,
  oid,
  pooledKey,
  replacing,
  ROOT,
  rootKey,
  sequence,
  signed,
  time,
  withSha1,
  type ExtensionSpec,
  type KeyPair,
  type NameParts,
} from '../issue.ts';

const HOUR = 3_600_000;

interface Entry {
  readonly certificate: Certificate;
  readonly reason?: number;
  readonly extensions?: readonly ExtensionSpec[];
}

interface CrlSpec {
  readonly issuer?: NameParts;
  readonly signer?: KeyPair;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  readonly revoked?: readonly Entry[];
  readonly extensions?: readonly ExtensionSpec[];
}

const encodeExtensions = (list: readonly ExtensionSpec[]): Uint8Array =>
  sequence(
    ...list.map((item) =>
      sequence(oid(item.oid), ...(item.critical === true ? [boolean(true)] : []), octetString(item.value)),
    ),
  );

const number = (value: number, critical = false): ExtensionSpec => extension(Oid.cRLNumber, integer(value), critical);
const usual = (signer: KeyPair): ExtensionSpec[] => [number(7), authorityKeyIdentifier(keyIdentifier(signer))];

function crlDer(spec: CrlSpec = {}): Uint8Array {
  const signer = spec.signer ?? intermediateKey();
  const revoked = (spec.revoked ?? []).map(({ certificate, reason, extensions = [] }) => {
    const reasonCode =
      reason === undefined ? [] : [extension(Oid.reasonCode, encodeElement(Tag.enumerated, Buffer.of(reason)))];
    const all = [...reasonCode, ...extensions];
    return sequence(
      rangeOf(certificate.bytes, certificate.serialNumber),
      time(NOW - HOUR),
      ...(all.length === 0 ? [] : [encodeExtensions(all)]),
    );
  });
  const tbs = sequence(
    integer(1),
    signer.algorithm,
    name(spec.issuer ?? INTERMEDIATE),
    time(spec.thisUpdate ?? NOW - HOUR),
    ...(spec.nextUpdate === null ? [] : [time(spec.nextUpdate ?? NOW + HOUR)]),
    ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
    encodeElement(contextConstructed(0), encodeExtensions(spec.extensions ?? usual(signer))),
  );
  return signed(tbs, signer);
}

function crl(spec: CrlSpec = {}): CertificateList {
  const parsed = parseCrl(crlDer(spec));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const good = chain();
const path = [good.leaf, good.intermediate, good.root];
const rootCrl = crl({ issuer: ROOT, signer: rootKey() });

function judge(evidence: Partial<RevocationEvidence>, settings: Partial<RevocationSettings> = {}, certificates = path) {
  const verdict = judgeRevocation(
    certificates,
    { ...noEvidence, ...evidence },
    { ...revocationDefaults, mode: 'hard', timeMs: NOW, ...settings },
  );
  assert.equal(verdict.ok, verdict.reasons.length === 0);
  for (const reason of [...verdict.reasons, ...verdict.warnings])
    for (const language of ['en', 'zh'] as const)
      assert.doesNotMatch(Object.values(tellFinding(reason, language)).join(' '), /\{\w+\}|undefined/);
  return {
    kinds: verdict.statuses.map(({ kind }) => kind),
    reasons: verdict.reasons.map(({ code, position }) => `${position} ${code}`),
    warnings: verdict.warnings.map(({ code, position }) => `${position} ${code}`),
    statuses: verdict.statuses,
  };
}

describe('CRLs', () => {
  it('say good or revoked for each certificate below the anchor', () => {
    const both = judge({ crls: [crl(), rootCrl] });
    assert.deepEqual([both.kinds, both.reasons], [['good', 'good'], []]);
    const revoked = judge({ crls: [crl({ revoked: [{ certificate: good.leaf, reason: 1 }] }), rootCrl] });
    assert.deepEqual(revoked.reasons, ['0 certificate-revoked']);
    assert.equal(revoked.statuses[0]?.reason, 'keyCompromise');
    assert.equal(revoked.statuses[0]?.revokedAtMs, NOW - HOUR);
    const upper = judge({
      crls: [crl(), crl({ issuer: ROOT, signer: rootKey(), revoked: [{ certificate: good.intermediate }] })],
    });
    assert.deepEqual(upper.reasons, ['1 certificate-revoked']);
  });

  it('are asked for as the mode says', () => {
    assert.deepEqual(judge({}, { mode: 'hard' }).reasons, [
      '0 certificate-revocation-unknown',
      '1 certificate-revocation-unknown',
    ]);
    assert.deepEqual(judge({}, { mode: 'soft' }).reasons, []);
    assert.deepEqual(judge({ crls: [crl({ revoked: [{ certificate: good.leaf }] })] }, { mode: 'off' }).reasons, []);
    assert.deepEqual(judge({ crls: [crl({ revoked: [{ certificate: good.leaf }] })] }, { mode: 'soft' }).reasons, [
      '0 certificate-revoked',
    ]);
  });

  it('that are old or of tomorrow count for nothing', () => {
    const stale = crl({ nextUpdate: NOW - HOUR, thisUpdate: NOW - 2 * HOUR });
    assert.deepEqual(judge({ crls: [stale, rootCrl] }).reasons, ['0 certificate-revocation-unknown']);
    assert.deepEqual(judge({ crls: [stale, rootCrl] }).warnings, ['0 revocation-stale']);
    assert.deepEqual(judge({ crls: [stale] }, { mode: 'soft' }).reasons, []);
    assert.deepEqual(
      judge({ crls: [crl({ thisUpdate: NOW + HOUR, nextUpdate: NOW + 2 * HOUR })] }, { mode: 'soft' }).warnings,
      ['0 revocation-not-yet-valid'],
    );
    const skewed = crl({ thisUpdate: NOW + 60_000, nextUpdate: NOW + HOUR });
    assert.deepEqual(judge({ crls: [skewed, rootCrl] }).reasons, []);
    assert.deepEqual(judge({ crls: [crl({ nextUpdate: null }), rootCrl] }).reasons, []);
    assert.deepEqual(judge({ crls: [crl({ nextUpdate: null, thisUpdate: NOW - 8 * 24 * HOUR }), rootCrl] }).warnings, [
      '0 revocation-stale',
    ]);
  });

  it('that are forged, unauthorized or strange are refused even where none is asked for', () => {
    const soft = (list: CertificateList, certificates = path) =>
      judge({ crls: [list] }, { mode: 'soft' }, certificates).reasons;
    const forged = crl({ signer: pooledKey(3), extensions: usual(intermediateKey()) });
    assert.deepEqual(soft(forged), ['0 revocation-signature-invalid']);
    assert.deepEqual(soft(crl({ signer: withSha1(intermediateKey()) })), ['0 revocation-not-conforming']);
    const unknown = extension('1.3.6.1.4.1.55738.666.1', octetString(Buffer.of(1)), true);
    assert.deepEqual(soft(crl({ extensions: [...usual(intermediateKey()), unknown] })), [
      '0 revocation-not-conforming',
    ]);
    assert.deepEqual(soft(crl({ revoked: [{ certificate: good.intermediate, extensions: [unknown] }] })), [
      '0 revocation-not-conforming',
    ]);
    const quiet = issue({
      ...chainSpecs()[1],
      extensions: replacing(caExtensions(intermediateKey(), rootKey()), keyUsage(['keyCertSign'])),
    });
    assert.deepEqual(soft(crl(), [good.leaf, quiet, good.root]), ['0 revocation-signer-unauthorized']);
    const { extensions } = chainSpecs()[1];
    const silent = issue({ ...chainSpecs()[1], extensions: extensions.filter(({ oid: id }) => id !== Oid.keyUsage) });
    assert.deepEqual(judge({ crls: [crl(), rootCrl] }, {}, [good.leaf, silent, good.root]).reasons, []);
  });

  it('need a number and a key identifier, neither critical, in the strict reading', () => {
    const strict = { mode: 'soft', conformance: 'strict' } as const;
    const [, keyId] = usual(intermediateKey());
    for (const extensions of [[keyId!], [number(7, true), keyId!], [number(7)]]) {
      assert.deepEqual(judge({ crls: [crl({ extensions })] }, strict).reasons, ['0 revocation-not-conforming']);
      assert.deepEqual(judge({ crls: [crl({ extensions })] }, { mode: 'soft' }).reasons, []);
    }
    assert.deepEqual(judge({ crls: [crl(), rootCrl] }, { ...strict, mode: 'hard' }).reasons, []);
  });

  it('of another CA say nothing, whether it has another name or the same', () => {
    const elsewhere = crl({ issuer: { CN: 'Other' }, signer: pooledKey(3), revoked: [{ certificate: good.leaf }] });
    const namesake = crl({ signer: pooledKey(3), revoked: [{ certificate: good.leaf }] });
    for (const list of [elsewhere, namesake]) {
      assert.deepEqual(judge({ crls: [list] }, { mode: 'soft' }).reasons, []);
      assert.deepEqual(judge({ crls: [list, crl(), rootCrl] }).reasons, []);
      assert.deepEqual(judge({ crls: [list, rootCrl] }).reasons, ['0 certificate-revocation-unknown']);
    }
  });

  it('may be signed by another certificate of the CA, if that one is trusted', () => {
    const signerKey = pooledKey(4);
    const signer = issue({
      ...chainSpecs()[1],
      key: signerKey,
      extensions: replacing(caExtensions(signerKey, rootKey()), keyUsage(['cRLSign'])),
    });
    const crls = [crl({ signer: signerKey, revoked: [{ certificate: good.leaf }] }), rootCrl];
    const trusted = { crls, crlSigners: [signer], trustsCrlSigner: (candidate: Certificate) => candidate === signer };
    assert.deepEqual(judge(trusted).reasons, ['0 certificate-revoked']);
    assert.deepEqual(judge({ ...trusted, trustsCrlSigner: () => false }).reasons, [
      '0 revocation-signer-unauthorized',
      '0 certificate-revocation-unknown',
    ]);
  });
});

describe('partitioned CRLs', () => {
  const scope = (...parts: Uint8Array[]): ExtensionSpec =>
    extension(Oid.issuingDistributionPoint, sequence(...parts), true);
  const flag = (index: number): Uint8Array => encodeElement(contextPrimitive(index), Buffer.of(0xff));
  const fullName = (url: string): Uint8Array =>
    encodeElement(contextConstructed(0), encodeElement(contextConstructed(0), generalName(`uri:${url}`)));
  const reasons = (number: number, unused: number, ...bits: number[]): Uint8Array =>
    encodeElement(contextPrimitive(number), Buffer.of(unused, ...bits));
  const points = (...list: Uint8Array[][]): ExtensionSpec =>
    extension(Oid.cRLDistributionPoints, sequence(...list.map((parts) => sequence(...parts))));
  const withScope = (...parts: Uint8Array[]) => ({ extensions: [...usual(intermediateKey()), scope(...parts)] });
  const leafWith = (...extensions: ExtensionSpec[]): Certificate =>
    issue({
      ...chainSpecs()[2],
      extensions: [...leafExtensions(intermediateKey(), ['dns:host.example']), ...extensions],
    });
  const kind = (crls: readonly CertificateList[], leaf = good.leaf): string | undefined =>
    judge({ crls }, {}, [leaf, good.intermediate, good.root]).kinds[0];

  it('count for the kind of certificate that they are for', () => {
    assert.equal(kind([crl(withScope(flag(1)))]), 'good');
    assert.equal(kind([crl(withScope(flag(2)))]), 'unknown');
    assert.equal(kind([crl(withScope(flag(5)))]), 'unknown');
  });

  it('count for the distribution point that they name', () => {
    const leaf = leafWith(points([fullName('http://a/1.crl')]));
    assert.equal(kind([crl(withScope(fullName('http://a/1.crl')))], leaf), 'good');
    assert.equal(kind([crl(withScope(fullName('http://a/2.crl')))], leaf), 'unknown');
    assert.equal(kind([crl()], leaf), 'good');
    assert.equal(kind([crl(withScope(fullName('http://a/1.crl')))]), 'unknown');
  });

  it('of some reasons are put together until all are covered', () => {
    // Bits 1 and 2, then bits 3 to 8.
    const first = withScope(reasons(3, 5, 0x60));
    const rest = withScope(reasons(3, 7, 0x1f, 0x80));
    assert.equal(kind([crl(first)]), 'unknown');
    assert.equal(kind([crl(rest)]), 'unknown');
    assert.equal(kind([crl(first), crl(rest)]), 'good');
    assert.equal(kind([crl(first), crl({ ...rest, revoked: [{ certificate: good.leaf, reason: 4 }] })]), 'revoked');
  });

  it('that are indirect count for the issuer that an entry names', () => {
    const issuerKey = pooledKey(5);
    const indirectName = { CN: 'CRL Issuer' };
    const issuer = issue({
      ...chainSpecs()[1],
      subject: indirectName,
      key: issuerKey,
      extensions: replacing(caExtensions(issuerKey, rootKey()), keyUsage(['cRLSign'])),
    });
    const leaf = leafWith(points([encodeElement(contextConstructed(2), generalName('dn:CRL Issuer'))]));
    const ofIssuer = (who: string): ExtensionSpec =>
      extension(Oid.certificateIssuer, sequence(generalName(`dn:${who}`)), true);
    const indirect = (entries: Entry[], ...parts: Uint8Array[]): CertificateList =>
      crl({
        issuer: indirectName,
        signer: issuerKey,
        revoked: entries,
        extensions: [...usual(issuerKey), scope(...parts)],
      });
    const evidence = (list: CertificateList) => ({ crls: [list], crlSigners: [issuer], trustsCrlSigner: () => true });
    const kinds = (list: CertificateList): string | undefined =>
      judge(evidence(list), {}, [leaf, good.intermediate, good.root]).kinds[0];
    assert.equal(kinds(indirect([], flag(4))), 'good');
    assert.equal(kinds(indirect([])), 'unknown');
    assert.equal(
      kinds(indirect([{ certificate: leaf, extensions: [ofIssuer('Test Intermediate')] }], flag(4))),
      'revoked',
    );
    assert.equal(kinds(indirect([{ certificate: leaf, extensions: [ofIssuer('Other')] }], flag(4))), 'good');
    const carriedOn = [{ certificate: good.root, extensions: [ofIssuer('Test Intermediate')] }, { certificate: leaf }];
    assert.equal(kinds(indirect(carriedOn, flag(4))), 'revoked');
    assert.equal(kinds(indirect([{ certificate: leaf }], flag(4))), 'good');
  });

  it('of changes are laid over the complete one', () => {
    const delta = (base: number, own: number, revoked: readonly Entry[]): CertificateList =>
      crl({
        revoked,
        extensions: [
          number(own),
          authorityKeyIdentifier(keyIdentifier(intermediateKey())),
          extension(Oid.deltaCRLIndicator, integer(base), true),
        ],
      });
    const held = crl({ revoked: [{ certificate: good.leaf, reason: 6 }] });
    assert.equal(kind([crl(), delta(7, 8, [{ certificate: good.leaf }])]), 'revoked');
    assert.equal(kind([crl(), delta(7, 8, [])]), 'good');
    assert.equal(kind([held, delta(7, 8, [{ certificate: good.leaf, reason: 8 }])]), 'good');
    assert.equal(kind([held, delta(7, 8, [])]), 'revoked');
    assert.equal(kind([held, delta(8, 9, [{ certificate: good.leaf, reason: 8 }])]), 'revoked');
    assert.equal(kind([held, delta(5, 6, [{ certificate: good.leaf, reason: 8 }])]), 'revoked');
    assert.equal(kind([crl(), delta(7, 8, [{ certificate: good.leaf }]), delta(7, 9, [])]), 'good');
    assert.equal(kind([delta(7, 8, [])]), 'unknown');
  });
});

interface AnswerSpec {
  readonly about?: Certificate;
  readonly issuer?: Certificate;
  readonly signer?: KeyPair;
  readonly status?: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  readonly nonce?: Uint8Array;
  readonly certificates?: readonly Certificate[];
  readonly responder?: Uint8Array;
  readonly hash?: string;
}

function encodeCertId({ hashAlgorithm, issuerKeyHash, issuerNameHash, serialNumber }: CertId): Uint8Array {
  return sequence(
    sequence(oid(hashAlgorithm)),
    octetString(hexOctets(issuerNameHash)),
    octetString(hexOctets(issuerKeyHash)),
    encodeElement(Tag.integer, hexOctets(serialNumber)),
  );
}

const generalized = (ms: number): Uint8Array => time(ms, true);

function ocspDer(spec: AnswerSpec = {}): Uint8Array {
  const signer = spec.signer ?? intermediateKey();
  const certId = certIdOf(spec.about ?? good.leaf, spec.issuer ?? good.intermediate, spec.hash ?? Oid.sha1);
  assert.ok(certId !== undefined);
  const status = {
    good: encodeElement(contextPrimitive(0)),
    revoked: encodeElement(
      contextConstructed(1),
      generalized(NOW - HOUR),
      encodeElement(contextConstructed(0), encodeElement(Tag.enumerated, Buffer.of(4))),
    ),
    unknown: encodeElement(contextPrimitive(2)),
  }[spec.status ?? 'good'];
  const single = sequence(
    encodeCertId(certId),
    status,
    generalized(spec.thisUpdate ?? NOW - HOUR),
    ...(spec.nextUpdate === null
      ? []
      : [encodeElement(contextConstructed(0), generalized(spec.nextUpdate ?? NOW + HOUR))]),
  );
  const nonce =
    spec.nonce === undefined
      ? []
      : [encodeElement(contextConstructed(1), encodeExtensions([extension(Oid.ocspNonce, octetString(spec.nonce))]))];
  const responder = spec.responder ?? encodeElement(contextConstructed(1), name(INTERMEDIATE));
  const data = sequence(responder, generalized(NOW - HOUR), sequence(single), ...nonce);
  const certificates = spec.certificates?.map(({ bytes }) => bytes) ?? [];
  const inner = certificates.length === 0 ? [] : [encodeElement(contextConstructed(0), sequence(...certificates))];
  const parts = signed(data, signer);
  // The signed triple, with the certificates behind it in the same SEQUENCE.
  const content = parts.subarray(parts[1]! < 0x80 ? 2 : 2 + (parts[1]! & 0x7f));
  const basic = sequence(content, ...inner);
  return sequence(
    encodeElement(Tag.enumerated, Buffer.of(0)),
    encodeElement(contextConstructed(0), sequence(oid(Oid.ocspBasic), octetString(basic))),
  );
}

function answer(spec: AnswerSpec = {}, request: Partial<OcspAnswer> = {}): OcspAnswer {
  const parsed = parseOcspResponse(ocspDer(spec));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return { response: parsed.value, nonce: undefined, requireNonce: false, ...request };
}

describe('OCSP answers', () => {
  const judged = (one: OcspAnswer, settings: Partial<RevocationSettings> = {}, leaf = good.leaf) =>
    judge({ ocsp: new Map([[leaf, [one]]]), crls: [rootCrl] }, { mode: 'soft', ...settings }, [
      leaf,
      good.intermediate,
      good.root,
    ]);
  const outcome = (spec: AnswerSpec, request: Partial<OcspAnswer> = {}): string => {
    const { kinds, reasons, warnings } = judged(answer(spec, request));
    return [kinds[0], ...reasons, ...warnings].join(' ');
  };

  it('say good, revoked or nothing', () => {
    assert.equal(outcome({}), 'good');
    assert.equal(outcome({ hash: Oid.sha256 }), 'good');
    assert.equal(outcome({ status: 'revoked' }), 'revoked 0 certificate-revoked');
    assert.equal(judged(answer({ status: 'revoked' })).statuses[0]?.reason, 'superseded');
    assert.equal(outcome({ status: 'unknown' }), 'unknown');
    assert.deepEqual(judged(answer({ status: 'unknown' }), { mode: 'hard' }).reasons, [
      '0 certificate-revocation-unknown',
    ]);
  });

  it('have to be about the certificate, signed by its issuer, and of the day', () => {
    assert.equal(outcome({ about: good.intermediate }), 'unknown 0 ocsp-not-for-certificate');
    assert.equal(outcome({ issuer: good.root }), 'unknown 0 ocsp-not-for-certificate');
    assert.equal(outcome({ signer: pooledKey(3) }), 'unknown 0 revocation-signature-invalid');
    assert.equal(outcome({ signer: withSha1(intermediateKey()) }), 'unknown 0 revocation-not-conforming');
    assert.equal(outcome({ thisUpdate: NOW - 3 * HOUR, nextUpdate: NOW - HOUR }), 'unknown 0 revocation-stale');
    assert.equal(outcome({ thisUpdate: NOW + HOUR, nextUpdate: NOW + 2 * HOUR }), 'unknown 0 revocation-not-yet-valid');
    assert.equal(outcome({ nextUpdate: null }), 'good');
  });

  it('may be signed by a delegate that the issuer itself made one', () => {
    const delegateKey = pooledKey(6);
    const delegate = (change: Partial<Parameters<typeof issue>[0]> = {}): Certificate =>
      issue({
        subject: { CN: 'Responder' },
        issuer: INTERMEDIATE,
        key: delegateKey,
        signer: intermediateKey(),
        extensions: [extKeyUsage([Oid.ocspSigning]), extension(Oid.ocspNoCheck, Buffer.of(5, 0))],
        ...change,
      });
    const byName = encodeElement(contextConstructed(1), name({ CN: 'Responder' }));
    const said = (certificate: Certificate, responder = byName): string =>
      outcome({ signer: delegateKey, certificates: [certificate], responder });
    assert.equal(said(delegate()), 'good');
    const { bytes, publicKey } = delegate();
    const keyHash = createHash('sha1').update(rangeOf(bytes, publicKey.key)).digest();
    assert.equal(said(delegate(), encodeElement(contextConstructed(2), octetString(keyHash))), 'good');
    const unauthorized = 'unknown 0 revocation-signer-unauthorized';
    assert.equal(said(delegate({ extensions: [] })), unauthorized);
    assert.equal(said(delegate({ extensions: [extKeyUsage([Oid.anyExtendedKeyUsage])] })), unauthorized);
    assert.equal(said(delegate({ notAfter: NOW - HOUR })), unauthorized);
    assert.equal(said(delegate({ issuer: ROOT, signer: rootKey() })), unauthorized);
    assert.equal(said(delegate({ signer: pooledKey(3) })), unauthorized);
    assert.equal(said(good.leaf), 'unknown 0 revocation-signature-invalid');
  });

  it('of a delegate count as its own standing allows (RFC 6960 section 4.2.2.2.1)', () => {
    const delegateKey = pooledKey(6);
    const place = authorityInfoAccess(Oid.accessOcsp, 'http://responder.example/');
    const said = (crls: CertificateList[], extensions: ExtensionSpec[], mode: 'soft' | 'hard' = 'soft'): string => {
      const delegate = makeDelegate(extensions);
      const responder = encodeElement(contextConstructed(1), name({ CN: 'Responder' }));
      const one = answer({ signer: delegateKey, certificates: [delegate], responder });
      const evidence = { ocsp: new Map([[good.leaf, [one]]]), crls: [...crls, rootCrl] };
      const { kinds, reasons, warnings } = judge(evidence, { mode });
      return [kinds[0], ...reasons, ...warnings].join(' ');
    };
    const makeDelegate = (extensions: ExtensionSpec[]): Certificate =>
      issue({
        subject: { CN: 'Responder' },
        issuer: INTERMEDIATE,
        key: delegateKey,
        signer: intermediateKey(),
        serial: 77,
        extensions: [extKeyUsage([Oid.ocspSigning]), ...extensions],
      });
    const revoking = crl({ revoked: [{ certificate: makeDelegate([]) }] });
    const noCheck = extension(Oid.ocspNoCheck, Buffer.of(5, 0));
    // Nothing is said about where to ask: the answer counts, unless a list that is at hand says that it must not.
    assert.equal(said([], []), 'good');
    assert.equal(said([], [], 'hard'), 'good');
    // The list that revokes the delegate also says that the leaf is good.
    assert.equal(said([revoking], []), 'good 0 ocsp-responder-revoked');
    assert.equal(said([revoking], [noCheck]), 'good');
    assert.equal(said([crl()], [place]), 'good');
    assert.equal(said([], [place]), 'good 0 ocsp-responder-unchecked');
    assert.equal(said([], [place, noCheck]), 'good');
    assert.equal(said([], [place], 'hard'), 'unknown 0 certificate-revocation-unknown 0 ocsp-responder-unchecked');
  });

  it('of a delegate are weighed with the list that its certificate names', async () => {
    const url = 'http://ca.example/delegates.crl';
    const full = encodeElement(contextConstructed(0), encodeElement(contextConstructed(0), generalName(`uri:${url}`)));
    const delegate = issue({
      subject: { CN: 'Responder' },
      issuer: INTERMEDIATE,
      key: pooledKey(6),
      signer: intermediateKey(),
      extensions: [extKeyUsage([Oid.ocspSigning]), extension(Oid.cRLDistributionPoints, sequence(sequence(full)))],
    });
    const responder = encodeElement(contextConstructed(1), name({ CN: 'Responder' }));
    const stapled = answer({ signer: pooledKey(6), certificates: [delegate], responder });
    const judgedWith = async (bytes: Uint8Array | undefined): Promise<string> => {
      const asked: string[] = [];
      const { evidence } = await fetchRevocation(
        path,
        { ...noEvidence, ocsp: new Map([[good.leaf, [stapled]]]) },
        {
          fetch: (request) => {
            asked.push(request.url);
            return Promise.resolve(bytes === undefined ? { ok: false, reason: 'status 404' } : { ok: true, bytes });
          },
          cache: createMemoryCache(),
          nowMs: NOW,
          random: (byteLength) => Buffer.alloc(byteLength),
          settings: { ...revocationDefaults, mode: 'soft', timeMs: NOW },
        },
      );
      assert.deepEqual(asked, [url]);
      const { reasons, warnings } = judge(evidence, { mode: 'soft' });
      return [...reasons, ...warnings].join(' ');
    };
    assert.equal(await judgedWith(crlDer()), '');
    assert.equal(await judgedWith(undefined), '0 ocsp-responder-unchecked');
    assert.equal(await judgedWith(crlDer({ revoked: [{ certificate: delegate }] })), '0 ocsp-responder-revoked');
  });

  it('repeat the nonce of the request', () => {
    const nonce = Buffer.from('0123456789abcdef');
    assert.equal(outcome({ nonce }, { nonce }), 'good');
    assert.equal(outcome({ nonce: Buffer.from('fedcba9876543210') }, { nonce }), 'unknown 0 ocsp-nonce-mismatch');
    assert.equal(outcome({}, { nonce }), 'good');
    assert.equal(outcome({}, { nonce, requireNonce: true }), 'unknown 0 ocsp-nonce-mismatch');
  });

  it('that a responder refuses to give are told', () => {
    const parsed = parseOcspResponse(Buffer.from('30030a0103', 'hex'));
    assert.deepEqual(parsed, { ok: true, value: { status: 'tryLater', basic: undefined } satisfies OcspResponse });
    const refused = {
      response: { status: 'tryLater', basic: undefined },
      nonce: undefined,
      requireNonce: false,
    } as const;
    assert.deepEqual(judged(refused).warnings, ['0 ocsp-refused']);
    assert.deepEqual(judged(refused).reasons, []);
  });

  it('are needed on the handshake where the certificate promises one', () => {
    const mustStaple = extension(Oid.tlsFeature, sequence(integer(5)));
    const leaf = issue({
      ...chainSpecs()[2],
      extensions: [...leafExtensions(intermediateKey(), ['dns:host.example']), mustStaple],
    });
    const certificates = [leaf, good.intermediate, good.root];
    assert.deepEqual(judge({ stapled: false }, { mode: 'soft' }, certificates).reasons, [
      '0 certificate-staple-missing',
    ]);
    assert.deepEqual(judge({ stapled: true }, { mode: 'soft' }, certificates).reasons, []);
    assert.deepEqual(judge({ stapled: undefined }, { mode: 'soft' }, certificates).reasons, []);
    assert.deepEqual(judge({ stapled: false }, { mode: 'soft' }).reasons, []);
  });

  it('and a CRL are weighed together: revoked wins, then good', () => {
    const evidence = { ocsp: new Map([[good.leaf, [answer()]]]) };
    assert.deepEqual(judge({ ...evidence, crls: [crl({ revoked: [{ certificate: good.leaf }] }), rootCrl] }).reasons, [
      '0 certificate-revoked',
    ]);
    const forged = crl({ signer: pooledKey(3), extensions: usual(intermediateKey()) });
    const tolerated = judge({ ...evidence, crls: [forged, rootCrl] });
    assert.deepEqual([tolerated.reasons, tolerated.warnings], [[], ['0 revocation-signature-invalid']]);
  });
});

describe('revocation messages', () => {
  const messages: [string, Uint8Array, (bytes: Uint8Array) => { ok: boolean }][] = [
    ['CRL', crlDer({ revoked: [{ certificate: good.leaf, reason: 1 }] }), parseCrl],
    ['OCSP response', ocspDer({ nonce: Buffer.alloc(8), certificates: [good.leaf] }), parseOcspResponse],
    ['OCSP request', encodeOcspRequest(certIdOf(good.leaf, good.intermediate)!, Buffer.alloc(16)), parseOcspRequest],
  ];
  for (const [what, der, parse] of messages) {
    it(`${what}: whole only, and never an exception`, () => {
      assert.equal(parse(der).ok, true);
      for (let length = 0; length < der.length; length++)
        assert.equal(parse(der.subarray(0, length)).ok, false, `cut at ${length}`);
      assert.equal(parse(Buffer.concat([der, Buffer.of(0)])).ok, false);
      const changes = fc.array(fc.tuple(fc.nat({ max: der.length - 1 }), fc.nat({ max: 255 })), {
        minLength: 1,
        maxLength: 4,
      });
      fc.assert(
        fc.property(changes, (list) => {
          const bytes = Uint8Array.from(der);
          for (const [at, octet] of list) bytes[at] = octet;
          parse(bytes);
        }),
        { numRuns: 1000 },
      );
      fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => void parse(bytes)));
    });
  }

  it('an OCSP request says which certificate and which nonce', () => {
    const certId = certIdOf(good.leaf, good.intermediate)!;
    const parsed = parseOcspRequest(encodeOcspRequest(certId, Buffer.from('nonce')));
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.certIds, [certId]);
    assert.equal(Buffer.from(parsed.value.extensions.known.ocspNonce!.value).toString(), 'nonce');
    const bare = parseOcspRequest(encodeOcspRequest(certId));
    assert.ok(bare.ok);
    assert.deepEqual(bare.value.extensions.list, []);
    assert.equal(certIdOf(good.leaf, good.intermediate, '1.2.3'), undefined);
  });
});
