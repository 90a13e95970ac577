import { readFileSync } from 'node:fs';
import type tls from 'node:tls';
import { leafKey, pem } from '../../pki/issue.ts';
import type { TraceFlags } from '../../../src/cli/commands/trace.ts';
import { clientCredentials } from '../client-credentials.ts';
import { presentChain } from '../verify/lab.ts';
import type { Failure, FailureGroup } from './failure.ts';
import type { Asked, Ground } from './ground.ts';

/** Something other than TLS says these octets to whoever connects and speaks first. */
const saying =
  (octets: string) =>
  async (ground: Ground): Promise<Asked> => {
    const port = await ground.world().plain((socket) => socket.once('data', () => socket.end(octets)));
    return { url: `https://host.localhost:${port}/` };
  };

const withTls =
  (options: tls.TlsOptions, flags: Partial<TraceFlags> = {}) =>
  async (ground: Ground): Promise<Asked> => {
    const world = ground.world();
    return { url: `${await world.raw(() => {}, options)}/`, flags: { cacert: [world.cacert], ...flags } };
  };

const failures: readonly Failure[] = [
  {
    en: 'plain HTTP on the HTTPS port',
    zh: 'HTTPS 端口上是明文 HTTP',
    exitCode: 51,
    code: 'trace-plain-http',
    make: saying('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  },
  {
    en: 'another service on the port (SSH)',
    zh: '端口上是其他服务（SSH）',
    exitCode: 52,
    code: 'trace-not-tls',
    make: saying('SSH-2.0-OpenSSH_9.2\r\n'),
  },
  {
    en: 'garbage instead of a ServerHello',
    zh: 'ServerHello 处是无意义的数据',
    exitCode: 52,
    code: 'trace-not-tls',
    make: saying('\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008 nothing that anybody knows'),
  },
  {
    en: 'the server says nothing',
    zh: '服务器一言不发',
    exitCode: 53,
    code: 'trace-handshake-timeout',
    make: async (ground) => {
      const port = await ground.world().plain(() => {});
      return { url: `https://host.localhost:${port}/`, flags: { maxTime: 1 } };
    },
  },
  {
    en: 'the server closes the connection during the handshake',
    zh: '服务器在握手期间关闭连接',
    exitCode: 50,
    code: 'trace-handshake-closed',
    make: saying(''),
  },
  {
    en: 'old TLS only (1.1)',
    zh: '只支持旧版 TLS（1.1）',
    exitCode: 50,
    code: 'trace-old-version',
    make: async (ground) => {
      const made = presentChain();
      const lab = ground.lab();
      const port = await lab.serve([made.leaf, made.intermediate], leafKey(), '-tls1_1');
      return {
        url: `https://host.localhost:${port}/`,
        flags: { cacert: [lab.certificates('root.pem', [made.root])] },
      };
    },
  },
  {
    en: 'no TLS version in common: the server knows TLS 1.2, the client insists on 1.3',
    zh: '没有共同的 TLS 版本：服务器只会 1.2，客户端坚持 1.3',
    exitCode: 50,
    code: 'trace-old-version',
    make: withTls({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, { 'tls1.3': true }),
  },
  {
    en: 'no cipher suite in common',
    zh: '没有共同的密码套件',
    exitCode: 50,
    code: 'trace-no-shared-suite',
    // Suites for an RSA certificate, where the server has one for ECDSA.
    make: withTls({ ciphers: 'AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }),
  },
  {
    en: 'no protocol in common (ALPN)',
    zh: '没有共同的应用协议（ALPN）',
    exitCode: 50,
    code: 'trace-alpn-mismatch',
    make: withTls({ ALPNProtocols: ['spdy/3'] }),
  },
  {
    en: 'the server wants a client certificate and gets none',
    zh: '服务器要求客户端证书，却没有收到',
    exitCode: 22,
    code: 'trace-client-certificate-required',
    make: async (ground) => {
      const world = ground.world();
      const { ca } = clientCredentials(world);
      const origin = await world.web((_, response) => response.end('for friends only'), {
        requestCert: true,
        rejectUnauthorized: true,
        ca: readFileSync(ca),
      });
      return { url: `${origin}/`, flags: { cacert: [world.cacert] } };
    },
  },
  {
    en: 'the server refuses the client certificate',
    zh: '服务器拒绝客户端证书',
    exitCode: 22,
    code: 'trace-client-certificate-refused',
    make: async (ground) => {
      const world = ground.world();
      const { file } = clientCredentials(world);
      // The server trusts the CA of its own certificate only.
      const refusing = ['-CAfile', world.cacert, '-Verify', '3', '-verify_return_error'];
      const port = await ground.lab().serve([world.chain.leaf, world.chain.intermediate], leafKey(), ...refusing);
      return { url: `https://host.localhost:${port}/`, flags: { cacert: [world.cacert], cert: file } };
    },
  },
  {
    en: 'a certificate message without end',
    zh: '没完没了的证书消息',
    exitCode: 63,
    code: 'trace-handshake-too-large',
    make: async (ground) => {
      const world = ground.world();
      const { key, cert } = world.material;
      const flood = cert + pem(world.chain.intermediate.bytes).repeat(400);
      return { url: `${await world.raw(() => {}, { key, cert: flood })}/`, flags: { cacert: [world.cacert] } };
    },
  },
];

export const tlsFailures: FailureGroup = { en: 'The TLS handshake', zh: 'TLS 握手', failures };
