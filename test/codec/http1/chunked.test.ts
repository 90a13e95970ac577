import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CHUNK_INVALID,
  ChunkedDecoder,
  CONTENT_FOUND,
  MESSAGE_END,
  writeChunkSize,
  type ChunkLimits,
} from '../../../src/codec/http1/chunked.ts';

const limits: ChunkLimits = { extensionBytes: 100, trailerBytes: 200 };

interface Outcome {
  readonly status: string;
  readonly content: string;
  readonly trailers: string;
  /** Octets behind the message. */
  readonly rest: string;
}

/** Decodes pieces one after the other, as they would come from a connection. */
function decode(pieces: readonly string[], bounds = limits, decoder = new ChunkedDecoder()): Outcome {
  decoder.begin(bounds);
  let content = '';
  for (const [index, piece] of pieces.entries()) {
    const bytes = Buffer.from(piece, 'latin1');
    let position = 0;
    for (;;) {
      const status = decoder.read(bytes, position, bytes.length);
      assert.ok(decoder.position >= position && decoder.position <= bytes.length);
      position = decoder.position;
      if (status === CONTENT_FOUND) {
        assert.ok(decoder.contentEnd > decoder.contentStart, 'content is never empty');
        content += bytes.toString('latin1', decoder.contentStart, decoder.contentEnd);
      } else if (status === CHUNK_INVALID) {
        return { status: decoder.error, content, trailers: '', rest: '' };
      } else if (status === MESSAGE_END) {
        const rest = bytes.toString('latin1', position) + pieces.slice(index + 1).join('');
        return { status: 'end', content, trailers: decoder.trailers?.toString('latin1') ?? '', rest };
      } else break;
    }
  }
  return { status: 'more', content, trailers: '', rest: '' };
}

const WHOLE = '5;a="b\\"c";d\r\nhello\r\n00B\r\n, you there!\r\n0;x=y\r\nX-Sum: 1\r\nETag: "a"\r\n\r\n'.replace(
  '00B',
  '00C',
);
const whole: Outcome = { status: 'end', content: 'hello, you there!', trailers: 'X-Sum: 1\r\nETag: "a"\r\n', rest: '' };

test('a message is decoded alike in one piece, with octets behind it, cut anywhere, and octet by octet', () => {
  assert.deepEqual(decode([WHOLE]), whole);
  assert.deepEqual(decode([`${WHOLE}GET /`]), { ...whole, rest: 'GET /' });
  for (let cut = 0; cut < WHOLE.length; cut += 1) {
    assert.deepEqual(decode([WHOLE.slice(0, cut), WHOLE.slice(cut)]), whole, `cut at ${cut}`);
    assert.equal(decode([WHOLE.slice(0, cut)]).status, 'more', `truncated at ${cut}`);
  }
  assert.deepEqual(decode([...Array.from(WHOLE), 'next']), { ...whole, rest: 'next' });
});

const malformed = [
  '\r\n',
  'g\r\n',
  '-1\r\n',
  '+1\r\n',
  ' 1\r\n',
  '1 \r\n',
  '1\n',
  '1\r\r',
  '1\rX',
  '123456789\r\n',
  '0x1\r\n',
  '1,\r\n',
  '1;\r\n',
  '1;a=\r\n',
  '1; a\r\n',
  '1;a =b\r\n',
  '1;a= b\r\n',
  '1;a="b\r\n',
  '1;a="b"c\r\n',
  '1;a="\n"\r\n',
  '1;a="\\\n"\r\n',
  '1;a\n',
  '1;a\rX',
  '1;\0\r\n',
  `1;${'a'.repeat(101)}\r\n`,
  '1\r\naX\r\n',
  '1\r\na\rX',
  '1\r\na\n',
  '1\r\nab',
  '1\r\na1\r\n',
];
const trailersMalformed = [
  '0\r\n\n',
  '0\r\nX\r\n\r\n',
  '0\r\nX : 1\r\n\r\n',
  '0\r\nX: 1\n\r\n',
  '0\r\n X: 1\r\n\r\n',
  '0\r\nX: 1\r\n 2\r\n\r\n',
  '0\r\nX: \0\r\n\r\n',
  `0\r\nX: ${'a'.repeat(300)}\r\n\r\n`,
  `0\r\n${'X:\r\n'.repeat(65)}\r\n`,
  '0\r\nX: a\rb\r\n\r\n',
];

test('what breaks the grammar is refused, in one piece or octet by octet, and stays refused', () => {
  const wide: ChunkLimits = { extensionBytes: 100, trailerBytes: 270 };
  for (const [code, cases] of [
    ['chunk-malformed', malformed],
    ['trailer-malformed', trailersMalformed],
  ] as const) {
    for (const text of cases) {
      assert.equal(decode([text], wide).status, code, JSON.stringify(text));
      assert.equal(decode(Array.from(text), wide).status, code, JSON.stringify(text));
      assert.equal(decode(Array.from(`1\r\na\r\n${text}`), wide).status, code, JSON.stringify(text));
    }
  }
  const decoder = new ChunkedDecoder();
  decoder.begin(limits);
  const bytes = Buffer.from('x');
  assert.equal(decoder.read(bytes, 0, 1), CHUNK_INVALID);
  assert.equal(decoder.read(bytes, 0, 1), CHUNK_INVALID);
  assert.deepEqual(decode([WHOLE], limits, decoder), whole, 'the next message begins anew');
});

test('limits count what they say: extensions of the whole message, trailers without the empty line', () => {
  const end = '0\r\n\r\n';
  assert.equal(decode([`1;aaa\r\na\r\n1;aa\r\na\r\n${end}`], { ...limits, extensionBytes: 7 }).status, 'end');
  assert.equal(
    decode([`1;aaa\r\na\r\n1;aaaa\r\na\r\n${end}`], { ...limits, extensionBytes: 7 }).status,
    'chunk-malformed',
  );
  assert.equal(decode([end], { ...limits, trailerBytes: 0 }).status, 'end');
  assert.equal(decode(['0\r\nX: 1\r\n\r\n'], { ...limits, trailerBytes: 6 }).status, 'end');
  assert.equal(decode(['0\r\nX: 1\r\n\r\n'], { ...limits, trailerBytes: 5 }).status, 'trailer-malformed');
});

test('trailers that frame, route, authenticate or identify are dropped, in any spelling', () => {
  const dropped = [
    'Content-Length',
    'transfer-encoding',
    'HOST',
    'Authorization',
    'Cookie',
    'Set-Cookie',
    'Connection',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',

    'Content-Type',
    'content_length',
    'X-Forwarded-For',
    'x_forwarded_for',
    'Forwarded',
    'Client-Cert',
    'X-Real-IP',
    'Proxy',
    'Location',
    'Vary',
  ];
  for (const name of dropped) {
    assert.equal(decode([`0\r\nX-A: 1\r\n${name}: 1\r\nX-B: 2\r\n\r\n`]).trailers, 'X-A: 1\r\nX-B: 2\r\n', name);
    assert.equal(decode([`0\r\n${name}: 1\r\n\r\n`]).trailers, '', name);
  }
});

test('no octets make the decoder throw, hang, or depend on how they are cut', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '5',
    'a',
    'F',
    ';',
    '=',
    '"',
    '\\',
    '\r\n',
    '\r',
    '\n',
    ' ',
    'hello',
    'X: 1\r\n',
    '\0',
    '0\r\n\r\n',
    '5\r\nhello\r\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(100), { maxLength: 5 }), (parts, at) => {
      const text = parts.join('');
      const cuts = [0, ...at.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
      const cutUp = cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut));
      assert.deepEqual(decode(cutUp), decode([text]));
    }),
    { numRuns: 3000 },
  );
});

test('what is written is read back, whatever the sizes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 70, unit: fc.constantFrom('\r', '\n', '0', ';', 'm') })),
      (chunks) => {
        const encoded = chunks.map((chunk) => {
          const line = Buffer.alloc(10);
          return `${line.toString('latin1', 0, writeChunkSize(line, 0, chunk.length))}${chunk}\r\n`;
        });
        const outcome = decode([`${encoded.join('')}0\r\n\r\nrest`]);
        assert.deepEqual(outcome, { status: 'end', content: chunks.join(''), trailers: '', rest: 'rest' });
      },
    ),
  );
});

test('sizes are written in the fewest digits', () => {
  for (const size of [0, 1, 9, 10, 15, 16, 255, 256, 65_535, 65_536, 0x0fffffff, 0x10000000, 0xffffffff]) {
    const line = Buffer.alloc(12, 0x2e);
    assert.equal(line.toString('latin1', 1, writeChunkSize(line, 1, size)), `${size.toString(16)}\r\n`);
  }
});
