import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseStaticPath } from '../../../src/gateway/answer/static-path.ts';

test('the query is cut off and the path stays as it was sent', () => {
  assert.equal(parseStaticPath('/a%20b?c=/../d'), '/a%20b');
  assert.equal(parseStaticPath('/docs/?'), '/docs/');
  assert.equal(parseStaticPath('/'), '/');
});

test('whatever is taken for a path stays under its root, read once or twice', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%00',
    '%25',
    'a',
    '?',
    '.well-known',
    '%ff',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const found = parseStaticPath(`/${pieces.join('')}`);
      if (found === undefined) return;
      const decoded = decodeURIComponent(found);
      assert.doesNotMatch(decoded, /[\\\0]/);
      const resolved = path.posix.normalize(`/root${decoded}`);
      assert.equal(resolved, `/root${decoded}`, 'nothing to normalize is left');
      for (const segment of decoded.slice(1).split('/').slice(1)) assert.equal(segment.startsWith('.'), false);
    }),
    { numRuns: 2000 },
  );
});
