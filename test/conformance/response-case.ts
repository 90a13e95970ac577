import { ResponseHeadReader } from '../../src/codec/http1/response-head.ts';
import { defaultLimits } from '../../src/config/limits.ts';
import { ResponseReader } from '../../src/gateway/h1/response-reader.ts';

export interface ResponseOutcome {
  /** What the reader made of the octets; `pending` where it waits for more. */
  readonly verdict: 'whole' | 'refused' | 'pending';
  readonly status: number;
  readonly content: string;
  readonly trailers: string;
  readonly interims: readonly number[];
  /** The connection could have been used again. */
  readonly clean: boolean;
  /** What came behind a 101. */
  readonly switched: boolean;
}

/** Feeds pieces to a fresh response reader, as an app's connection would; with `ended` the app closes behind them. */
export function readResponse(
  pieces: readonly Buffer[],
  method = 'GET',
  upgrade = false,
  ended = false,
): ResponseOutcome {
  let verdict: ResponseOutcome['verdict'] = 'pending';
  let status = 0;
  let content = '';
  let trailers = '';
  let clean = false;
  let switched = false;
  const interims: number[] = [];
  const reader = new ResponseReader(
    {
      onInterim: (code) => interims.push(code),
      onHead: (code) => (status = code),
      onResponseContent: (bytes, start, end) => (content += bytes.toString('latin1', start, end)),
      onSwitched: () => {
        status = 101;
        switched = true;
      },
      onResponseEnd: (section, isClean) => {
        verdict = 'whole';
        trailers = section?.toString('latin1') ?? '';
        clean = isClean;
      },
      onInvalidResponse: () => (verdict = 'refused'),
    },
    defaultLimits,
    new ResponseHeadReader({ headBytes: 131_072, targetBytes: 0, fieldCount: 1000 }),
  );
  reader.begin(method, upgrade);
  for (const piece of pieces) {
    if (verdict !== 'pending') break;
    // Octets are only lent: what a reader keeps without a copy shows.
    const lent = Buffer.from(piece);
    reader.feed(lent, lent.length);
    lent.fill(0x21);
  }
  if (ended && verdict === 'pending') reader.feedEnd();
  return { verdict, status, content, trailers, interims, clean, switched };
}
