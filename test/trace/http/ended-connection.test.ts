import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import test from 'node:test';
import { Http1Client } from '../../../src/trace/http/http1-client.ts';
import { Http2Client } from '../../../src/trace/http/http2-client.ts';
import { traceLimits } from '../../../src/trace/limits.ts';

const request = { method: 'GET', url: new URL('https://a.test/'), fields: [], content: undefined };

test('a connection that had ended before a client took it gives an answer at once', async () => {
  for (const protocol of ['HTTP/1.1', 'HTTP/2']) {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    socket.destroy();
    await once(socket, 'close');
    const options = { limits: traceLimits, nowMs: () => 0, onFrame() {} };
    const client = protocol === 'HTTP/2' ? new Http2Client(socket, options) : new Http1Client(socket, options);
    const { problem, head } = await client.exchange(request, new AbortController().signal);
    assert.equal(problem?.code, 'trace-closed-without-answer', protocol);
    assert.equal(head, undefined);
    assert.equal(client.reusable, false);
  }
});
