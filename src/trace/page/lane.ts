/** The connections to one origin, and the requests that wait for one of them. */
import type { Connection } from '../connect/connection.ts';
import type { HttpRequest } from '../http/message.ts';
import { exchangeOver, type RunningTrace, type TracedExchange } from '../request.ts';

interface Job {
  readonly request: HttpRequest;
  readonly done: (traced: TracedExchange | undefined) => void;
}

/** HTTP/2 takes as many requests at a time as the server allows; this many are enough to fill a line. */
const MOST_STREAMS = 32;

export class Lane {
  readonly #running: RunningTrace;
  readonly #waiting: Job[] = [];
  /** Connections that nobody uses at the moment. */
  readonly #idle: Connection[] = [];
  /** The one connection of HTTP/2. */
  #shared: Connection | undefined;
  /** Runs until the first connection tells which protocol is spoken. */
  #first: Promise<void> | undefined;
  /** Nobody answered there: nobody is asked again. */
  #dead = false;
  #active = 0;

  constructor(running: RunningTrace, open: Connection | undefined) {
    this.#running = running;
    if (open === undefined || !open.reusable) return;
    if (open.protocol === 'HTTP/2') this.#shared = open;
    else this.#idle.push(open);
    this.#first = Promise.resolve();
  }

  fetch(request: HttpRequest): Promise<TracedExchange | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push({ request, done: resolve });
      this.#turn();
    });
  }

  #turn(): void {
    const most = this.#shared === undefined ? this.#running.options.limits.parallel : MOST_STREAMS;
    while (this.#active < most && this.#waiting.length > 0) {
      const job = this.#waiting.shift()!;
      this.#active += 1;
      void this.#serve(job).then((traced) => {
        this.#active -= 1;
        job.done(traced);
        this.#turn();
        return undefined;
      });
    }
  }

  async #serve({ request }: Job): Promise<TracedExchange | undefined> {
    const { log } = this.#running;
    const chapter = log.begin({ kind: 'resource', method: request.method, url: request.url.href });
    const { connection, reused } = await this.#take(request.url, chapter);
    if (connection === undefined) return undefined;
    const traced = await exchangeOver(this.#running, chapter, connection, request, reused);
    if (connection !== this.#shared && connection.reusable) this.#idle.push(connection);
    return traced;
  }

  async #take(url: URL, chapter: number): Promise<{ connection: Connection | undefined; reused: boolean }> {
    const { connector } = this.#running;
    if (this.#first !== undefined) await this.#first;
    if (this.#shared?.reusable === true) return { connection: this.#shared, reused: true };
    const idle = this.#idle.pop();
    if (idle?.reusable === true) return { connection: idle, reused: true };
    if (this.#dead) return { connection: undefined, reused: false };
    let learnt = (): void => {};
    if (this.#first === undefined) this.#first = new Promise((resolve) => (learnt = resolve));
    const connection = await connector.connect(url, chapter);
    if (connection === undefined) this.#dead = true;
    else if (connection.protocol === 'HTTP/2') this.#shared = connection;
    learnt();
    return { connection, reused: false };
  }
}
