import assert from 'node:assert/strict';
import test from 'node:test';
import { ROOT, startWorld, TLD, ZONE } from '../../dns/loopback-world.ts';
import { dig, whyNoBind } from '../../dns/named.ts';
import { traced, withWorld } from '../world.ts';
import { Comparison } from './comparison.ts';
import { Told } from './told.ts';

/**
 * The name stage of a trace from the root on, held against dig: what `dig +trace` does, each server asked by itself. (With
 * `+trace` itself dig asks the system for the addresses of name servers, and the system knows no world on loopback.)
 */

const reason = whyNoBind();
const plain = (line: string): string => line.replace(/\s+/g, ' ').trim();

interface Dug {
  readonly rcode: string;
  /** Records of all sections, but for those of the message itself. */
  readonly records: readonly string[];
}

async function dug(server: string, port: string, name: string, type: string): Promise<Dug> {
  const sections = ['+noall', '+comments', '+answer', '+authority', '+additional', '+nosplit'];
  const printed = await dig(`@${server}`, '-p', port, name, type, '+norecurse', '+nocookie', ...sections);
  const records = printed.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
  return { rcode: /status: (\w+)/.exec(printed)?.[1] ?? '', records: records.map(plain).toSorted() };
}

test('root, top-level domain, zone and alias: every referral, glue and answer as dig tells it', async (t) => {
  if (reason !== undefined) return t.skip(reason);
  const bind = await startWorld();
  t.after(() => bind.stop());
  const env = { MENSHEN_ROOT_HINTS: `a.root.test.=${ROOT}`, MENSHEN_DNS_PORT: String(bind.port) };
  await withWorld(async (world) => {
    const { port } = new URL(await world.web((_, response) => void response.end('here')));
    const flags = { iterative: true, insecure: true };
    const { told: trace, code, codes } = await traced(`https://site.example.test:${port}/`, flags, env);
    const table = new Comparison('site.example.test, from the root');
    table.row('asked for', 'exit code', code, 0);
    if (code !== 0) t.diagnostic(codes.join());
    const told = new Told(trace);
    const stage = trace.stages.find(({ name }) => name === 'name')!;
    const asked: string[] = [];
    for (const [at, { label, values }] of stage.observations.entries()) {
      if (label !== 'name.question') continue;
      const [server = '', place = '53'] = String(values['server']).split('#');
      const [name, type] = [String(values['name']), String(values['type'])];
      // Several questions are open at a time: an answer has the number of its question (RFC 1035 section 4.1.1).
      const { peer, octets = '' } = stage.observations[at]!;
      const answer = stage.observations.find(
        (one) =>
          /^name\.re(?:ply|ferral)$/.test(one.label) &&
          one.peer === peer &&
          one.octets?.slice(0, 4) === octets.slice(0, 4),
      )!;
      const theirs = await dug(server, place, name, type);
      asked.push(`${server} ${type}`);
      const where = `${name} ${type} at ${server}`;
      table.row('dig', `${where}: status`, answer.values['rcode'], theirs.rcode);
      const ours = answer.details.filter((one) => !/ OPT /.test(one.value)).map(({ value }) => plain(value));
      table.row('dig', `${where}: records`, ours.toSorted().join(' | '), theirs.records.join(' | '));
    }
    for (const server of [ROOT, TLD, ZONE]) {
      assert.ok(
        asked.some((one) => one.startsWith(`${server} `)),
        `${server} was asked`,
      );
    }
    const addresses = await dug(ZONE, String(bind.port), 'web.glueless.test', 'A');
    const address = addresses.records
      .find((one) => / IN A /.test(one))
      ?.split(' ')
      .at(-1);
    table.row('dig', 'address', told.value('tcp.connected', 'remote'), `${address}:${port}`);
    table.conclude((line) => t.diagnostic(line));
  });
});
