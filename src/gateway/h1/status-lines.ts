import { reasonPhrase } from '../../codec/http1/reason-phrase.ts';

const lines: (Buffer | undefined)[] = [];

/** `HTTP/1.1 STATUS reason CRLF`. The reason phrase is the registered one: it carries no meaning (RFC 9112 section 4). */
export function statusLine(status: number): Buffer {
  return (lines[status] ??= Buffer.from(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`, 'latin1'));
}
