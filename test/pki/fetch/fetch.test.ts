import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { once } from 'node:events';
import { contextConstructed, Tag } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { createFolderCache, createMemoryCache } from '../../../src/pki/fetch/evidence-cache.ts';
import { createIssuerFetch } from '../../../src/pki/fetch/fetch-issuers.ts';
import { fetchRevocation } from '../../../src/pki/fetch/fetch-revocation.ts';
import { createHttpFetch, fetchDefaults, type HttpFetch } from '../../../src/pki/fetch/http-fetch.ts';
import { isPrivateAddress } from '../../../src/pki/fetch/private-address.ts';
import { judgeRevocation, noEvidence } from '../../../src/pki/revocation/revocation-judgement.ts';
import { revocationDefaults } from '../../../src/pki/revocation/revocation-status.ts';
import { verifyPathFetching } from '../../../src/pki/path/aia-fetching.ts';
import { serverPolicy } from '../../../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../../../src/pki/path/trust-anchors.ts';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  chain,
  extension,
  generalName,
  integer,
  INTERMEDIATE,
  intermediateKey,
  keyIdentifier,
  leafExtensions,
  name,
  NOW,
  oid,
  pem,
  pooledKey,
  sequence,
  signed,
  time,
  type KeyPair,
} from '../issue.ts';

async function withServer(
  answer: http.RequestListener,
  use: (url: string, requests: string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const get = (url: string, settings = {}, maxBytes = 1_000) =>
  createHttpFetch({ ...fetchDefaults, timeoutMs: 2_000, ...settings })({ url, maxBytes });

describe('createHttpFetch', () => {
  it('gets octets, follows few redirections, and stops at the bound', async () => {
    await withServer(
      (request, response) => {
        if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
        else if (request.url === '/moved') response.writeHead(301, { location: '/here' }).end();
        else if (request.url === '/secure') response.writeHead(302, { location: 'https://example.com/' }).end();
        else if (request.url === '/none') response.writeHead(404).end();
        else response.end(Buffer.alloc(1_000, 1));
      },
      async (url, requests) => {
        assert.deepEqual(await get(`${url}/moved`), { ok: true, bytes: Buffer.alloc(1_000, 1) });
        assert.deepEqual(await get(`${url}/here`, {}, 999), { ok: false, reason: 'more than 999 octets' });
        assert.deepEqual(await get(`${url}/none`), { ok: false, reason: 'status 404' });
        assert.deepEqual(await get(`${url}/loop`), { ok: false, reason: 'too many redirects' });
        assert.equal(requests.filter((line) => line === 'GET /loop').length, 4);
        assert.deepEqual(await get(`${url}/secure`), { ok: false, reason: 'https: is not fetched' });
        assert.deepEqual(await get('no url'), { ok: false, reason: 'not a URL' });
      },
    );
  });

  it('gives up on a server that says nothing, and on one that never ends', async () => {
    await withServer(
      (request, response) => {
        if (request.url === '/slow') response.write('x');
      },
      async (url) => {
        for (const place of ['/mute', '/slow']) {
          const outcome = await get(`${url}${place}`, { timeoutMs: 100 });
          assert.deepEqual(outcome, { ok: false, reason: 'nothing within 100 ms' }, place);
        }
      },
    );
  });

  it('does not knock at private addresses unless allowed, by number, by name or by redirection', async () => {
    await withServer(
      (_request, response) => response.end('x'),
      async (url, requests) => {
        const refused = { ok: false, reason: 'the address is inside of a private network' };
        const { port } = new URL(url);
        for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]'])
          assert.deepEqual(await get(`http://${host}:${port}/`, { allowPrivate: false }), refused, host);
        assert.deepEqual(requests, []);
      },
    );
    for (const address of [
      '10.1.2.3',
      '192.168.0.1',
      '172.31.0.1',
      '169.254.169.254',
      '::1',
      'fd00::1',
      'fe80::1%eth0',
    ])
      assert.ok(isPrivateAddress(address), address);
    for (const address of ['8.8.8.8', '172.32.0.1', '2001:4860::1', 'example.com'])
      assert.ok(!isPrivateAddress(address), address);
  });
});

describe('caches', () => {
  it('keep an entry until its time, in memory and in a folder', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'menshen-cache-'));
    try {
      for (const cache of [createMemoryCache(), createFolderCache(path.join(folder, 'new'))]) {
        await cache.put('a', Buffer.from('one'), 1_000);
        assert.deepEqual(Buffer.from((await cache.get('a', 999))!), Buffer.from('one'));
        assert.equal(await cache.get('b', 0), undefined);
        assert.equal(await cache.get('a', 1_000), undefined);
        assert.equal(await cache.get('a', 0), undefined);
      }
      assert.deepEqual(readdirSync(path.join(folder, 'new')), []);
      writeFileSync(path.join(folder, 'file'), '');
      const nowhere = createFolderCache(path.join(folder, 'file'));
      await nowhere.put('a', Buffer.from('one'), 1_000);
      assert.equal(await nowhere.get('a', 0), undefined);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('memory is bounded: the longest unused goes first, and what is too large is not kept', async () => {
    const cache = createMemoryCache(10);
    await cache.put('a', Buffer.alloc(4), 9);
    await cache.put('b', Buffer.alloc(4), 9);
    await cache.get('a', 0);
    await cache.put('c', Buffer.alloc(4), 9);
    assert.deepEqual(
      [(await cache.get('a', 0))?.length, await cache.get('b', 0), (await cache.get('c', 0))?.length],
      [4, undefined, 4],
    );
    await cache.put('d', Buffer.alloc(11), 9);
    assert.equal(await cache.get('d', 0), undefined);
  });
});

/** A fetcher that answers from a table and counts. */
function table(answers: Readonly<Record<string, Uint8Array | string>>): { fetch: HttpFetch; asked: string[] } {
  const asked: string[] = [];
  const fetch: HttpFetch = ({ url, content }) => {
    asked.push(content === undefined ? url : `POST ${url}`);
    const answer = answers[url] ?? 'status 404';
    return Promise.resolve(typeof answer === 'string' ? { ok: false, reason: answer } : { ok: true, bytes: answer });
  };
  return { fetch, asked };
}

describe('createIssuerFetch', () => {
  it('finds the missing intermediate as DER, as PEM and in a certs-only message, and keeps it', async () => {
    const { root, intermediate } = chain();
    // ContentInfo, SignedData without signers (RFC 5652 section 5.1).
    const bundle = sequence(
      oid('1.2.840.113549.1.7.2'),
      encodeElement(
        contextConstructed(0),
        sequence(
          integer(1),
          encodeElement(Tag.set),
          sequence(oid('1.2.840.113549.1.7.1')),
          encodeElement(contextConstructed(0), root.bytes, intermediate.bytes),
          encodeElement(Tag.set),
        ),
      ),
    );
    const url = 'http://ca.example/ca';
    const extensions = [
      ...leafExtensions(intermediateKey(), ['dns:host.example']),
      authorityInfoAccess(Oid.accessCaIssuers, url),
    ];
    const { leaf } = chain({ leaf: { extensions } });
    for (const bytes of [intermediate.bytes, Buffer.from(pem(intermediate.bytes)), bundle]) {
      const { fetch, asked } = table({ [url]: bytes });
      const options = { fetch, cache: createMemoryCache(), nowMs: NOW };
      for (let run = 0; run < 2; run++) {
        const issuers = createIssuerFetch(options, () => assert.fail('nothing fails'));
        const verdict = await verifyPathFetching(
          leaf,
          [],
          new TrustAnchors([root]),
          serverPolicy({ timeMs: NOW }),
          issuers,
        );
        assert.ok(verdict.ok);
      }
      assert.deepEqual(asked, [url]);
    }
    const failures: string[] = [];
    const { fetch } = table({});
    const issuers = createIssuerFetch({ fetch, cache: createMemoryCache(), nowMs: NOW }, (...failure) =>
      failures.push(failure.join(' ')),
    );
    assert.equal(await issuers(url), undefined);
    assert.deepEqual(failures, [`${url} status 404`]);
  });
});

const settings = { ...revocationDefaults, mode: 'soft', timeMs: NOW } as const;
const LIST = 'http://ca.example/crl';
const DAY = 86_400_000;

/** A CRL of the intermediate, valid for a day from `thisUpdate`. */
const listOf = (
  serials: readonly string[],
  thisUpdate = NOW - 3_600_000,
  key: KeyPair = intermediateKey(),
): Uint8Array =>
  signed(
    sequence(
      integer(1),
      key.algorithm,
      name(INTERMEDIATE),
      time(thisUpdate),
      time(thisUpdate + DAY),
      ...(serials.length === 0
        ? []
        : [sequence(...serials.map((serial) => sequence(integer(Buffer.from(serial, 'hex')), time(thisUpdate))))]),
      encodeElement(
        contextConstructed(0),
        sequence(
          sequence(
            oid(Oid.authorityKeyIdentifier),
            encodeElement(Tag.octetString, authorityKeyIdentifier(keyIdentifier(intermediateKey())).value),
          ),
          sequence(oid(Oid.cRLNumber), encodeElement(Tag.octetString, integer(1))),
        ),
      ),
    ),
    key,
  );

const withList = () => {
  const uri = encodeElement(contextConstructed(0), encodeElement(contextConstructed(0), generalName(`uri:${LIST}`)));
  const extensions = [
    ...leafExtensions(intermediateKey(), ['dns:host.example']),
    extension(Oid.cRLDistributionPoints, sequence(sequence(uri))),
  ];
  const { root, intermediate, leaf } = chain({ leaf: { extensions } });
  return [leaf, intermediate, root] as const;
};

describe('fetchRevocation', () => {
  it('keeps a list until its own end, and asks again then', async () => {
    const path = withList();
    const { fetch, asked } = table({ [LIST]: listOf([]) });
    const cache = createMemoryCache();
    const run = async (nowMs: number): Promise<string[]> => {
      const options = {
        fetch,
        cache,
        nowMs,
        settings: { ...settings, timeMs: nowMs },
        random: (n: number) => Buffer.alloc(n),
      };
      const { evidence, asked: places } = await fetchRevocation(path, noEvidence, options);
      const { statuses } = judgeRevocation(path, evidence, options.settings);
      return [statuses[0]!.kind, ...places.map(({ outcome }) => outcome)];
    };
    assert.deepEqual(await run(NOW), ['good', 'fetched']);
    assert.deepEqual(await run(NOW + 1_000), ['good', 'kept']);
    assert.deepEqual(await run(NOW + 2 * DAY), ['unknown', 'fetched']);
    assert.deepEqual(asked, [LIST, LIST]);
  });

  it('does not keep a list that it would not believe', async () => {
    const path = withList();
    const cache = createMemoryCache();
    const random = (n: number): Buffer => Buffer.alloc(n);
    const forged = table({ [LIST]: listOf([], undefined, pooledKey(7)) });
    const first = await fetchRevocation(path, noEvidence, { fetch: forged.fetch, cache, nowMs: NOW, settings, random });
    assert.equal(judgeRevocation(path, first.evidence, settings).reasons[0]?.code, 'revocation-signature-invalid');
    const honest = table({ [LIST]: listOf([path[0].serialNumber.hex]) });
    const next = await fetchRevocation(path, noEvidence, { fetch: honest.fetch, cache, nowMs: NOW, settings, random });
    assert.equal(judgeRevocation(path, next.evidence, settings).reasons[0]?.code, 'certificate-revoked');
  });

  it('asks nobody where a given list settles the matter, and tells of what cannot be had or read', async () => {
    const path = withList();
    const random = (n: number): Buffer => Buffer.alloc(n);
    const common = { cache: createMemoryCache(), nowMs: NOW, settings, random };
    const given = table({ [LIST]: listOf([]) });
    const { evidence } = await fetchRevocation(path, noEvidence, {
      ...common,
      fetch: given.fetch,
      cache: createMemoryCache(),
    });
    const settled = table({});
    await fetchRevocation(path, evidence, { ...common, fetch: settled.fetch });
    assert.deepEqual(settled.asked, []);
    const missing = await fetchRevocation(path, noEvidence, { ...common, fetch: table({}).fetch });
    assert.deepEqual(
      missing.problems.map(({ code, values }) => [code, values['reason']]),
      [['fetch-failed', 'status 404']],
    );
    const page = await fetchRevocation(path, noEvidence, {
      ...common,
      fetch: table({ [LIST]: Buffer.from('<html>') }).fetch,
    });
    assert.deepEqual(
      page.problems.map(({ code }) => code),
      ['fetch-malformed'],
    );
  });
});
