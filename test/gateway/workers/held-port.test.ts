import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';
import { canHoldPorts, holdPort } from '../../../src/gateway/workers/held-port.ts';

const local = { host: '127.0.0.1', port: 0, portOption: '--https-port' };

test('this Node can hold ports for workers', () => assert.ok(canHoldPorts));

test('who listens on a held port accepts from it', async (t) => {
  const result = await holdPort(local);
  assert.ok(result.ok);
  const { held } = result;
  t.after(() => held.close());
  assert.equal(held.address, '127.0.0.1');
  const server = net.createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(held.handle, 16, resolve));
  t.after(() => server.close());
  const client = net.connect(held.port, '127.0.0.1');
  let text = '';
  client.on('data', (octets) => (text += String(octets)));
  await once(client, 'close');
  assert.equal(text, 'hello');
});

test('a port that is taken is explained, with who has it', async (t) => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  for (const host of ['127.0.0.1', '', 'localhost']) {
    const result = await holdPort({ ...local, host, port });
    assert.ok(!result.ok, host);
    assert.match(result.finding.code, /^port-taken/, host);
  }
});

test('an address of another machine and a name that nobody has are explained', async () => {
  const elsewhere = await holdPort({ ...local, host: '192.0.2.1' });
  assert.ok(!elsewhere.ok);
  assert.equal(elsewhere.finding.code, 'address-not-here');
  const nowhere = await holdPort({ ...local, host: 'no-such-name.invalid' });
  assert.ok(!nowhere.ok);
  assert.equal(nowhere.finding.code, 'listen-host-unknown');
});
