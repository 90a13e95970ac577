import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { negotiateFormat, negotiateLanguage } from '../../../src/gateway/answer/negotiate.ts';

const formatCases: [accept: string | undefined, format: string][] = [
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['image/png', 'text'],
  ['image/avif,image/webp,image/png,*/*;q=0.8', 'text'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'html'],
  ['text/*', 'html'],
  ['TEXT/HTML', 'html'],
  ['text/html;level=1;q=0.5, text/plain;q=0.6', 'text'],
  ['text/html;q=0', 'text'],
  ['text/html;q=0.2, */*', 'text'],
  ['application/json', 'json'],
  ['application/problem+json', 'json'],
  ['application/json, text/plain, */*', 'json'],
  ['application/json;q=0.1, text/html', 'html'],
  ['application/json;q=0.1, application/problem+json, text/html;q=0.9', 'json'],
  ['application/*', 'json'],
  ['text/html;q=nonsense', 'html'],
];

test('the format follows Accept, and its weights', () => {
  for (const [accept, format] of formatCases) assert.equal(negotiateFormat(accept), format, String(accept));
});

const languageCases: [acceptLanguage: string | undefined, preferred: 'en' | 'zh', language: string][] = [
  [undefined, 'en', 'en'],
  [undefined, 'zh', 'zh'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'en', 'zh'],
  ['en-GB,en;q=0.9', 'zh', 'en'],
  ['de,en;q=0.5,zh;q=0.4', 'zh', 'en'],
  ['de', 'zh', 'zh'],
  ['*', 'zh', 'zh'],
  ['zh;q=0, en;q=0.1', 'zh', 'en'],
  ['ZH-hant', 'en', 'zh'],
  ['zhx', 'en', 'en'],
];

test('the language follows Accept-Language, and the configured one decides where it says nothing', () => {
  for (const [asked, preferred, language] of languageCases) {
    assert.equal(negotiateLanguage(asked, preferred), language, String(asked));
  }
});

test('any field value gives one of the answers', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      assert.ok(['html', 'json', 'text'].includes(negotiateFormat(value)));
      assert.ok(['en', 'zh'].includes(negotiateLanguage(value, 'en')));
    }),
  );
});
