import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { VerifyFlags } from '../../src/cli/commands/verify.ts';
import { runVerify } from '../../src/cli/verify-run.ts';
import type { Certificate } from '../../src/codec/x509/certificate.ts';
import type { Language } from '../../src/story/catalog.ts';
import { FindingError } from '../../src/story/finding-error.ts';
import { chain, NOW, pem, type ChainChanges } from '../pki/issue.ts';

const at = new Date(NOW).toISOString();
const usual: VerifyFlags = { revocation: 'soft', fetch: false, cache: false, purpose: 'server', timeout: 10, at };

/** Judges files: a chain that is changed, with its own root trusted. */
async function judged(
  change: ChainChanges,
  flags: Partial<VerifyFlags> = {},
  language: Language = 'en',
  choose: (made: ReturnType<typeof chain>) => readonly Certificate[] = ({ leaf, intermediate }) => [leaf, intermediate],
): Promise<{ readonly code: number; readonly text: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-run-'));
  try {
    const made = chain(change);
    const file = (name: string, list: readonly Certificate[]): string => {
      const place = path.join(folder, name);
      writeFileSync(place, list.map(({ bytes }) => pem(bytes)).join(''));
      return place;
    };
    const trust = [file('root.pem', [made.root])];
    return await runVerify(file('chain.pem', choose(made)), { ...usual, trust, ...flags }, language);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('menshen verify FILE', () => {
  it('tells path and checks in both languages, every placeholder filled', async () => {
    for (const [language, words] of [
      ['en', ['trusted', 'Path', '● host.example  [leaf, in the file]', '✓ Issued by someone trusted', '(60 d left)']],
      ['zh', ['可信', '证书路径', '● host.example  [叶证书, 在文件中]', '✓ 签发者可信', '(剩余 60 d)']],
    ] as const) {
      const { code, text } = await judged({}, { name: 'host.example' }, language);
      assert.equal(code, 0, text);
      for (const word of words) assert.ok(text.includes(word), `${word}\n${text}`);
      assert.doesNotMatch(text, /\{\w+\}/);
      const old = await judged({ leaf: { notAfter: NOW - 1_000 } }, { name: 'other.example' }, language);
      assert.equal(old.code, 10);
      assert.equal(old.text.match(/^ {2}✗/gm)?.length, 2, old.text);
      assert.doesNotMatch(old.text, /\{\w+\}/);
    }
  });

  it('judges by the moment, the name, the order and the rule book that are asked for', async () => {
    assert.equal((await judged({}, { at: '2027-01-01' })).code, 10);
    assert.equal((await judged({}, { at: '2020-01-01' })).code, 11);
    assert.equal((await judged({}, { name: 'other.example' })).code, 15);
    assert.equal((await judged({}, { purpose: 'client' })).code, 17);
    assert.equal((await judged({}, { revocation: 'hard' })).code, 13);
    assert.equal((await judged({ leaf: { serial: Buffer.alloc(24, 1) } })).code, 0);
    assert.equal((await judged({ leaf: { serial: Buffer.alloc(24, 1) } }, { strict: true })).code, 20);
    const leafOnly = await judged({}, {}, 'en', ({ leaf }) => [leaf]);
    assert.equal(leafOnly.code, 16);
    const withRoot = await judged({}, {}, 'en', ({ leaf, root, intermediate }) => [leaf, root, intermediate]);
    assert.ok(withRoot.code === 0 && withRoot.text.includes('Leave the root out'));
  });

  it('names in certificates cannot redraw a terminal', async () => {
    const { text } = await judged({ leaf: { subject: { CN: 'x\u001b[2J\u202e' } } });
    assert.doesNotMatch(text, /[\u001b\u202e]/);
    assert.ok(text.includes('\\u001b[2J\\u202e'));
  });

  it('JSON holds the path, the checks and the octets', async () => {
    const { text } = await judged({}, { json: true, name: 'host.example' });
    const value = JSON.parse(text) as {
      path: { store: string | null }[];
      sent: { pem: string }[];
      checks: { code: string }[];
    };
    assert.deepEqual(
      value.path.map(({ store }) => store !== null),
      [false, false, true],
    );
    assert.match(value.sent[0]!.pem, /^-----BEGIN CERTIFICATE-----\n/);
    assert.ok(value.checks.some(({ code }) => code === 'check-trusted'));
  });

  it('what cannot be used is named before anything is judged', async () => {
    const refused = async (target: string, flags: Partial<VerifyFlags>, code: string): Promise<void> => {
      await assert.rejects(runVerify(target, { ...usual, ...flags }, 'en'), (error: unknown) => {
        assert.ok(error instanceof FindingError);
        assert.equal(error.finding.code, code);
        return true;
      });
    };
    await refused('./none.pem', {}, 'verify-file-unreadable');
    await refused('not a host', {}, 'verify-target-unclear');
    await refused('host.example', { at: 'tomorrow' }, 'verify-time-unclear');
    await refused('host.example', { name: 'a b' }, 'verify-name-unclear');
    await refused('host.example', { trust: ['/none/store'] }, 'trust-store-unreadable');
    await refused('host.example', { crl: ['/none/crl'] }, 'verify-file-unreadable');
    await refused('host.example', { clientCert: '/none/me.pem' }, 'verify-file-unreadable');
  });
});
