import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerError, buildRawErrorResponse } from '../../../src/gateway/answer/error-answer.ts';
import { createRequestIds } from '../../../src/gateway/answer/request-id.ts';
import { encodeFieldBlock } from '../../../src/gateway/answer/field-block.ts';
import { answerStatus } from '../../../src/gateway/answer/statuses.ts';
import { catalog, type FindingCode } from '../../../src/story/catalog/index.ts';
import { httpCatalog } from '../../../src/story/catalog/http.ts';
import { RecordingDownstream } from './recording-downstream.ts';

const options = { language: 'en', requestId: 'K3F09QZ', nowMs: Date.UTC(2026, 10, 3, 12, 0, 0) } as const;
/** Values as the upstream engine fills them in: everything here is inside detail. */
const inside = { upstream: 'http://10.1.2.3:8000', site: 'app.test', detail: '/srv/secret/app.sock', seconds: 5 };
const codes = Object.keys(httpCatalog) as FindingCode[];
const accepts = ['text/html', 'application/json', '*/*'];

test('an app that refuses connections is a 502 that says so in Proxy-Status', () => {
  const downstream = new RecordingDownstream();
  answerError(downstream, 'upstream-refused', inside, options);
  assert.equal(downstream.status, 502);
  assert.deepEqual(downstream.calls, ['head', 'content', 'end']);
  assert.equal(downstream.fields.get('proxy-status'), 'menshen; error=connection_refused');
  assert.equal(downstream.fields.get('cache-control'), 'no-store');
  assert.equal(downstream.fields.get('date'), 'Tue, 03 Nov 2026 12:00:00 GMT');
  assert.equal(downstream.fields.get('x-request-id'), 'K3F09QZ');
  assert.equal(downstream.record.error, 'upstream-refused');
  assert.match(downstream.text, /^502 Bad Gateway\n\n.+\n.+\n\nRequest number: K3F09QZ\n$/);
});

test('the status that an unusable response had is told', () => {
  const downstream = new RecordingDownstream();
  answerError(downstream, 'upstream-head-too-large', inside, { ...options, receivedStatus: 200 });
  assert.equal(
    downstream.fields.get('proxy-status'),
    'menshen; error=http_response_header_section_size; received-status=200',
  );
});

test('no address, path or setting of the inside reaches a client, in any code, format and language', () => {
  for (const code of codes) {
    for (const accept of accepts) {
      for (const language of ['en', 'zh'] as const) {
        const downstream = new RecordingDownstream({}, { Accept: accept });
        answerError(downstream, code, { ...inside, authority: 'app.test' }, { ...options, language });
        const sent = downstream.text + [...downstream.fields].flat().join('\n');
        assert.doesNotMatch(sent, /10\.1\.2\.3|secret|limits\.|timeouts\.|upstream/, `${code} ${accept} ${language}`);
        assert.doesNotMatch(downstream.text, /\{\w+\}/, `${code} ${accept} ${language}`);
        assert.ok(downstream.text.includes('K3F09QZ'));
      }
    }
  }
});

test('a page is complete, in the language asked for, and loads nothing', () => {
  const downstream = new RecordingDownstream({}, { Accept: 'text/html,*/*;q=0.8', 'Accept-Language': 'zh-CN,zh' });
  answerError(downstream, 'upstream-response-timeout', inside, options);
  assert.equal(downstream.status, 504);
  assert.equal(downstream.fields.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(downstream.fields.get('content-language'), 'zh-CN');
  assert.match(downstream.text, /^<!doctype html><html lang="zh-CN">/);
  assert.match(downstream.text, /网关超时/);
  assert.match(downstream.text, /prefers-color-scheme:dark/);
  assert.doesNotMatch(downstream.text, /src=|href=|url\(|@import/);
  assert.match(downstream.fields.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'sha256-/);
});

test('a problem document has the members of RFC 9457, and names the code where it is the client that errs', () => {
  const own = new RecordingDownstream({}, { Accept: 'application/json' });
  answerError(own, 'no-such-site', { authority: 'nobody.test' }, options);
  assert.equal(own.fields.get('content-type'), 'application/problem+json');
  assert.deepEqual(JSON.parse(own.text), {
    title: 'Not Found',
    status: 404,
    detail: 'No site here is called nobody.test.',
    mend: httpCatalog['no-such-site'].en.mend,
    code: 'no-such-site',
    requestId: 'K3F09QZ',
  });
  const apps = new RecordingDownstream({}, { Accept: 'application/json' });
  answerError(apps, 'upstream-socket-missing', inside, options);
  assert.equal('code' in (JSON.parse(apps.text) as object), false);
});

test('what a client sent is never repeated as markup', () => {
  const downstream = new RecordingDownstream({}, { Accept: 'text/html' });
  answerError(downstream, 'no-such-site', { authority: '<script>alert(1)</script>' }, options);
  assert.doesNotMatch(downstream.text, /script/);
  assert.match(downstream.text, /No site here is called …\./);
});

test('a value that is missing falls back to the general words', () => {
  const downstream = new RecordingDownstream();
  answerError(downstream, 'no-such-site', {}, options);
  assert.match(downstream.text, /There is nothing at this address/);
});

test('HEAD gets the head alone, with the length that GET would have', () => {
  const get = new RecordingDownstream();
  answerError(get, 'shutting-down', {}, options);
  const head = new RecordingDownstream({ method: 'HEAD' });
  answerError(head, 'shutting-down', {}, options);
  assert.deepEqual(head.calls, ['head', 'end']);
  assert.equal(head.hasContent, false);
  assert.deepEqual(head.fields, get.fields);
});

test('503 says when to try again, 405 what would be allowed', () => {
  const busy = new RecordingDownstream();
  answerError(busy, 'upstream-too-many-connections', inside, { ...options, retryAfterSeconds: 7 });
  assert.equal(busy.status, 503);
  assert.equal(busy.fields.get('retry-after'), '7');
  const draining = new RecordingDownstream();
  answerError(draining, 'shutting-down', {}, options);
  assert.match(draining.fields.get('retry-after') ?? '', /^\d+$/);
  const method = new RecordingDownstream();
  answerError(method, 'method-not-allowed', {}, { ...options, allow: 'GET, HEAD' });
  assert.equal(method.status, 405);
  assert.equal(method.fields.get('allow'), 'GET, HEAD');
  const connect = new RecordingDownstream({ method: 'CONNECT' });
  answerError(connect, 'connect-refused', {}, options);
  assert.match(connect.fields.get('allow') ?? '', /GET/);
});

test('the responder takes late content, drains and aborts without touching the ended exchange', () => {
  const downstream = new RecordingDownstream({ method: 'POST', hasContent: true, contentLength: 3 });
  const responder = answerError(downstream, 'content-too-large', {}, options);
  responder.onContent(Buffer.from('abc'), 0, 3);
  responder.onContentEnd();
  responder.flush();
  responder.onDrain();
  responder.onAbort('client-gone');
  assert.deepEqual(downstream.calls, ['head', 'content', 'end']);
});

test('statuses are those of the issue', () => {
  const expected: Partial<Record<FindingCode, number>> = {
    'framing-conflict': 400,
    'transfer-encoding-unsupported': 501,
    'version-unsupported': 505,
    'connect-refused': 405,
    'head-timeout': 408,
    'content-too-large': 413,
    'target-too-long': 414,
    'expectation-unknown': 417,
    misdirected: 421,
    'head-too-large': 431,
    'too-many-fields': 431,
    'client-certificate-required': 403,
    'upstream-connect-timeout': 504,
    'upstream-closed-early': 502,
  };
  for (const [code, status] of Object.entries(expected)) {
    assert.equal(answerStatus(code as FindingCode).status, status, code);
  }
});

test('raw responses are complete HTTP/1.1 messages that close, for every code', () => {
  for (const code of codes) {
    const bytes = buildRawErrorResponse(code, { language: 'en', nowMs: options.nowMs });
    const text = bytes.toString('utf8');
    const headEnd = text.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
    assert.match(statusLine, new RegExp(`^HTTP/1\\.1 ${answerStatus(code).status} [A-Z][A-Za-z ]+$`), code);
    const fields = new Map(lines.map((line) => line.toLowerCase().split(': ') as [string, string]));
    assert.equal(fields.get('connection'), 'close');
    assert.equal(Number(fields.get('content-length')), bytes.length - headEnd - 4, code);
    assert.doesNotMatch(text, /\{\w+\}/, code);
  }
});

test('raw responses are made once a second, in each language', () => {
  const first = buildRawErrorResponse('obs-fold', { language: 'en', nowMs: 5000 });
  assert.equal(buildRawErrorResponse('obs-fold', { language: 'en', nowMs: 5999 }), first);
  const later = buildRawErrorResponse('obs-fold', { language: 'en', nowMs: 6000 });
  assert.notEqual(later, first);
  assert.match(later.toString(), /Date: Thu, 01 Jan 1970 00:00:06 GMT\r\n/);
  const chinese = buildRawErrorResponse('obs-fold', { language: 'zh', nowMs: 6000 });
  assert.ok(chinese.toString().includes(httpCatalog['obs-fold'].zh.cause));
});

test('a failure on the inside tells whether the configuration is at fault', () => {
  assert.deepEqual(answerStatus('port-forbidden'), { status: 500, proxyError: 'proxy_configuration_error' });
  assert.deepEqual(answerStatus('internal-error'), { status: 500, proxyError: 'proxy_internal_error' });
});

test('a code of any domain can be answered', () => {
  for (const code of Object.keys(catalog) as FindingCode[]) {
    const downstream = new RecordingDownstream();
    answerError(downstream, code, {}, options);
    assert.ok(downstream.status >= 400 && downstream.status <= 505, code);
  }
});

test('field values that could end their line are left out', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const block = encodeFieldBlock([
        ['A', value],
        ['B', 'x'],
      ]).toString('latin1');
      assert.match(block, /^(?:A: [^\r\n\0]*\r\n)?B: x\r\n$/);
    }),
  );
  assert.equal(encodeFieldBlock([['A', '\u010d\u010aB: 1']]).length, 0);
});

test('request numbers are short and do not repeat', () => {
  const next = createRequestIds(0x1234_5678);
  const made = new Set(Array.from({ length: 20_000 }, () => next()));
  assert.equal(made.size, 20_000);
  for (const id of made) assert.match(id, /^[0-9A-HJKMNP-TV-Z]{7}$/);
  assert.notEqual(createRequestIds(1)(), createRequestIds(2)());
});
