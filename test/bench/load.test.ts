import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BODY, parseStubStatus } from '../../bench/backend.ts';
import { layoutFor } from '../../bench/layout.ts';
import { faultOfH2load, parseH2load } from '../../bench/load/h2load.ts';
import { judge } from '../../bench/load/probe.ts';
import { faultOf, parseWrk, wrkScript } from '../../bench/load/wrk.ts';
import { transferCount } from '../../bench/scenarios/transfers.ts';

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
  assert.equal(faultOf(good, 200, 64), undefined);
  assert.equal(faultOf({ ...good, bytes: 200_300 }, 200, 64), undefined);
  assert.match(faultOf({ ...good, status: 3 }, 200, 64) ?? '', /3 of 1000 answers were not 2xx/);
  assert.match(faultOf({ ...good, socket: 1 }, 200, 64) ?? '', /failed/);
  assert.match(faultOf({ ...good, bytes: 199_999 }, 200, 64) ?? '', /octets/);
  assert.match(faultOf({ ...good, bytes: 400_000 }, 200, 64) ?? '', /octets/);
  assert.match(faultOf({ ...good, requests: 0 }, 200, 64) ?? '', /nothing/);
});

test('the summary is found among what wrk prints', () => {
  const output = 'Running 1s test @ https://localhost:1/\n{"requests":7,"bytes":70,"status":0,"socket":0}\n';
  assert.deepEqual(parseWrk(output), { requests: 7, bytes: 70, status: 0, socket: 0 });
  assert.throws(() => parseWrk('unable to connect'), /unable to connect/);
});

test('field values with quotes stay one Lua string', () => {
  assert.match(wrkScript({ 'If-None-Match': String.raw`"a\b"` }), /wrk\.headers\["If-None-Match"\] = "\\"a\\\\b\\""/);
});

const h2loadOutput = `starting benchmark...
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2
Main benchmark duration is over for thread #0. Stopping all clients.

finished in 707.43ms, 19532.86 req/s, 1.58MB/s
requests: 13673 total, 13833 started, 13673 done, 13673 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 13675 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 1.11MB (1162989) total, 654.27KB (669977) headers (space savings 50.51%), 240.35KB (246114) data
                     min         max         mean         sd        +/- sd
time for request:      302us     30.63ms      6.39ms      4.67ms    66.80%
`;
const byTheClock = { application: 'h2', requests: undefined, contentOctets: 18 } as const;

test('the summary of h2load is read', () => {
  assert.deepEqual(parseH2load(h2loadOutput), {
    application: 'h2',
    cipher: 'TLS_AES_128_GCM_SHA256',
    total: 13673,
    started: 13833,
    done: 13673,
    succeeded: 13673,
    failed: 0,
    errored: 0,
    timeout: 0,
    status2xx: 13675,
    statusOther: 0,
    dataOctets: 246114,
  });
  const nothing = parseH2load(
    'requests: 3 total, 0 started, 0 done, 0 succeeded, 3 failed, 3 errored, 0 timeout\n' +
      'status codes: 0 2xx, 0 3xx, 0 4xx, 0 5xx\n' +
      'traffic: 0B (0) total, 0B (0) headers (space savings 0.00%), 0B (0) data\n',
  );
  assert.equal(nothing.done, 0);
  assert.throws(() => parseH2load('h2load: unrecognized option'), /unrecognized option/);
});

test('a run of h2load by the clock may end with streams half answered, and with nothing else', () => {
  const good = parseH2load(h2loadOutput);
  const fault = (change: Partial<typeof good>) => faultOfH2load({ ...good, ...change }, byTheClock) ?? '';
  assert.equal(fault({}), '');
  assert.equal(fault({ dataOctets: good.dataOctets + 160 * 18 }), '');
  assert.match(fault({ dataOctets: good.dataOctets + 161 * 18 }), /octets/);
  assert.match(fault({ dataOctets: good.dataOctets - 1 }), /octets/);
  assert.match(fault({ done: 0 }), /nothing/);
  assert.match(fault({ application: 'http/1.1' }), /spoke http\/1\.1, not h2/);
  assert.match(fault({ cipher: 'TLS_AES_256_GCM_SHA384' }), /suite/);
  assert.match(fault({ failed: 1 }), /1 of 13673 requests failed/);
  assert.match(fault({ timeout: 2 }), /2 of 13673 requests failed/);
  assert.match(fault({ statusOther: 3 }), /3 of 13673 answers were not 2xx/);
  assert.match(fault({ status2xx: 13672 }), /whole/);
  assert.match(fault({ succeeded: 13672 }), /13672 of 13673/);
});

test('a run of h2load with a fixed number of requests answers each of them', () => {
  const good = { ...parseH2load(h2loadOutput), started: 200, done: 200, succeeded: 200, status2xx: 200 };
  const expected = { application: 'h2', requests: 200, contentOctets: 1_000_000 } as const;
  assert.equal(faultOfH2load({ ...good, dataOctets: 200_000_000 }, expected), undefined);
  assert.match(faultOfH2load({ ...good, dataOctets: 200_000_001 }, expected) ?? '', /octets/);
  const fewer = { ...good, done: 199, succeeded: 199, dataOctets: 199_000_000 };
  assert.match(faultOfH2load(fewer, expected) ?? '', /199 of 200/);
});

test('contents are moved as often by each connection, and once at least', () => {
  const content = { file: '', target: '', digest: '', octets: 1_000_000 };
  assert.equal(transferCount(content, 2, 8), 400);
  assert.equal(transferCount({ ...content, octets: 100_000_000 }, 2, 2), 4);
  assert.equal(transferCount({ ...content, octets: 100_000_000 }, 0.1, 2), 2);
});

test('peers have the first cores, and the load others where there are any', () => {
  assert.deepEqual(layoutFor(1, 1), { peer: [0], load: [0] });
  assert.deepEqual(layoutFor(2, 1), { peer: [0], load: [0] });
  assert.deepEqual(layoutFor(1, 2), { peer: [0], load: [1] });
  assert.deepEqual(layoutFor(2, 2), { peer: [0, 1], load: [0, 1] });
  assert.deepEqual(layoutFor(2, 3), { peer: [0, 1], load: [2] });
  assert.deepEqual(layoutFor(2, 16), { peer: [0, 1], load: [2, 3] });
});
