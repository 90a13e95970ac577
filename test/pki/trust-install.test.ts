import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import * as nodeFileSystem from 'node:fs/promises';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { listLocalRoots, type LocalRoot } from '../../src/pki/local-ca-root.ts';
import { openLocalCa, type LocalCa } from '../../src/pki/local-ca.ts';
import { encodeLeaf } from '../../src/pki/local-certificate.ts';
import type { LocalName } from '../../src/pki/local-name.ts';
import { runCommand, thisHost, type CommandResult, type TrustHost } from '../../src/pki/trust-install-host.ts';
import { trustHint } from '../../src/pki/trust-install-hint.ts';
import { anchorStores, type AnchorStore } from '../../src/pki/trust-install-system.ts';
import { installRoot, removeRoots } from '../../src/pki/trust-install.ts';
import { openFolder, type Folder } from '../../src/store/folder.ts';

const run = promisify(execFile);
const fine: CommandResult = { status: 0, stdout: '', stderr: '' };
const failed: CommandResult = { status: 1, stdout: '', stderr: 'it is broken\nmore' };

interface World {
  readonly place: string;
  readonly folder: Folder;
  readonly ca: LocalCa;
  readonly root: LocalRoot;
}

async function world(t: TestContext, names: readonly string[] = []): Promise<World> {
  const place = await nodeFileSystem.mkdtemp(path.join(tmpdir(), 'menshen-trust-'));
  t.after(() => nodeFileSystem.rm(place, { recursive: true, force: true, maxRetries: 5 }));
  const folder = await openFolder(path.join(place, 'state'));
  const ca = await openLocalCa({ folder, clock: Date.now, random: randomBytes, machine: 'bench' }, names);
  const [root] = await listLocalRoots(folder);
  assert.ok(root);
  return { place, folder, ca, root };
}

/** A machine that exists on paper only: it answers commands by `answer` and writes down what it was asked. */
function paperHost(change: Partial<TrustHost>, answer: (command: readonly string[]) => CommandResult = () => fine) {
  const commands: string[][] = [];
  const host: TrustHost = {
    platform: 'linux',
    home: '/home/me',
    dataHome: '/home/me/.local/share',
    actingFor: undefined,
    isAdministrator: true,
    isInteractive: false,
    run: async (command, args) => {
      commands.push([command, ...args]);
      return answer([command, ...args]);
    },
    findCommand: async (name) => `/bin/${name}`,
    exists: async () => false,
    list: async () => [],
    read: async () => undefined,
    ...change,
  };
  return { host, commands };
}

const store = (system: string): AnchorStore => {
  const found = anchorStores.find((entry) => entry.system.includes(system));
  assert.ok(found);
  return found;
};

async function outcomes(work: ReturnType<typeof installRoot>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { state, finding } of work) {
    const { place = '', package: name = '', reason = '' } = finding.values;
    lines.push([state, finding.code, place, name, reason].filter((part) => part !== '').join(' | '));
  }
  return lines;
}

for (const [system, folder, extension, refresh, refreshAfterRemoval] of [
  [
    'Debian',
    '/usr/local/share/ca-certificates',
    '.crt',
    ['update-ca-certificates'],
    ['update-ca-certificates', '--fresh'],
  ],
  [
    'Fedora',
    '/etc/pki/ca-trust/source/anchors',
    '.pem',
    ['update-ca-trust', 'extract'],
    ['update-ca-trust', 'extract'],
  ],
  [
    'Arch',
    '/etc/ca-certificates/trust-source/anchors',
    '.crt',
    ['trust', 'extract-compat'],
    ['trust', 'extract-compat'],
  ],
  ['SUSE', '/etc/pki/trust/anchors', '.pem', ['update-ca-certificates'], ['update-ca-certificates', '--fresh']],
] as const) {
  test(`${system}: the root goes into the folder of anchors, the bundle is refreshed, and the same back`, async (t) => {
    const { root } = await world(t);
    const file = `${folder}/menshen-local-ca-${root.fingerprint.slice(0, 16)}${extension}`;
    const there = {
      exists: async (name: string) => name === folder,
      findCommand: async (name: string) => (name === 'certutil' ? undefined : `/bin/${name}`),
    };
    const before = paperHost(there);
    const installing = await outcomes(installRoot({ host: before.host, stateFolder: '/s' }, root));
    assert.match(installing[0] ?? '', /^done \| trust-installed/);
    assert.deepEqual(before.commands, [
      ['/bin/install', '-m', '0644', '--', root.file, file],
      [`/bin/${refresh[0]}`, ...refresh.slice(1)],
    ]);

    const after = paperHost({
      ...there,
      read: async (name) => (name === file ? root.pem : undefined),
      list: async (name) => (name === folder ? [path.basename(file)] : []),
    });
    assert.match((await outcomes(installRoot({ host: after.host, stateFolder: '/s' }, root)))[0] ?? '', /^already/);
    assert.deepEqual(after.commands, []);
    assert.match(
      (await outcomes(removeRoots({ host: after.host, stateFolder: '/s' }, [root])))[0] ?? '',
      /^done \| trust-removed/,
    );
    assert.deepEqual(after.commands, [
      ['/bin/rm', '-f', '--', file],
      [`/bin/${refreshAfterRemoval[0]}`, ...refreshAfterRemoval.slice(1)],
    ]);
    assert.match(
      (await outcomes(removeRoots({ host: before.host, stateFolder: '/s' }, [root])))[0] ?? '',
      /^already \| trust-not-there/,
    );
  });
}

test('a refresh that fails is told with what it said, and its file does not stay', async (t) => {
  const { root } = await world(t);
  const { host, commands } = paperHost({ exists: async (name) => name === store('Debian').folder }, ([command]) =>
    command?.includes('update') ? failed : fine,
  );
  const [line] = await outcomes(installRoot({ host, stateFolder: '/s' }, root));
  assert.match(line ?? '', /^failed \| trust-command-failed \| Debian.* \| it is broken$/);
  assert.deepEqual(commands[2]?.slice(0, 3), ['/bin/rm', '-f', '--']);
});

test('without root, sudo is asked; without sudo or with its refusal the way to do it is told', async (t) => {
  const { root } = await world(t);
  const exists = async (name: string) => name === store('Debian').folder;
  for (const isInteractive of [true, false]) {
    const { host, commands } = paperHost({ exists, isAdministrator: false, isInteractive });
    assert.match((await outcomes(installRoot({ host, stateFolder: '/s' }, root)))[0] ?? '', /^done/);
    const flags = isInteractive ? ['--'] : ['-n', '--'];
    assert.deepEqual(commands[0]?.slice(0, flags.length + 2), ['/bin/sudo', ...flags, '/bin/install']);
    assert.deepEqual(commands[1], ['/bin/sudo', ...flags, '/bin/update-ca-certificates']);
  }
  const refusing = paperHost({ exists, isAdministrator: false }, ([command]) =>
    command === '/bin/sudo' ? { status: 1, stdout: '', stderr: 'sudo: a password is required\n' } : fine,
  );
  assert.match(
    (await outcomes(installRoot({ host: refusing.host, stateFolder: '/s' }, root)))[0] ?? '',
    /^failed \| trust-needs-root/,
  );
  const without = paperHost({
    exists,
    isAdministrator: false,
    findCommand: async (name) => (name === 'sudo' ? undefined : `/bin/${name}`),
  });
  assert.match(
    (await outcomes(installRoot({ host: without.host, stateFolder: '/s' }, root)))[0] ?? '',
    /^failed \| trust-needs-root/,
  );
});

test('under sudo the databases of the person are opened as that person', async (t) => {
  const { root } = await world(t);
  const { host, commands } = paperHost({ actingFor: 'me' });
  await outcomes(installRoot({ host, stateFolder: '/s' }, root));
  assert.ok(commands.length > 0);
  for (const command of commands) assert.deepEqual(command.slice(0, 4), ['sudo', '-u', 'me', '--']);
});

test('a system without a known store says where the root is', async (t) => {
  const { root } = await world(t);
  const { host } = paperHost({});
  assert.equal((await outcomes(installRoot({ host, stateFolder: '/s' }, root)))[0], 'absent | trust-store-unknown');
});

test('without certutil the package that holds it is named, where there is a database to open', async (t) => {
  const { root } = await world(t);
  const findCommand = async (name: string) => (name === 'certutil' ? undefined : `/bin/${name}`);
  const { host } = paperHost({ findCommand, exists: async (name) => name === store('Debian').folder });
  const lines = await outcomes(installRoot({ host, stateFolder: '/s' }, root));
  assert.deepEqual(lines.slice(1), [
    'failed | trust-certutil-missing | Chromium (/home/me/.pki/nssdb) | libnss3-tools',
    'absent | trust-place-absent | Firefox',
  ]);
  assert.deepEqual((await outcomes(removeRoots({ host, stateFolder: '/s' }, [root]))).slice(1), [
    'absent | trust-place-absent | Chromium (/home/me/.pki/nssdb)',
    'absent | trust-place-absent | Firefox',
  ]);
});

test('macOS: the system keychain is changed through security, by fingerprint', async (t) => {
  const { root } = await world(t);
  const keychain = '/Library/Keychains/System.keychain';
  const sha1 = new X509Certificate(root.pem).fingerprint.replaceAll(':', '');
  const find = ['security', 'find-certificate', '-a', '-Z', '-c', root.name, keychain];
  const empty = paperHost({ platform: 'darwin' });
  assert.match((await outcomes(installRoot({ host: empty.host, stateFolder: '/s' }, root)))[0] ?? '', /^done/);
  assert.deepEqual(empty.commands, [
    find,
    ['/bin/security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', keychain, root.file],
  ]);
  const holding = paperHost({ platform: 'darwin' }, (command) =>
    command.includes('find-certificate')
      ? { ...fine, stdout: `SHA-256 hash: ${root.fingerprint.toUpperCase()}\n` }
      : fine,
  );
  assert.match((await outcomes(installRoot({ host: holding.host, stateFolder: '/s' }, root)))[0] ?? '', /^already/);
  holding.commands.length = 0;
  assert.match((await outcomes(removeRoots({ host: holding.host, stateFolder: '/s' }, [root])))[0] ?? '', /^done/);
  assert.deepEqual(holding.commands, [
    find,
    ['/bin/security', 'remove-trusted-cert', '-d', root.file],
    ['/bin/security', 'delete-certificate', '-Z', sha1, keychain],
  ]);
});

test("Windows: the user's own store is changed through its certutil, and no NSS is looked for", async (t) => {
  const { root } = await world(t);
  const sha1 = new X509Certificate(root.pem).fingerprint.replaceAll(':', '');
  const empty = paperHost({ platform: 'win32' }, (command) => (command.includes('-store') ? failed : fine));
  assert.deepEqual(await outcomes(installRoot({ host: empty.host, stateFolder: '/s' }, root)), [
    'done | trust-installed | Windows (Root, current user)',
  ]);
  assert.deepEqual(empty.commands, [
    ['certutil', '-user', '-store', 'Root', sha1],
    ['certutil', '-user', '-addstore', 'Root', root.file],
  ]);
  const holding = paperHost({ platform: 'win32' });
  assert.match((await outcomes(removeRoots({ host: holding.host, stateFolder: '/s' }, [root])))[0] ?? '', /^done/);
  assert.deepEqual(holding.commands[1], ['certutil', '-user', '-delstore', 'Root', sha1]);
});

test('Java on Debian: the entry that the refresh would leave behind is taken out by its alias', async (t) => {
  const { root } = await world(t);
  const debian = store('Debian');
  const alias = `debian:menshen-local-ca-${root.fingerprint.slice(0, 16)}.pem`;
  const { host, commands } = paperHost({ exists: async (name) => [debian.folder, debian.javaKeystore].includes(name) });
  const [line] = await outcomes(removeRoots({ host, stateFolder: '/s' }, [root]));
  assert.equal(line, `done | trust-removed | Java (${debian.javaKeystore})`);
  assert.deepEqual(commands[1], [
    '/bin/keytool',
    '-delete',
    '-alias',
    alias,
    '-keystore',
    debian.javaKeystore,
    '-storepass',
    'changeit',
  ]);
});

test('arguments reach a command as they are, its input and output too, and a missing one is told', async () => {
  const script = 'process.stdin.pipe(process.stdout); console.error(process.argv[1]); process.exitCode = 3';
  const odd = `$(date) 'quoted' "twice" ; *`;
  assert.deepEqual(await runCommand(process.execPath, ['-e', script, odd], 'input'), {
    status: 3,
    stdout: 'input',
    stderr: `${odd}\n`,
  });
  assert.equal((await runCommand('/nonexistent/command', [])).status, -1);
});

test('the hint is one line, in both languages, and its command survives a path with blanks and quotes', () => {
  const file = "/home/o'neil x/root.pem";
  for (const language of ['en', 'zh'] as const) {
    const hint = trustHint(language, file, 'https://app.localhost:8443/');
    assert.ok(!hint.includes('\n'));
    assert.match(hint, /`npx menshen trust`/);
    assert.ok(hint.endsWith(String.raw`curl --cacert '/home/o'\''neil x/root.pem' https://app.localhost:8443/`), hint);
  }
});

// ---- the real NSS and the real Chromium, in a home folder of their own ----

/** This machine, with another home, and a folder of its own for the system's roots. */
async function realHost(w: World): Promise<{ host: TrustHost; stores: readonly AnchorStore[] }> {
  const home = path.join(w.place, 'home');
  const anchors = path.join(w.place, 'anchors');
  await nodeFileSystem.mkdir(anchors);
  await nodeFileSystem.mkdir(home);
  const host = {
    ...(await thisHost()),
    home,
    dataHome: path.join(home, '.local/share'),
    actingFor: undefined,
    isAdministrator: true,
  };
  const refresh = ['ls', anchors] as const;
  const stores = [{ ...store('Debian'), folder: anchors, refresh, refreshAfterRemoval: refresh, javaKeystore: '' }];
  return { host, stores };
}

async function certutilMissing(t: TestContext): Promise<boolean> {
  const host = await thisHost();
  const missing = host.platform !== 'linux' || (await host.findCommand('certutil')) === undefined;
  if (missing) t.skip('NSS certutil is not installed');
  return missing;
}

async function firefoxProfile(home: string): Promise<string> {
  const profile = path.join(home, '.mozilla/firefox/x1y2.default-release');
  await nodeFileSystem.mkdir(profile, { recursive: true });
  await run('certutil', ['-N', '--empty-password', '-d', `sql:${profile}`]);
  return profile;
}

test('a real round trip: installed twice, then taken out twice, in the system folder, Chromium and Firefox', async (t) => {
  if (await certutilMissing(t)) return;
  const w = await world(t);
  const options = { ...(await realHost(w)), stateFolder: w.folder.path };
  const profile = await firefoxProfile(options.host.home);
  const states = async (work: ReturnType<typeof installRoot>) =>
    (await outcomes(work)).map((line) => line.split(' | ')[0]);

  assert.deepEqual(await states(removeRoots(options, [w.root])), ['already', 'absent', 'already']);
  assert.deepEqual(await states(installRoot(options, w.root)), ['done', 'done', 'done']);
  assert.deepEqual(await states(installRoot(options, w.root)), ['already', 'already', 'already']);
  const [file = ''] = await nodeFileSystem.readdir(path.join(w.place, 'anchors'));
  assert.equal(String(await nodeFileSystem.readFile(path.join(w.place, 'anchors', file))), w.root.pem);
  const chromium = path.join(options.host.home, '.pki/nssdb');
  assert.equal((await nodeFileSystem.stat(chromium)).mode & 0o777, 0o700);
  for (const folder of [chromium, profile]) {
    assert.match((await run('certutil', ['-L', '-d', `sql:${folder}`])).stdout, new RegExp(`${w.root.name}\\s+C,,`));
  }
  // A root that somebody has switched off is switched on again.
  await run('certutil', ['-M', '-d', `sql:${profile}`, '-n', w.root.name, '-t', ',,']);
  assert.deepEqual(await states(installRoot(options, w.root)), ['already', 'already', 'done']);

  assert.deepEqual(await states(removeRoots(options, [w.root])), ['done', 'done', 'done']);
  assert.deepEqual(await states(removeRoots(options, [w.root])), ['already', 'already', 'already']);
  assert.deepEqual(await nodeFileSystem.readdir(path.join(w.place, 'anchors')), []);
  for (const folder of [chromium, profile]) {
    assert.doesNotMatch((await run('certutil', ['-L', '-d', `sql:${folder}`])).stdout, /Menshen/);
  }
});

test("Chromium's new database is used where only that exists, and the old one is not put in front of it", async (t) => {
  if (await certutilMissing(t)) return;
  const w = await world(t);
  const options = { ...(await realHost(w)), stateFolder: w.folder.path };
  const recent = path.join(options.host.dataHome, 'pki/nssdb');
  await nodeFileSystem.mkdir(recent, { recursive: true });
  await run('certutil', ['-N', '--empty-password', '-d', `sql:${recent}`]);
  const lines = await outcomes(installRoot(options, w.root));
  assert.ok(lines.includes(`done | trust-installed | Chromium (${recent})`), lines.join('\n'));
  assert.equal(await options.host.exists(path.join(options.host.home, '.pki')), false);
});

test('NSS accepts leaves that are inside and refuses what a stolen root key signs outside', async (t) => {
  if (await certutilMissing(t)) return;
  const w = await world(t, ['*.example.org']);
  const options = { ...(await realHost(w)), stateFolder: w.folder.path };
  await outcomes(installRoot(options, w.root));
  const database = `sql:${path.join(options.host.home, '.pki/nssdb')}`;
  const judge = async (name: string, certPem: string) => {
    await runCommand('certutil', ['-A', '-d', database, '-t', ',,', '-n', name, '-a'], certPem);
    return runCommand('certutil', ['-V', '-u', 'V', '-e', '-d', database, '-n', name]);
  };
  for (const name of ['app.localhost', '*.example.org', '127.0.0.1', '::1']) {
    const { status, stderr } = await judge(`leaf ${name.replaceAll(':', '-')}`, (await w.ca.issue(name)).certPem);
    assert.equal(status, 0, `${name}: ${stderr}`);
  }
  const outside: LocalName[] = [
    { kind: 'dns', text: 'bank.example', subtree: 'bank.example' },
    { kind: 'ip', text: '192.0.2.1', octets: Uint8Array.of(192, 0, 2, 1) },
  ];
  const privateKey = createPrivateKey(String(await w.folder.read('local-ca/root-1/root.key')));
  for (const name of outside) {
    const certificate = encodeLeaf({
      serial: randomBytes(16),
      name,
      publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
      notBeforeMs: Date.now() - 3_600_000,
      notAfterMs: Date.now() + 3_600_000,
      issuer: { commonName: w.root.name, privateKey },
    });
    const { status, stdout, stderr } = await judge(`leaf ${name.text}`, certificate.toString());
    assert.notEqual(status, 0, name.text);
    assert.match(stdout + stderr, /not permitted to issue a certificate with this name/, name.text);
  }
});

test('a real Chromium loads a page under the local root once it is trusted, and refuses it before and after', async (t) => {
  if (await certutilMissing(t)) return;
  const chromium = await (await thisHost()).findCommand('chromium');
  if (chromium === undefined) return t.skip('Chromium is not installed');
  const w = await world(t);
  const options = { ...(await realHost(w)), stateFolder: w.folder.path };
  const leaf = await w.ca.issue('app.localhost');
  const server = https.createServer({ cert: leaf.certPem, key: leaf.keyPem }, (_, response) => {
    response.end('<!doctype html><title>t</title><p>through the gate</p>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const load = async () => {
    const { stdout, stderr } = await run(
      chromium,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-proxy-server',
        `--user-data-dir=${path.join(w.place, 'profile')}`,
        '--dump-dom',
        `https://app.localhost:${port}/`,
      ],
      { env: { ...process.env, HOME: options.host.home, XDG_DATA_HOME: '' }, timeout: 120_000 },
    );
    return stdout + stderr;
  };
  // Chromium's own name for it, on its page and in its log: ERR_CERT_AUTHORITY_INVALID is -202.
  const untrusted = /ERR_CERT_AUTHORITY_INVALID|net_error -202/;
  // A database that exists, so that Chromium does not make one elsewhere.
  await outcomes(installRoot(options, w.root));
  await outcomes(removeRoots(options, [w.root]));
  assert.match(await load(), untrusted);
  await outcomes(installRoot(options, w.root));
  assert.match(await load(), /through the gate/);
  await outcomes(removeRoots(options, [w.root]));
  assert.match(await load(), untrusted);
});
