import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { freePort } from '../free-port.ts';
import { HttpTokens } from './http-tokens.ts';
import { createAcmeIssuer, type AcmeIssuer } from '../../src/acme/client/acme-issuer.ts';
import type { ChallengeSolver, Identifier } from '../../src/acme/issuer.ts';
import { copiesOf, MemoryAccount, startChallengeDns } from './pebble.ts';

const keyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

interface CaddyCa {
  readonly issuer: AcmeIssuer;
  readonly accounts: MemoryAccount;
}

/** Caddy as a CA, with these options of its acme_server. */
async function startCaddy(t: TestContext, program: string, options: string): Promise<CaddyCa> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-caddy-'));
  const [httpsPort, httpPort] = [await freePort(), await freePort()];
  const file = path.join(folder, 'Caddyfile');
  writeFileSync(
    file,
    `{
  admin off
  skip_install_trust
  storage file_system ${folder}/storage
  http_port ${httpPort}
  https_port ${httpsPort}
}
localhost:${httpsPort} {
  tls internal
  acme_server ${options}
}
`,
  );
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const environment = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child: ChildProcess = spawn(program, ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    remove();
  });
  const root = path.join(folder, 'storage', 'pki', 'authorities', 'local', 'root.crt');
  const accounts = new MemoryAccount();
  for (let attempt = 0; ; attempt++) {
    if (attempt > 100 || child.exitCode !== null) assert.fail(`Caddy did not start: ${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    let roots: string;
    try {
      roots = readFileSync(root, 'latin1');
    } catch {
      continue;
    }
    const issuer = createAcmeIssuer({
      name: 'caddy',
      directoryUrl: `https://localhost:${httpsPort}/acme/local/directory`,
      roots,
      accounts,
      poll: { pauseMs: 50, longestPauseMs: 200, patienceMs: 30_000 },
      surroundings: { sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50))) },
    });
    if ((await issuer.openAccount()) === undefined) {
      t.after(() => issuer.close());
      return { issuer, accounts };
    }
    issuer.close();
  }
}

async function obtain({ issuer }: CaddyCa, identifiers: readonly Identifier[], solvers: readonly ChallengeSolver[]) {
  const privateKeyPem = keyPem();
  const result = await issuer.issue({ identifiers, privateKeyPem, solvers });
  if (!result.ok) assert.fail(JSON.stringify(result.failure));
  const leaf = new X509Certificate(result.certificate.chainPem);
  assert.ok(leaf.checkPrivateKey(createPrivateKey(privateKeyPem)));
  assert.equal(result.certificate.chainPem.split('BEGIN CERTIFICATE').length, 3, 'a leaf and an intermediate');
  return leaf;
}

/** A server on port 80, where this CA insists on asking; undefined where the port cannot be had. */
function portEighty(tokens: HttpTokens): Promise<http.Server | undefined> {
  const server = http.createServer((request, response) => {
    const token = /^\/\.well-known\/acme-challenge\/([\w-]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const found = tokens.lookup(token);
    response.statusCode = found === undefined ? 404 : 200;
    response.end(found);
  });
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(80, '127.0.0.1', () => resolve(server));
  });
}

const programs = copiesOf('caddy');
if (programs.length === 0) test("Caddy's acme_server gives certificates", (t) => t.skip('needs caddy'));

for (const [index, program] of programs.entries()) {
  describe(`Caddy's acme_server, copy ${index + 1} of ${programs.length}`, () => {
    const deaf = /^v?2\.[0-6]\./.test(spawnSync(program, ['version']).stdout.toString());

    test('http-01 proves a name and an address, with one account', async (t) => {
      const tokens = new HttpTokens();
      const server = await portEighty(tokens);
      if (server === undefined) {
        t.skip('needs port 80 of 127.0.0.1');
        return;
      }
      t.after(() => {
        server.closeAllConnections();
        server.close();
      });
      const caddy = await startCaddy(t, program, '');
      const leaf = await obtain(caddy, [{ type: 'dns', value: 'localhost' }], [tokens]);
      assert.equal(leaf.subjectAltName, 'DNS:localhost');
      const url = caddy.accounts.record?.url;
      const address = await obtain(caddy, [{ type: 'ip', value: '127.0.0.1' }], [tokens]);
      assert.equal(address.subjectAltName, 'IP Address:127.0.0.1');
      assert.equal(caddy.accounts.record?.url, url);
    });

    test('dns-01 proves a wildcard', async (t) => {
      const dns = await startChallengeDns();
      if (dns === undefined) {
        t.skip('needs pebble-challtestsrv');
        return;
      }
      t.after(() => dns.stop());
      if (deaf) {
        t.skip('this Caddy asks the resolver of the system, whatever it is told');
        return;
      }
      const caddy = await startCaddy(t, program, `{\n    resolvers 127.0.0.1:${dns.port}\n  }`);
      const leaf = await obtain(caddy, [{ type: 'dns', value: '*.caddy.test' }], [dns.solver]);
      assert.equal(leaf.subjectAltName, 'DNS:*.caddy.test');
    });

    test('a challenge that fails stays open at this CA: it is told to look again, and then explained', async (t) => {
      if (deaf) {
        t.skip('this Caddy asks the resolver of the system, whatever it is told');
        return;
      }
      const caddy = await startCaddy(t, program, `{\n    resolvers 127.0.0.1:${await freePort()}\n  }`);
      const withdrawn: string[] = [];
      const forgetful: ChallengeSolver = {
        type: 'dns-01',
        covers: () => true,
        present: async () => undefined,
        withdraw: async ({ identifier }) => void withdrawn.push(identifier.value),
      };
      const identifiers = [{ type: 'dns' as const, value: '*.nobody.invalid' }];
      const result = await caddy.issuer.issue({ identifiers, privateKeyPem: keyPem(), solvers: [forgetful] });
      assert.ok(!result.ok);
      assert.equal(result.failure.finding.code, 'acme-record-lookup-failed');
      assert.equal(result.failure.countedByAuthority, true);
      assert.deepEqual(withdrawn, ['nobody.invalid']);
    });
  });
}
