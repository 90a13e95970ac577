import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import type { TraceFlags } from '../../../src/cli/commands/trace.ts';
import { startNamed, whyNoBind, type Named } from '../../dns/named.ts';
import { NOBODY, ROOT, TLD } from '../../dns/loopback-world.ts';
import type { ChainChanges } from '../../pki/issue.ts';
import { Lab, lacksOpenssl } from '../verify/lab.ts';
import { World } from '../world.ts';

/** What a trace is asked for: the command's argument, its options, its environment. */
export interface Asked {
  readonly url: string;
  readonly flags?: Partial<TraceFlags>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Thrown where this machine lacks what a scenario is made of; the message is the reason for skipping it. */
export class Absent extends Error {}

const soa = '@ 60 IN SOA ns.site.test. x.site.test. 1 60 60 60 60\n';
const rootZone = `$TTL 60\n${soa}@ NS a.root.test.\na.root.test. A ${ROOT}\nsite.test. NS ns.site.test.\nns.site.test. A ${TLD}
lame.test. NS ns.lame.test.\nns.lame.test. A ${TLD}\ndead.test. NS ns.dead.test.\nns.dead.test. A ${NOBODY}\n`;
const siteZone = `$TTL 60\n${soa}@ NS ns\nns A ${TLD}\ntext TXT "x"\nloop CNAME pool\npool CNAME loop\n`;
/** A zone without SOA and NS, which BIND does not load: it answers SERVFAIL for it. */
const brokenZone = '$TTL 60\nwww A 192.0.2.1\n';

/** Where a scenario gets its servers from; everything is gone after `close`. */
export class Ground {
  readonly #ends: (() => Promise<unknown> | void)[] = [];
  #named: Promise<Named> | undefined;

  world(changes: ChainChanges = {}): World {
    const world = new World(changes);
    this.#ends.push(() => world.close());
    return world;
  }

  lab(): Lab {
    if (lacksOpenssl !== undefined) throw new Absent(lacksOpenssl);
    const lab = new Lab();
    this.#ends.push(() => lab.close());
    return lab;
  }

  /** BIND as root server, as server of `site.test`, and of a zone that it cannot load; gives what asks it. */
  async names(): Promise<{ readonly flags: Partial<TraceFlags>; readonly env: Record<string, string>; port: number }> {
    const missing = whyNoBind();
    if (missing !== undefined) throw new Absent(missing);
    this.#named ??= startNamed({
      port: 0,
      views: [
        { address: ROOT, zones: { '.': rootZone } },
        { address: TLD, zones: { 'site.test': siteZone, 'broken.test': brokenZone } },
      ],
    });
    const { port } = await this.#named;
    const env = { MENSHEN_ROOT_HINTS: `a.root.test.=${ROOT}`, MENSHEN_DNS_PORT: String(port) };
    return { flags: { iterative: true }, env, port };
  }

  /** A name server on UDP that never answers; its port. */
  async silentNames(): Promise<number> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    this.#ends.push(() => void socket.close());
    return socket.address().port;
  }

  /** A port on which nobody listens. */
  async closedPort(): Promise<number> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  /**
   * A port that swallows every SYN: a process that listens and never accepts, with its queue full. Linux drops what
   * comes then, as a firewall would.
   */
  async blackHole(): Promise<number> {
    if (process.platform !== 'linux') throw new Absent('only Linux drops SYNs where a queue is full');
    const listening = `const s = require('net').createServer(); s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('fs').writeSync(1, s.address().port + '\\n'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`;
    const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
    const fillers: net.Socket[] = [];
    this.#ends.push(async () => {
      for (const filler of fillers) filler.destroy();
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    // The queue of 1 holds two; more than enough try to get in, until one does not.
    for (let full = false; !full && fillers.length < 8;) {
      const filler = net.connect(port, '127.0.0.1');
      filler.on('error', () => {});
      fillers.push(filler);
      full = await Promise.race([
        once(filler, 'connect').then(() => false),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 300)),
      ]);
    }
    return port;
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }

  /** Also stops what several scenarios share. */
  async closeAll(): Promise<void> {
    await this.close();
    await (await this.#named)?.stop();
  }
}
