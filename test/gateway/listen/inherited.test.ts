import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeInheritedSockets } from '../../../src/gateway/listen/inherited.ts';

const here = fileURLToPath(import.meta.url);
const child = path.join(path.dirname(here), `inherited-child${path.extname(here)}`);

test('descriptors from 3 on are taken, with their names', () => {
  const env = { LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'https:http', PATH: '/bin' };
  assert.deepEqual(takeInheritedSockets(env, 42), [
    { fd: 3, name: 'https' },
    { fd: 4, name: 'http' },
    { fd: 5, name: '' },
  ]);
  assert.deepEqual(env, { PATH: '/bin' });
});

test('what is meant for another process, or makes no sense, is left alone', () => {
  const cases: Record<string, string>[] = [
    {},
    { LISTEN_PID: '41', LISTEN_FDS: '1' },
    { LISTEN_FDS: '1' },
    { LISTEN_PID: '42' },
    { LISTEN_PID: '42', LISTEN_FDS: '0' },
    { LISTEN_PID: '42', LISTEN_FDS: '-1' },
    { LISTEN_PID: '42', LISTEN_FDS: '1x' },
    { LISTEN_PID: '42', LISTEN_FDS: '99' },
    { LISTEN_PID: '42', LISTEN_FDS: '4294967297' },
  ];
  for (const env of cases) assert.deepEqual(takeInheritedSockets(env, 42), [], JSON.stringify(env));
});

/**
 * A parent as systemd is one: opens sockets, puts a first connection into the backlog of each, moves them to 3 and on, and
 * becomes the gateway's process. Arguments: names, kinds, then the command.
 */
const parent = `
import os, socket, sys
names, kinds, command = sys.argv[1], sys.argv[2].split(','), sys.argv[3:]
opened, clients = [], []
for kind in kinds:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
    s.bind(('127.0.0.1', 0))
    if kind == 'tcp':
        s.listen(16)
        c = socket.create_connection(s.getsockname())
        clients.append(c)
    opened.append(s)
ports = [s.getsockname()[1] for s in opened]
# Out of the way first, so that no descriptor overwrites one that is still to be moved.
high = [os.dup2(s.fileno(), 40 + i) for i, s in enumerate(opened)]
held = [os.dup2(c.fileno(), 60 + i) for i, c in enumerate(clients)]
os.closerange(3, 40)
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
    os.close(fd)
pid = os.fork()
if pid != 0:
    for i in range(len(high)):
        os.close(3 + i)
    answers = []
    for fd in held:
        with socket.socket(fileno=fd) as c:
            try:
                answers.append(c.recv(100).decode())
            except ConnectionResetError:
                answers.append('reset')
    os.waitpid(pid, 0)
    print('answers', *answers)
    sys.exit(0)
for fd in held:
    os.close(fd)
env = dict(os.environ, LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(opened)), LISTEN_FDNAMES=names)
command = [part.replace('PORT0', str(ports[0])).replace('PORT1', str(ports[-1])) for part in command]
os.execve(command[0], command, env)
`;

interface Told {
  readonly code?: string;
  readonly names: string[];
  readonly roles: string[];
  readonly leaksDescriptor: boolean;
  readonly leaksVariable: boolean;
}

const hasPython = spawnSync('python3', ['-c', 'import socket']).status === 0;

function handOver(names: string, kinds: string, ...args: string[]): { told: Told; answers: string[] } {
  const run = spawnSync('python3', ['-c', parent, names, kinds, process.execPath, child, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(run.status, 0, run.stderr);
  const lines = run.stdout.trim().split('\n');
  const answers = lines.find((line) => line.startsWith('answers')) ?? 'answers';
  return {
    told: JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}') as Told,
    answers: answers.split(' ').slice(1),
  };
}

test('named sockets have their roles, waiting connections are served, and nothing leaks to programs', (t) => {
  if (!hasPython || process.platform !== 'linux') return t.skip('needs Linux and python3');
  const { told, answers } = handOver('http:https', 'tcp,tcp', '2');
  assert.deepEqual(told.roles, ['http', 'https']);
  assert.deepEqual(answers, ['http', 'https']);
  assert.equal(told.leaksDescriptor, false);
  assert.equal(told.leaksVariable, false);
});

test('sockets without a name go by port, then by order', (t) => {
  if (!hasPython || process.platform !== 'linux') return t.skip('needs Linux and python3');
  assert.deepEqual(handOver('menshen.socket', 'tcp,tcp', '2', 'PORT1', 'PORT0').told.roles, ['http', 'https']);
  assert.deepEqual(handOver('', 'tcp,tcp', '2').told.roles, ['https', 'http']);
  assert.deepEqual(handOver('', 'tcp', '1').told.roles, ['https']);
});

test('what cannot be placed or listened on is explained', (t) => {
  if (!hasPython || process.platform !== 'linux') return t.skip('needs Linux and python3');
  assert.equal(handOver('https:h3', 'tcp,udp', '1').told.code, 'inherited-socket-unusable');
  assert.equal(handOver('a:b:c', 'tcp,tcp,tcp', '3').told.code, 'inherited-socket-unclear');
});

async function firstLine(running: ChildProcessWithoutNullStreams): Promise<string> {
  let text = '';
  for await (const piece of running.stdout) {
    text += String(piece);
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0] ?? '';
}

async function fetchText(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (piece) => (text += String(piece)));
  await once(socket, 'close');
  return text;
}

test('systemd hands over its sockets', async (t) => {
  if (spawnSync('systemd-socket-activate', ['--version']).status !== 0) {
    return t.skip('systemd-socket-activate is absent');
  }
  const { createServer } = await import('node:net');
  // Two free ports: taken, told and given back.
  const probes = [createServer(), createServer()];
  await Promise.all(probes.map((probe) => once(probe.listen(0, '127.0.0.1'), 'listening')));
  const [first = 0, second = 0] = probes.map((probe) => (probe.address() as { port: number }).port);
  await Promise.all(probes.map((probe) => once(probe.close(), 'close')));
  const running = spawn('systemd-socket-activate', [
    `--listen=127.0.0.1:${first}`,
    `--listen=127.0.0.1:${second}`,
    '--fdname=http:https',
    process.execPath,
    child,
    '2',
  ]);
  const exited = once(running, 'exit');
  let said = '';
  running.stderr.on('data', (piece) => (said += String(piece)));
  try {
    while (!said.includes(`127.0.0.1:${second}`)) await once(running.stderr, 'data');
    const answers = Promise.all([fetchText(first), fetchText(second)]);
    const told = JSON.parse(await firstLine(running)) as Told;
    assert.deepEqual(told.roles, ['http', 'https']);
    assert.deepEqual(await answers, ['http', 'https']);
    await exited;
  } finally {
    running.kill('SIGKILL');
  }
});
