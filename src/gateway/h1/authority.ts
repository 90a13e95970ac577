import { absoluteAuthorityEnd, absoluteAuthorityStart } from '../../codec/http1/request-head.ts';
import { latin1Text } from '../../codec/latin1.ts';
import type { RequestHead } from '../exchange.ts';

/**
 * Absolute-form (RFC 9112 section 3.2.2): the authority in the target replaces Host, and the app gets origin-form. Rare, so
 * it may cost strings and a new block.
 */
export function takeAuthorityFromTarget(head: RequestHead): void {
  const target = Buffer.from(head.target, 'latin1');
  const start = absoluteAuthorityStart(target, 0, target.length);
  const end = absoluteAuthorityEnd(target, start, target.length);
  head.authority = latin1Text(target, start, end).toLowerCase();
  const rest = latin1Text(target, end, target.length);
  // An empty path is `/`, and `*` for OPTIONS (section 3.2.4).
  if (rest.startsWith('/')) head.target = rest;
  else head.target = rest === '' && head.method === 'OPTIONS' ? '*' : `/${rest}`;
  const lines = latin1Text(head.fields, head.fieldsStart, head.fieldsEnd).split('\r\n');
  const others = lines.filter((line) => line !== '' && !/^host:/i.test(line));
  const block = Buffer.from([`Host: ${head.authority}`, ...others, ''].join('\r\n'), 'latin1');
  head.fields = block;
  head.fieldsStart = 0;
  head.fieldsEnd = block.length;
}
