import { gzipSync } from 'node:zlib';
import type { TraceFlags } from '../../../src/cli/commands/trace.ts';
import type { Failure, FailureGroup } from './failure.ts';
import type { Asked, Ground } from './ground.ts';

/** A server that answers the head of every request with these octets. */
const answering =
  (octets: string | Buffer, end: boolean) =>
  async (ground: Ground): Promise<Asked> => {
    const world = ground.world();
    return { url: `${await world.answering(octets, end)}/`, flags: { cacert: [world.cacert] } };
  };

/** A web server that answers every path with this status, these fields and this content. */
const web =
  (
    status: number,
    fields: Readonly<Record<string, string>>,
    content: string | Buffer,
    flags: Partial<TraceFlags> = {},
  ) =>
  async (ground: Ground): Promise<Asked> => {
    const world = ground.world();
    const origin = await world.web((_, response) => response.writeHead(status, fields).end(content));
    return { url: `${origin}/`, flags: { cacert: [world.cacert], ...flags } };
  };

const failures: readonly Failure[] = [
  {
    en: 'the port speaks TLS, but not HTTP',
    zh: '端口支持 TLS，却不是 HTTP',
    exitCode: 62,
    code: 'trace-not-http',
    make: answering('220 mail.example ESMTP\r\n', true),
  },
  {
    en: 'the answer breaks the rules: two lengths that differ',
    zh: '响应违反规则：两个不同的长度',
    exitCode: 62,
    code: 'trace-response-malformed',
    make: answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef', false),
  },
  {
    en: 'h2 was agreed on, and HTTP/1.1 is spoken',
    zh: '协商了 h2，却使用 HTTP/1.1',
    exitCode: 62,
    code: 'trace-not-http2',
    make: async (ground) => {
      const world = ground.world();
      const origin = await world.raw(
        (socket) => socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
        { ALPNProtocols: ['h2'] },
      );
      return { url: `${origin}/`, flags: { cacert: [world.cacert] } };
    },
  },
  {
    en: 'interim answers without end',
    zh: '没完没了的临时响应',
    exitCode: 62,
    code: 'trace-interim-flood',
    make: answering('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20), false),
  },
  {
    en: 'fields without end',
    zh: '没完没了的响应头',
    exitCode: 63,
    code: 'trace-head-too-large',
    make: answering(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(1_100)}`, false),
  },
  {
    en: 'fields that drip without end',
    zh: '响应头一点一点地来，没有尽头',
    exitCode: 67,
    code: 'trace-time-out',
    make: async (ground) => {
      const world = ground.world();
      const origin = await world.raw((socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n');
          const timer = setInterval(() => socket.write('X: y\r\n'), 50);
          socket.once('close', () => clearInterval(timer));
        }),
      );
      return { url: `${origin}/`, flags: { cacert: [world.cacert], maxTime: 1 } };
    },
  },
  {
    en: 'content that unpacks to gigabytes',
    zh: '解压后极大的内容',
    exitCode: 63,
    code: 'trace-content-bomb',
    make: async (ground) => web(200, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(160_000_000)))(ground),
  },
  {
    en: 'no answer before the connection is closed',
    zh: '未作答即关闭连接',
    exitCode: 65,
    code: 'trace-closed-without-answer',
    make: answering('', true),
  },
  {
    en: 'the connection ends in the middle of the head',
    zh: '连接在响应头部中途结束',
    exitCode: 65,
    code: 'trace-head-cut-short',
    make: answering('HTTP/1.1 200 OK\r\nContent-', true),
  },
  {
    en: 'the content is cut short',
    zh: '内容被截断',
    exitCode: 65,
    code: 'trace-content-cut-short',
    make: answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', true),
  },
  {
    en: 'the content is not coded as it says',
    zh: '内容的编码与声明不符',
    exitCode: 66,
    code: 'trace-coding-broken',
    make: web(200, { 'content-encoding': 'gzip' }, 'not gzip at all'),
  },
  {
    en: 'a page that does not exist, with `--fail`',
    zh: '页面不存在（使用 `--fail`）',
    exitCode: 60,
    code: 'trace-status-client',
    make: web(404, {}, '', { fail: true }),
  },
  {
    en: 'the server failed, with `--fail`',
    zh: '服务器出错（使用 `--fail`）',
    exitCode: 60,
    code: 'trace-status-server',
    make: web(502, {}, '', { fail: true }),
  },
  {
    en: 'redirects in a circle',
    zh: '重定向成环',
    exitCode: 61,
    code: 'trace-redirect-loop',
    make: web(302, { location: '/' }, ''),
  },
  {
    en: 'a redirect to nowhere',
    zh: '无处可去的重定向',
    exitCode: 61,
    code: 'trace-redirect-unclear',
    make: web(302, { location: 'mailto:somebody@example.com' }, ''),
  },
  {
    en: 'mixed content, with `--page`',
    zh: '混合内容（使用 `--page`）',
    exitCode: 0,
    code: 'trace-mixed-content',
    make: async (ground) => {
      const closed = await ground.closedPort();
      const page = `<!doctype html><title>x</title><img src="http://127.0.0.1:${closed}/door.png">`;
      return web(200, { 'content-type': 'text/html; charset=utf-8' }, page, { page: true })(ground);
    },
  },
];

export const httpFailures: FailureGroup = { en: 'The answer', zh: '响应', failures };
