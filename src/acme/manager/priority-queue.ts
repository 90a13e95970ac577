/** A binary heap: takes values in any order, gives the one that comes first by `before`. */
export class PriorityQueue<T> {
  readonly #values: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#values.length;
  }

  peek(): T | undefined {
    return this.#values[0];
  }

  push(value: T): void {
    const values = this.#values;
    let at = values.length;
    values.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = values[parent] as T;
      if (!this.#before(value, above)) break;
      values[at] = above;
      at = parent;
    }
    values[at] = value;
  }

  pop(): T | undefined {
    const values = this.#values;
    const first = values[0];
    const last = values.pop();
    if (last === undefined || values.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= values.length) break;
      if (child + 1 < values.length && this.#before(values[child + 1] as T, values[child] as T)) child += 1;
      const below = values[child] as T;
      if (!this.#before(below, last)) break;
      values[at] = below;
      at = child;
    }
    values[at] = last;
    return first;
  }
}
