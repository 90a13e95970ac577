import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { adviseChain } from '../../../src/pki/path/chain-advice.ts';
import { verifyPathFetching } from '../../../src/pki/path/aia-fetching.ts';
import { defaultWorkLimits, serverPolicy } from '../../../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../../../src/pki/path/trust-anchors.ts';
import { verifyPath } from '../../../src/pki/path/verify-path.ts';
import type { Certificate } from '../../../src/codec/x509/certificate.ts';
import {
  INTERMEDIATE,
  NOW,
  authorityInfoAccess,
  basicConstraints,
  caExtensions,
  chain,
  chainSpecs,
  intermediateKey,
  issue,
  issueDer,
  keyUsage,
  leafExtensions,
  pem,
  pooledKey,
  rootKey,
} from '../issue.ts';
import { codes, host, leafBase } from './judging.ts';

describe('paths are built', () => {
  const policy = serverPolicy({ timeMs: NOW, peers: [host] });

  it('around certificates that lead nowhere, in whatever order they come', () => {
    const [, intermediateSpec] = chainSpecs();
    const { root, intermediate, leaf } = chain();
    const otherRoot = pooledKey(5);
    const expired = issue({ ...intermediateSpec, notAfter: NOW - 1000 });
    const cross = issue({
      ...intermediateSpec,
      issuer: { CN: 'Nobody' },
      signer: otherRoot,
      extensions: caExtensions(intermediateKey(), otherRoot),
    });
    const namesake = issue({
      ...intermediateSpec,
      key: pooledKey(4),
      extensions: caExtensions(pooledKey(4), rootKey()),
    });
    for (const order of [
      [expired, cross, namesake, intermediate],
      [intermediate, namesake, cross, expired, root],
    ]) {
      const verdict = verifyPath(leaf, order, new TrustAnchors([root]), policy);
      assert.deepEqual(verdict.path, [leaf, intermediate, root]);
    }
    const failing = verifyPath(leaf, [cross, namesake, expired], new TrustAnchors([root]), policy);
    assert.equal(failing.ok, false);
    assert.deepEqual(failing.path, [leaf, expired, root]);
    assert.deepEqual(codes(failing.reasons), ['certificate-expired']);
    assert.equal(failing.reasons[0]?.position, 1);
    assert.deepEqual(
      new Set(failing.tried.map(({ reasons }) => reasons[0]?.code)),
      new Set(['certificate-chain-incomplete', 'certificate-expired', 'certificate-signature-invalid']),
    );
  });

  it('past an old root that has expired, to a newer one that signed the same key', () => {
    const [rootSpec] = chainSpecs();
    const { intermediate, leaf } = chain();
    const oldRoot = issue({ ...rootSpec, notAfter: NOW - 1000 });
    const newRootKey = pooledKey(6);
    const newRoot = issue({
      ...rootSpec,
      subject: { CN: 'New Root' },
      issuer: { CN: 'New Root' },
      key: newRootKey,
      signer: newRootKey,
      extensions: caExtensions(newRootKey),
    });
    const crossed = issue({
      ...rootSpec,
      issuer: { CN: 'New Root' },
      signer: newRootKey,
      extensions: caExtensions(rootKey(), newRootKey),
    });
    const verdict = verifyPath(leaf, [intermediate, crossed], new TrustAnchors([oldRoot, newRoot]), policy);
    assert.equal(verdict.ok, true);
    assert.deepEqual(verdict.path, [leaf, intermediate, crossed, newRoot]);
  });

  it('out of circles, with every certificate of a circle once', () => {
    const ring = (from: number, to: number): Certificate =>
      issue({
        ...chainSpecs()[1],
        subject: { CN: `Ring ${to}` },
        issuer: { CN: `Ring ${from}` },
        key: pooledKey(10 + to),
        signer: pooledKey(10 + from),
        extensions: caExtensions(pooledKey(10 + to), pooledKey(10 + from)),
      });
    const leaf = issue({
      ...chainSpecs()[2],
      issuer: { CN: 'Ring 0' },
      signer: pooledKey(10),
      extensions: leafExtensions(pooledKey(10), ['dns:host.example']),
    });
    const { root } = chain();
    const verdict = verifyPath(
      leaf,
      [ring(0, 1), ring(1, 2), ring(2, 0), ring(1, 0), ring(2, 1), ring(0, 2)],
      new TrustAnchors([root]),
      policy,
    );
    assert.equal(verdict.ok, false);
    assert.equal(verdict.exceeded, undefined);
    assert.ok(verdict.work.signatureChecks <= 7);
    const into = issue({
      ...chainSpecs()[1],
      subject: { CN: 'Ring 2' },
      key: pooledKey(12),
      extensions: caExtensions(pooledKey(12), rootKey()),
    });
    assert.equal(
      verifyPath(leaf, [ring(1, 0), ring(2, 1), ring(0, 2), into], new TrustAnchors([root]), policy).ok,
      true,
    );
  });

  it('within the limit on signature checks, and say so when it is hit', () => {
    const { root, leaf } = chain();
    const many = Array.from({ length: 24 }, (_, i) =>
      issue({
        ...chainSpecs()[1],
        subject: INTERMEDIATE,
        issuer: INTERMEDIATE,
        key: pooledKey(20 + (i % 12)),
        signer: pooledKey(20 + ((i + 1) % 12)),
        extensions: [basicConstraints(true), keyUsage(['keyCertSign'])],
      }),
    );
    const limits = { ...defaultWorkLimits, signatureChecks: 8 };
    const verdict = verifyPath(leaf, many, new TrustAnchors([root]), { ...policy, limits });
    assert.equal(verdict.ok, false);
    assert.equal(verdict.exceeded, 'signatureChecks');
    assert.equal(verdict.work.signatureChecks, 8);
    assert.deepEqual(codes(verdict.reasons), ['certificate-work-limit']);
  });

  it('to no end where the root is a stranger or the intermediate is missing', () => {
    const { root, intermediate, leaf } = chain();
    const nobody = new TrustAnchors([]);
    assert.deepEqual(codes(verifyPath(leaf, [intermediate, root], nobody, policy).reasons), [
      'certificate-untrusted-root',
    ]);
    assert.deepEqual(codes(verifyPath(leaf, [intermediate], nobody, policy).reasons), ['certificate-chain-incomplete']);
    assert.deepEqual(codes(verifyPath(leaf, [], new TrustAnchors([root]), policy).reasons), [
      'certificate-chain-incomplete',
    ]);
  });

  it('with the missing intermediate fetched, if that is allowed, and not for ever', async () => {
    const url = 'http://ca.example/intermediate.cer';
    const extensions = [...leafBase, authorityInfoAccess(Oid.accessCaIssuers, url)];
    const [, intermediateSpec] = chainSpecs();
    const { root, intermediate, leaf } = chain({ leaf: { extensions } });
    const asked: string[] = [];
    for (const body of [intermediate.bytes, Buffer.from(pem(intermediate.bytes))]) {
      const verdict = await verifyPathFetching(leaf, [], new TrustAnchors([root]), policy, (where) => {
        asked.push(where);
        return Promise.resolve(body);
      });
      assert.equal(verdict.ok, true);
      assert.deepEqual(codes(adviseChain([leaf], verdict.path, verdict.fetched)), ['chain-fetched']);
    }
    assert.deepEqual(asked, [url, url]);
    const nothing = await verifyPathFetching(leaf, [], new TrustAnchors([root]), policy, () =>
      Promise.resolve(undefined),
    );
    assert.equal(nothing.ok, false);
    let fetches = 0;
    const endless = await verifyPathFetching(leaf, [], new TrustAnchors([root]), policy, () => {
      fetches++;
      const next = authorityInfoAccess(Oid.accessCaIssuers, `http://ca.example/${fetches}`);
      const upper = pooledKey(30 + fetches);
      const lower = fetches === 1 ? intermediateKey() : pooledKey(29 + fetches);
      return Promise.resolve(
        issueDer({
          ...intermediateSpec,
          subject: fetches === 1 ? INTERMEDIATE : { CN: `U${fetches - 1}` },
          issuer: { CN: `U${fetches}` },
          key: lower,
          signer: upper,
          extensions: [...caExtensions(lower, upper), next],
        }),
      );
    });
    assert.equal(endless.ok, false);
    assert.equal(fetches, 4);
  });
});

describe('a sent chain is compared with the path', () => {
  it('and what is odd about it is told', () => {
    const { root, intermediate, leaf } = chain();
    const path = [leaf, intermediate, root];
    const stranger = issue({ ...chainSpecs()[1], subject: { CN: 'Stranger' } });
    assert.deepEqual(adviseChain([leaf, intermediate], path), []);
    assert.deepEqual(codes(adviseChain([leaf, intermediate, root], path)), ['chain-holds-root']);
    assert.deepEqual(codes(adviseChain([leaf, stranger, intermediate], path)), ['chain-holds-unused']);
    assert.deepEqual(codes(adviseChain([leaf, intermediate, leaf], path)), ['chain-holds-unused']);
    const second = issue({ ...chainSpecs()[1], subject: { CN: 'Second' }, issuer: INTERMEDIATE });
    assert.deepEqual(codes(adviseChain([leaf, intermediate, second], [leaf, second, intermediate, root])), [
      'chain-out-of-order',
    ]);
  });
});
