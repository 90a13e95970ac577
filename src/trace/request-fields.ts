import { VERSION } from '../version.ts';
import { acceptEncoding } from './http/content-decoding.ts';

const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** A method that can be sent (RFC 9110 section 9.1): CONNECT asks for a tunnel, which a trace has no use for. */
export const isMethod = (text: string): boolean => token.test(text) && text !== 'CONNECT';

/** These follow from the connection and the content and cannot be chosen. */
const ours: ReadonlySet<string> = new Set(['host', 'connection', 'transfer-encoding', 'upgrade']);

/** A field that is asked for by name; `value` undefined leaves the usual one out. */
export interface WantedField {
  readonly name: string;
  readonly value: string | undefined;
}

/** Whether a field may be sent as it is wanted. */
export const isSendable = ({ name, value = '' }: WantedField): boolean =>
  token.test(name) && !ours.has(name.toLowerCase()) && !/[\r\n\0]/.test(value);

/** The field lines of a request: those that are wanted, sendable ones all, in place of the usual ones of their names. */
export function requestFields(wanted: readonly WantedField[], hasContent: boolean): [string, string][] {
  const usual: [string, string][] = [
    ['User-Agent', `menshen/${VERSION}`],
    ['Accept', '*/*'],
    ['Accept-Encoding', acceptEncoding],
  ];
  if (hasContent) usual.push(['Content-Type', 'application/x-www-form-urlencoded']);
  const named = new Set(wanted.map(({ name }) => name.toLowerCase()));
  const given = wanted.flatMap(({ name, value }): [string, string][] =>
    // Octets above ASCII go out as UTF-8.
    value === undefined ? [] : [[name, Buffer.from(value.trim(), 'utf8').toString('latin1')]],
  );
  return [...usual.filter(([name]) => !named.has(name.toLowerCase())), ...given];
}

/** The wanted fields with the credentials of the URL, unless others are wanted. */
export function withAuthorization(wanted: readonly WantedField[], authorization: string | undefined): WantedField[] {
  const isChosen = wanted.some(({ name }) => name.toLowerCase() === 'authorization');
  return [
    ...wanted,
    ...(authorization === undefined || isChosen ? [] : [{ name: 'Authorization', value: authorization }]),
  ];
}
