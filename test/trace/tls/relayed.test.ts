import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { TlsConversation } from '../../../src/codec/tls/conversation/conversation.ts';
import type { MessageItem, Sender } from '../../../src/codec/tls/conversation/items.ts';
import { nodeTlsCrypto } from '../../../src/pki/tls-crypto.ts';
import { judgeTlsChoices } from '../../../src/story/rules/tls-choices.ts';
import { lacksOpenssl, OpensslLab, type OpensslServer } from './openssl-server.ts';

/** What passed between `openssl s_client` and `openssl s_server`, as a capture has it, and the client's key log. */
interface Relayed {
  readonly passed: { sender: Sender; octets: Uint8Array }[];
  readonly keyLog: string;
}

describe('one OpenSSL to another, with the key log file of the client', { skip: lacksOpenssl }, () => {
  let lab: OpensslLab;
  const closing: (() => void)[] = [];
  before(() => {
    lab = new OpensslLab();
    lab.certificate('ecdsa');
  });
  after(async () => {
    for (const close of closing) close();
    await lab.close();
  });

  /** Runs s_client through a relay; `act` talks to both until everything has happened. */
  async function relay(
    server: OpensslServer,
    words: readonly string[],
    act: (client: ChildProcess, said: () => string) => Promise<void>,
  ): Promise<Relayed> {
    const passed: Relayed['passed'] = [];
    const listener = net.createServer((near) => {
      const far = net.connect(server.port, '127.0.0.1');
      near.on('data', (chunk: Buffer) => {
        passed.push({ sender: 'client', octets: Uint8Array.from(chunk) });
        far.write(chunk);
      });
      far.on('data', (chunk: Buffer) => {
        passed.push({ sender: 'server', octets: Uint8Array.from(chunk) });
        near.write(chunk);
      });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('end', () => other.end());
        one.on('error', () => other.destroy());
      }
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    closing.push(() => listener.close());
    const { port } = listener.address() as net.AddressInfo;
    const keyLogFile = lab.place(`keys-${port}`);
    writeFileSync(keyLogFile, '');
    const client = spawn(
      'openssl',
      ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-keylogfile', keyLogFile, ...words],
      { cwd: lab.folder, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let said = '';
    client.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
    client.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
    const gone = once(client, 'exit');
    await act(client, () => said);
    client.stdin.end('Q\n');
    await gone;
    return { passed, keyLog: readFileSync(keyLogFile, 'utf8') };
  }

  function read({ passed, keyLog }: Relayed, known = {}): TlsConversation {
    const conversation = new TlsConversation({ crypto: nodeTlsCrypto, known });
    conversation.addKeyLog(keyLog);
    for (const [index, { sender, octets }] of passed.entries()) conversation.feed(sender, octets, index);
    conversation.finish();
    for (const { known: how, kind } of conversation.items) assert.notEqual(how.how, 'undecryptable', kind);
    for (const { check, ok, checked, why } of conversation.handshake.checks) {
      if (check !== 'sct' && check !== 'psk-binder') assert.ok(checked && ok, `${check} ${why}`);
    }
    return conversation;
  }

  const until = async (condition: () => boolean, what: () => string): Promise<void> => {
    for (let tries = 0; tries < 500; tries += 1) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(what());
  };

  const names = ({ items }: TlsConversation, sender: Sender): string[] =>
    items
      .filter((item): item is MessageItem => item.kind === 'message' && item.sender === sender)
      .map(({ message }) => message.name);

  test('client authentication after the handshake is read and checked', async () => {
    const server = await lab.serve('rsa', '-tls1_3', '-verify', '1');
    // -verify asks in the handshake too; the request after it is the server's second.
    const relayed = await relay(
      server,
      ['-enable_pha', '-cert', 'ecdsa.pem', '-key', 'ecdsa.key'],
      async (client, said) => {
        await until(() => said().includes('SSL handshake has read'), said);
        server.type('c\n');
        await until(() => server.said().includes('SSL_do_handshake -> 1'), server.said);
        // Only what the client sends next makes the server read its answer.
        client.stdin!.write('hello\n');
        await until(() => server.said().includes('hello'), server.said);
      },
    );
    const conversation = read(relayed);
    assert.equal(names(conversation, 'server').filter((name) => name === 'certificate_request').length, 2);
    assert.equal(names(conversation, 'client').filter((name) => name === 'certificate_verify').length, 2);
    const verified = conversation.handshake.checks.filter(
      ({ check, sender }) => sender === 'client' && (check === 'certificate-verify' || check === 'finished'),
    );
    assert.equal(verified.length, 4);
  });

  test('early data is read, and told to be accepted', async () => {
    writeFileSync(lab.place('early.txt'), 'early words\n');
    const server = await lab.serve('rsa', '-tls1_3', '-early_data');
    const first = await relay(server, ['-sess_out', 'session.pem'], async (client, said) => {
      await until(() => said().includes('SSL handshake has read'), said);
      client.stdin!.write('first\n');
      // What s_client says of tickets stays in its buffer; the file is written at once.
      await until(() => existsSync(lab.place('session.pem')), said);
    });
    assert.equal(read(first).handshake.earlyData, 'none');
    const second = await relay(
      server,
      ['-sess_in', 'session.pem', '-early_data', 'early.txt'],
      async (client, said) => {
        await until(() => said().includes('Early data was'), said);
        client.stdin!.write('late words\n');
        await until(() => server.said().includes('late words'), server.said);
      },
    );
    const conversation = read(second);
    const data = conversation.items.flatMap((item) => (item.kind === 'data' && item.sender === 'client' ? [item] : []));
    assert.deepEqual(
      data.map(({ isEarly, octets }) => [isEarly, Buffer.from(octets).toString()]),
      [
        [true, 'early words\n'],
        [false, 'late words\n'],
      ],
    );
    assert.equal(conversation.handshake.earlyData, 'accepted');
    assert.ok(names(conversation, 'client').includes('end_of_early_data'));
    assert.ok(judgeTlsChoices(conversation.handshake).some(({ code }) => code === 'tls-early-data-accepted'));
  });

  test('a renegotiation of TLS 1.2 is read as a second handshake under the keys of the first', async () => {
    const server = await lab.serve('rsa', '-tls1_2', '-client_renegotiation');
    const relayed = await relay(server, [], async (client, said) => {
      await until(() => said().includes('SSL handshake has read'), said);
      client.stdin!.write('R\n');
      await until(() => /RENEGOTIATING[\s\S]*verify return/.test(said()), said);
      client.stdin!.write('after\n');
      await until(() => server.said().includes('after'), server.said);
    });
    const conversation = read(relayed);
    assert.equal(names(conversation, 'client').filter((name) => name === 'client_hello').length, 2);
    assert.equal(names(conversation, 'server').filter((name) => name === 'finished').length, 2);
    assert.ok(conversation.isHandshakeDone);
  });
});
