import { STATUS_CODES } from 'node:http';

const lines: (Buffer | undefined)[] = [];

/** `HTTP/1.1 STATUS reason CRLF`. The reason phrase is the registered one: it carries no meaning (RFC 9112 section 4). */
export function statusLine(status: number): Buffer {
  return (lines[status] ??= Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`, 'latin1'));
}
