import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createAcmeIssuer, type AcmeIssuer, type AcmeIssuerSettings } from '../../src/acme/client/acme-issuer.ts';
import { certificateId } from '../../src/acme/client/certificate-id.ts';
import { readChain } from '../../src/acme/client/issued-chain.ts';
import type { IssueRequest, IssueResult, OrderProgress } from '../../src/acme/issuer.ts';
import { isNewOrder, startFaultProxy, type Fault, type FaultProxy } from './fault-proxy.ts';
import { MemoryAccount, pebblePrograms, startPebble, type Pebble } from './pebble.ts';

const keyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

/** The oldest release that is there: what it lacks, the proxy adds. */
const program = pebblePrograms.at(-1);

if (program === undefined) test('a CA behind a bad network', (t) => t.skip('needs pebble and pebble-challtestsrv'));
else
  describe('a CA behind a bad network', () => {
    let pebble: Pebble;
    let proxy: FaultProxy;
    let names = 0;
    const open: AcmeIssuer[] = [];

    before(async () => {
      pebble = await startPebble(program, { environment: { PEBBLE_WFE_ORDERS_PER_PAGE: '2' } });
      proxy = await startFaultProxy(pebble);
    });
    after(async () => {
      for (const issuer of open) issuer.close();
      await proxy.stop();
      await pebble.stop();
    });

    /** A new process: nothing remembered but what the store has. Its pauses are short. */
    function processWith(accounts: MemoryAccount, more: Partial<AcmeIssuerSettings> = {}): AcmeIssuer {
      const issuer = createAcmeIssuer({
        name: 'pebble',
        directoryUrl: proxy.directoryUrl,
        roots: pebble.serverRoot,
        termsAgreed: true,
        accounts,
        poll: { pauseMs: 20, longestPauseMs: 50, patienceMs: 20_000 },
        surroundings: { sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))) },
        ...more,
      });
      open.push(issuer);
      return issuer;
    }

    /** A request for a name that no other test has. */
    function request(more: Partial<IssueRequest> = {}): IssueRequest {
      names += 1;
      const identifiers = [{ type: 'dns' as const, value: `name${names}.test` }];
      return { identifiers, privateKeyPem: keyPem(), solvers: [pebble.httpTokens], ...more };
    }

    function assertIssued(result: IssueResult, asked: IssueRequest, about = ''): string {
      if (!result.ok) assert.fail(`${about}: ${JSON.stringify(result.failure.finding)}`);
      const leaf = new X509Certificate(result.certificate.chainPem);
      assert.ok(leaf.checkPrivateKey(createPrivateKey(asked.privateKeyPem)), about);
      return result.certificate.chainPem;
    }

    /** Runs one issuance from an empty account, with this done to each of its requests in turn. */
    async function eachRequestOnce(fault: Fault, times = 1): Promise<number> {
      for (let victim = 0; ; victim++) {
        const first = proxy.requests.length;
        let left = times;
        const hit = new Set<string>();
        proxy.fault = ({ number, path, method }) => {
          if (number - first < victim || left === 0) return undefined;
          // With several times: the repetitions of the same request.
          if (hit.size > 0 && !hit.has(`${method} ${path}`)) return undefined;
          hit.add(`${method} ${path}`);
          left -= 1;
          return fault;
        };
        const orders = proxy.ordersMade;
        proxy.forgetAnswers();
        const asked = request();
        const issuer = processWith(new MemoryAccount());
        const result = await issuer.issue(asked);
        proxy.fault = () => undefined;
        issuer.close();
        if (left === times) return victim;
        assertIssued(result, asked, `${fault.kind} of ${[...hit].join()}`);
        assert.equal(proxy.ordersMade - orders, 1, `one order although ${[...hit].join()} got ${fault.kind}`);
      }
    }

    test('whichever answer is lost, one order ends in one certificate', async (t) => {
      const count = await eachRequestOnce({ kind: 'drop' });
      assert.ok(count >= 10, `${count} requests`);
      t.diagnostic(`${count} requests, each lost once`);
    });

    test('whichever request does not arrive, one order ends in one certificate', async () => {
      assert.ok((await eachRequestOnce({ kind: 'refuse' })) >= 10);
    });

    test('whichever request meets a busy CA, it waits as long as it is told', async () => {
      const busy = { kind: 'answer', status: 503, headers: { 'retry-after': '1' } } as const;
      assert.ok((await eachRequestOnce(busy, 2)) >= 10);
      const content = { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'slow down' };
      assert.ok((await eachRequestOnce({ ...busy, status: 429, content })) >= 10);
    });

    test('whichever answer comes a second time, nonce and all, one certificate is the end', async () => {
      assert.ok((await eachRequestOnce({ kind: 'repeat' })) >= 10);
    });

    test('a limit that is far away is told with its time, and is not waited for', async () => {
      const content = {
        type: 'urn:ietf:params:acme:error:rateLimited',
        detail: 'too many certificates already issued for this exact set of domains',
      };
      const headers = { 'retry-after': '7200' };
      proxy.fault = (seen) => (isNewOrder(seen) ? { kind: 'answer', status: 429, headers, content } : undefined);
      const startMs = Date.now();
      const result = await processWith(new MemoryAccount()).issue(request());
      proxy.fault = () => undefined;
      assert.ok(!result.ok);
      assert.equal(result.failure.finding.code, 'acme-rate-limited-until');
      assert.equal(result.failure.permanent, false);
      const wait = (result.failure.retryAtMs ?? 0) - startMs;
      assert.ok(wait > 7_190_000 && wait < 7_260_000, `${wait} ms`);
    });

    test('a CA that cannot finish is told in its own words, after some tries', async () => {
      const content = { type: 'urn:ietf:params:acme:error:serverInternal', detail: 'the signing machine is away' };
      let tries = 0;
      proxy.fault = ({ path }) => {
        if (!path.startsWith('/finalize')) return undefined;
        tries += 1;
        return { kind: 'answer', status: 500, content };
      };
      const result = await processWith(new MemoryAccount()).issue(request());
      proxy.fault = () => undefined;
      assert.ok(!result.ok);
      assert.equal(result.failure.finding.code, 'acme-server-error');
      assert.equal(result.failure.finding.values['detail'], content.detail);
      assert.ok(tries > 1 && tries < 10, `${tries} tries`);
    });

    test('a CA that stays down is given up, and the order is taken up again later', async () => {
      const accounts = new MemoryAccount();
      const asked = request();
      let kept: OrderProgress | undefined;
      const onProgress = async (progress: OrderProgress): Promise<void> => void (kept = progress);
      proxy.fault = ({ path }) => (path.startsWith('/finalize') ? { kind: 'answer', status: 503 } : undefined);
      const orders = proxy.ordersMade;
      const down = await processWith(accounts).issue({ ...asked, onProgress });
      proxy.fault = () => undefined;
      assert.ok(!down.ok);
      assert.equal(down.failure.finding.code, 'acme-server-error');
      assert.equal(kept?.step, 'authorized');
      assertIssued(await processWith(accounts).issue({ ...asked, resume: kept }), asked);
      assert.equal(proxy.ordersMade - orders, 1);
    });

    for (const step of ['ordered', 'authorized', 'finalized', 'issued'] as const) {
      for (const written of [true, false]) {
        test(`a process that dies ${written ? 'after' : 'before'} noting "${step}" leaves one order to its successor`, async () => {
          const accounts = new MemoryAccount();
          const asked = request();
          let disk: OrderProgress | undefined;
          const orders = proxy.ordersMade;
          const onProgress = async (progress: OrderProgress): Promise<void> => {
            if (progress.step !== step || written) disk = progress;
            if (progress.step === step) throw new Error('killed');
          };
          await assert.rejects(processWith(accounts).issue({ ...asked, onProgress }), /killed/);
          const steps: string[] = [];
          const result = await processWith(accounts).issue({
            ...asked,
            ...(disk ? { resume: disk } : { adopt: true }),
            onProgress: async (progress) => void steps.push(progress.step),
          });
          assertIssued(result, asked);
          assert.equal(proxy.ordersMade - orders, 1);
          assert.equal(steps.at(-1), 'issued');
        });
      }
    }

    test('an order is found among many, page by page', async () => {
      const accounts = new MemoryAccount();
      const never = {
        type: 'dns-01',
        covers: () => false,
        present: async () => undefined,
        withdraw: async () => {},
      } as const;
      const waiting = request({ solvers: [never] });
      for (const asked of [waiting, request({ solvers: [never] }), request({ solvers: [never] })]) {
        const result = await processWith(accounts).issue(asked);
        assert.equal(!result.ok && result.failure.finding.code, 'acme-no-way-of-proof');
      }
      const orders = proxy.ordersMade;
      const asked = { ...waiting, solvers: [pebble.httpTokens], adopt: true };
      assertIssued(await processWith(accounts).issue(asked), asked);
      assert.equal(proxy.ordersMade, orders);
    });

    test('an order that the CA forgot, or that failed, or whose key was lost, is made anew', async () => {
      const accounts = new MemoryAccount();
      const issuer = processWith(accounts);
      const asked = request();
      const first = await issuer.issue(asked);
      assertIssued(first, asked);
      assert.ok(first.ok);
      const lostKey = { ...asked, privateKeyPem: keyPem() };
      const resume = { orderUrl: first.certificate.orderUrl, step: 'issued' } as const;
      assertIssued(await issuer.issue({ ...lostKey, resume }), lostKey);
      const forgotten = {
        orderUrl: first.certificate.orderUrl.replace(/[^/]+$/, 'nonesuch'),
        step: 'ordered',
      } as const;
      assertIssued(await issuer.issue({ ...lostKey, resume: forgotten }), lostKey);
      // An order whose name could not be proven is invalid for ever.
      await pebble.setAddress('mended.test', '127.0.0.97');
      let failed: OrderProgress | undefined;
      const broken = request({ identifiers: [{ type: 'dns', value: 'mended.test' }] });
      const result = await issuer.issue({ ...broken, onProgress: async (progress) => void (failed = progress) });
      assert.ok(!result.ok && failed);
      await pebble.setAddress('mended.test', '127.0.0.1');
      assertIssued(await issuer.issue({ ...broken, resume: failed }), broken);
    });

    test('two orders for the same names that the CA makes one of end in two certificates', async () => {
      const accounts = new MemoryAccount();
      const issuer = processWith(accounts);
      await issuer.openAccount();
      const slow = request();
      const quick = { ...slow, privateKeyPem: keyPem() };
      let goOn = (): void => undefined;
      const held = new Promise<void>((resolve) => (goOn = resolve));
      const urls: string[] = [];
      const onProgress = async ({ orderUrl, step }: OrderProgress): Promise<void> => {
        if (step === 'ordered') urls.push(orderUrl);
        if (urls.length === 1) await held;
      };
      const first = issuer.issue({ ...slow, onProgress });
      while (urls.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      proxy.fault = (seen) => (isNewOrder(seen) ? { kind: 'repeat' } : undefined);
      const second = await processWith(accounts).issue(quick);
      proxy.fault = () => undefined;
      assertIssued(second, quick);
      assert.equal(second.ok && second.certificate.orderUrl, urls[0]);
      goOn();
      assertIssued(await first, slow);
      assert.equal(new Set(urls).size, 2);
    });

    test('a CA that forgot the account gets it again, with the same key', async () => {
      const accounts = new MemoryAccount();
      const issuer = processWith(accounts);
      await issuer.openAccount();
      const { privateKeyPem } = accounts.record ?? {};
      accounts.record = { privateKeyPem: privateKeyPem ?? '', url: `${accounts.record?.url}-gone` };
      const asked = request();
      assertIssued(await processWith(accounts).issue(asked), asked);
      assert.equal(accounts.record.privateKeyPem, privateKeyPem);
      assert.doesNotMatch(accounts.record.url ?? '', /gone/);
    });

    test('renewal information and alreadyReplaced, which the proxy adds where the release has none', async () => {
      const replaced = new Set<string>();
      const marks: unknown[] = [];
      const base = proxy.directoryUrl.replace('/dir', '/ari');
      const start = '2026-12-01T00:00:00Z';
      proxy.fault = (seen) => {
        if (seen.path === '/dir') {
          const rewrite = (text: string): string => JSON.stringify({ ...JSON.parse(text), renewalInfo: base });
          return { kind: 'rewrite', rewrite };
        }
        if (seen.path.startsWith('/ari/')) {
          const suggestedWindow = { start, end: '2026-12-02T00:00:00.5+01:00' };
          const content = { suggestedWindow, explanationURL: 'https://ca.example/why' };
          const headers = { 'content-type': 'application/json', 'retry-after': '21600' };
          return { kind: 'answer', status: 200, headers, content };
        }
        if (!isNewOrder(seen)) return undefined;
        const { replaces } = seen.payload as { replaces?: string };
        marks.push(replaces);
        if (replaces === undefined) return undefined;
        if (!replaced.has(replaces)) {
          replaced.add(replaces);
          // The release itself may know the mark and certificate, or neither.
          return undefined;
        }
        const content = { type: 'urn:ietf:params:acme:error:alreadyReplaced', detail: 'it has been replaced' };
        return { kind: 'answer', status: 409, content };
      };
      const issuer = processWith(new MemoryAccount());
      const asked = request();
      const chain = assertIssued(await issuer.issue(asked), asked);
      const window = await issuer.renewalWindow(chain);
      assert.ok(window && 'startMs' in window);
      assert.equal(window.startMs, Date.parse(start));
      assert.equal(window.explanationUrl, 'https://ca.example/why');
      const [leaf] = readChain(chain) ?? [];
      assert.ok(leaf);
      const identifier = certificateId(leaf) ?? '';
      assert.ok(proxy.requests.some(({ path }) => path === `/ari/${identifier}`));
      const renewal = { ...asked, replaces: identifier };
      assertIssued(await issuer.issue(renewal), renewal);
      assertIssued(await issuer.issue(renewal), renewal);
      proxy.fault = () => undefined;
      assert.deepEqual(marks, [undefined, identifier, identifier, undefined]);
    });

    test('a CA that hands out the certificate of somebody else is not believed', async () => {
      const accounts = new MemoryAccount();
      const issuer = processWith(accounts);
      const theirs = request();
      const stranger = assertIssued(await issuer.issue(theirs), theirs);
      proxy.fault = ({ path }) =>
        path.startsWith('/certZ') ? { kind: 'rewrite', rewrite: () => stranger } : undefined;
      const result = await issuer.issue(request());
      const sameKey = await issuer.issue(request({ privateKeyPem: theirs.privateKeyPem }));
      proxy.fault = ({ path }) =>
        path.startsWith('/certZ') ? { kind: 'rewrite', rewrite: () => 'no PEM' } : undefined;
      const noise = await issuer.issue(request());
      proxy.fault = () => undefined;
      assert.equal(!result.ok && result.failure.finding.code, 'acme-certificate-foreign-key');
      assert.equal(!sameKey.ok && sameKey.failure.finding.code, 'acme-certificate-names-missing');
      assert.equal(!noise.ok && noise.failure.finding.code, 'acme-certificate-malformed');
    });

    test('an order that is stopped ends soon, says so, and takes its answers away', async () => {
      const abort = new AbortController();
      const asked = request({ signal: abort.signal });
      proxy.fault = ({ path }) => {
        if (path.startsWith('/chalZ')) abort.abort();
        return undefined;
      };
      const result = await processWith(new MemoryAccount()).issue(asked);
      proxy.fault = () => undefined;
      assert.equal(!result.ok && result.failure.finding.code, 'acme-stopped');
    });
  });
