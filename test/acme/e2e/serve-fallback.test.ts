/** The first authority cannot be reached: Caddy's acme_server, the second in the list, issues. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { freePort } from '../../free-port.ts';
import { copiesOf, startChallengeDns } from '../pebble.ts';
import { freePorts, startLive, testFolder } from './live-gateway.ts';

/** Caddy as a CA that asks this DNS server; gives the port of its directory. */
async function startCaddyCa(t: TestContext, program: string, folder: string, dnsPort: number): Promise<number> {
  const [httpsPort, httpPort] = [await freePort(), await freePort()];
  const lines = [
    '{',
    'admin off',
    'skip_install_trust',
    `storage file_system ${folder}/caddy`,
    `http_port ${httpPort}`,
    `https_port ${httpsPort}`,
    '}',
    `localhost:${httpsPort} {`,
    'tls internal',
    `acme_server {\n resolvers 127.0.0.1:${dnsPort}\n}`,
    '}\n',
  ];
  const file = path.join(folder, 'Caddyfile');
  writeFileSync(file, lines.join('\n'));
  const child = spawn(program, ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const root = path.join(folder, 'caddy', 'pki', 'authorities', 'local', 'root.crt');
  for (let attempt = 0; !existsSync(root); attempt++) {
    assert.ok(attempt < 200 && child.exitCode === null, 'Caddy did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return httpsPort;
}

test('the second authority issues where the first cannot be reached', { timeout: 60_000 }, async (t) => {
  // Its CA asks a resolver of its own since 2.7.
  const program = copiesOf('caddy').find((one) => !/^v?2\.[0-6]\./.test(spawnSync(one, ['version']).stdout.toString()));
  if (program === undefined) return t.skip('needs caddy 2.7 or later');
  const dns = await startChallengeDns();
  if (dns === undefined) return t.skip('needs pebble-challtestsrv');
  t.after(() => dns.stop());
  const [folder, ports] = [testFolder(), await freePorts()];
  const caddyPort = await startCaddyCa(t, program, folder, dns.port);
  // A hook in the manner of certbot tells the DNS server, as a provider's script would.
  const hook = path.join(folder, 'hook.mjs');
  writeFileSync(
    hook,
    `#!${process.execPath}
const host = '_acme-challenge.' + process.env.CERTBOT_DOMAIN + '.';
const content = { host, value: process.env.CERTBOT_VALIDATION };
await fetch('http://127.0.0.1:${dns.managementPort}/set-txt', { method: 'POST', body: JSON.stringify(content) });
`,
    { mode: 0o755 },
  );
  const issuers = [
    { directory: `https://localhost:${await freePort()}/directory`, name: 'gone', internal: true },
    {
      directory: `https://localhost:${caddyPort}/acme/local/directory`,
      name: 'caddy',
      ca: 'caddy/pki/authorities/local/root.crt',
      internal: true,
    },
  ];
  const sites = { 'a.menshen.test': { to: 1, challenge: 'dns-01' } };
  const gateway = await startLive(t, { issuers, dns: { exec: { hook }, check: false }, sites }, { folder, ports });
  await gateway.line((line) => line['code'] === 'acme-unreachable' && line['issuer'] === 'gone');
  await gateway.line(({ code }) => code === 'certificate-obtained');
  const shown = await gateway.shown('a.menshen.test');
  assert.match(String(shown.issuer.CN), /^Caddy Local Authority/);
});
