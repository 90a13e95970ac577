/** What an answer's head and content mean: findings about its fields, its status and its coding. */
import { finding, type Finding } from '../finding.ts';
import { judgeCookie } from './http-cookies.ts';
import { readHsts } from './http-hsts.ts';

/** What the rules look at. Field names in lower case. */
export interface AnswerFacts {
  readonly isSecure: boolean;
  readonly status: number;
  /** `Not Found`. */
  readonly meaning: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** `text/html`; '' where none was told. */
  readonly mediaType: string;
  readonly isText: boolean;
  /** Content-Encoding was there and was undone. */
  readonly coded: boolean;
  /** Octets of content after codings were undone. */
  readonly contentBytes: number;
  readonly charset: { readonly name: string | undefined; readonly from: string; readonly valid: boolean } | undefined;
  /** Conditions that the request carried (`If-None-Match`, …), '' for none. */
  readonly condition: string;
  /** A status of 400 and more is an error, as `--fail` asks for. */
  readonly failOnStatus: boolean;
}

/** Below this a coding's own octets eat up what it saves. */
const WORTH_CODING = 1_400;
const HSTS_GOOD_SECONDS = 15_552_000;

export function judgeAnswer(facts: AnswerFacts): Finding[] {
  return [...judgeStatus(facts), ...judgeSecurity(facts), ...judgeContent(facts)];
}

function judgeStatus({ status, meaning, condition, failOnStatus }: AnswerFacts): Finding[] {
  const found: Finding[] = [];
  if (status >= 400) {
    const one = finding(status >= 500 ? 'trace-status-server' : 'trace-status-client', { status, meaning });
    found.push(failOnStatus ? { ...one, severity: 'error' } : one);
  }
  if (condition !== '' && status === 304) found.push(finding('trace-not-modified', { why: condition }));
  if (condition !== '' && status === 200) found.push(finding('trace-not-revalidated', { why: condition }));
  return found;
}

function judgeSecurity({ isSecure, status, fields, mediaType }: AnswerFacts): Finding[] {
  const found: Finding[] = [];
  const value = (name: string): string | undefined => fields.find((field) => field.name.toLowerCase() === name)?.value;
  const isAnswer = status >= 200 && status < 400 && status !== 304;
  const hsts = value('strict-transport-security');
  if (isSecure && isAnswer) {
    const read = hsts === undefined ? undefined : readHsts(hsts);
    if (read === undefined) found.push(finding('trace-hsts-missing'));
    else if (read.maxAgeSeconds < HSTS_GOOD_SECONDS)
      found.push(finding('trace-hsts-short', { seconds: read.maxAgeSeconds }));
  }
  if (status === 200 && mediaType === 'text/html' && value('content-security-policy') === undefined)
    found.push(finding('trace-csp-missing'));
  for (const field of fields) {
    const name = field.name.toLowerCase();
    if (name === 'set-cookie') found.push(...judgeCookie(field.value, isSecure));
    if ((name === 'server' || name === 'x-powered-by') && /\d+\.\d+/.test(field.value))
      found.push(finding('trace-version-told', { field: field.name, value: field.value.slice(0, 60) }));
  }
  return found;
}

function judgeContent({ status, mediaType, isText, coded, contentBytes, charset, fields }: AnswerFacts): Finding[] {
  const found: Finding[] = [];
  if (status !== 200) return found;
  const has = (name: string): boolean => fields.some((field) => field.name.toLowerCase() === name);
  if (isText && !coded && !has('content-encoding') && contentBytes >= WORTH_CODING)
    found.push(finding('trace-uncompressed', { bytes: contentBytes, mediaType }));
  if (mediaType === 'text/html' && contentBytes > 0 && charset?.name === undefined)
    found.push(finding('trace-charset-missing', { mediaType }));
  if (charset?.name !== undefined && !charset.valid)
    found.push(finding('trace-charset-wrong', { charset: charset.name, from: charset.from }));
  return found;
}
