import test from 'node:test';
import assert from 'node:assert/strict';
import { isMethod, isSendable, requestFields, withAuthorization } from '../../src/trace/request-fields.ts';
import { readTarget } from '../../src/trace/target.ts';
import { FindingError } from '../../src/story/finding-error.ts';

test('a target is a URL of the web; without a scheme https is meant', () => {
  assert.equal(readTarget('example.test/a?b').url.href, 'https://example.test/a?b');
  assert.equal(readTarget('HTTP://example.test').url.href, 'http://example.test/');
  assert.equal(readTarget('[::1]:8443').url.href, 'https://[::1]:8443/');
  for (const text of ['', 'ftp://example.test', 'https://', 'https://a b/', 'https://a_b..c/'])
    assert.throws(
      () => readTarget(text),
      (error) => error instanceof FindingError && error.finding.code === 'trace-url-unclear',
      text,
    );
});

test('credentials leave the URL and become a field', () => {
  const { url, authorization } = readTarget('https://us%65r:p%3Ass%zz@example.test/');
  assert.equal(url.href, 'https://example.test/');
  // What is not percent-encoding throughout stays as it was typed.
  assert.equal(Buffer.from(authorization!.slice(6), 'base64').toString(), 'user:p%3Ass%zz');
  assert.equal(readTarget('https://example.test/').authorization, undefined);
  assert.deepEqual(withAuthorization([], authorization), [{ name: 'Authorization', value: authorization }]);
  const chosen = [{ name: 'AUTHORIZATION', value: undefined }];
  assert.deepEqual(withAuthorization(chosen, authorization), chosen);
});

test('a wanted field takes the place of the usual one of its name, or leaves it out', () => {
  const names = (fields: readonly (readonly [string, string])[]): string[] => fields.map(([name]) => name);
  assert.deepEqual(names(requestFields([], true)), ['User-Agent', 'Accept', 'Accept-Encoding', 'Content-Type']);
  const wanted = [
    { name: 'accept', value: 'text/html' },
    { name: 'USER-AGENT', value: undefined },
    { name: 'X-Name', value: ' ü ' },
    { name: 'X-Empty', value: '' },
  ];
  assert.deepEqual(requestFields(wanted, false).slice(1), [
    ['accept', 'text/html'],
    ['X-Name', '\xc3\xbc'],
    ['X-Empty', ''],
  ]);
});

test('what would change the framing, or is no token, cannot be sent', () => {
  for (const name of ['Host', 'connection', 'Transfer-Encoding', 'UPGRADE', 'a b', '', 'a:'])
    assert.equal(isSendable({ name, value: 'x' }), false, name);
  for (const value of ['a\r\nb', 'a\nb', 'a\0b']) assert.equal(isSendable({ name: 'X', value }), false);
  assert.equal(isSendable({ name: 'X', value: undefined }), true);
  for (const method of ['GET', 'get', 'M-SEARCH']) assert.equal(isMethod(method), true, method);
  for (const method of ['CONNECT', '', 'G T', 'GET\r']) assert.equal(isMethod(method), false, method);
});
