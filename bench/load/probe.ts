import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { BODY } from '../backend.ts';
import type { Bench, Subject } from '../scenario.ts';

/**
 * Sends one request and returns the length of the whole response in octets. Throws when it is not 200 with exactly the
 * backend's body, framed by Content-Length or by one chunk.
 */
export function responseLength(
  subject: Subject,
  bench: Bench,
  fields: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: subject.port,
      servername: bench.serverName,
      ca: readFileSync(bench.certificate.certFile),
      ALPNProtocols: ['http/1.1'],
    });
    let received = '';
    const finish = (error?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      if (error === undefined) resolve(received.length);
      else reject(new Error(`${subject.name}: ${error.message}`));
    };
    const timer = setTimeout(() => finish(new Error('no whole answer within 5 s')), 5000);
    socket.setEncoding('latin1');
    socket.on('secureConnect', () => {
      const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET / HTTP/1.1\r\nHost: ${bench.serverName}:${subject.port}\r\n${lines.join('')}\r\n`);
    });
    socket.on('data', (text: string) => {
      received += text;
      const fault = judge(received);
      if (fault !== 'incomplete') finish(fault === '' ? undefined : new Error(fault));
    });
    socket.on('error', finish);
    socket.on('close', () => finish(new Error(`closed after ${received.length} octets`)));
  });
}

/** '' when `text` is exactly one right response, 'incomplete' while it may become one, else what is wrong. */
export function judge(text: string): string {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 'incomplete';
  const head = text.slice(0, end);
  if (!head.startsWith('HTTP/1.1 200 ')) return `it answered ${JSON.stringify(head.split('\r\n')[0])}`;
  const chunked = /^transfer-encoding: *chunked$/im.test(head);
  const wanted = chunked ? `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n` : BODY;
  const content = text.slice(end + 4);
  if (content === wanted) return '';
  return wanted.startsWith(content) ? 'incomplete' : `the content is ${JSON.stringify(content.slice(0, 80))}`;
}
