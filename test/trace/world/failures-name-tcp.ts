import { TLD } from '../../dns/loopback-world.ts';
import type { Failure, FailureGroup } from './failure.ts';
import type { Asked, Ground } from './ground.ts';

const fromRoot =
  (host: string) =>
  async (ground: Ground): Promise<Asked> => {
    const { flags, env } = await ground.names();
    return { url: `https://${host}/`, flags, env };
  };

const askedOf =
  (host: string) =>
  async (ground: Ground): Promise<Asked> => {
    const { port } = await ground.names();
    return { url: `https://${host}/`, flags: { server: `${TLD}:${port}` } };
  };

const names: readonly Failure[] = [
  {
    en: 'the name does not exist',
    zh: '名称不存在',
    exitCode: 30,
    code: 'dns-name-not-found',
    make: fromRoot('nothing.site.test'),
  },
  {
    en: 'the name has no address',
    zh: '名称没有地址',
    exitCode: 31,
    code: 'dns-no-data',
    make: fromRoot('text.site.test'),
  },
  {
    en: 'the name server fails (SERVFAIL)',
    zh: '域名服务器出错（SERVFAIL）',
    exitCode: 32,
    code: 'dns-server-failure',
    make: askedOf('www.broken.test'),
  },
  {
    en: 'the name server refuses to answer',
    zh: '域名服务器拒绝回答',
    exitCode: 32,
    code: 'dns-refused',
    make: askedOf('www.elsewhere.test'),
  },
  {
    en: 'aliases in a circle',
    zh: '别名成环',
    exitCode: 32,
    code: 'dns-alias-loop',
    make: fromRoot('loop.site.test'),
  },
  {
    en: 'the name server is silent',
    zh: '域名服务器没有回应',
    exitCode: 33,
    code: 'dns-timeout',
    make: async (ground) => ({
      url: 'https://www.site.test/',
      flags: { server: `127.0.0.1:${await ground.silentNames()}`, maxTime: 2 },
    }),
  },
  {
    en: 'no name server of the zone can be reached',
    zh: '区域的域名服务器均无法连接',
    exitCode: 33,
    code: 'dns-unreachable',
    make: fromRoot('www.dead.test'),
  },
  {
    en: 'lame delegation: the servers do not serve the zone',
    zh: '无效委派：服务器并不提供该区域',
    exitCode: 34,
    code: 'dns-lame-delegation',
    make: fromRoot('www.lame.test'),
  },
];

const connections: readonly Failure[] = [
  {
    en: 'nobody listens on the port',
    zh: '端口无人监听',
    exitCode: 40,
    code: 'trace-refused',
    make: async (ground) => ({ url: `https://127.0.0.1:${await ground.closedPort()}/` }),
  },
  {
    en: 'a black hole: every packet is swallowed',
    zh: '黑洞：所有数据包都被吞掉',
    exitCode: 42,
    code: 'trace-connect-timeout',
    make: async (ground) => ({ url: `https://127.0.0.1:${await ground.blackHole()}/`, flags: { maxTime: 1 } }),
  },
  {
    en: 'the connection is reset during the handshake',
    zh: '握手期间连接被重置',
    exitCode: 43,
    code: 'trace-reset',
    make: async (ground) => {
      const port = await ground.world().plain((socket) => socket.once('data', () => socket.resetAndDestroy()));
      return { url: `https://host.localhost:${port}/` };
    },
  },
];

export const nameFailures: FailureGroup = { en: 'The name', zh: '名称', failures: names };
export const connectFailures: FailureGroup = { en: 'The connection', zh: '连接', failures: connections };
