import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePort } from '../free-port.ts';
import { challengeServerName } from '../../src/acme/challenges/server-name.ts';
import { TlsAlpnCertificates } from '../../src/acme/challenges/tls-alpn-certificates.ts';
import { createAcmeIssuer } from '../../src/acme/client/acme-issuer.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../../src/acme/issuer.ts';
import { systemContext } from '../../src/config/files.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { ChallengeAnswer, ChallengeBoard } from '../../src/gateway/challenge-board.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { quietLog } from '../gateway/quiet-log.ts';
import { canHoldPorts } from '../../src/gateway/workers/held-port.ts';
import { createSupervisor } from '../../src/gateway/workers/supervisor.ts';
import { MemoryAccount, pebblePrograms, startPebble } from './pebble.ts';

const identifiers: readonly Identifier[] = [
  { type: 'dns', value: 'shop.test' },
  { type: 'ip', value: '127.0.0.1' },
];

/** Solvers that put their answers up at the gateway. */
function solversOf(board: ChallengeBoard): readonly ChallengeSolver[] {
  const certificates = new TlsAlpnCertificates();
  const solver = (
    type: 'http-01' | 'tls-alpn-01',
    answerOf: (challenge: Challenge) => Promise<ChallengeAnswer>,
  ): ChallengeSolver => ({
    type,
    covers: () => true,
    present: async (challenge) => board.set(await answerOf(challenge)),
    withdraw: async (challenge) => board.remove(await answerOf(challenge)),
  });
  return [
    solver('http-01', async ({ token, keyAuthorization }) => ({ type: 'http-01', token, keyAuthorization })),
    solver('tls-alpn-01', async (challenge) => {
      const { identifier } = challenge;
      await certificates.present(challenge);
      const certificate = certificates.lookup(challengeServerName(identifier));
      assert.ok(certificate);
      return { type: 'tls-alpn-01', identifier, certificate };
    }),
  ];
}

const [program] = pebblePrograms;
for (const workers of [1, 2]) {
  test(`Pebble finds the answers at the gateway itself (${workers} process${workers > 1 ? 'es' : ''})`, async (t) => {
    if (program === undefined) return t.skip('needs pebble and pebble-challtestsrv');
    if (workers > 1 && !canHoldPorts) return t.skip('this Node cannot hold ports for workers');
    const folder = mkdtempSync(path.join(tmpdir(), 'menshen-pebble-gateway-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const [https, http] = [await freePort(), await freePort()];
    const user = {
      sites: { 'app.localhost': 1 },
      listen: { host: '127.0.0.1', https, http },
      state: path.join(folder, 'state'),
      timeouts: { drain: 0 },
      workers,
    };
    const { config, findings } = readConfig(user, systemContext(folder));
    assert.ok(config, JSON.stringify(findings));
    const options = { log: quietLog(), inherited: [] };
    const gateway = await (workers > 1 ? createSupervisor(config, options) : createGateway(config, options));
    await gateway.start();
    t.after(() => gateway.drain());
    const pebble = await startPebble(program, { config: { httpPort: http, tlsPort: https } });
    t.after(() => pebble.stop());
    const issuer = createAcmeIssuer({
      name: 'pebble',
      directoryUrl: pebble.directoryUrl,
      roots: pebble.serverRoot,
      termsAgreed: true,
      accounts: new MemoryAccount(),
      poll: { pauseMs: 50, longestPauseMs: 200, patienceMs: 60_000 },
    });
    t.after(() => issuer.close());
    for (const solver of solversOf(gateway.challenges)) {
      const privateKeyPem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      });
      const result = await issuer.issue({ identifiers, privateKeyPem, solvers: [solver] });
      if (!result.ok) assert.fail(`${solver.type}: ${JSON.stringify(result.failure)}`);
      const leaf = new X509Certificate(result.certificate.chainPem);
      assert.ok(leaf.checkPrivateKey(createPrivateKey(privateKeyPem)));
      assert.equal(leaf.subjectAltName, 'DNS:shop.test, IP Address:127.0.0.1');
    }
  });
}
