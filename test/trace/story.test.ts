import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import zlib from 'node:zlib';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import assert from 'node:assert/strict';
import { ecKey, issue, pem } from '../pki/issue.ts';
import { leafWith, present } from './verify/lab.ts';
import { clientCredentials } from './client-credentials.ts';
import { traced, withWorld } from './world.ts';

test('one request is told from the name to the close, over HTTP/2 and HTTP/1.1', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('hello');
    });
    for (const [flags, protocol] of [
      [{}, 'HTTP/2'],
      [{ 'http1.1': true }, 'HTTP/1.1'],
      [{ 'tls1.2': true }, 'HTTP/2'],
    ] as const) {
      const { code, told, codes } = await traced(`${origin}/`, { cacert: [world.cacert], ...flags });
      assert.equal(code, 0, codes.join());
      assert.equal(told.verdict, 'fine');
      const names = told.stages.map(({ name }) => name);
      assert.deepEqual(names, ['name', 'route', 'tcp', 'tls', 'certificate', 'http', 'close']);
      const http = told.stages.find(({ name }) => name === 'http')!;
      const response = http.observations.find(({ label }) => label === 'http.response')!;
      assert.deepEqual([response.values['protocol'], response.values['status']], [protocol, 200]);
      const type = response.details.find(({ name }) => name.toLowerCase() === 'content-type')!;
      assert.match(type.note ?? '', /media type/);
      const checks = told.stages.find(({ name }) => name === 'tls')!.findings.map((found) => found.code);
      for (const right of ['tls-check-finished-right', 'tls-check-keys-right'])
        assert.ok(checks.includes(right), right);
      assert.ok(!checks.some((one) => one.endsWith('-wrong')));
      const close = told.stages.find(({ name }) => name === 'close')!.observations.map(({ label }) => label);
      assert.ok(close.includes('close.fin-sent'));
    }
  });
});

test('what was not seen is called inferred, what the kernel said is called so', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => response.end());
    const { told } = await traced(`${origin}/`, { cacert: [world.cacert] });
    const observations = told.stages.flatMap((stage) => stage.observations);
    const known = (label: string): string | undefined => observations.find((one) => one.label === label)?.known;
    assert.equal(known('tcp.syn'), 'inferred');
    assert.equal(known('tcp.connected'), 'kernel');
    assert.equal(known('tls.message'), 'seen');
    assert.equal(known('http.response'), 'seen');
  });
});

test('every field of every message carries the octets that it was read from', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => response.end('x'));
    const { told } = await traced(`${origin}/`, { cacert: [world.cacert], 'http1.1': true });
    const request = told.stages
      .flatMap(({ observations }) => observations)
      .find(({ label }) => label === 'http.request')!;
    const octets = Buffer.from(request.octets ?? '', 'hex').toString('latin1');
    assert.match(octets, /^GET \/ HTTP\/1\.1\r\nHost: host\.localhost/);
    const details = request.details as readonly { name: string; value: string; start?: number; end?: number }[];
    for (const { name, value, start, end } of details) assert.equal(octets.slice(start, end), `${name}: ${value}\r\n`);
  });
});

test('secrets are hidden in the text and in the octets unless asked for', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => {
      response.writeHead(200, { 'set-cookie': 'sid=topsecret; Secure; HttpOnly' }).end();
    });
    for (const flags of [{}, { 'http1.1': true }] as const) {
      const hidden = await traced(`${origin}/`, {
        cacert: [world.cacert],
        header: ['Authorization: Bearer hushhush', 'Cookie: a=hushhush'],
        ...flags,
      });
      const all = JSON.stringify(hidden.told);
      const hex = (text: string): string => Buffer.from(text).toString('hex');
      for (const secret of ['hushhush', 'topsecret', hex('hushhush'), hex('topsecret')])
        assert.ok(!all.includes(secret), secret);
      assert.match(all, /Bearer …/);
    }
    const shown = await traced(`${origin}/`, {
      cacert: [world.cacert],
      header: ['Authorization: Bearer hushhush'],
      showSecrets: true,
    });
    assert.match(JSON.stringify(shown.told), /Bearer hushhush.*sid=topsecret/s);
  });
});

test('credentials in a URL become a field, and are told nowhere', async () => {
  await withWorld(async (world) => {
    let seen = '';
    const origin = await world.web((request, response) => {
      seen = request.headers.authorization ?? '';
      response.end();
    });
    const url = origin.replace('https://', 'https://me:p%40ss@');
    const { told, code } = await traced(`${url}/`, { cacert: [world.cacert] });
    assert.equal(code, 0);
    assert.equal(Buffer.from(seen.replace('Basic ', ''), 'base64').toString(), 'me:p@ss');
    assert.ok(!/p%40ss|p@ss|bWU6/.test(JSON.stringify(told)));
  });
});

test('codings are undone, sizes compared, the charset found', async () => {
  await withWorld(async (world) => {
    const text = '<!doctype html><meta charset=gbk>'.repeat(100);
    const origin = await world.web((request, response) => {
      const coding = request.url?.slice(1) ?? '';
      const coders = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, deflate: zlib.deflateSync };
      const coded = coders[coding as keyof typeof coders](text);
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': coding }).end(coded);
    });
    for (const coding of ['gzip', 'br', 'deflate']) {
      const { told } = await traced(`${origin}/${coding}`, { cacert: [world.cacert] });
      const observations = told.stages.flatMap((stage) => stage.observations);
      const decoded = observations.find(({ label }) => label === 'http.decoded')!;
      assert.equal(decoded.values['bytes'], text.length);
      assert.equal(observations.find(({ label }) => label === 'http.charset')?.values['charset'], 'gbk');
    }
  });
});

test('the second time the name is known, the session resumed and the content unchanged', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((request, response) => {
      const same = request.headers['if-none-match'] === '"v1"';
      response.writeHead(same ? 304 : 200, { etag: '"v1"', 'content-type': 'text/plain' }).end(same ? undefined : 'hi');
    });
    for (const flags of [{ 'tls1.3': true }, { 'tls1.2': true }] as const) {
      const { told, codes, labels } = await traced(`${origin}/`, { cacert: [world.cacert], repeat: true, ...flags });
      assert.equal(told.exitCode, 0, codes.join());
      assert.deepEqual(
        told.chapters.map(({ kind }) => kind),
        ['request', 'repeat'],
      );
      assert.ok(codes.includes('trace-not-modified'));
      assert.ok(labels.includes('repeat.tls-resumed'), JSON.stringify(flags));
      assert.ok(labels.includes('certificate.resumed'));
      const saved = told.stages
        .flatMap(({ observations }) => observations)
        .find(({ label }) => label === 'repeat.tls-resumed')!;
      assert.ok(Number(saved.values['afterBytes']) < Number(saved.values['beforeBytes']));
      const cheaper = told.stages
        .flatMap(({ findings }) => findings)
        .filter(({ code }) => code === 'tls-session-cheaper');
      assert.equal(cheaper.length, 1);
      const spared = Number(saved.values['beforeBytes']) - Number(saved.values['afterBytes']);
      const roundTrips = 'tls1.2' in flags ? '1 of 2' : '0 of 1';
      assert.ok(
        cheaper[0]!.sentence.startsWith(
          `Resuming spared, of the full handshake: octets ${spared}, round trips ${roundTrips}, signatures 1 (`,
        ),
        cheaper[0]!.sentence,
      );
      // The ticket of before opens and proves the second handshake; nothing of it stays sealed.
      assert.equal(codes.includes('tls-check-binder-right'), 'tls1.3' in flags, codes.join());
      assert.ok(!codes.some((code) => code.startsWith('tls-check-without')), codes.join());
      const resumed = told.stages.filter(({ name }) => name === 'tls')[1]!;
      const names = new Set(resumed.observations.map(({ values }) => values['name']));
      assert.ok(names.has('server_hello') && names.has('finished') && !names.has('certificate'));
    }
  });
});

test('a heartbeat that asks for more than it sends is told as what it is', async () => {
  await withWorld(async (world) => {
    // type 24, TLS 1.2, 7 octets: 01 a request, 4000 it claims 16,384 octets of payload, and sends four
    const record = Buffer.from('180303000701400061626364', 'hex');
    const port = await world.plain((socket) => socket.once('data', () => socket.end(record)));
    const { code, told } = await traced(`https://host.localhost:${port}/`, { cacert: [world.cacert] });
    assert.equal(code, 50);
    const { findings } = told.stages.find(({ name }) => name === 'tls')!;
    const overlong = findings.find((found) => found.code === 'tls-heartbeat-overlong');
    assert.match(overlong?.sentence ?? '', /of the server .* 16,?384 octets/, findings.map((one) => one.code).join());
  });
});

test('a redirect is a chapter of its own, over the same connection where it can be', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((request, response) => {
      if (request.url === '/') response.writeHead(301, { location: '/new' }).end();
      else response.end('here');
    });
    const { told, labels } = await traced(`${origin}/`, { cacert: [world.cacert] });
    assert.deepEqual(
      told.chapters.map(({ kind, url }) => [kind, new URL(url).pathname]),
      [
        ['request', '/'],
        ['redirect', '/new'],
      ],
    );
    assert.ok(labels.includes('http.connection-reused'));
    assert.equal(told.stages.filter(({ name }) => name === 'tcp').length, 1);
  });
});

test('a page brings its files, over connections that are open, and tells of mixed content', async () => {
  await withWorld(async (world) => {
    const page =
      '<!doctype html><meta charset=utf-8><link rel=stylesheet href=a.css><script src="/a.js"></script>' +
      '<img src=b.png><img src="http://plain.example/c.png"><img src="data:,x">';
    const origin = await world.web((request, response) => {
      const answers: Readonly<Record<string, readonly [string, string]>> = {
        '/': ['text/html', page],
        '/a.css': ['text/css', '@font-face{src:url(f.woff2)} b{background:url("i.png")}'],
      };
      const [type, text] = answers[request.url ?? ''] ?? ['application/octet-stream', 'x'];
      response.writeHead(request.url === '/b.png' ? 404 : 200, { 'content-type': type }).end(text);
    });
    for (const flags of [{}, { 'http1.1': true }] as const) {
      const { told, codes, code } = await traced(`${origin}/`, { cacert: [world.cacert], page: true, ...flags });
      assert.equal(code, 0);
      const files = told.chapters.filter(({ kind }) => kind === 'resource').map(({ url }) => new URL(url).pathname);
      assert.deepEqual(files.toSorted(), ['/a.css', '/a.js', '/b.png', '/f.woff2', '/i.png']);
      assert.ok(codes.includes('trace-mixed-content'));
      assert.ok(codes.includes('trace-resource-failed'));
      const tcp = told.stages.filter(({ name }) => name === 'tcp').length;
      assert.ok('http1.1' in flags ? tcp >= 1 && tcp <= 6 : tcp === 1, String(tcp));
    }
  });
});

test('a file on another host starts its own name, TCP and TLS; a host that is not there is told once for each file', async () => {
  await withWorld(async (world) => {
    const second = await world.web((_, response) => response.end('x'));
    const { port } = new URL(second);
    const page = `<img src="https://127.0.0.1:${port}/a.png"><img src="https://127.0.0.1:1/b.png"><img src="https://127.0.0.1:1/c.png">`;
    const origin = await world.web((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page));
    const { told, codes, code } = await traced(`${origin}/`, { cacert: [world.cacert], page: true });
    const chapter = told.chapters.findIndex(({ url }) => url.endsWith('/a.png'));
    const names = told.stages.filter((stage) => stage.chapter === chapter).map(({ name }) => name);
    assert.deepEqual(names.slice(0, 6), ['name', 'route', 'tcp', 'tls', 'certificate', 'http']);
    assert.equal(codes.filter((one) => one === 'trace-resource-failed').length, 2);
    assert.equal(code, 0, 'the page itself is fine');
  });
});

test('a client certificate goes only to a server that was judged on another connection before', async () => {
  await withWorld(async (world) => {
    const { file, ca } = clientCredentials(world);
    const seen: string[] = [];
    const origin = await world.web(
      (request, response) => {
        const { socket } = request as unknown as { socket: { getPeerCertificate(): { subject?: { CN?: string } } } };
        seen.push(socket.getPeerCertificate().subject?.CN ?? 'nobody');
        response.end();
      },
      { requestCert: true, rejectUnauthorized: true, ca: readFileSync(ca) },
    );
    const good = await traced(`${origin}/`, { cacert: [world.cacert], cert: file });
    assert.equal(good.code, 0, good.codes.join());
    assert.ok(good.labels.includes('certificate.judged-apart'));
    assert.deepEqual(seen, ['me']);
    const without = await traced(`${origin}/`, { cacert: [world.cacert] });
    assert.equal(without.code, 22);
    const untrusted = await traced(`${origin}/`, { cacert: [ca], cert: file });
    assert.equal(untrusted.code, 14);
    const careless = await traced(`${origin}/`, { cacert: [ca], cert: file, insecure: true });
    assert.equal(careless.code, 0);
    assert.deepEqual(seen.splice(1), ['me']);
    assert.ok(!untrusted.labels.includes('tls.message'));
    assert.deepEqual(seen, ['me']);
  });
});

test('request content goes out whole, over both protocols, with the fields that were asked for', async () => {
  await withWorld(async (world) => {
    const bodies: string[] = [];
    const origin = await world.web((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        bodies.push(
          `${request.method} ${request.headers['content-type']} ${String(request.headers['x-one'])} ${body.length}`,
        );
        response.end();
      });
    });
    const data = 'x'.repeat(200_000);
    for (const flags of [{}, { 'http1.1': true }] as const)
      await traced(`${origin}/`, { cacert: [world.cacert], data, header: ['X-One: 1', 'User-Agent:'], ...flags });
    const expected = 'POST application/x-www-form-urlencoded 1 200000';
    assert.deepEqual(bodies, [expected, expected]);
  });
});

test('http:// is told without TLS and with a warning; --connect and --resolve lead elsewhere', async () => {
  await withWorld(async (world) => {
    const port = await world.plain((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    });
    const plain = await traced(`http://127.0.0.1:${port}/`);
    assert.equal(plain.code, 0);
    assert.ok(plain.codes.includes('trace-plain-url'));
    assert.ok(!plain.told.stages.some(({ name }) => name === 'tls' || name === 'certificate'));
    const origin = await world.web((request, response) =>
      response.end(request.headers.host ?? request.headers[':authority']),
    );
    const served = Number(new URL(origin).port);
    const connected = await traced('https://host.localhost/', {
      cacert: [world.cacert],
      connect: `127.0.0.1:${served}`,
    });
    assert.equal(connected.code, 0, connected.codes.join());
    assert.ok(connected.labels.includes('name.connect-option'));
    const fixed = await traced(`https://host.localhost:${served}/`, {
      cacert: [world.cacert],
      resolve: [`host.localhost:${served}:127.0.0.1`],
    });
    assert.equal(fixed.code, 0);
    assert.ok(fixed.labels.includes('name.resolved-by-option'));
  });
});

test('content that ends with the connection is whole only with a close_notify', async () => {
  await withWorld(async (world) => {
    const good = await world.answering('HTTP/1.0 200 OK\r\n\r\nhello', true);
    const { codes, code } = await traced(`${good}/`, { cacert: [world.cacert] });
    assert.equal(code, 0);
    assert.ok(!codes.includes('trace-no-close-notify'));
    const bad = await world.raw((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.0 200 OK\r\n\r\nhel', () => {
          // The TCP connection below ends, and TLS says nothing.
          const { _parent: below } = socket as unknown as { _parent?: Socket };
          setTimeout(() => (below ?? socket).destroy(), 50);
        });
      }),
    );
    const cut = await traced(`${bad}/`, { cacert: [world.cacert] });
    assert.ok(cut.codes.includes('trace-no-close-notify'), cut.codes.join());
  });
});

test('embedded SCTs and every certificate of the path are listed', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => response.end());
    const { told } = await traced(`${origin}/`, { cacert: [world.cacert] });
    const stage = told.stages.find(({ name }) => name === 'certificate')!;
    assert.deepEqual(
      stage.observations.map(({ label, known }) => [label, known]),
      [
        ['certificate.leaf', 'seen'],
        ['certificate.intermediate', 'seen'],
        ['certificate.anchor', 'inferred'],
      ],
    );
  });
});

test('a session that is not resumed does not lend its good name to another certificate', async () => {
  await withWorld(async (world) => {
    let requests = 0;
    const other = { CN: 'host.localhost' };
    const key = ecKey();
    const own = issue({ subject: other, issuer: other, key, signer: key, extensions: leafWith(), ...present });
    const origin = await world.web(
      (_, response) => {
        requests += 1;
        // The second connection meets somebody else.
        swap();
        response.end();
      },
      { secureOptions: constants.SSL_OP_NO_TICKET },
    );
    const pemKey = key.privateKey.export({ format: 'pem', type: 'pkcs8' });
    const swap = (): void => world.lastServer.setSecureContext({ key: pemKey, cert: pem(own.bytes) });
    const { code } = await traced(`${origin}/`, { cacert: [world.cacert], repeat: true });
    assert.equal(code, 14);
    assert.equal(requests, 1);
  });
});
