import zlib from 'node:zlib';
import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCharset, isText, mediaTypeOf } from '../../../src/trace/http/charset.ts';
import { decodeContent } from '../../../src/trace/http/content-decoding.ts';

const text = Buffer.from('hello '.repeat(50));

test('codings are undone from the last to the first, deflate with and without its wrapping', async () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ['gzip', zlib.gzipSync(text)],
    ['x-gzip', zlib.gzipSync(text)],
    ['br', zlib.brotliCompressSync(text)],
    ['deflate', zlib.deflateSync(text)],
    ['deflate', zlib.deflateRawSync(text)],
    ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(text))],
    ['identity', text],
    ['', text],
  ];
  for (const [coding, bytes] of cases) {
    const { bytes: decoded, problem } = await decodeContent(bytes, coding, 10_000);
    assert.equal(problem, undefined, coding);
    assert.ok(decoded.equals(text), coding);
  }
});

test('Zstandard is undone where this Node has it', async (t) => {
  const compress = (zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync;
  if (compress === undefined) {
    t.skip('this Node has no Zstandard');
    return;
  }
  const { bytes } = await decodeContent(compress(text), 'zstd', 10_000);
  assert.ok(bytes.equals(text));
});

test('a bomb, broken octets and unknown codings are told', async () => {
  const bomb = await decodeContent(zlib.gzipSync(Buffer.alloc(1_000_000)), 'gzip', 100_000);
  assert.equal(bomb.problem?.code, 'trace-content-bomb');
  const broken = await decodeContent(zlib.gzipSync(text).subarray(0, 20), 'gzip', 10_000);
  assert.equal(broken.problem?.code, 'trace-coding-broken');
  const unknown = await decodeContent(text, 'pack200-gzip', 10_000);
  assert.equal(unknown.problem?.code, 'trace-coding-unknown');
  const many = await decodeContent(text, 'gzip,gzip,gzip,gzip', 10_000);
  assert.equal(many.problem?.code, 'trace-coding-unknown');
});

test('fuzz: no content makes decoding reject', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom('gzip', 'br', 'deflate', 'zstd'),
      async (noise, coding) => {
        const { bytes } = await decodeContent(Buffer.from(noise), coding, 1_000);
        assert.ok(bytes.length <= 1_000);
      },
    ),
    { numRuns: 60 },
  );
});

test('the charset: the mark, then the field, then the document itself', () => {
  const marked = Buffer.from('\ufeff<meta charset=gbk>');
  assert.deepEqual(findCharset(marked, 'text/html; charset=latin1'), { name: 'utf-8', from: 'bom', valid: true });
  const html = Buffer.from('<meta charset="gbk">');
  assert.deepEqual(findCharset(html, 'text/html; charset="UTF-8"'), {
    name: 'utf-8',
    from: 'content-type',
    valid: true,
  });
  assert.deepEqual(findCharset(html, 'text/html'), { name: 'gbk', from: 'meta', valid: true });
  assert.deepEqual(findCharset(html, 'text/plain'), { name: undefined, from: 'none', valid: true });
  assert.equal(findCharset(Buffer.of(0xff, 0x41), 'text/plain; charset=utf-8').valid, false);
  assert.equal(findCharset(html, 'text/plain; charset=klingon').valid, false);
  assert.equal(mediaTypeOf('Text/HTML ; charset=x'), 'text/html');
  assert.ok(isText('application/json') && isText('image/svg+xml') && !isText('image/png'));
});
