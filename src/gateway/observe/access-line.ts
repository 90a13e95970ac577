/**
 * One finished request as one line: JSON, Common Log Format, Combined Log Format.
 *
 * This runs once a request, so the JSON is put together by hand, from as few pieces as possible: every key is known, a
 * value is escaped only where a check finds something to escape, and values that come again and again (names, addresses,
 * user agents) are checked once and then recognised.
 */
import type { AccessRecord } from '../access-record.ts';
import { jsonInner, withoutUserinfo } from './line-text.ts';
import { clfTime, isoTime, millisecondsText } from './log-time.ts';
import { inOnePiece, rememberPair, rememberText } from './recent-text.ts';

const peer = rememberText((address) => `,"peer":"${jsonInner(address)}"`);
const method = rememberText((token) => `,"method":"${jsonInner(token)}"`);
const upstream = rememberText((label) => (label === '' ? '' : `,"upstream":"${jsonInner(label)}"`));
const error = rememberText((code) => (code === '' ? '' : `,"error":"${jsonInner(code)}"`));
const referer = rememberText((url) => (url === '' ? '' : `,"referer":"${jsonInner(withoutUserinfo(url))}"`));
const userAgent = rememberText((agent) => (agent === '' ? '' : `,"userAgent":"${jsonInner(agent)}"`));

/** The record as a line of JSON. What does not apply to this request (no app asked, no error) is left out. */
export function accessJson(record: AccessRecord): string {
  let line = `{"level":"info","time":"${isoTime(record.timeMs)}${settingJson(record)}${peer(record.peer)}`;
  line += `${method(record.method)},"target":"${jsonInner(record.target)}","status":${record.status}`;
  line += `,"bytesSent":${record.bytesSent},"bytesReceived":${record.bytesReceived}`;
  line += `,"totalMs":${millisecondsText(record.totalMs)}${upstream(record.upstream)}`;
  if (record.upstreamMs >= 0) line += `,"upstreamMs":${millisecondsText(record.upstreamMs)}`;
  if (record.tlsMs >= 0) line += `,"tlsMs":${millisecondsText(record.tlsMs)}`;
  line += error(record.error);
  if (record.requestId !== '') line += `,"requestId":"${jsonInner(record.requestId)}"`;
  return `${line}${referer(record.referer)}${userAgent(record.userAgent)}}\n`;
}

/** What the requests of many connections to a site have in common, and its text. */
interface Setting {
  readonly site: string;
  readonly authority: string;
  readonly protocol: string;
  readonly tlsVersion: string;
  readonly cipherSuite: string;
  readonly resumed: boolean;
  readonly text: string;
}
const SETTINGS = 64;
const settings: (Setting | undefined)[] = Array.from({ length: SETTINGS });

/** From the end of the time to the TLS facts: the same for most requests of a site, so remembered as a whole. */
function settingJson(record: AccessRecord): string {
  const { site, authority, protocol, tlsVersion, cipherSuite, resumed } = record;
  const mixed = site.length * 31 + authority.length * 7 + protocol.length + cipherSuite.length + (resumed ? 3 : 0);
  const slot = mixed % SETTINGS;
  const known = settings[slot];
  if (
    known !== undefined &&
    known.site === site &&
    known.authority === authority &&
    known.protocol === protocol &&
    known.tlsVersion === tlsVersion &&
    known.cipherSuite === cipherSuite &&
    known.resumed === resumed
  ) {
    return known.text;
  }
  let text = `","event":"request","site":"${jsonInner(site)}","authority":"${jsonInner(authority)}"`;
  text += `,"protocol":"${jsonInner(protocol)}"`;
  if (tlsVersion !== '') {
    text += `,"tlsVersion":"${jsonInner(tlsVersion)}","cipherSuite":"${jsonInner(cipherSuite)}","resumed":${resumed}`;
  }
  settings[slot] = { site, authority, protocol, tlsVersion, cipherSuite, resumed, text: inOnePiece(text) };
  return text;
}

/**
 * Common Log Format, as Apache's `%h %l %u %t "%r" %>s %b` writes it: `-` for a response without content.
 * A request that got no status is written with `000`, as nginx does it.
 */
export function accessCommon(record: AccessRecord): string {
  return `${start(record)}${record.bytesSent === 0 ? '-' : record.bytesSent}\n`;
}

/** Combined Log Format, as nginx's predefined `combined` writes it: `0` for a response without content. */
export function accessCombined(record: AccessRecord): string {
  return `${start(record)}${record.bytesSent}${combinedEnd(record.referer, record.userAgent)}`;
}

const clfPeer = rememberText((address) => (address === '' ? '-' : escapeClf(address).replaceAll(' ', '\\x20')));
// With the spaces and quotes beside them: the fewer pieces a line is put together from, the less it costs.
const clfMethod = rememberText((token) => `${escapeClf(token)} `);
const clfProtocol = rememberText((name) => ` ${escapeClf(name)}" `);
const clfReferer = rememberText((url) => (url === '' ? '-' : escapeClf(withoutUserinfo(url))));
const clfUserAgent = rememberText((agent) => (agent === '' ? '-' : escapeClf(agent)));

function start(record: AccessRecord): string {
  const { peer: address, method: token, target, protocol, timeMs } = record;
  const status = record.status >= 100 ? record.status : '000';
  return `${clfBegin(address, clfTime(timeMs))}${clfMethod(token)}${escapeClf(target)}${clfProtocol(protocol)}${status} `;
}

// What stands before the method and behind the size is often the same from line to line: V8 keeps each concatenation as a
// node of a tree, so one piece for five costs less to put in, and less to write out.
const clfBegin = rememberPair((peer, time) => `${clfPeer(peer)} - - [${time}] "`);
const combinedEnd = rememberPair((referer, agent) => ` "${clfReferer(referer)}" "${clfUserAgent(agent)}"\n`);

const UNFIT = /["\\\u0000-\u001f\u007f-\uffff]/;

/**
 * nginx's default escaping: `"`, `\` and every octet below 32 or above 126 becomes `\xHH`, upper-case. A string whose
 * characters all fit in an octet is taken for octets; any other is taken for text and escaped as UTF-8.
 */
function escapeClf(value: string): string {
  if (!UNFIT.test(value)) return value;
  const octets = /[^\u0000-\u00ff]/.test(value) ? Buffer.from(value, 'utf8') : Buffer.from(value, 'latin1');
  let escaped = '';
  for (const octet of octets) {
    const plain = octet >= 32 && octet <= 126 && octet !== 0x22 && octet !== 0x5c;
    escaped += plain ? String.fromCharCode(octet) : `\\x${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
