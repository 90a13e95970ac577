import { parseHost } from '../pki/names/peer-name.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';

export interface Target {
  /** Without credentials: a URL is told to everybody. */
  readonly url: URL;
  /** `Basic …` (RFC 7617), where the URL had a user name. */
  readonly authorization: string | undefined;
}

/** A URL as people type it, with or without its scheme. Throws a FindingError for what is no URL of the web. */
export function readTarget(typed: string): Target {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url === undefined || !isWeb || parseHost(host) === undefined)
    throw new FindingError(finding('trace-url-unclear', { url: typed.slice(0, 200) }));
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '') return { url, authorization: undefined };
  const pair = `${unescaped(username)}:${unescaped(password)}`;
  return { url, authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

/** What stands there for percent-encoding; what is none of it stays as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
