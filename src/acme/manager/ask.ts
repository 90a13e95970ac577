import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';

/** Who decides whether a name that is not in the configuration may have a certificate. */
export type Ask = (question: AskQuestion) => Promise<boolean> | boolean;

export interface AskQuestion {
  /** Lower case, A-labels. */
  readonly name: string;
  /** Address of the client whose handshake named it. */
  readonly clientAddress: string;
  readonly signal: AbortSignal;
}

/** What is used of fetch. */
export type Fetch = (
  url: URL,
  options: { readonly method: string; readonly redirect: 'manual'; readonly signal: AbortSignal },
) => Promise<{ readonly status: number; readonly body: { cancel(): Promise<void> } | null }>;

/**
 * Asks a URL: `GET url?domain=NAME&client=ADDRESS`. Any status of 2xx is yes; 4xx except 408 and 429 is no; everything
 * else is no answer, and throws a FindingError.
 */
export function askUrl(url: string, fetch: Fetch = globalThis.fetch): Ask {
  return async ({ name, clientAddress, signal }) => {
    const target = new URL(url);
    target.searchParams.set('domain', name);
    target.searchParams.set('client', clientAddress);
    let status: number;
    try {
      const answer = await fetch(target, { method: 'GET', redirect: 'manual', signal });
      ({ status } = answer);
      await answer.body?.cancel();
    } catch (error) {
      throw new FindingError(finding('on-demand-ask-failed', { name, reason: reasonOf(error) }), error);
    }
    if (status >= 200 && status < 300) return true;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) return false;
    throw new FindingError(finding('on-demand-ask-failed', { name, reason: `status ${status}` }));
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch hides what happened behind "fetch failed".
  return error.cause instanceof Error ? error.cause.message : error.message;
}
