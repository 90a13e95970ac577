import net from 'node:net';
import test from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { ecKey, issue, pem } from '../pki/issue.ts';
import { leafWith, present } from './verify/lab.ts';
import { printed, traced, withWorld, type World } from './world.ts';

/** The finding that decides and the exit code, for one broken server each. */
async function fails(
  world: World,
  url: string,
  code: string,
  exitCode: number,
  flags: Parameters<typeof traced>[1] = {},
): Promise<Awaited<ReturnType<typeof traced>>> {
  const result = await traced(url, { cacert: [world.cacert], ...flags });
  assert.equal(result.told.verdict, code, JSON.stringify(result.codes));
  assert.equal(result.code, exitCode);
  assert.equal(result.told.exitCode, exitCode);
  const decisive = result.told.stages.flatMap(({ findings }) => findings).find((found) => found.code === code);
  assert.match(decisive?.sentence ?? '', /^[^{}]+$/);
  assert.match(decisive?.mend ?? '', /^[^{}]+$/);
  return result;
}

test('nobody listens: refused', async () => {
  await withWorld(async (world) => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, 'close');
    const { labels } = await fails(world, `https://127.0.0.1:${port}/`, 'trace-refused', 40);
    assert.ok(labels.includes('tcp.try-failed'));
    assert.ok(!labels.includes('tcp.ack'));
  });
});

test('plain HTTP, garbage, silence and a closed door where TLS should be', async () => {
  await withWorld(async (world) => {
    const saying = (octets: string): Promise<number> =>
      world.plain((socket) => socket.once('data', () => socket.end(octets)));
    const http = await saying('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    const found = await fails(world, `https://host.localhost:${http}/`, 'trace-plain-http', 51);
    assert.ok(found.labels.includes('tls.foreign'));
    const ssh = await saying('SSH-2.0-OpenSSH_9.2\r\n');
    await fails(world, `https://host.localhost:${ssh}/`, 'trace-not-tls', 52);
    const garbage = await saying('\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008 nothing that anybody knows');
    await fails(world, `https://host.localhost:${garbage}/`, 'trace-not-tls', 52);
    const closing = await world.plain((socket) => socket.once('data', () => socket.end()));
    await fails(world, `https://host.localhost:${closing}/`, 'trace-handshake-closed', 50);
    const cutting = await world.plain((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await fails(world, `https://host.localhost:${cutting}/`, 'trace-reset', 43);
    const silent = await world.plain(() => {});
    const begun = Date.now();
    await fails(world, `https://host.localhost:${silent}/`, 'trace-handshake-timeout', 53, { maxTime: 1 });
    assert.ok(Date.now() - begun < 15_000);
  });
});

test('certificates that are not to be trusted end the trace before any HTTP, each with its own code', async () => {
  const cases = [
    ['certificate-expired', 10, { leaf: { notBefore: present.notBefore - 9e9, notAfter: present.notBefore } }],
    ['certificate-not-yet-valid', 11, { leaf: { notBefore: present.notAfter, notAfter: present.notAfter + 9e9 } }],
    ['certificate-name-mismatch', 15, { leaf: { extensions: leafWith().filter(({ oid }) => oid !== '2.5.29.17') } }],
  ] as const;
  for (const [code, exitCode, changes] of cases)
    await withWorld(async (world) => {
      let requests = 0;
      const origin = await world.web((_, response) => {
        requests += 1;
        response.end();
      });
      if (code === 'certificate-name-mismatch') {
        const { codes, code: exit } = await traced(`${origin}/`, { cacert: [world.cacert] });
        assert.equal(exit, exitCode, codes.join());
      } else await fails(world, `${origin}/`, code, exitCode);
      assert.equal(requests, 0);
    }, changes);
  await withWorld(async (world) => {
    const other = ecKey();
    const own = { CN: 'Somebody' };
    const stranger = issue({ subject: own, issuer: own, key: other, signer: other, extensions: [], ...present });
    const file = world.file('other.pem', pem(stranger.bytes));
    const origin = await world.web((_, response) => response.end());
    const { code } = await traced(`${origin}/`, { cacert: [file] });
    assert.equal(code, 14);
    const insecure = await traced(`${origin}/`, { cacert: [file], insecure: true });
    assert.equal(insecure.code, 0);
    assert.ok(insecure.codes.includes('trace-insecure'));
  });
});

test('handshakes without anything in common', async () => {
  await withWorld(async (world) => {
    const old = await world.raw(() => {}, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    await fails(world, `${old}/`, 'trace-old-version', 50, { 'tls1.3': true });
    const suites = await world.raw(() => {}, { ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' });
    await fails(world, `${suites}/`, 'trace-old-version', 50, { 'tls1.2': true });
    // Suites for an RSA certificate, where the server has none.
    const rsa = await world.raw(() => {}, { ciphers: 'AES128-GCM-SHA256', maxVersion: 'TLSv1.2' });
    await fails(world, `${rsa}/`, 'trace-no-shared-suite', 50);
    const alpn = await world.raw(() => {}, { ALPNProtocols: ['spdy/3'] });
    await fails(world, `${alpn}/`, 'trace-alpn-mismatch', 50);
    const unknown = await world.raw(() => {}, { SNICallback: (_, done) => done(new Error('no such site')) });
    const { code } = await traced(`${unknown}/`, { cacert: [world.cacert] });
    assert.equal(code, 50);
  });
});

test('answers that are no HTTP, too large, cut short or malformed', async () => {
  await withWorld(async (world) => {
    const answers: readonly (readonly [string | Buffer, boolean, string, number])[] = [
      ['garbage\r\n\r\n', true, 'trace-not-http', 62],
      ['HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n', false, 'trace-response-malformed', 62],
      ['HTTP/1.1 200 OK\r\nA: 1\nB: 2\r\n\r\n', false, 'trace-response-malformed', 62],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', false, 'trace-response-malformed', 62],
      ['HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', true, 'trace-content-cut-short', 65],
      ['HTTP/1.1 200 OK\r\nContent-', true, 'trace-head-cut-short', 65],
      [`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(1_100)}\r\n`, false, 'trace-head-too-large', 63],
      [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(300_000)}\r\n\r\n`, false, 'trace-head-too-large', 63],
      ['HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20), false, 'trace-interim-flood', 62],
      [
        Buffer.concat([
          Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n'),
          Buffer.from('nope'),
        ]),
        false,
        'trace-coding-broken',
        66,
      ],
    ];
    for (const [octets, end, code, exitCode] of answers) {
      const origin = await world.answering(octets, end);
      await fails(world, `${origin}/`, code, exitCode);
    }
    const dying = await world.raw((socket) => socket.once('data', () => socket.destroy()));
    const { code } = await traced(`${dying}/`, { cacert: [world.cacert] });
    assert.ok(code === 65 || code === 43);
    const endless = await world.raw((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write('X: y\r\n'), 20);
        socket.once('close', () => clearInterval(timer));
      }),
    );
    await fails(world, `${endless}/`, 'trace-time-out', 67, { maxTime: 1 });
  });
});

test('a server that agrees on h2 and speaks something else', async () => {
  await withWorld(async (world) => {
    const origin = await world.raw((socket) => socket.once('data', () => socket.write('HTTP/1.1 400 Bad\r\n\r\n')), {
      ALPNProtocols: ['h2'],
    });
    await fails(world, `${origin}/`, 'trace-not-http2', 62);
  });
});

test('redirects in a circle, without end, and to nowhere', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((request, response) => {
      const number = Number(request.url?.slice(2));
      const location = request.url === '/loop' ? '/loop' : request.url === '/odd' ? 'mailto:x@y' : `/n${number + 1}`;
      response.writeHead(302, { location }).end();
    });
    await fails(world, `${origin}/loop`, 'trace-redirect-loop', 61);
    await fails(world, `${origin}/n0`, 'trace-too-many-redirects', 61);
    await fails(world, `${origin}/odd`, 'trace-redirect-unclear', 61);
    const once = await traced(`${origin}/loop`, { cacert: [world.cacert], follow: false });
    assert.equal(once.code, 0);
  });
});

test('a status of 400 and more fails only where that was asked for', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((request, response) => response.writeHead(request.url === '/500' ? 500 : 404).end());
    const { code, codes } = await traced(`${origin}/`, { cacert: [world.cacert] });
    assert.equal(code, 0);
    assert.ok(codes.includes('trace-status-client'));
    await fails(world, `${origin}/`, 'trace-status-client', 60, { fail: true });
    await fails(world, `${origin}/500`, 'trace-status-server', 60, { fail: true });
  });
});

test('names that do not exist, and what is no URL', async () => {
  await withWorld(async (world) => {
    const server = await import('node:dgram').then(({ createSocket }) => createSocket('udp4'));
    // Answers every question with NXDOMAIN.
    server.on('message', (message, from) => {
      const answer = Buffer.from(message);
      answer[2] = 0x81;
      answer[3] = 0x83;
      server.send(answer, from.port, from.address);
    });
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await fails(world, 'https://nothing.example/', 'dns-name-not-found', 30, {
        server: `127.0.0.1:${server.address().port}`,
      });
    } finally {
      server.close();
    }
    for (const url of ['ftp://host/', 'https://', 'https://a b/', 'https://host:99999/'])
      assert.deepEqual(await printed(url, {}), { code: 2, text: '' }, url);
    for (const flags of [
      { header: ['X'] },
      { header: ['A: b\nC: d'] },
      { resolve: ['x'] },
      { connect: 'x' },
      { method: 'a b' },
    ])
      assert.equal((await printed('https://host.localhost/', flags)).code, 2, JSON.stringify(flags));
  });
});

test('files that cannot be used are told of before anything is sent', async () => {
  await withWorld(async (world) => {
    const broken = world.file('broken.pem', 'no certificate at all');
    const refused = (flags: Parameters<typeof traced>[1], code: RegExp): Promise<void> =>
      assert.rejects(traced('https://host.localhost:1/', flags), code);
    await refused({ cert: broken }, /trace-client-certificate-unusable/);
    await refused({ cert: '/none/me.pem' }, /trace-file-unreadable/);
    await refused({ cacert: ['/none/ca.pem'] }, /trust-store-unreadable/);
    await refused({ data: '@/none/data' }, /trace-file-unreadable/);
  });
});

test('more certificates than anybody takes', async () => {
  await withWorld(async (world) => {
    const { key, cert } = world.material;
    const origin = await world.raw(() => {}, { key, cert: cert + pem(world.chain.intermediate.bytes).repeat(400) });
    await fails(world, `${origin}/`, 'trace-handshake-too-large', 63);
  });
});
