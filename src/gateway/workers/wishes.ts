/**
 * What a worker has asked its supervisor for and not been given yet: certificates of names that no site has, challenges
 * that another gateway may have put up.
 */
export class Wishes<Wanted, Given> {
  readonly #tell: (wish: number, wanted: Wanted) => Promise<void>;
  readonly #waiting: Map<number, (given: Given | undefined) => void> = new Map();
  #made = 0;

  /** `tell` says to the supervisor what is wanted, under the number that its answer will have. */
  constructor(tell: (wish: number, wanted: Wanted) => Promise<void>) {
    this.#tell = tell;
  }

  /** Asks. Without a supervisor there is nothing to be had. */
  make(wanted: Wanted): Promise<Given | undefined> {
    if (!process.connected) return Promise.resolve(undefined);
    this.#made += 1;
    const wish = this.#made;
    return new Promise((resolve) => {
      this.#waiting.set(wish, resolve);
      void this.#tell(wish, wanted);
    });
  }

  fulfil(wish: number, given: Given | undefined): void {
    this.#waiting.get(wish)?.(given);
    this.#waiting.delete(wish);
  }
}
