import test from 'node:test';
import assert from 'node:assert/strict';
import { languageOf } from '../../src/config/language.ts';

test('the first locale that is set decides', () => {
  assert.equal(languageOf({}), 'en');
  assert.equal(languageOf({ LANG: 'zh_CN.UTF-8' }), 'zh');
  assert.equal(languageOf({ LANG: 'zh_CN.UTF-8', LC_ALL: 'en_US.UTF-8' }), 'en');
  assert.equal(languageOf({ LANG: 'en_US', LC_MESSAGES: 'zh_TW' }), 'zh');
  assert.equal(languageOf({ LANG: 'zh', LC_ALL: '' }), 'zh');
  assert.equal(languageOf({ LANG: 'zha_CN' }), 'en');
  assert.equal(languageOf({ LANG: 'C.UTF-8' }), 'en');
});
