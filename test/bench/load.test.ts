import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BODY, parseStubStatus } from '../../bench/backend.ts';
import { judge } from '../../bench/load/probe.ts';
import { faultOf, parseWrk, wrkScript } from '../../bench/load/wrk.ts';

const head = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n`;

test('only 200 with exactly the body of the backend is right', () => {
  assert.equal(judge(head + BODY), '');
  assert.match(judge(`${head}${BODY}x`), /content/);
  assert.match(judge(head + BODY.toUpperCase()), /content/);
  assert.match(judge('HTTP/1.1 502 Bad Gateway\r\n\r\n'), /502/);
  for (let end = 0; end < head.length + BODY.length; end += 1) {
    assert.equal(judge((head + BODY).slice(0, end)), 'incomplete', `cut at ${end}`);
  }
});

test('a body in one chunk is right too', () => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.equal(judge(`${chunked}${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`), '');
  assert.match(judge(`${chunked}${BODY}`), /content/);
});

test('the backend counter is the third number', () => {
  const text =
    'Active connections: 2 \nserver accepts handled requests\n 10 10 4711 \nReading: 0 Writing: 1 Waiting: 1 \n';
  assert.equal(parseStubStatus(text), 4711);
  assert.throws(() => parseStubStatus('<html>404</html>'), /404/);
});

test('a run of wrk with a wrong answer has a fault', () => {
  const good = { requests: 1000, bytes: 200_000, status: 0, socket: 0 };
  assert.equal(faultOf(good, 200), undefined);
  assert.equal(faultOf({ ...good, bytes: 200_300 }, 200), undefined);
  assert.match(faultOf({ ...good, status: 3 }, 200) ?? '', /3 of 1000 answers were not 2xx/);
  assert.match(faultOf({ ...good, socket: 1 }, 200) ?? '', /failed/);
  assert.match(faultOf({ ...good, bytes: 199_999 }, 200) ?? '', /octets/);
  assert.match(faultOf({ ...good, bytes: 400_000 }, 200) ?? '', /octets/);
  assert.match(faultOf({ ...good, requests: 0 }, 200) ?? '', /nothing/);
});

test('the summary is found among what wrk prints', () => {
  const output = 'Running 1s test @ https://localhost:1/\n{"requests":7,"bytes":70,"status":0,"socket":0}\n';
  assert.deepEqual(parseWrk(output), { requests: 7, bytes: 70, status: 0, socket: 0 });
  assert.throws(() => parseWrk('unable to connect'), /unable to connect/);
});

test('field values with quotes stay one Lua string', () => {
  assert.match(wrkScript({ 'If-None-Match': String.raw`"a\b"` }), /wrk\.headers\["If-None-Match"\] = "\\"a\\\\b\\""/);
});
