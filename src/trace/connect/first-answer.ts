import { looksLikeRecord } from '../../codec/tls/record.ts';

/** What a server said instead of a ServerHello. */
export interface FirstAnswer {
  /** Its first line, quoted, without anything that a terminal would act upon; '' where it said nothing or spoke TLS. */
  readonly answer: string;
  readonly isHttp: boolean;
}

const SHOWN = 60;

export function recogniseAnswer(received: Buffer): FirstAnswer {
  if (received.length === 0 || looksLikeRecord(received)) return { answer: '', isHttp: false };
  const text = received.toString('latin1', 0, SHOWN);
  const printable = text.replace(/[^\x20-\x7e].*$/s, '');
  const answer = printable === '' ? `0x${received.toString('hex', 0, 16)}` : JSON.stringify(printable);
  // A server that takes the ClientHello for a request mostly answers 400; old ones with bare HTML.
  return { answer, isHttp: /^HTTP\/\d|^\s*<(?:!doctype|html)/i.test(text) };
}
