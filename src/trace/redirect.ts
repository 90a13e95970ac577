/** Where a redirect leads, and with what request (RFC 9110 section 15.4). */
import { finding, type Finding } from '../story/finding.ts';
import { fieldOf, type Exchange, type HttpRequest } from './http/message.ts';

export interface NextRequest {
  readonly request: HttpRequest;
  /** https:// leads to http://. */
  readonly downgrade: boolean;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Fields that belong to the origin that they were given for. */
const forOrigin = /^(?:authorization|cookie|proxy-authorization|host)$/i;
const ofContent = /^(?:content-.*|expect)$/i;

/** Undefined where the answer is no redirect; a finding where it is one that leads nowhere. */
export function nextRequest({ request, head }: Exchange): NextRequest | Finding | undefined {
  if (head === undefined || !redirects.has(head.status)) return undefined;
  const location = fieldOf(head.fields, 'location');
  if (location === undefined || !URL.canParse(location, request.url))
    return finding('trace-redirect-unclear', { status: head.status, location: (location ?? '-').slice(0, 200) });
  const url = new URL(location, request.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return finding('trace-redirect-unclear', { status: head.status, location: location.slice(0, 200) });
  // Nobody's credentials come out of a URL that a server gave.
  url.username = '';
  url.password = '';
  // RFC 9110 section 10.2.2: a fragment is kept where the new URL has none. It is never sent.
  if (url.hash === '') url.hash = request.url.hash;
  const toGet = head.status === 303 || ((head.status === 301 || head.status === 302) && request.method === 'POST');
  const method = toGet && request.method !== 'HEAD' ? 'GET' : request.method;
  const keepsContent = method === request.method;
  const sameOrigin = url.origin === request.url.origin;
  const fields = request.fields.filter(
    ([name]) => (sameOrigin || !forOrigin.test(name)) && (keepsContent || !ofContent.test(name)),
  );
  const content = keepsContent ? request.content : undefined;
  const downgrade = request.url.protocol === 'https:' && url.protocol === 'http:';
  return { request: { method, url, fields, content }, downgrade };
}
