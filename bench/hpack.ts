/**
 * What a header block costs: nanoseconds to decode a browser's request into a field block, and to encode an app's answer.
 * `node dist/bench/hpack.js` prints them; `--json` prints JSON; `--check` fails where one is beyond its bound.
 *
 * The bounds are ratios to work of about the same size measured in the same run (decoding the block's octets to a string,
 * writing them back), so that they hold on any machine.
 */
import { HpackDecoder } from '../src/codec/http2/hpack/decoder.ts';
import { HpackEncoder } from '../src/codec/http2/hpack/encoder.ts';
import { RequestFields } from '../src/codec/http2/request-fields.ts';

const scratch = Buffer.alloc(16_384);
const block = Buffer.alloc(65_536);
const limits = { tableSize: 4096, listSize: 65_536, fieldCount: 200 };
const rules = { scheme: 'https', extendedConnect: true } as const;

const browser: [string, string][] = [
  [':method', 'GET'],
  [':authority', 'shop.example.com'],
  [':scheme', 'https'],
  [':path', '/'],
  ['sec-ch-ua', '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"'],
  ['sec-ch-ua-mobile', '?0'],
  ['sec-ch-ua-platform', '"Linux"'],
  ['upgrade-insecure-requests', '1'],
  [
    'user-agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  ],
  ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'],
  ['sec-fetch-site', 'same-origin'],
  ['sec-fetch-mode', 'navigate'],
  ['sec-fetch-dest', 'document'],
  ['referer', 'https://shop.example.com/'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
  ['accept-language', 'en-US,en;q=0.9'],
  ['cookie', 'session=0123456789abcdef0123456789abcdef; theme=dark'],
  ['priority', 'u=0, i'],
];

const small: [string, string][] = [
  [':method', 'GET'],
  [':path', '/'],
  [':scheme', 'https'],
  [':authority', '127.0.0.1:8443'],
  ['user-agent', 'h2load nghttp2/1.52.0'],
];

const answer = [
  'Server: uvicorn',
  'Date: Sun, 22 Nov 2026 01:15:23 GMT',
  'Content-Type: text/html; charset=utf-8',
  'Cache-Control: no-cache',
  'Vary: Accept-Encoding',
  'X-Frame-Options: DENY',
  'Strict-Transport-Security: max-age=31536000',
  'Content-Length: 5120',
].join('\r\n');

/** A client's block as browsers make it: everything into the table but the path, which comes as a literal. */
function clientBlocks(fields: [string, string][], count: number, path: (index: number) => string): Buffer[] {
  const encoder = new HpackEncoder(Buffer.alloc(16_384));
  const out = Buffer.alloc(16_384);
  const blocks: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    let end = encoder.beginBlock(out, 0);
    for (const [name, value] of fields) {
      // Browsers put cookies into the table (the connection is theirs alone); our encoder would not.
      end =
        name === 'cookie'
          ? encoder.encodeField('x-cookie', value, out, end)
          : encoder.encodeField(name, name === ':path' ? path(index) : value, out, end);
    }
    blocks.push(Buffer.from(out.subarray(0, end)));
  }
  return blocks;
}

/** Least of several rounds, in nanoseconds of CPU time a call: what the machine does besides only ever adds. */
function measure(work: () => void, calls = 20_000, rounds = 15): number {
  let least = Infinity;
  for (let i = 0; i < calls * 2; i += 1) work();
  for (let round = 0; round < rounds; round += 1) {
    const began = process.cpuUsage();
    for (let i = 0; i < calls; i += 1) work();
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, ((user + system) * 1000) / calls);
  }
  return least;
}

function decodeRepeated(fields: [string, string][], path: (index: number) => string): number {
  const blocks = clientBlocks(fields, 16, path);
  const decoder = new HpackDecoder(limits, scratch);
  const request = new RequestFields(decoder, block, rules);
  for (const one of blocks) {
    const refused = request.read(one, 0, one.length, true);
    if (refused !== null) throw new Error(refused.reason);
  }
  // The last block changes nothing in the table, so it can be decoded again and again.
  const steady = blocks.at(-1)!;
  return measure(() => {
    request.read(steady, 0, steady.length, true);
  });
}

function decodeFirst(fields: [string, string][]): number {
  const [first] = clientBlocks(fields, 1, () => '/');
  return measure(() => {
    const decoder = new HpackDecoder(limits, scratch);
    new RequestFields(decoder, block, rules).read(first!, 0, first!.length, true);
  }, 4000);
}

function encodeRepeated(varying: boolean): number {
  const encoder = new HpackEncoder(scratch);
  const out = Buffer.alloc(4096);
  const heads = Array.from({ length: varying ? 64 : 1 }, (_, index) =>
    Buffer.from(varying ? `${answer}\r\nETag: "${(index * 7919).toString(16)}-abcdef"\r\n` : `${answer}\r\n`, 'latin1'),
  );
  let turn = 0;
  return measure(() => {
    const head = heads[turn % heads.length]!;
    // Heads of another entity each time; those that come round again are found in the table or not, as in life.
    if (varying) head.write(String(turn % 1000).padStart(4, '0'), head.length - 10, 'latin1');
    turn += 1;
    encoder.encodeResponseHead(200, head, 0, head.length, out, 0);
  });
}

const text = browser.map(([name, value]) => `${name}: ${value}\r\n`).join('');
const octets = Buffer.from(text, 'latin1');
const yardstick = measure(() => {
  block.write(octets.toString('latin1'), 'latin1');
});

const results = {
  yardstick,
  'decode small, repeated': decodeRepeated(small, () => '/'),
  'decode browser, repeated': decodeRepeated(browser, () => '/'),
  'decode browser, new path each': decodeRepeated(browser, (index) => `/assets/app-${index}.js?v=8f3a9c`),
  'decode browser, first of a connection': decodeFirst(browser),
  'encode answer, repeated': encodeRepeated(false),
  'encode answer, one field differs': encodeRepeated(true),
};

/**
 * What each may cost at most, in yardsticks. A decoder that makes strings of all fields and checks them one character after
 * the other took 2.3, 15, 10 and 24 of them in the same runs; an encoder that looks strings up in a map, without Huffman
 * code, 5 and 10. The bounds leave room for a busy machine, which slows the yardstick less than the rest.
 */
const bounds: Partial<Record<keyof typeof results, number>> = {
  'decode small, repeated': 3.5,
  'decode browser, repeated': 7,
  'decode browser, new path each': 10,
  // It makes room for tables that the strings do without, once a connection.
  'decode browser, first of a connection': 70,
  'encode answer, repeated': 2,
  'encode answer, one field differs': 12,
};

if (process.argv.includes('--json')) console.log(JSON.stringify(results));
else
  for (const [name, ns] of Object.entries(results)) console.log(`${name.padEnd(40)} ${ns.toFixed(0).padStart(7)} ns`);

if (process.argv.includes('--check')) {
  for (const [name, bound] of Object.entries(bounds)) {
    const ratio = results[name as keyof typeof results] / yardstick;
    if (ratio > bound) {
      console.error(`${name}: ${ratio.toFixed(1)} yardsticks, more than ${bound}`);
      process.exitCode = 1;
    }
  }
}
