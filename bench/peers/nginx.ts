import { writeFileSync } from 'node:fs';
import { findCommand, outputOf } from '../commands.ts';
import type { Peer, PeerSetting } from '../peer.ts';
import { accepting } from '../processes.ts';

const file = findCommand('nginx');

/** Without `user`, root's workers become nobody and cannot enter the run's folder. */
export const userLine = process.getuid?.() === 0 ? 'user root;' : '';

/** Temporary folders that nginx wants even where it never writes to them. */
export function temporaryPaths(folder: string, name: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${name}-${kind};`)
    .join('\n  ');
}

// Responses are buffered as nginx does by default (`proxy_buffering on`, to a file where the client is slower than the app);
// requests are not, which would be a file for each upload. With two workers each has a listening socket of its own: with a
// shared one, most connections go to one of them.
function configuration(setting: PeerSetting): string {
  const { stage, port, workers, backendPort, certFile, keyFile, serverName } = setting;
  return `daemon off;
${userLine}
worker_processes ${workers};
worker_rlimit_nofile 16384;
pid ${stage.folder}/nginx-${port}.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  ${temporaryPaths(stage.folder, `nginx-${port}`)}
  access_log ${stage.file(`nginx-${port}.log`)} combined buffer=64k flush=1s;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  upstream app {
    server 127.0.0.1:${backendPort};
    keepalive 256;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} ssl http2${workers > 1 ? ' reuseport' : ''};
    server_name ${serverName};
    ssl_certificate ${certFile};
    ssl_certificate_key ${keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:16m;
    ssl_session_timeout 2h;
    client_max_body_size 0;
    location / {
      proxy_request_buffering off;
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
    }
  }
}
`;
}

export const nginx: Peer = {
  name: 'nginx',
  unavailable: () => (file === undefined ? 'nginx is not installed (Debian package nginx-light)' : undefined),
  version: () => outputOf(file ?? 'nginx', ['-v']).replace(/^nginx version: nginx\//, 'nginx '),
  async start(setting) {
    const config = setting.stage.file(`nginx-${setting.port}.conf`);
    writeFileSync(config, configuration(setting));
    const running = setting.stage.start({
      name: 'nginx',
      file: file ?? 'nginx',
      args: ['-e', 'stderr', '-c', config],
      cores: setting.cores,
    });
    await accepting(running, setting.port);
    return running;
  },
};
