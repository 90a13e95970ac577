/** Up to this many octets a loop is faster than calling into the engine, */
const LOOP_OCTETS = 16;
/** and up to this many where a view has to be made for the call. */
const LOOP_OCTETS_IN_PART = 28;

// Looked up once: V8 does not see through the prototype of Buffers, so compiled code asks anew at each `buffer.set(…)`.
const { set } = Uint8Array.prototype;
const memoryOf = getterOf('buffer');
const offsetInMemory = getterOf('byteOffset');

function getterOf<Name extends 'buffer' | 'byteOffset'>(name: Name): (this: Uint8Array) => Uint8Array[Name] {
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
  return Object.getOwnPropertyDescriptor(typedArray, name)!.get as (this: Uint8Array) => Uint8Array[Name];
}

/** Copies `from[start, end)` to `to` at `at`, where there is room, and returns the position behind it. */
export function copyOctets(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  const length = end - start;
  if (length <= LOOP_OCTETS || (length <= LOOP_OCTETS_IN_PART && length !== from.length)) {
    for (let i = 0; i < length; i += 1) to[at + i] = from[start + i]!;
  } else if (length === from.length) set.call(to, from, at);
  // A plain view, not `subarray`: that of a Buffer makes a Buffer, which costs more than most copies here.
  else set.call(to, new Uint8Array(memoryOf.call(from), offsetInMemory.call(from) + start, length), at);
  return at + length;
}
