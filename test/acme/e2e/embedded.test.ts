/** Certificates of Pebble in a gateway inside another program, and what the command line does without a gateway. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { runCerts } from '../../../src/cli/commands/certs-run.ts';
import { createGateway, type CertificateEvent } from '../../../src/index.ts';
import { run } from '../../gateway/serve-process.ts';
import { pebblePrograms, startPebble } from '../pebble.ts';
import { certificateShown, freePorts, tellStuck, testFolder } from './live-gateway.ts';

test(
  'events are called back, `ask` may be a function, and certs revoke needs no gateway',
  { timeout: 60_000 },
  async (t) => {
    const [program] = pebblePrograms;
    if (program === undefined) return t.skip('pebble and pebble-challtestsrv are not installed');
    const [folder, ports] = [testFolder(), await freePorts()];
    const { httpPort, httpsPort } = ports;
    const pebble = await startPebble(program, { config: { httpPort, tlsPort: httpsPort } });
    t.after(() => pebble.stop());
    writeFileSync(path.join(folder, 'pebble-root.pem'), pebble.serverRoot);
    const events: CertificateEvent[] = [];
    let tell = (): void => undefined;
    const first = new Promise<void>((resolve) => (tell = resolve));
    const asked: string[] = [];
    const issuers = { directory: pebble.directoryUrl, name: 'pebble', ca: 'pebble-root.pem', internal: true };
    const config = {
      issuers,
      sites: { 'a.menshen.test': 1 },
      defaultSite: 'a.menshen.test',
      listen: { host: '127.0.0.1', https: httpsPort, http: httpPort },
      state: 'state',
      onDemand: {
        ask: ({ name, clientAddress }: { readonly name: string; readonly clientAddress: string }) => {
          asked.push(`${name} ${clientAddress}`);
          return name === 'tenant.menshen.test';
        },
      },
    };
    const onCertificateEvent = (event: CertificateEvent): void => {
      events.push(event);
      tell();
      throw new Error('of the callback: ends nothing');
    };
    const gateway = await createGateway(config, { folder, onCertificateEvent });
    await gateway.start();
    t.after(() => gateway.drain());
    t.signal.addEventListener('abort', () => {
      tellStuck('the gateway', JSON.stringify([events, asked]));
      tellStuck('Pebble', pebble.log());
    });
    await first;
    assert.deepEqual([events[0]?.type, events[0]?.names], ['obtained', ['a.menshen.test']], JSON.stringify(events));
    const tenant = await certificateShown(httpsPort, 'tenant.menshen.test');
    assert.equal(tenant.subjectaltname, 'DNS:tenant.menshen.test');
    const stranger = await certificateShown(httpsPort, 'stranger.menshen.test');
    assert.equal(stranger.subjectaltname, 'DNS:a.menshen.test');
    assert.deepEqual(asked, ['tenant.menshen.test 127.0.0.1', 'stranger.menshen.test 127.0.0.1']);
    await gateway.drain();

    const configFile = path.join(folder, 'menshen.config.json');
    writeFileSync(configFile, JSON.stringify({ issuers, sites: config.sites, state: 'state' }));
    const bin = path.resolve('bin', 'menshen.js');
    const words = ['certs', 'revoke', 'a.menshen.test', '--config', configFile, '--lang', 'en'];
    const revoked = await run(process.execPath, bin, ...words);
    assert.equal(revoked.status, 0, revoked.stderr);
    assert.match(revoked.stdout, /a\.menshen\.test: the certificate is revoked at pebble/);
    // What is revoked already is what was asked for (RFC 8555 section 7.6, alreadyRevoked).
    assert.equal((await run(process.execPath, bin, ...words)).status, 0);
    assert.match(pebble.log(), /revoke/i);
    const out = await runCerts(
      { kind: 'export', name: 'a.menshen.test', out: folder },
      { state: path.join(folder, 'state'), json: false },
      'en',
      '/',
    );
    assert.equal(out.code, 0, out.errors);
  },
);

test('a gateway that is ended in the midst of an order ends soon', { timeout: 60_000 }, async (t) => {
  const [program] = pebblePrograms;
  if (program === undefined) return t.skip('pebble and pebble-challtestsrv are not installed');
  const ports = await freePorts();
  const pebble = await startPebble(program, { config: { httpPort: ports.httpPort, tlsPort: ports.httpsPort } });
  t.after(() => pebble.stop());
  for (const afterMs of [0, 60, 120, 180, 240, 300, 400, 600]) {
    const folder = testFolder();
    writeFileSync(path.join(folder, 'pebble-root.pem'), pebble.serverRoot);
    const gateway = await createGateway(
      {
        issuers: { directory: pebble.directoryUrl, name: 'pebble', ca: 'pebble-root.pem', internal: true },
        sites: {
          'http.menshen.test': { root: folder, challenge: 'http-01' },
          'alpn.menshen.test': { root: folder, challenge: 'tls-alpn-01', keyType: ['ecdsa', 'rsa'] },
        },
        listen: { host: '127.0.0.1', https: ports.httpsPort, http: ports.httpPort },
        state: 'state',
      },
      { folder },
    );
    await gateway.start();
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await gateway.drain();
  }
});
