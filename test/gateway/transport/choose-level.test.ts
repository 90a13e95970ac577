import assert from 'node:assert/strict';
import test from 'node:test';
import { chooseTransportLevel, probeTransportLevel } from '../../../src/gateway/transport/choose-level.ts';
import { Transport } from '../../../src/gateway/transport/transport.ts';

const limit = { timeout: 30_000 };

for (const level of ['plain', 'direct', 'static'] as const) {
  test(`level ${level} carries octets both ways on this Node`, limit, async () => {
    assert.equal(await probeTransportLevel(level), true);
  });
}

test('the fastest level is chosen, unless the environment names another', limit, async () => {
  assert.equal(await chooseTransportLevel({}), 'static');
  assert.equal(await chooseTransportLevel({ MENSHEN_TRANSPORT: 'plain' }), 'plain');
  assert.equal(await chooseTransportLevel({ MENSHEN_TRANSPORT: 'warp' }), 'static');
});

test('a level that loses octets is not trusted', limit, async (t) => {
  const { write } = Transport.prototype;
  t.mock.method(Transport.prototype, 'write', function lossy(this: Transport, view: Buffer) {
    return write.call(this, view.length > 1000 ? view.subarray(1) : view);
  });
  assert.equal(await probeTransportLevel('direct'), false);
});
