/** What bounds a trace, so that no server can make it endless or huge. Times in milliseconds, sizes in octets. */
export interface TraceLimits {
  /** For one connection to come about, all addresses together. */
  readonly connectMs: number;
  readonly handshakeMs: number;
  /** From the request to the whole head of its answer. */
  readonly responseHeadMs: number;
  /** Between two pieces of content. */
  readonly contentIdleMs: number;
  /** For everything (`--max-time`). */
  readonly totalMs: number;
  /** Start line and fields of an answer. */
  readonly headBytes: number;
  readonly fieldCount: number;
  /** 1xx answers before the real one. */
  readonly interimCount: number;
  /** Content as it is sent, and after its codings are undone. */
  readonly contentBytes: number;
  readonly decodedBytes: number;
  readonly redirects: number;
  /** Files of a page that are fetched, and how many at a time from one host. */
  readonly resources: number;
  readonly parallel: number;
  /** Frames or records of one stage that are told one by one; the rest is counted. */
  readonly toldFrames: number;
  /** Segments of one connection that are told one by one. */
  readonly toldSegments: number;
}

export const traceLimits: TraceLimits = {
  connectMs: 10_000,
  handshakeMs: 10_000,
  responseHeadMs: 30_000,
  contentIdleMs: 15_000,
  totalMs: 60_000,
  // Browsers give up at 256 KiB.
  headBytes: 262_144,
  fieldCount: 1_000,
  interimCount: 16,
  contentBytes: 33_554_432,
  decodedBytes: 134_217_728,
  // As Chromium and Firefox.
  redirects: 20,
  resources: 200,
  // RFC 9112 section 9.4 leaves the number open; six is what browsers settled on.
  parallel: 6,
  toldFrames: 400,
  toldSegments: 200,
};
