/**
 * Where lines go: a file descriptor or a file, written in large pieces. Pipes and terminals, which can keep a writer
 * waiting, are written by the thread pool; a regular file at once, as nginx does it: the page cache takes 40 KiB in less
 * time than waking a thread costs.
 *
 * It is what pino calls a destination. pino's own (SonicBoom) is not used: at the end of the process it writes what is
 * left with `flushSync`, which repeats a failing write for ever, so that a full disk or a closed pipe would keep the
 * gateway from ending. It also measures the whole gathered text again at every line, which costs more than the line.
 *
 * What goes wrong here never throws and never stops the gateway:
 * - the reader is gone (EPIPE): what comes is counted and dropped;
 * - the disk is full: lines are held up to a limit and tried again every second, beyond it counted and dropped;
 * - the reader is slow: the same limit holds.
 * Once lines get through again, `onLost` is told how many are missing.
 */
import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import { LineQueue } from './line-queue.ts';

/** Gathered before a write is started: about eighty access lines; with one batch more the queue still makes no piece. */
const GATHER_CHARACTERS = 40 * 1024;
/** The longest that a line waits for company. */
const FLUSH_MS = 200;
/** Octets held for a reader that does not read or a disk that is full: a second of a gateway at its limit. */
const HELD_BYTES = 32 * 1024 * 1024;
/** A full pipe is tried again soon, since its reader may be quick; and ever later while it takes nothing. */
const AGAIN_FIRST_MS = 1;
const AGAIN_LAST_MS = 64;
/** A moment for the pool to end what it has, at the end of the process. */
const POOL_MS = 20;
const FULL_DISK_AGAIN_MS = 1000;
/** How long `flush` and `close` wait for a reader that does not read. */
const PATIENCE_MS = 2000;
/** The same at the end of the process, when nothing else runs any more; anew with all that it takes. */
const LAST_PATIENCE_MS = 500;
/** Logs name people's addresses: owner and group only. */
const FILE_MODE = 0o640;
const NOTHING = Buffer.alloc(0);

export interface DestinationOptions {
  /** Descriptor (1 is standard output), or path of a file that is appended to. */
  readonly target: number | string;
  /** Called when lines get through again after some were lost. */
  readonly onLost?: (lines: number) => void;
}

/** Lines that are held elsewhere, in another form than text. */
export interface HeldLines {
  /** Gives every line to `take`, in the order in which they came, and holds none afterwards. */
  giveTo(take: (line: string) => void): void;
}

export class LogDestination {
  readonly #file: string;
  /** The descriptor was opened here, and is closed here. */
  readonly #owned: boolean;
  readonly #onLost: ((lines: number) => void) | undefined;
  readonly #onExit = (): void => this.flushSync();
  #fd: number;
  readonly #queue = new LineQueue();
  /** Announced and not taken yet. Taken before anything else, so that lines stay in the order in which things happened. */
  #expected: HeldLines | undefined;
  /** What is being written, from the first octet that is not out yet. */
  #chunk: Buffer = NOTHING;
  #chunkLines = 0;
  #chunkFd = -1;
  /** `writing`: the pool has the chunk. `resting`: a write failed and is tried again later. */
  #state: 'idle' | 'writing' | 'resting' | 'over' = 'idle';
  #timer: NodeJS.Timeout | undefined;
  #hurry = false;
  #againMs = AGAIN_FIRST_MS;
  #lost = 0;
  #lostUntold = 0;
  #waiting: (() => void)[] = [];

  /** Opens the file, if it is one; throws the system's error where that fails (only here and in `reopen`). */
  constructor(options: DestinationOptions) {
    this.#file = typeof options.target === 'string' ? options.target : '';
    this.#fd = typeof options.target === 'string' ? openSync(options.target, 'a', FILE_MODE) : ownPipe(options.target);
    this.#owned = this.#fd !== options.target;
    this.#onLost = options.onLost;
    process.on('exit', this.#onExit);
  }

  /** Lines that could not be written and were given up, since the start. */
  get lostLines(): number {
    return this.#lost;
  }

  /** Takes one line, its line end included; or several at once. */
  write(line: string, lines = 1): void {
    this.#queueExpected();
    this.#queueText(line, lines);
    if (this.#state === 'idle') this.#startOrWait();
  }

  /**
   * Lines that are taken later: before the next line, and no later than a line would be written that came now. Once they
   * are taken, those that come after them have to be announced anew.
   */
  expect(lines: HeldLines): void {
    this.#queueExpected();
    this.#expected = lines;
    // Nothing is written any more: what is lost is counted as it comes.
    if (this.#state === 'over') this.#queueExpected();
    else if (this.#state === 'idle') this.#startOrWait();
  }

  /** Takes the lines that it expects: where they are held there is no room for more. */
  takeExpected(): void {
    this.#queueExpected();
    if (this.#state === 'idle') this.#startOrWait();
  }

  /** Starts writing what is held, without waiting for company. */
  hurry(): void {
    this.#hurry = true;
    if (this.#state === 'idle') this.#start();
  }

  /** Writes what is held; resolves when that is done, or when it cannot be done for now. */
  async flush(): Promise<void> {
    this.hurry();
    if (this.#state === 'idle' || this.#state === 'over') return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, PATIENCE_MS);
      this.#waiting.push(() => {
        clearTimeout(patience);
        resolve();
      });
    });
  }

  /** Writes what is held before it returns: for the end of the process, when no callback comes any more. */
  flushSync(): void {
    if (this.#state === 'over') return;
    // The pool still has a chunk and ends it by itself; a moment lets it go first.
    if (this.#state === 'writing') sleepSync(POOL_MS);
    else this.#writeRestSync();
    this.#queueExpected();
    const { octets, lines } = this.#queue.takeAll();
    if (!writeAllSync(this.#fd, octets)) this.#lose(lines);
  }

  /** Opens the file anew, after someone has moved the old one away. Throws where that fails, and keeps the old one. */
  reopen(): void {
    if (this.#file === '' || this.#state === 'over') return;
    const fd = openSync(this.#file, 'a', FILE_MODE);
    // A chunk that is on its way ends in the file in which it began.
    if (this.#state === 'idle' || this.#fd !== this.#chunkFd) closeSync(this.#fd);
    this.#fd = fd;
  }

  /** Writes what is held and closes the file; standard output and error stay open. */
  async close(): Promise<void> {
    await this.flush();
    this.flushSync();
    this.#end();
  }

  readonly #onTime = (): void => {
    this.#timer = undefined;
    if (this.#state === 'resting') {
      this.#state = 'writing';
      this.#writeChunk();
    } else this.hurry();
  };

  #queueText(text: string, lines: number): void {
    if (this.#state === 'over' || this.#queue.size > HELD_BYTES) this.#lose(lines);
    else this.#queue.push(text, lines);
  }

  readonly #queueLine = (line: string): void => this.#queueText(line, 1);

  /** Only into the queue: nothing is started before all of them are there. */
  #queueExpected(): void {
    const expected = this.#expected;
    this.#expected = undefined;
    expected?.giveTo(this.#queueLine);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queueExpected();
    if (this.#queue.size === 0) {
      this.#hurry = false;
      return;
    }
    const { octets, lines } = this.#queue.take();
    // Whoever hurries means all that waits now.
    if (this.#queue.size === 0) this.#hurry = false;
    this.#chunk = octets;
    this.#chunkLines = lines;
    this.#chunkFd = this.#fd;
    this.#state = 'writing';
    this.#writeChunk();
  }

  #writeChunk(): void {
    if (isRegularFile(this.#chunkFd)) {
      let written = 0;
      try {
        written = writeSync(this.#chunkFd, this.#chunk);
      } catch (error) {
        this.#failed(error as NodeJS.ErrnoException);
        return;
      }
      this.#onWritten(null, written);
      return;
    }
    write(this.#chunkFd, this.#chunk, 0, this.#chunk.length, null, this.#onWritten);
  }

  readonly #onWritten = (error: NodeJS.ErrnoException | null, written: number): void => {
    if (this.#state === 'over') {
      if (this.#owned) closeSync(this.#chunkFd);
      return;
    }
    if (error !== null) {
      this.#failed(error);
      return;
    }
    this.#againMs = AGAIN_FIRST_MS;
    this.#chunk = this.#chunk.subarray(written);
    if (this.#chunk.length > 0) {
      this.#writeChunk();
      return;
    }
    this.#chunkDone();
    if (this.#lostUntold > 0) {
      const lines = this.#lostUntold;
      this.#lostUntold = 0;
      this.#onLost?.(lines);
    }
    this.#next();
  };

  #chunkDone(): void {
    this.#state = 'idle';
    this.#chunk = NOTHING;
    this.#chunkLines = 0;
    if (this.#chunkFd !== this.#fd) closeSync(this.#chunkFd);
  }

  #writeRestSync(): void {
    if (this.#state !== 'resting') return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!writeAllSync(this.#chunkFd, this.#chunk)) this.#lose(this.#chunkLines);
    this.#chunkDone();
  }

  #next(): void {
    if (this.#state !== 'idle') return;
    if (this.#queue.size === 0 && this.#expected === undefined) {
      this.#hurry = false;
      this.#release();
    } else this.#startOrWait();
  }

  #startOrWait(): void {
    if (this.#hurry || this.#queue.size >= GATHER_CHARACTERS) this.#start();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(this.#onTime, FLUSH_MS);
      this.#timer.unref();
    }
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET' || error.code === 'EBADF') {
      this.#queueExpected();
      this.#lose(this.#chunkLines + this.#queue.clear());
      this.#chunkDone();
      this.#end();
      return;
    }
    this.#state = 'resting';
    const busy = isBusy(error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onTime, busy ? this.#againMs : FULL_DISK_AGAIN_MS);
    this.#timer.unref();
    this.#againMs = Math.min(this.#againMs * 2, AGAIN_LAST_MS);
    if (!busy) this.#release();
  }

  #lose(lines: number): void {
    this.#lost += lines;
    this.#lostUntold += lines;
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #end(): void {
    if (this.#state === 'over') return;
    const poolHasChunk = this.#state === 'writing';
    this.#state = 'over';
    this.#queue.clear();
    this.#chunk = NOTHING;
    clearTimeout(this.#timer);
    process.off('exit', this.#onExit);
    // A descriptor that the pool still uses is closed when it comes back.
    if (this.#owned && !(poolHasChunk && this.#fd === this.#chunkFd)) closeSync(this.#fd);
    this.#release();
  }
}

/**
 * A pipe that is inherited blocks whoever writes when its reader does not read: a thread of the pool would hang, and with
 * it the end of the process. Opened once more through /proc it has a mode of its own, without changing that of others.
 */
function ownPipe(fd: number): number {
  if (process.platform !== 'linux') return fd;
  try {
    return fstatSync(fd).isFIFO() ? openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK) : fd;
  } catch {
    return fd;
  }
}

function isRegularFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** False where the octets could not all be written. */
function writeAllSync(fd: number, octets: Buffer): boolean {
  let rest = octets;
  let waitedMs = 0;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
      waitedMs = 0;
    } catch (error) {
      if (!isBusy(error) || waitedMs >= LAST_PATIENCE_MS) return false;
      sleepSync(AGAIN_FIRST_MS);
      waitedMs += AGAIN_FIRST_MS;
    }
  }
  return true;
}

function isBusy(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EAGAIN' || code === 'EBUSY' || code === 'EINTR';
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
