// The real clients and servers that tests talk to. Debian packages are installed where this is root on Debian; elsewhere
// the tests that need one say so and are skipped. In CI a missing peer is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Command, the Debian package that holds it, and what tests use it for. */
const commands = [
  ['curl', 'curl', 'HTTP client'],
  ['openssl', 'openssl', 'TLS client, certificate oracle'],
  ['wrk', 'wrk', 'load'],
  ['h2load', 'nghttp2-client', 'HTTP/2 load'],
  ['nginx', 'nginx-light', 'HTTP server'],
  ['chromium', 'chromium', 'browser'],
  ['certutil', 'libnss3-tools', 'NSS trust store'],
  ['tcpdump', 'tcpdump', 'packet capture'],
  ['ss', 'iproute2', 'socket facts'],
  ['tshark', 'tshark', 'second reader of captures'],
  ['goaccess', 'goaccess', 'reads access logs'],
  ['named', 'bind9', 'name server'],
  ['dig', 'bind9-dnsutils', 'DNS client'],
  ['pebble', 'pebble', 'test CA'],
  ['pebble-challtestsrv', 'pebble', 'DNS of the test CA'],
  ['caddy', 'caddy', 'second CA, proxy in benchmarks'],
  ['haproxy', 'haproxy', 'app that takes WebSockets over HTTP/2, proxy in benchmarks'],
];
/** Newer releases than Debian has, built where Go is at hand. Tests that want one do with the packaged one otherwise. */
const goPrograms = [['pebble', 'github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1']];
const pythonModules = [
  ['uvicorn', 'python3-uvicorn', 'ASGI server'],
  ['fastapi', 'python3-fastapi', 'real app'],
  ['websockets', 'python3-websockets', 'WebSocket app'],
  ['hypercorn', 'python3-hypercorn', 'ASGI server that speaks HTTP/2'],
  ['h2', 'python3-h2', 'raw HTTP/2 frames'],
  ['prometheus_client', 'python3-prometheus-client', 'reads metrics'],
];
const places = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
const hasCommand = (name) => places.some((folder) => folder && existsSync(path.join(folder, name)));
const hasModule = (name) => spawnSync('/usr/bin/python3', ['-c', `import ${name}`]).status === 0;

function missing(wanted) {
  return [
    ...wanted.filter(([name]) => !hasCommand(name)),
    ...pythonModules.filter(([name]) => !hasModule(name)).map(([name, ...rest]) => [`python3 ${name}`, ...rest]),
  ];
}

function buildGoPrograms() {
  const folder = process.env.GOBIN ?? path.join(process.env.GOPATH ?? path.join(homedir(), 'go'), 'bin');
  for (const [name, module] of goPrograms) {
    if (existsSync(path.join(folder, name))) continue;
    console.error(`menshen: building ${module} with go …`);
    const done = spawnSync('go', ['install', module], { stdio: 'pipe' });
    if (done.status !== 0) console.error(String(done.stderr).trim());
  }
}

/** Installs what is missing where it can; says what tests will go without; in CI ends the run if anything is missing. */
export function providePeers({ bench = false } = {}) {
  let lacking = missing(commands);
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && !process.env.MENSHEN_NO_APT;
  if (lacking.length > 0 && canInstall) {
    const packages = [...new Set(lacking.map(([, name]) => name))];
    console.error(`menshen: installing real peers with apt: ${packages.join(' ')} …`);
    const options = { stdio: 'pipe', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update', '-q'], options);
    const done = spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options);
    if (done.status !== 0) console.error(String(done.stderr).trim());
    lacking = missing(commands);
  }
  if (canInstall && !bench && hasCommand('go')) buildGoPrograms();
  if (lacking.length === 0) return;
  for (const [name, debian, use] of lacking) {
    console.error(`menshen: going without ${name} (${use}); Debian package: ${debian}`);
  }
  if (process.env.CI === 'true') {
    console.error('menshen: in CI every real peer must be present.');
    process.exit(1);
  }
}
