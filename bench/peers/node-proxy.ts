import { fileURLToPath } from 'node:url';
import type { NodeProxyOptions } from '../node-proxy.ts';
import type { Peer } from '../peer.ts';
import { accepting } from '../processes.ts';

/** The proxy of `bench/node-proxy.ts`, on the Node that runs the bench. */
export const nodeProxy: Peer = {
  name: 'node-proxy',
  unavailable: () => undefined,
  version: () => `node:http2 + undici, Node ${process.versions.node}`,
  async start({ stage, cores, workers, port, backendPort, certFile, keyFile }) {
    const options: NodeProxyOptions = {
      port,
      backendPort,
      certFile,
      keyFile,
      workers,
      logFile: stage.file(`node-proxy-${port}.log`),
    };
    const running = stage.start({
      name: 'node-proxy',
      file: process.execPath,
      args: [fileURLToPath(new URL('../node-proxy.js', import.meta.url)), JSON.stringify(options)],
      cores,
      env: { NODE_ENV: 'production' },
    });
    await accepting(running, port);
    return running;
  },
};
