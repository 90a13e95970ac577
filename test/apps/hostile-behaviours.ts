/**
 * What the hostile app does, by path: a list of steps after it has read a request's head. Everything here is a thing that
 * real apps, crashes or attackers send; the gateway must turn each into an error answer, a visibly cut response, or the
 * right response, and must never reuse the connection wrongly.
 */

export type Action = 'close' | 'reset' | 'half-close' | 'stay' | 'stop-reading' | 'read-content';

/** Text is sent as Latin-1; `drip` octet by octet; `wait` is milliseconds. `stay` does no more and keeps the connection. */
export type Step =
  | string
  | { readonly wait: number }
  | { readonly drip: string }
  | { readonly repeat: string; readonly times: number }
  | { readonly action: Action };

export interface Behaviour {
  readonly steps: readonly Step[];
  /**
   * What a strict HTTP/1.1 client makes of the answer to a GET:
   * `whole`: a complete response; `cut`: a head and then a truncation; `none`: no valid response head;
   * `pending`: nothing or part of an answer, and an open connection.
   */
  readonly outcome: 'whole' | 'cut' | 'none' | 'pending';
  /** Whether the connection may carry another request after that. */
  readonly reusable: boolean;
}

const close: Step = { action: 'close' };
const reset: Step = { action: 'reset' };
const halfClose: Step = { action: 'half-close' };
const stay: Step = { action: 'stay' };
const stopReading: Step = { action: 'stop-reading' };
const readContent: Step = { action: 'read-content' };

const OK = 'HTTP/1.1 200 OK\r\n';
const HELLO = `${OK}Content-Length: 5\r\n\r\nhello`;
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const whole = (...steps: Step[]): Behaviour => ({ steps, outcome: 'whole', reusable: false });
const clean = (...steps: Step[]): Behaviour => ({ steps, outcome: 'whole', reusable: true });
const cut = (...steps: Step[]): Behaviour => ({ steps, outcome: 'cut', reusable: false });
const none = (...steps: Step[]): Behaviour => ({ steps, outcome: 'none', reusable: false });
const pending = (...steps: Step[]): Behaviour => ({ steps, outcome: 'pending', reusable: false });

export const behaviours: Readonly<Record<string, Behaviour>> = {
  '/ok': clean(HELLO),
  '/chunked': clean(`${CHUNKED}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`),
  '/trailers': clean(`${CHUNKED}5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n`),
  '/reads-content': clean(readContent, HELLO),

  // Early close, at every stage.
  '/close-at-once': none(close),
  '/reset-at-once': none(reset),
  '/close-in-status': none('HTTP/1.1 20', close),
  '/close-in-head': none(`${OK}Content-Le`, close),
  '/close-after-head': cut(`${OK}Content-Length: 5\r\n\r\n`, close),
  '/close-in-content': cut(`${OK}Content-Length: 100\r\n\r\nhello`, close),
  '/reset-in-content': cut(`${OK}Content-Length: 100\r\n\r\nhello`, { wait: 50 }, reset),
  '/close-in-chunk-size': cut(`${CHUNKED}5\r\nhello\r\n1`, close),
  '/close-in-chunk': cut(`${CHUNKED}ff\r\nhello`, close),
  '/close-before-last-chunk': cut(`${CHUNKED}5\r\nhello\r\n`, close),
  '/close-in-trailers': cut(`${CHUNKED}5\r\nhello\r\n0\r\nX-Su`, close),
  '/close-after-response': whole(HELLO, close),
  '/close-soon-after-response': whole(HELLO, { wait: 20 }, close),

  // Surplus octets and wrong lengths (RFC 9112 section 11.1: response splitting).
  '/surplus': whole(`${HELLO}surplus`),
  '/surplus-later': whole(HELLO, { wait: 20 }, 'HTTP/1.1 200 OK\r\n'),
  '/two-responses': whole(`${HELLO}${OK}Content-Length: 4\r\n\r\nevil`),
  '/surplus-after-chunks': whole(`${CHUNKED}5\r\nhello\r\n0\r\n\r\nsurplus`),
  '/content-with-204': whole('HTTP/1.1 204 No Content\r\n\r\nhello'),
  '/length-with-204': whole('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello'),
  '/content-with-304': whole('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello'),

  // Framing that is ambiguous or broken (RFC 9112 sections 6 and 7).
  '/length-and-chunked': none(`${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
  '/two-lengths': none(`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, close),
  '/length-list': none(`${OK}Content-Length: 5, 6\r\n\r\nhello`, close),
  '/length-signed': none(`${OK}Content-Length: +5\r\n\r\nhello`, close),
  '/length-negative': none(`${OK}Content-Length: -5\r\n\r\nhello`, close),
  '/length-huge': none(`${OK}Content-Length: 99999999999999999999\r\n\r\nhello`, close),
  '/chunked-twice': none(`${OK}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, close),
  '/chunk-size-letters': cut(`${CHUNKED}5\r\nhello\r\nxyz\r\n`, stay),
  '/chunk-size-huge': cut(`${CHUNKED}5\r\nhello\r\nfffffffff\r\n`, stay),
  '/chunk-without-end': cut(`${CHUNKED}5\r\nhelloXX5\r\nhello\r\n0\r\n\r\n`, stay),
  '/chunk-bare-lf': cut(`${CHUNKED}5\r\nhello\r\n5\nworld\n0\n\n`, stay),

  // Close-delimited content and half-closes.
  '/until-close': whole(`${OK}Content-Type: text/plain\r\n\r\nhello`, close),
  '/until-half-close': whole(`${OK}Content-Type: text/plain\r\n\r\nhello`, halfClose, stay),
  '/half-close-at-once': none(halfClose, stay),
  '/http-1.0': whole('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello', close),
  '/says-close-and-stays': whole(`${OK}Content-Length: 5\r\nConnection: close\r\n\r\nhello`, stay),

  // Slow, or never.
  '/never': pending(stay),
  '/never-reads': pending(stopReading),
  '/never-ends-head': pending(`${OK}Content-Length: 5\r\n`, stay),
  '/never-ends-content': pending(`${OK}Content-Length: 100\r\n\r\nhello`, stay),
  '/drip': clean({ drip: HELLO }),
  '/drip-chunked': clean({ drip: `${CHUNKED}5\r\nhello\r\n0\r\n\r\n` }),

  // What is no HTTP at all.
  '/garbage': none('\x00\x01\xfe\xff\x7f\x1b[31m'.repeat(20), close),
  '/ssh': none('SSH-2.0-OpenSSH_9.2\r\n', stay),
  '/tls-alert': none('\x15\x03\x01\x00\x02\x02\x46', close),
  '/http-0.9': none('<html>hello</html>\n', close),
  '/http-2': none('HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n', close),
  '/lower-case-version': none('http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', close),
  '/status-of-two-digits': none('HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n', close),
  '/status-099': none('HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n', close),
  '/no-reason': clean('HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello'),

  // Heads that a strict parser refuses (RFC 9112 sections 2.2 and 5).
  '/bare-lf': none('HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', close),
  '/bare-cr': none(`${OK}X-Odd: a\rSet-Cookie: b\r\nContent-Length: 5\r\n\r\nhello`, close),
  '/fold': none(`${OK}X-Odd: a\r\n b\r\nContent-Length: 5\r\n\r\nhello`, close),
  '/space-before-colon': none(`${OK}Content-Length : 5\r\n\r\nhello`, close),
  '/nul-in-value': none(`${OK}X-Odd: a\0b\r\nContent-Length: 5\r\n\r\nhello`, close),
  '/no-colon': none(`${OK}Content-Length\r\n\r\nhello`, close),

  // Size.
  '/huge-line': none(`${OK}X-Long: `, { repeat: 'm'.repeat(65_536), times: 32 }, '\r\nContent-Length: 0\r\n\r\n', stay),
  '/endless-head': none(OK, { repeat: 'X-Many: yes\r\n'.repeat(1000), times: 1000 }, stay),

  // Interim responses (RFC 9110 section 15.2).
  '/continue': clean('HTTP/1.1 100 Continue\r\n\r\n', readContent, HELLO),
  '/early-hints': clean('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n', { wait: 20 }, HELLO),
  '/interim-twice': clean('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n', HELLO),
  '/interim-and-close': none('HTTP/1.1 103 Early Hints\r\n\r\n', close),
  '/interim-flood': none({ repeat: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100), times: 100 }, HELLO, stay),
  '/switch-unasked': none(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    stay,
  ),

  // Answers before the content of the request is read.
  '/early-answer': whole(
    `HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    readContent,
    close,
  ),
  '/early-answer-and-close': whole('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n', close),
  '/early-answer-never-reads': whole('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n', stopReading),
};
