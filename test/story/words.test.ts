import test from 'node:test';
import assert from 'node:assert/strict';
import { catalog, type FindingCode } from '../../src/story/catalog/index.ts';
import { traceCatalog } from '../../src/story/catalog/trace.ts';
import { finding, tellFinding, type FindingValues } from '../../src/story/finding.ts';
import { labels, notes } from '../../src/story/words/index.ts';
import { tellWord, type Word } from '../../src/story/words/word.ts';
import { fieldNotes } from '../../src/story/words/http-fields.ts';
import { traceWords } from '../../src/cli/commands/trace-words.ts';
import { tracePageWords } from '../../src/cli/render/trace-page-words.ts';

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).toSorted();

test('every label, note and finding of a trace is there in both languages with the same values', () => {
  const words: [string, Word][] = [...Object.entries(labels), ...Object.entries(notes)];
  for (const [code, { en, zh }] of Object.entries(traceCatalog))
    words.push([`${code} cause`, { en: en.cause, zh: zh.cause }], [`${code} mend`, { en: en.mend, zh: zh.mend }]);
  for (const [key, { en, zh }] of words) {
    assert.deepEqual(placeholders(en), placeholders(zh), key);
    assert.equal(en === '', zh === '', key);
  }
  assert.ok(words.length > 300);
});

test('about eighty fields of HTTP are explained', () => {
  const explained = Object.keys(fieldNotes).filter((key) => key.startsWith('field:'));
  assert.ok(explained.length >= 80, String(explained.length));
  for (const [key, { en }] of Object.entries(fieldNotes)) assert.ok(en.length <= 90, `${key} is one line`);
});

test('Chinese words are Chinese: nothing was left in English by mistake', () => {
  const same = Object.entries({ ...labels, ...notes }).filter(
    ([, { en, zh }]) => en === zh && /[a-z]{4,} [a-z]{3,}/.test(en),
  );
  assert.deepEqual(same, []);
  for (const [key, text] of Object.entries(traceWords.zh)) assert.match(text, /[\u4e00-\u9fff]/, key);
});

test('headings and options are there in both languages', () => {
  for (const words of [tracePageWords, traceWords]) {
    assert.deepEqual(Object.keys(words.zh), Object.keys(words.en));
  }
});

test('values fill placeholders; one that is missing stays visible', () => {
  const word = { en: 'a {x} b {y}', zh: '{y}{x}' };
  assert.equal(tellWord(word, 'en', { x: 1 }), 'a 1 b {y}');
  assert.equal(tellWord(word, 'zh', { x: 1, y: '$&' }), '$&1');
});

test('every finding of a trace stands in the catalogue once', () => {
  for (const code of Object.keys(traceCatalog)) assert.ok(code in catalog, code);
});

test('codes that a finding holds are told in words, in both languages', () => {
  const told = (code: FindingCode, values: FindingValues): string[] =>
    (['en', 'zh'] as const).map((language) => tellFinding(finding(code, values), language).cause);
  assert.deepEqual(told('trace-response-malformed', { offset: 17, reason: 'framing-conflict' }), [
    'The answer breaks the rules of HTTP at octet 17: Content-Length and Transfer-Encoding contradict, or one of them stands twice.',
    '响应在第 17 字节处违反 HTTP 规则：Content-Length 与 Transfer-Encoding 相互矛盾，或重复出现。',
  ]);
  assert.deepEqual(told('trace-h2-violation', { reason: 'h2-window-ignored' }), [
    'The server breaks the rules of HTTP/2: more content was sent than the window of the connection allowed.',
    '服务器违反 HTTP/2 规则：发送的内容超过了连接窗口所允许的量。',
  ]);
  // What is no code is told as it is, and only where a code is meant.
  assert.match(
    told('trace-unreachable', { address: 'truncated', reason: 'EHOSTUNREACH' })[0]!,
    /^truncated .* EHOSTUNREACH/,
  );
  assert.equal(
    tellWord({ en: '({problem})', zh: '（{problem}）' }, 'zh', { problem: 'bad-length' }),
    '（不允许的长度）',
  );
  const odd = told('trace-h2-violation', { reason: 'toString' });
  assert.match(odd[0]!, /toString\.$/);
});
