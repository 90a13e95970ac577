import net from 'node:net';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import test from 'node:test';
import assert from 'node:assert/strict';
import { askKernel, parseSs } from '../../../src/trace/tcp/kernel-facts.ts';
import { findInTable, findOwn, findRoute, parseRouteGet } from '../../../src/trace/tcp/route.ts';
import { findSocketState } from '../../../src/trace/tcp/socket-state.ts';

test('a line of ss is read', () => {
  const line =
    'ESTAB 0 0 127.0.0.1:42016 127.0.0.1:8443 ts sack cubic wscale:7,10 rto:204 rtt:0.028/0.014 mss:32741 pmtu:65535 ' +
    'rcvmss:536 advmss:65483 cwnd:10 bytes_sent:520 bytes_acked:521 bytes_received:33 send 9gbps retrans:0/2 minrtt:0.02\n';
  assert.deepEqual(parseSs(line), {
    state: 'ESTAB',
    rttMs: 0.028,
    rttVarianceMs: 0.014,
    minRttMs: 0.02,
    mss: 32_741,
    pathMtu: 65_535,
    congestionWindow: 10,
    congestionControl: 'cubic',
    windowScale: { theirs: 7, ours: 10 },
    retransmitted: 2,
    bytesSent: 520,
    bytesAcknowledged: 521,
    bytesReceived: 33,
    timestamps: true,
    selectiveAcknowledgements: true,
  });
  assert.equal(parseSs(''), undefined);
  assert.equal(parseSs('\n'), undefined);
  assert.equal(parseSs('TIME-WAIT 0 0 127.0.0.1:1 127.0.0.1:2')?.rttMs, undefined);
});

test('the kernel is asked about a connection that stands', async (t) => {
  if (spawnSync('ss', ['-V']).status !== 0) {
    t.skip('ss is absent');
    return;
  }
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const facts = await askKernel({
    localAddress: socket.localAddress!,
    localPort: socket.localPort!,
    remoteAddress: socket.remoteAddress!,
    remotePort: socket.remotePort!,
  });
  socket.destroy();
  server.close();
  assert.equal(facts?.state, 'ESTAB');
  assert.ok(facts.rttMs !== undefined && facts.mss !== undefined);
});

test('what `ip route get` prints is read', () => {
  assert.deepEqual(parseRouteGet('1.1.1.1 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0 \n    cache \n'), {
    device: 'eth0',
    gateway: '192.0.2.1',
    source: '192.0.2.2',
    local: false,
    toldBy: 'ip route get',
  });
  assert.equal(parseRouteGet('local 127.0.0.1 dev lo src 127.0.0.1 uid 0')?.local, true);
  assert.equal(parseRouteGet('1.1.1.1 via inet6 fe80::1 dev eth0')?.gateway, 'fe80::1');
  assert.equal(parseRouteGet('RTNETLINK answers: Network is unreachable'), undefined);
});

test('the longest prefix of /proc/net/route wins', () => {
  const table =
    'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n' +
    'eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n' +
    'eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n' +
    'down 000200C0 00000000 0000 0 0 0 FFFFFFFF 0 0 0\n';
  assert.equal(findInTable(table, '8.8.8.8')?.gateway, '192.0.2.1');
  assert.deepEqual(findInTable(table, '192.0.2.77'), {
    device: 'eth0',
    gateway: undefined,
    source: undefined,
    local: false,
    toldBy: '/proc/net/route',
  });
  assert.equal(findInTable('', '8.8.8.8'), undefined);
  assert.equal(findInTable(table, '::1'), undefined);
});

test('an address of this machine needs no route', () => {
  const none = { netmask: '', mac: '', cidr: null, scopeid: 0 };
  const interfaces = {
    lo: [{ ...none, address: '127.0.0.1', family: 'IPv4', internal: true }],
    eth0: [
      { ...none, address: '192.0.2.2', family: 'IPv4', internal: false },
      { ...none, address: 'fe80::1', family: 'IPv6', internal: false },
    ],
  } as ReturnType<typeof networkInterfaces>;
  for (const address of ['127.0.0.1', '127.9.9.9', '192.0.2.2', 'fe80::1%eth0'])
    assert.deepEqual(
      [findOwn(interfaces, address)?.device, findOwn(interfaces, address)?.local],
      ['lo', true],
      address,
    );
  for (const address of ['192.0.2.3', '::1', 'fe80::2']) assert.equal(findOwn(interfaces, address), undefined, address);
  assert.equal(findOwn({}, '127.0.0.1'), undefined);
});

test('every address of this machine is where `ip route get` says', async (t) => {
  if (spawnSync('ip', ['-V']).status !== 0) {
    t.skip('ip is absent');
    return;
  }
  const own = Object.values(networkInterfaces()).flatMap((one) => one?.map(({ address }) => address) ?? []);
  for (const address of [...own, '127.1.2.3']) {
    const { stdout } = spawnSync('ip', ['route', 'get', address], { encoding: 'utf8' });
    const told = parseRouteGet(stdout);
    const route = await findRoute(address);
    assert.deepEqual([route?.device, route?.local], [told?.device, told?.local], address);
  }
});

test('the state of a socket is found by its ports', () => {
  const table =
    '  sl  local_address rem_address   st\n' +
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000\n' +
    '   1: 0100007F:C350 0100007F:1F90 06 00000000:00000000\n';
  const ends = { localAddress: '127.0.0.1', localPort: 50_000, remoteAddress: '127.0.0.1', remotePort: 8_080 };
  assert.equal(findSocketState(table, ends), 'TIME-WAIT');
  assert.equal(findSocketState(table, { ...ends, localPort: 1 }), undefined);
});
