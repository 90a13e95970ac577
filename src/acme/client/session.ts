/**
 * Talking to one CA: the directory, a pool of nonces, signed requests, and patience.
 *
 * Normal life that ends here: a refused nonce (RFC 8555 section 6.5: sign again with a fresh one), 429 and 503 with a
 * short Retry-After, a lost answer to a request that may be repeated. Whoever asks is told of everything else.
 */
import { finding } from '../../story/finding.ts';
import type { AcmeHttpResponse } from './http.ts';
import { encodeJws, type SigningKey } from './jws.ts';
import { failed, succeeded, transient, permanent, type Outcome } from './outcome.ts';
import { explainProblem, problemType } from './problem.ts';
import { readResource, resourceLimits, type Directory, type Resource, type ResourceName } from './resources.ts';
import { readRetryAfter } from './retry-after.ts';
import type { Surroundings } from './surroundings.ts';

export interface SessionSettings {
  /** As people name the CA. */
  readonly issuer: string;
  readonly directoryUrl: string;
  /** Longest Retry-After that is waited for within one request, milliseconds; a longer one is the caller's to plan. */
  readonly patienceMs: number;
}

/** Who signs: an account by its URL, or a bare key. */
export interface Signer {
  readonly key: SigningKey;
  readonly kid?: string;
}

export interface SignedRequest {
  readonly url: string;
  /** Undefined for POST-as-GET. */
  readonly payload: unknown;
  readonly signer: Signer;
  /** Whether sending it twice does no more than sending it once. POST-as-GET always is. */
  readonly repeatable?: boolean;
  readonly accept?: string;
  readonly maxBytes?: number;
  /** The names concerned, for findings. */
  readonly about?: string;
  readonly signal?: AbortSignal | undefined;
}

/** How often one request is sent at most because its nonce was refused, and for any other reason. */
const NONCE_ATTEMPTS = 24;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 1000;
const POOLED_NONCES = 32;
/** A directory hardly ever changes; CAs announce new endpoints weeks ahead. */
const DIRECTORY_LIFETIME_MS = 3_600_000;

export class AcmeSession {
  readonly #settings: SessionSettings;
  readonly #surroundings: Surroundings;
  readonly #nonces: string[] = [];
  #directory: { readonly value: Directory; readonly readAtMs: number } | undefined;

  constructor(settings: SessionSettings, surroundings: Surroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
  }

  get issuer(): string {
    return this.#settings.issuer;
  }

  get clock(): () => number {
    return this.#surroundings.clock;
  }

  get sleep(): Surroundings['sleep'] {
    return this.#surroundings.sleep;
  }

  /** The CA's directory (section 7.1.1), kept for an hour. */
  async directory(signal?: AbortSignal): Promise<Outcome<Directory>> {
    const kept = this.#directory;
    if (kept !== undefined && this.clock() - kept.readAtMs < DIRECTORY_LIFETIME_MS) return succeeded(kept.value);
    const url = this.#settings.directoryUrl;
    const answer = await this.get(url, signal);
    if (!answer.ok) {
      const { status, problem } = answer.failure;
      // Redirections and not found: the URL is wrong, whatever page stands there.
      const elsewhere = status !== undefined && status >= 300 && status < 500 && status !== 429 && !problem;
      if (elsewhere) return failed(permanent(finding('acme-directory-wrong', { issuer: this.issuer, url })));
      // The old one serves while the CA does not give it again; what is really away fails by itself.
      return kept === undefined ? answer : succeeded(kept.value);
    }
    const read = readResource('directory', answer.value.content);
    if (!read.ok) {
      return failed(permanent(finding('acme-directory-wrong', { issuer: this.issuer, url })));
    }
    this.#directory = { value: read.value, readAtMs: this.clock() };
    return succeeded(read.value);
  }

  /** An unsigned GET: the directory, renewal information. */
  async get(url: string, signal?: AbortSignal): Promise<Outcome<AcmeHttpResponse>> {
    return this.#persist(
      () =>
        this.#surroundings.http({
          method: 'GET',
          url,
          headers: { accept: 'application/json' },
          maxBytes: resourceLimits.jsonBytes,
          ...(signal && { signal }),
        }),
      { url, repeatable: true, about: '', signal },
    );
  }

  /** A signed POST. An answer of 2xx is a success. */
  async post(request: SignedRequest): Promise<Outcome<AcmeHttpResponse>> {
    const { url, payload, signer, signal, about = '' } = request;
    const repeatable = payload === undefined || request.repeatable === true;
    let answer: Outcome<AcmeHttpResponse> | undefined;
    for (let attempt = 0; attempt < NONCE_ATTEMPTS; attempt++) {
      let nonceFailure: Outcome<never> | undefined;
      answer = await this.#persist(
        async () => {
          const nonce = await this.#nonce(signal);
          if (!nonce.ok) {
            nonceFailure = nonce;
            return undefined;
          }
          const { key, kid } = signer;
          const jws = encodeJws(key, { url, nonce: nonce.value, ...(kid !== undefined && { kid }) }, payload);
          return this.#surroundings.http({
            method: 'POST',
            url,
            headers: {
              'content-type': 'application/jose+json',
              accept: request.accept ?? 'application/json',
            },
            content: JSON.stringify(jws),
            maxBytes: request.maxBytes ?? resourceLimits.jsonBytes,
            ...(signal && { signal }),
          });
        },
        { url, repeatable, about, signal },
      );
      if (nonceFailure !== undefined) return nonceFailure;
      const problem = answer.ok ? undefined : answer.failure.problem;
      if (problem === undefined || problemType(problem) !== 'badNonce') return answer;
      // The CA forgot its nonces (or refuses some at random): those in the pool are as old as the refused one.
      this.#nonces.splice(0, Math.max(0, this.#nonces.length - 1));
    }
    return answer ?? failed(transient(finding('acme-nonce-refused', { issuer: this.issuer, name: about, detail: '' })));
  }

  /** The answer's content as a checked resource. */
  resource<N extends ResourceName>(name: N, response: AcmeHttpResponse): Outcome<Resource<N>> {
    const read = readResource(name, response.content);
    if (read.ok) return succeeded(read.value);
    const values = { issuer: this.issuer, resource: name, problem: read.problem };
    return failed(transient(finding('acme-answer-malformed', values)));
  }

  /** A URL of a Location field: absolute, and https. */
  location(response: AcmeHttpResponse, base: string, resource: string): Outcome<string> {
    const text = response.headers['location'] ?? '';
    if (text !== '' && text.length <= resourceLimits.urlLength && URL.canParse(text, base)) {
      const url = new URL(text, base);
      if (url.protocol === 'https:') return succeeded(url.href);
    }
    const values = { issuer: this.issuer, resource, problem: 'no Location with an https URL' };
    return failed(transient(finding('acme-answer-malformed', values)));
  }

  /** Sends until there is an answer that says something, within bounds. `send` gives undefined to stop. */
  async #persist(
    send: () => Promise<Awaited<ReturnType<Surroundings['http']>> | undefined>,
    request: {
      readonly url: string;
      readonly repeatable: boolean;
      readonly about: string;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<Outcome<AcmeHttpResponse>> {
    const { url, repeatable, about, signal } = request;
    const { issuer } = this;
    for (let attempt = 1; ; attempt++) {
      if (signal?.aborted === true) return failed(transient(finding('acme-stopped', { issuer })));
      const outcome = await send();
      const pause = FIRST_PAUSE_MS * 2 ** (attempt - 1);
      if (outcome === undefined) return failed(transient(finding('acme-stopped', { issuer })));
      if (!outcome.ok) {
        const again = (repeatable || !outcome.sent) && worthRepeating(outcome.finding.code) && attempt < ATTEMPTS;
        if (!again) return failed(transient(outcome.finding, { lost: outcome.sent }));
        await this.sleep(pause, signal);
        continue;
      }
      const { response } = outcome;
      this.#keepNonce(response);
      if (response.status >= 200 && response.status < 300) return succeeded(response);
      const failure = this.#refusal(response, url, about);
      // 503 and 429 say that nothing was done. Other 5xx may come from a proxy that lost what the CA said.
      const { status } = response;
      const refused = status === 429 || status === 503;
      const untold = status >= 500 && !refused;
      const untilMs = failure.retryAtMs === undefined ? undefined : failure.retryAtMs - this.clock();
      const waitMs = untilMs ?? (status === 429 ? Number.POSITIVE_INFINITY : pause);
      const again = (refused || (untold && repeatable)) && waitMs <= this.#settings.patienceMs && attempt < ATTEMPTS;
      if (!again) return failed(untold ? { ...failure, lost: true } : failure);
      await this.sleep(Math.max(waitMs, 0), signal);
    }
  }

  #refusal(response: AcmeHttpResponse, url: string, about: string) {
    const { status, headers, content } = response;
    const retryAtMs = readRetryAfter(headers['retry-after'], this.clock());
    const isProblem = /^application\/(?:problem\+)?json\b/i.test(headers['content-type'] ?? '');
    const read = isProblem ? readResource('problem', content) : undefined;
    const context = { issuer: this.issuer, name: about, status, retryAtMs };
    if (read?.ok === true) return explainProblem(read.value, context);
    if (status === 429 || status >= 500) {
      const { problem: _, ...failure } = explainProblem({ type: '', detail: '', subproblems: [] }, context);
      return failure;
    }
    const values = { issuer: this.issuer, status, url };
    return transient(finding('acme-answer-unexpected', values), {
      status,
      ...(retryAtMs !== undefined && { retryAtMs }),
    });
  }

  /** A nonce of the pool, else a new one (section 7.2). */
  async #nonce(signal: AbortSignal | undefined): Promise<Outcome<string>> {
    const kept = this.#nonces.pop();
    if (kept !== undefined) return succeeded(kept);
    const directory = await this.directory(signal);
    if (!directory.ok) return directory;
    const url = directory.value.newNonce;
    const answer = await this.#persist(
      () =>
        this.#surroundings.http({
          method: 'HEAD',
          url,
          headers: {},
          maxBytes: resourceLimits.jsonBytes,
          ...(signal && { signal }),
        }),
      { url, repeatable: true, about: '', signal },
    );
    if (!answer.ok) return answer;
    const fresh = this.#nonces.pop();
    if (fresh !== undefined) return succeeded(fresh);
    const values = { issuer: this.issuer, resource: 'newNonce', problem: 'no Replay-Nonce' };
    return failed(transient(finding('acme-answer-malformed', values)));
  }

  /** "The value MUST be base64url; clients MUST ignore invalid Replay-Nonce values" (section 6.5.1). */
  #keepNonce(response: AcmeHttpResponse): void {
    const nonce = response.headers['replay-nonce'];
    if (nonce === undefined || !/^[A-Za-z0-9_-]{1,512}$/.test(nonce)) return;
    this.#nonces.push(nonce);
    if (this.#nonces.length > POOLED_NONCES) this.#nonces.shift();
  }
}

/** Whether another try in a second or four may go better. */
const worthRepeating = (code: string): boolean =>
  code === 'acme-unreachable' ||
  code === 'acme-connection-lost' ||
  code === 'acme-timeout' ||
  code === 'acme-name-unresolved';
