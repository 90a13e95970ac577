import { latin1Text } from '../../codec/latin1.ts';

/** The value of the first line `name: value CRLF` behind the first line of the block `fields[0, end)`, or ''. */
export function readLineValue(fields: Buffer, end: number, name: string): string {
  const found = fields.indexOf(`\r\n${name}: `, 0, 'latin1');
  if (found < 0 || found >= end) return '';
  const start = found + name.length + 4;
  return latin1Text(fields, start, fields.indexOf('\r\n', start, 'latin1'));
}
