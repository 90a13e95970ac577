import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHelloApp } from '../../../src/cli/demo/app.ts';
import { greeting, startDemoApps, urlOf } from '../../../src/cli/demo/demo.ts';
import { startLiveApp } from '../../../src/cli/demo/live-app.ts';
import { freePair } from '../../../src/cli/demo/ports.ts';

const PAGE = 'https://demo.localhost:8443';

test('the first app tells the request line and the fields in order', async (t) => {
  const app = await startHelloApp();
  t.after(() => app.close());
  const response = await fetch(`http://${app.target}/x?y=1`, { headers: { Origin: PAGE, 'X-Two': 'b' } });
  const seen = (await response.json()) as { requestLine: string; fields: [string, string][] };
  assert.equal(seen.requestLine, 'GET /x?y=1 HTTP/1.1');
  assert.deepEqual(
    seen.fields.find(([name]) => name.toLowerCase() === 'x-two')?.map((text) => text.toLowerCase()),
    ['x-two', 'b'],
  );
  assert.equal(response.headers.get('access-control-allow-origin'), PAGE);
});

test('other origins may not read the answers', async (t) => {
  const app = await startHelloApp();
  t.after(() => app.close());
  for (const origin of ['https://evil.example', 'https://demo.localhost.evil.example', 'null']) {
    const response = await fetch(`http://${app.target}/`, { headers: { Origin: origin } });
    assert.equal(response.headers.get('access-control-allow-origin'), null, origin);
  }
  const preflight = await fetch(`http://${app.target}/`, { method: 'OPTIONS', headers: { Origin: PAGE } });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'X-Forwarded-For');
});

test('the second app streams the time', async (t) => {
  const app = await startLiveApp('');
  t.after(() => app.close());
  const response = await fetch(`http://${app.target}/clock`, { headers: { Origin: PAGE } });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.ok(response.body);
  const reader = response.body.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /^data: \d{4}-\d\d-\d\dT.*Z\n\n$/);
  await reader.cancel();
});

test('ports: the first pair, or the next where both are free, or none', async () => {
  const taken =
    (...ports: number[]) =>
    (_: readonly string[], port: number) =>
      Promise.resolve(!ports.includes(port));
  assert.deepEqual(await freePair([], taken()), { https: 8443, http: 8080 });
  assert.deepEqual(await freePair([], taken(8443, 8081)), { https: 8445, http: 8082 });
  assert.equal(await freePair([], () => Promise.resolve(false)), undefined);
});

test('the greeting leaves out the default port and the redirect that is off', async (t) => {
  const apps = await startDemoApps();
  t.after(() => apps.close());
  assert.equal(urlOf('demo.localhost', 443), 'https://demo.localhost/');
  assert.doesNotMatch(greeting(apps.sites, { https: 443, http: 0 }, 'en'), /redirects/);
  assert.match(
    greeting(apps.sites, { https: 8443, http: 8080 }, 'zh'),
    /http:\/\/demo\.localhost:8080\/ +重定向到 HTTPS/,
  );
});
