/** `--page`: the files that a page needs, fetched as a browser would: in parallel, over connections that stay open. */
import { finding } from '../../story/finding.ts';
import { textOf } from '../http/charset.ts';
import { nextRequest } from '../redirect.ts';
import type { RunningTrace, TracedExchange } from '../request.ts';
import { findInStyles, findResources, type Resource } from './find-resources.ts';
import { Lane } from './lane.ts';

/** A style sheet may import another, that a third, and each its fonts and pictures. */
const MOST_IMPORTS = 3;
const MOST_REDIRECTS = 5;

/** What browsers say that they want, by kind (Fetch section 2.2.5). */
const accepted: Readonly<Record<Resource['kind'], string>> = {
  style: 'text/css,*/*;q=0.1',
  script: '*/*',
  image: 'image/avif,image/webp,image/*,*/*;q=0.8',
  icon: 'image/avif,image/webp,image/*,*/*;q=0.8',
  font: '*/*',
  media: '*/*',
  manifest: '*/*',
};

/** Fields of the first request that hold for the page's own origin and mean nothing for its files. */
const notForFiles = /^(?:accept|content-.*|range|if-.*)$/i;
const notForOthers = /^(?:authorization|cookie)$/i;

export async function fetchPage(running: RunningTrace, page: TracedExchange): Promise<void> {
  const { log, options, connector } = running;
  const { exchange, answer, connection } = page;
  const pageUrl = exchange.request.url;
  const stage = log.open('page', page.chapter, connection.number, pageUrl.href);
  if (answer === undefined || !/^(?:text\/html|application\/xhtml\+xml)$/.test(answer.mediaType)) {
    stage.conclude(finding('trace-not-a-page', { mediaType: answer?.mediaType || '-' }));
    stage.close();
    return;
  }
  const charset = answer.charset ?? { name: undefined, from: 'none', valid: true };
  const found = findResources(textOf(answer.decoded.bytes, charset), pageUrl);
  stage.observe({ label: 'page.found', values: { count: found.length, kinds: countKinds(found) } });
  const before = connector.connections.length;
  const lanes = new Map<string, Lane>();
  const seen = new Set<string>();
  let files = 0;
  let bytes = 0;
  const fetchOneFile = async (resource: Resource, from: URL, depth: number): Promise<void> => {
    const { kind, url } = resource;
    if (seen.has(url.href)) return;
    seen.add(url.href);
    if (pageUrl.protocol === 'https:' && url.protocol === 'http:') {
      stage.observe({ label: 'page.passed-over', values: { kind, url: url.href } });
      stage.conclude(finding('trace-mixed-content', { url: url.href }));
      return;
    }
    if (seen.size > options.limits.resources) {
      stage.observe({ label: 'page.passed-over', values: { kind, url: url.href } });
      return;
    }
    const traced = await followFile(resource, from);
    const head = traced?.exchange.head;
    if (traced === undefined || head === undefined || traced.exchange.problem !== undefined) {
      const code = traced?.exchange.problem?.code ?? 'no connection';
      stage.observe({ label: 'page.failed', values: { kind, url: url.href, code } });
      stage.conclude(finding('trace-resource-failed', { kind, url: url.href, reason: code }));
      return;
    }
    const length = traced.exchange.content.length;
    files += 1;
    bytes += length;
    stage.observe({
      label: 'page.file',
      values: { kind, url: url.href, status: head.status, bytes: length, connection: traced.connection.number },
      direction: 'received',
    });
    if (head.status >= 400)
      stage.conclude(finding('trace-resource-failed', { kind, url: url.href, reason: String(head.status) }));
    if (kind === 'style' && traced.answer !== undefined && depth < MOST_IMPORTS) {
      const sheet = traced.answer;
      const text = textOf(sheet.decoded.bytes, sheet.charset ?? charset);
      const inner = findInStyles(text, traced.exchange.request.url);
      await Promise.all(inner.map((one) => fetchOneFile(one, traced.exchange.request.url, depth + 1)));
    }
  };
  const followFile = async ({ kind, url }: Resource, from: URL): Promise<TracedExchange | undefined> => {
    const sameOrigin = url.origin === pageUrl.origin;
    const kept = options.fields.filter(([name]) => !notForFiles.test(name) && (sameOrigin || !notForOthers.test(name)));
    const fields: [string, string][] = kept.map(([name, value]): [string, string] => [name, value]);
    fields.push(
      ['Accept', accepted[kind]],
      ['Referer', from.origin === url.origin ? withoutHash(from) : `${from.origin}/`],
    );
    let request = {
      method: 'GET',
      url,
      fields: fields as readonly (readonly [string, string])[],
      content: undefined as Buffer | undefined,
    };
    for (let count = 0; ; count += 1) {
      const { origin } = request.url;
      let lane = lanes.get(origin);
      if (lane === undefined) {
        lane = new Lane(running, origin === connection.parts.origin ? connection : undefined);
        lanes.set(origin, lane);
      }
      const traced = await lane.fetch(request);
      const next =
        traced === undefined || traced.exchange.problem !== undefined ? undefined : nextRequest(traced.exchange);
      if (next === undefined || 'code' in next || next.downgrade || count === MOST_REDIRECTS) return traced;
      request = { ...request, ...next.request };
    }
  };
  await Promise.all(found.map((resource) => fetchOneFile(resource, pageUrl, 0)));
  if (seen.size > options.limits.resources)
    stage.conclude(finding('trace-page-limit', { count: seen.size, limit: options.limits.resources }));
  stage.close();
  const connections = connector.connections.length - before + 1;
  const ms = Math.round(stage.endMs - stage.startMs);
  stage.observe({ label: 'page.total', values: { count: files, bytes, connections, ms }, atMs: stage.endMs });
}

const withoutHash = (url: URL): string => url.href.replace(/#.*$/, '');

/** `style 2, script 5`. */
function countKinds(resources: readonly Resource[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of resources) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ') || '-';
}
