import { writeFileSync } from 'node:fs';
import { findCommand, outputOf } from '../commands.ts';
import type { Peer, PeerSetting } from '../peer.ts';
import { accepting } from '../processes.ts';

const file = findCommand('haproxy');

// HAProxy writes no log files itself. A ring with a backing file is its buffered way: a memory map that the kernel writes
// back, which is to HAProxy what `buffer=64k` is to nginx.
function configuration({ stage, port, workers, backendPort, bothFile }: PeerSetting): string {
  return `global
  nbthread ${workers}
  maxconn 8192
  ssl-default-bind-options ssl-min-ver TLSv1.2
  tune.ssl.lifetime 7200
  log ring@access local0
ring access
  format raw
  maxlen 1200
  size 8388608
  backing-file ${stage.file(`haproxy-${port}.log`)}
defaults
  mode http
  log global
  option httplog
  option forwardfor
  timeout connect 5s
  timeout client 300s
  timeout server 60s
  timeout http-keep-alive 300s
frontend https
  bind 127.0.0.1:${port} ssl crt ${bothFile} alpn h2,http/1.1
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend app
backend app
  http-reuse always
  server app 127.0.0.1:${backendPort}
`;
}

export const haproxy: Peer = {
  name: 'haproxy',
  unavailable: () => (file === undefined ? 'HAProxy is not installed (Debian package haproxy)' : undefined),
  version: () =>
    (/^HAProxy version [\d.]+/.exec(outputOf(file ?? 'haproxy', ['-v']))?.[0] ?? '').replace('version ', ''),
  async start(setting) {
    const config = setting.stage.file(`haproxy-${setting.port}.cfg`);
    writeFileSync(config, configuration(setting));
    const running = setting.stage.start({
      name: 'haproxy',
      file: file ?? 'haproxy',
      args: ['-db', '-f', config],
      cores: setting.cores,
    });
    await accepting(running, setting.port);
    return running;
  },
};
