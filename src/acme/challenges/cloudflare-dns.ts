/**
 * DNS-01 through Cloudflare's API v4: find the zone, add a TXT record, take away the very record that was added.
 *
 *     GET    /zones?name=example.com                        the zone's identifier
 *     POST   /zones/{zone}/dns_records                      {"type":"TXT","name":…,"content":"\"…\"","ttl":60}
 *     DELETE /zones/{zone}/dns_records/{record}
 *
 * Every answer is `{"success": bool, "errors": [{"code", "message"}], "result": …}`.
 */
import * as z from 'zod';
import { finding, type Finding } from '../../story/finding.ts';
import { plainText } from '../client/plain-text.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../issuer.ts';
import { recordName, recordValue, type AwaitVisible } from './record.ts';

export interface CloudflareSettings {
  /** A token with Zone:Read and DNS:Edit. */
  readonly token: string;
  readonly awaitVisible?: AwaitVisible;
  /** The API's base; another one in tests. */
  readonly baseUrl?: string;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
}

const BASE_URL = 'https://api.cloudflare.com/client/v4';
const TIMEOUT_MS = 20_000;
const MAX_BYTES = 1 << 20;
/** The shortest that every plan allows, seconds. */
const TTL = 60;
/** 9109 invalid access token, 10000 authentication error, 6003 and 6111 malformed authorization header. */
const tokenErrors = new Set([6003, 6111, 9109, 10_000]);
/** "An identical record already exists": a process that died had added it. */
const IDENTICAL_RECORD = 81_058;

const answer = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
  result: z.unknown().optional(),
});
const identifier = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const identified = z.object({ id: identifier });
const list = z.array(identified).max(100);

type Answer = z.infer<typeof answer>;
type Asked =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly reason: string; readonly status?: number };

export class CloudflareDns implements ChallengeSolver {
  readonly type = 'dns-01';
  readonly #settings: CloudflareSettings;
  /** Records that were added, by name and value. */
  readonly #added = new Map<string, { readonly zone: string; readonly record: string }>();

  constructor(settings: CloudflareSettings) {
    this.#settings = settings;
  }

  /** Any DNS name, wildcards included; whether the token sees its zone comes out when it is asked. */
  covers({ type }: Identifier): boolean {
    return type === 'dns';
  }

  async present(challenge: Challenge, signal: AbortSignal): Promise<Finding | undefined> {
    const name = recordName(challenge.identifier);
    const value = recordValue(challenge);
    const zone = await this.#findZone(name, signal);
    if (zone.finding !== undefined) return zone.finding;
    // Cloudflare wants the content of a TXT record in quotation marks, as in a zone file.
    const record = { type: 'TXT', name, content: `"${value}"`, ttl: TTL };
    const added = await this.#ask('POST', `/zones/${zone.id}/dns_records`, record, signal);
    if (!added.ok) return this.#explain(name, added);
    let made = identified.safeParse(added.answer.result);
    if (!added.answer.success && added.answer.errors.some(({ code }) => code === IDENTICAL_RECORD)) {
      const query = new URLSearchParams({ type: 'TXT', name, content: record.content }).toString();
      const found = await this.#ask('GET', `/zones/${zone.id}/dns_records?${query}`, undefined, signal);
      if (!found.ok) return this.#explain(name, found);
      made = identified.safeParse(list.safeParse(found.answer.result).data?.[0]);
    } else if (!added.answer.success) return this.#explain(name, added);
    if (!made.success) return finding('acme-cloudflare-failed', { record: name, detail: 'no record in the answer' });
    this.#added.set(`${name} ${value}`, { zone: zone.id, record: made.data.id });
    return this.#settings.awaitVisible?.(name, value, signal);
  }

  async withdraw(challenge: Challenge): Promise<void> {
    const key = `${recordName(challenge.identifier)} ${recordValue(challenge)}`;
    const added = this.#added.get(key);
    if (added === undefined) return;
    this.#added.delete(key);
    const path = `/zones/${added.zone}/dns_records/${added.record}`;
    const removed = await this.#ask('DELETE', path, undefined);
    // A record that stays harms nothing; a second try costs little and usually helps.
    if (!removed.ok) await this.#ask('DELETE', path, undefined);
  }

  /** The longest suffix of the name that is a zone of the token's. */
  async #findZone(name: string, signal: AbortSignal): Promise<{ id: string; finding?: Finding }> {
    const labels = name.split('.');
    for (let start = 1; start < labels.length - 1; start++) {
      const candidate = labels.slice(start).join('.');
      const query = new URLSearchParams({ name: candidate }).toString();
      const asked = await this.#ask('GET', `/zones?${query}`, undefined, signal);
      if (!asked.ok || !asked.answer.success) return { id: '', finding: this.#explain(name, asked) };
      const [zone] = list.safeParse(asked.answer.result).data ?? [];
      if (zone !== undefined) return { id: zone.id };
    }
    return { id: '', finding: finding('acme-cloudflare-zone-unknown', { record: name }) };
  }

  #explain(record: string, asked: Asked): Finding {
    if (!asked.ok) return finding('acme-cloudflare-unreachable', { record, reason: asked.reason });
    const { errors } = asked.answer;
    const detail = plainText(errors.map(({ code, message }) => `${message} (${code})`).join('; ')) || 'no reason given';
    return errors.some(({ code }) => tokenErrors.has(code))
      ? finding('acme-cloudflare-token-refused', { record, detail })
      : finding('acme-cloudflare-failed', { record, detail });
  }

  async #ask(method: string, path: string, content: unknown, signal?: AbortSignal): Promise<Asked> {
    const { token, baseUrl = BASE_URL, fetch: send = fetch, timeoutMs = TIMEOUT_MS } = this.#settings;
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await send(`${baseUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(content !== undefined && { 'content-type': 'application/json' }),
        },
        ...(content !== undefined && { body: JSON.stringify(content) }),
        redirect: 'error',
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      });
      const text = await readBounded(response);
      const read = text === undefined ? undefined : answer.safeParse(parseJson(text));
      if (read?.success === true) return { ok: true, answer: read.data };
      return { ok: false, reason: `status ${response.status}` };
    } catch (error) {
      if (deadline.aborted) return { ok: false, reason: `nothing within ${timeoutMs / 1000} seconds` };
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const { code, message } = cause as NodeJS.ErrnoException;
      return { ok: false, reason: plainText(code ?? message) };
    }
  }
}

async function readBounded(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
