import assert from 'node:assert/strict';
import test from 'node:test';
import { LastWords } from '../../../src/gateway/workers/last-words.ts';

function told(...texts: readonly string[]): string {
  const words = new LastWords();
  for (const text of texts) words.add(text);
  return words.tell();
}

test('an uncaught exception is told by its message and place', () => {
  const stack = `/srv/x.js:3
    throw new TypeError('no such thing');
    ^

TypeError: no such thing
    at Object.<anonymous> (/srv/x.js:3:11)
    at Module._compile (node:internal/modules/cjs/loader:1554:14)

Node.js v20.20.2
`;
  assert.equal(told(stack), 'TypeError: no such thing at Object.<anonymous> (/srv/x.js:3:11)');
});

test('an error with a code, and memory that ran out, are found too', () => {
  assert.equal(
    told('(node:1) Warning: x\nError [ERR_IPC_CHANNEL_CLOSED]: Channel closed\n    at a (b:1:2)\n'),
    'Error [ERR_IPC_CHANNEL_CLOSED]: Channel closed at a (b:1:2)',
  );
  const v8 = `
<--- Last few GCs --->

[9:0x1] 100 ms: Mark-Compact 2047.3 (2083.2) -> 2046.9 MB

FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xb8ced1 node::OOMErrorHandler
`;
  assert.equal(told(v8), 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory');
});

test('of several reasons the last one counts, in whatever pieces it came', () => {
  assert.equal(
    told('RangeError: first\n    at x (y:1:1)\nRange', 'Error: second\n', '    at z (y:2:2)\n'),
    'RangeError: second at z (y:2:2)',
  );
});

test('without a reason the last line is told, and nothing where nothing was said', () => {
  assert.equal(told('hm\n  goodbye  \n\n'), 'goodbye');
  assert.equal(told(), '');
});

test('however much was said, one bounded line is told', () => {
  const words = told('x'.repeat(1_000_000), `\nError: ${'y'.repeat(100_000)}`);
  assert.ok(words.length <= 300);
  assert.doesNotMatch(words, /\n/);
});
