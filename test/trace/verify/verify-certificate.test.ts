import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { FindingError, tellFinding, verifyCertificate, type VerifyCause } from '../../../src/index.ts';
import { chain, leafKey, NOW, pem } from '../../pki/issue.ts';
import { HOST, leafWith, presentChain } from './lab.ts';

const at = new Date(NOW);

/** A file that trusts `der`. */
function trusting(t: TestContext, der: Uint8Array): readonly string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-library-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'root.pem');
  writeFileSync(file, pem(der));
  return [file];
}

test('a program judges the octets of a file, and learns the cause and the sentences', async (t) => {
  const { root, intermediate, leaf } = chain();
  const bytes = Buffer.from(pem(leaf.bytes) + pem(intermediate.bytes));
  const common = { at, fetch: false, trust: trusting(t, root.bytes) };
  const causeOf = async (options: Parameters<typeof verifyCertificate>[1]): Promise<VerifyCause | undefined> =>
    (await verifyCertificate({ bytes }, { ...common, ...options })).cause;
  assert.equal(await causeOf({ name: 'host.example' }), undefined);
  assert.equal(await causeOf({ name: 'other.example' }), 'name-mismatch');
  assert.equal(await causeOf({ at: new Date(NOW + 90 * 86_400_000) }), 'expired');
  assert.equal(await causeOf({ purpose: 'client' }), 'constraint-violated');
  assert.equal(await causeOf({ revocation: 'hard' }), 'revocation-unknown');
  assert.equal(
    await causeOf({ trust: trusting(t, chain({ root: { subject: { CN: 'x' } } }).root.bytes) }),
    'untrusted',
  );
  const report = await verifyCertificate({ bytes }, { ...common, name: 'other.example' });
  assert.equal(report.trusted, false);
  const [told] = report.lines.filter(({ sign }) => sign === 'bad').map((line) => tellFinding(line.finding, 'en').cause);
  assert.equal(told, 'The certificate is not for other.example; it is for host.example.');
});

test('a program judges a server', async (t) => {
  const { root, intermediate, leaf } = presentChain({ leaf: { extensions: leafWith() } });
  const server = tls.createServer({
    cert: pem(leaf.bytes) + pem(intermediate.bytes),
    key: leafKey().privateKey.export({ format: 'pem', type: 'pkcs8' }),
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const trust = trusting(t, root.bytes);
  const report = await verifyCertificate(`127.0.0.1:${port}`, { name: HOST, trust, fetch: false });
  assert.deepEqual([report.trusted, report.cause, report.sent.length], [true, undefined, 2]);
  server.close();
  const gone = await verifyCertificate(`https://127.0.0.1:${port}/path`, { trust, fetch: false });
  assert.equal(gone.cause, 'cannot-connect');
});

test('what cannot be judged by is an error with its reason', async () => {
  const codeOf = async (run: Promise<unknown>): Promise<string> => {
    try {
      await run;
    } catch (error) {
      if (error instanceof FindingError) return error.finding.code;
      throw error;
    }
    return 'nothing';
  };
  const bytes = Buffer.from(pem(chain().leaf.bytes));
  assert.equal(await codeOf(verifyCertificate('not a host')), 'verify-target-unclear');
  assert.equal(await codeOf(verifyCertificate({ bytes: Buffer.from('nothing') })), 'verify-file-empty');
  assert.equal(await codeOf(verifyCertificate({ bytes }, { name: 'not a name' })), 'verify-name-unclear');
  assert.equal(await codeOf(verifyCertificate({ bytes }, { trust: ['/nowhere.pem'] })), 'trust-store-unreadable');
  assert.equal(await codeOf(verifyCertificate({ bytes }, { at: new Date(Number.NaN) })), 'verify-time-unclear');
  const crls = [{ bytes: Buffer.from('x'), file: 'list' }];
  assert.equal(await codeOf(verifyCertificate({ bytes }, { crls })), 'verify-file-malformed');
});
