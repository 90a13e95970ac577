import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { startNamed, whyNoBind, type Named } from '../dns/named.ts';
import { NOBODY, ROOT, TLD } from '../dns/loopback-world.ts';
import { intermediateKey, leafExtensions } from '../pki/issue.ts';
import { traced, withWorld, type Traced } from './world.ts';

/** Names resolved from a root server on loopback, through BIND, to servers on loopback. */

const missing = whyNoBind();
let named: Named | undefined;

const soa = '@ 60 IN SOA ns.site.test. x.site.test. 1 60 60 60 60\n';
const root = `$TTL 60\n${soa}@ NS a.root.test.\na.root.test. A ${ROOT}\nsite.test. NS ns.site.test.\nns.site.test. A ${TLD}
lame.test. NS ns.lame.test.\nns.lame.test. A ${TLD}\ndead.test. NS ns.dead.test.\nns.dead.test. A ${NOBODY}\n`;
const site = `$TTL 60\n${soa}@ NS ns\nns A ${TLD}\nwww CNAME web\nweb A 127.0.0.1\nweb AAAA ::1\nweb HTTPS 1 . alpn="h2"
text TXT "x"\nloop CNAME pool\npool CNAME loop\n`;

before(async () => {
  if (missing !== undefined) return;
  const views = [
    { address: ROOT, zones: { '.': root } },
    { address: TLD, zones: { 'site.test': site } },
  ];
  named = await startNamed({ port: 0, views });
});
after(() => named?.stop());

const env = (): Record<string, string> => ({
  MENSHEN_ROOT_HINTS: `a.root.test.=${ROOT}`,
  MENSHEN_DNS_PORT: String(named?.port ?? 0),
});

test('a name is followed from the root, over referral and alias, to the address that answers', async (t) => {
  if (missing !== undefined) {
    t.skip(missing);
    return;
  }
  await withWorld(
    async (world) => {
      const origin = await world.web((_, response) => response.end());
      const { port } = new URL(origin);
      const flags = { cacert: [world.cacert], iterative: true };
      const { told, code, codes, labels } = await traced(`https://www.site.test:${port}/`, flags, env());
      assert.equal(code, 0, codes.join());
      const { observations } = told.stages.find(({ name }) => name === 'name')!;
      const referral = observations.find(({ label }) => label === 'name.referral')!;
      assert.equal(referral.values['zone'], 'site.test.');
      const answer = observations.find(({ label, values }) => label === 'name.answer' && values['type'] === 'A')!;
      assert.equal(answer.values['addresses'], '127.0.0.1');
      assert.match(answer.details[0]?.value ?? '', /www\.site\.test\. → web\.site\.test\./);
      assert.ok(observations.some(({ label }) => label === 'name.service'));
      assert.ok(
        observations.filter(({ label }) => label === 'name.question').every(({ octets }) => octets !== undefined),
      );
      assert.ok(labels.includes('name.order'));
    },
    { leaf: { extensions: leafExtensions(intermediateKey(), ['dns:www.site.test']) } },
  );
});

test('each failure of a name has its own code', async (t) => {
  if (missing !== undefined) {
    t.skip(missing);
    return;
  }
  const cases: readonly (readonly [string, string, number])[] = [
    ['nothing.site.test', 'dns-name-not-found', 30],
    ['text.site.test', 'dns-no-data', 31],
    ['loop.site.test', 'dns-alias-loop', 32],
    ['www.dead.test', 'dns-unreachable', 33],
    ['www.lame.test', 'dns-lame-delegation', 34],
  ];
  for (const [host, verdict, exitCode] of cases) {
    const result: Traced = await traced(`https://${host}/`, { iterative: true }, env());
    assert.deepEqual([result.told.verdict, result.code], [verdict, exitCode], host);
    assert.deepEqual(
      result.told.stages.map(({ name }) => name),
      ['name'],
      'nothing is tried without an address',
    );
  }
});
