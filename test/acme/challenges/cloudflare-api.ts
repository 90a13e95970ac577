/** As much of Cloudflare's API v4 as setting a TXT record needs, from its documentation. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CloudflareRecord {
  readonly id: string;
  readonly zone: string;
  readonly type: string;
  readonly name: string;
  readonly content: string;
}

export interface CloudflareApi {
  readonly baseUrl: string;
  readonly records: CloudflareRecord[];
  readonly requests: string[];
  /** Answers the next requests with this instead. */
  broken: { readonly status: number; readonly text: string } | undefined;
  stop(): Promise<void>;
}

export const GOOD_TOKEN = 'a-token-with-dns-edit';

export async function startCloudflareApi(zones: Readonly<Record<string, string>>): Promise<CloudflareApi> {
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const [status, content] = answer(
        request.method ?? '',
        new URL(request.url ?? '', 'http://api'),
        text,
        request.headers,
      );
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(content);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api: CloudflareApi = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`,
    records: [],
    requests: [],
    broken: undefined,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const good = (result: unknown): [number, string] => [
    200,
    JSON.stringify({ success: true, errors: [], messages: [], result }),
  ];
  const bad = (status: number, code: number, message: string): [number, string] => [
    status,
    JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }),
  ];
  let next = 1;

  function answer(method: string, url: URL, text: string, headers: http.IncomingHttpHeaders): [number, string] {
    api.requests.push(`${method} ${url.pathname.replace('/client/v4', '')}${url.search}`);
    if (api.broken !== undefined) return [api.broken.status, api.broken.text];
    if (headers.authorization !== `Bearer ${GOOD_TOKEN}`) return bad(403, 10_000, 'Authentication error');
    const page = url.pathname.replace('/client/v4', '');
    if (method === 'GET' && page === '/zones') {
      const id = zones[url.searchParams.get('name') ?? ''];
      return good(id === undefined ? [] : [{ id, name: url.searchParams.get('name') }]);
    }
    const [, zone = '', record] = /^\/zones\/(\w+)\/dns_records(?:\/(\w+))?$/.exec(page) ?? [];
    if (!Object.values(zones).includes(zone)) return bad(404, 7003, 'Could not route to the zone');
    if (method === 'GET') {
      const wanted = api.records.filter(
        ({ name, content }) => name === url.searchParams.get('name') && content === url.searchParams.get('content'),
      );
      return good(wanted);
    }
    if (method === 'POST') {
      const { type, name, content } = JSON.parse(text) as Omit<CloudflareRecord, 'id' | 'zone'>;
      if (api.records.some((one) => one.name === name && one.content === content)) {
        return bad(400, 81_058, 'An identical record already exists.');
      }
      const made = { id: `record${next++}`, zone, type, name, content };
      api.records.push(made);
      return good(made);
    }
    const index = api.records.findIndex(({ id }) => id === record);
    if (method !== 'DELETE' || index < 0) return bad(404, 81_044, 'Record does not exist.');
    api.records.splice(index, 1);
    return good({ id: record });
  }
  return api;
}
