import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { outputOf } from '../commands.ts';
import type { Peer, PeerSetting } from '../peer.ts';
import { accepting, freePort } from '../processes.ts';

/** The configuration file of the one site, as `menshen serve --config` reads it. */
export function configuration({ backendPort, certFile, keyFile, serverName }: PeerSetting): object {
  return { sites: { [serverName]: { to: `127.0.0.1:${backendPort}`, certificate: { cert: certFile, key: keyFile } } } };
}

/**
 * The gateway itself on the Node whose executable is `node`, with everything on that is on by default.
 * `projectFolder` is where `bin/menshen.js` is.
 */
export function menshen(name: string, node: string, projectFolder: string): Peer {
  const bin = path.join(projectFolder, 'bin', 'menshen.js');
  return {
    name,
    unavailable: () => (existsSync(node) ? undefined : `${node} is absent`),
    version: () => `Menshen on Node ${outputOf(node, ['--version']).replace(/^v/, '')}`,
    async start(setting) {
      const config = setting.stage.file(`menshen-${setting.port}.config.json`);
      writeFileSync(config, JSON.stringify(configuration(setting)));
      const flags = {
        '--config': config,
        '--host': '127.0.0.1',
        '--https-port': String(setting.port),
        '--http-port': '0',
        '--admin-port': String(await freePort()),
        '--state': setting.stage.file(`menshen-${setting.port}`),
        '--workers': String(setting.workers),
        // The format that nginx writes here, line for line.
        '--log': 'combined',
      };
      const running = setting.stage.start({
        name,
        file: node,
        args: [bin, 'serve', ...Object.entries(flags).flat()],
        cores: setting.cores,
        env: { NODE_ENV: 'production' },
      });
      await accepting(running, setting.port);
      return running;
    },
  };
}
