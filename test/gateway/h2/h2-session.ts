import { once } from 'node:events';
import http2 from 'node:http2';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import type { WholeGateway } from '../upstream/whole-gateway.ts';

/** A connection of node:http2 to the gateway of a test, once its SETTINGS are here. */
export async function openSession(t: TestContext, gateway: WholeGateway): Promise<http2.ClientHttp2Session> {
  const session = http2.connect('https://app.test', {
    createConnection: () =>
      tls.connect({ port: gateway.port, servername: 'app.test', ca: gateway.ca, ALPNProtocols: ['h2'] }),
  });
  t.after(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}
