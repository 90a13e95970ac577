import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { findCommand, outputOf } from '../commands.ts';
import type { Peer, PeerSetting } from '../peer.ts';
import { accepting } from '../processes.ts';

const module = 'github.com/caddyserver/caddy/v2/cmd/caddy@latest';

/** Where a Caddy built by the bench stays, so that only the first run builds it. */
function cacheFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(cache, 'menshen-bench', 'bin');
}

let resolved: string | undefined;

/** The current release where Go is at hand (built once), else what is installed. */
function locate(): string | undefined {
  if (resolved !== undefined) return resolved;
  const folder = cacheFolder();
  const built = path.join(folder, 'caddy');
  const go = findCommand('go', ['/usr/local/go/bin']);
  if (!existsSync(built) && go !== undefined) {
    mkdirSync(folder, { recursive: true });
    console.error('bench: building the current Caddy with Go (once) …');
    const done = spawnSync(go, ['install', module], {
      env: { ...process.env, GOBIN: folder },
      encoding: 'utf8',
      timeout: 900_000,
    });
    if (done.status !== 0) console.error(`bench: that failed: ${done.stderr?.trim().split('\n').at(-1) ?? ''}`);
  }
  resolved = findCommand('caddy', [folder, process.env['GOBIN'] ?? '']);
  return resolved;
}

// Caddy's log writer has no buffer option; 32 idle upstream connections by default are fewer than the load's 64.
function configuration({ stage, port, backendPort, certFile, keyFile, serverName }: PeerSetting): string {
  return `{
  admin off
  auto_https off
  persist_config off
  servers {
    protocols h1 h2
  }
}
https://${serverName}:${port} {
  bind 127.0.0.1
  tls ${certFile} ${keyFile}
  log {
    output file ${stage.file(`caddy-${port}.log`)} {
      roll_disabled
    }
  }
  reverse_proxy 127.0.0.1:${backendPort} {
    transport http {
      keepalive_idle_conns_per_host 256
    }
  }
}
`;
}

export const caddy: Peer = {
  name: 'caddy',
  unavailable: () => (locate() === undefined ? 'neither Go nor Caddy is installed (Debian package caddy)' : undefined),
  version() {
    const file = locate() ?? 'caddy';
    // One that `go install` built does not know its version under `version`, but the build information does.
    const said = [outputOf(file, ['version']), outputOf(file, ['build-info'])].join('\n');
    return `Caddy ${/^v?(\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? /caddy\/v2\s+v([\d.]+)/.exec(said)?.[1] ?? ''}`;
  },
  async start(setting) {
    const config = setting.stage.file(`caddy-${setting.port}.caddyfile`);
    writeFileSync(config, configuration(setting));
    const running = setting.stage.start({
      name: 'caddy',
      file: locate() ?? 'caddy',
      args: ['run', '--adapter', 'caddyfile', '--config', config],
      cores: setting.cores,
      env: { HOME: setting.stage.folder, XDG_DATA_HOME: setting.stage.folder, XDG_CONFIG_HOME: setting.stage.folder },
    });
    await accepting(running, setting.port);
    return running;
  },
};
