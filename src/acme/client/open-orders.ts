import { identifierKey } from '../identifier.ts';
import { linkTargets } from './link-header.ts';
import { succeeded, type Outcome } from './outcome.ts';
import type { OrderResource } from './resources.ts';
import type { OrderWork } from './order.ts';

/** Bounds of the search: an account of a large gateway has thousands of orders. */
const MAX_PAGES = 4;
const MAX_ORDERS_LOOKED_AT = 64;

/**
 * The URL of an open order of the account for exactly the names of the request, as the CA lists them (RFC 8555 section
 * 7.1.2.1); undefined where there is none, or the CA keeps no list. The newest are looked at first.
 */
export async function findOpenOrder(work: OrderWork): Promise<Outcome<string | undefined>> {
  const { session, keeper, request } = work;
  const { signal } = request;
  const list = await keeper.ordersUrl(signal);
  if (!list.ok) return list;
  const urls: string[] = [];
  let page = list.value;
  for (let count = 0; page !== undefined && count < MAX_PAGES; count++) {
    const answer = await keeper.post({ url: page, payload: undefined, signal });
    // A list that cannot be had is no reason to go without a certificate.
    if (!answer.ok) break;
    const read = session.resource('ordersPage', answer.value);
    if (!read.ok) break;
    urls.push(...read.value.orders);
    page = linkTargets(answer.value.headers['link'], 'next', page).find((url) => url.startsWith('https:'));
  }
  for (const url of urls.toReversed().slice(0, MAX_ORDERS_LOOKED_AT)) {
    const answer = await keeper.post({ url, payload: undefined, signal });
    if (!answer.ok) continue;
    const order = session.resource('order', answer.value);
    if (order.ok && isOurs(order.value, work)) return succeeded(url);
  }
  return succeeded(undefined);
}

function isOurs(order: OrderResource, { request }: OrderWork): boolean {
  if (order.status !== 'pending' && order.status !== 'ready') return false;
  if (request.profile !== undefined && order.profile !== request.profile) return false;
  const wanted = request.identifiers.map(identifierKey).sort();
  const listed = order.identifiers.map(({ type, value }) => `${type}:${value.toLowerCase()}`);
  const keys = order.identifiers.map(({ type, value }, index) =>
    type === 'ip' ? identifierKey({ type, value }) : (listed[index] ?? ''),
  );
  return wanted.join() === keys.sort().join();
}
