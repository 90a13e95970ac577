import assert from 'node:assert/strict';
import type { Language } from '../../../src/story/catalog.ts';
import { printed, type ToldTrace } from '../world.ts';
import type { Failure } from './failure.ts';
import type { Asked, Ground } from './ground.ts';

/** What the command told of a failure, in one language. */
export interface ToldFailure {
  readonly sentence: string;
  readonly mend: string;
}

export interface FailureRun {
  readonly exitCode: number;
  readonly verdict: string;
  readonly codes: readonly string[];
  readonly told: Readonly<Record<Language, ToldFailure>>;
}

/** Makes the failure, runs `menshen trace --json` in both languages, and gives what both said. */
export async function runFailure(failure: Failure, ground: Ground): Promise<FailureRun> {
  const asked = await failure.make(ground);
  const [en, zh] = [await ask(asked, 'en'), await ask(asked, 'zh')];
  assert.equal(zh.code, en.code, 'the language changes nothing');
  assert.equal(en.story.exitCode, en.code);
  return {
    exitCode: en.code,
    verdict: en.story.verdict,
    codes: codesOf(en.story),
    told: { en: sentenceOf(en.story, failure.code, asked), zh: sentenceOf(zh.story, failure.code, asked) },
  };
}

async function ask({ url, flags, env }: Asked, language: Language): Promise<{ code: number; story: ToldTrace }> {
  const { code, text } = await printed(url, { ...flags, json: true }, language, undefined, env);
  return { code, story: JSON.parse(text) as ToldTrace };
}

const codesOf = ({ stages }: ToldTrace): string[] => stages.flatMap(({ findings }) => findings.map(({ code }) => code));

function sentenceOf({ stages }: ToldTrace, code: string, asked: Asked): ToldFailure {
  const found = stages.flatMap(({ findings }) => findings).find((one) => one.code === code);
  return { sentence: normalised(found?.sentence ?? '', asked), mend: normalised(found?.mend ?? '', asked) };
}

/** What differs from run to run becomes the same: ports, folders, how long a wait came to be. */
function normalised(text: string, { url, flags }: Asked): string {
  const { port } = new URL(url);
  const most = flags?.maxTime;
  return (
    text
      .replaceAll(port === '' ? /(?!)/g : new RegExp(`\\b${port}\\b`, 'g'), '8443')
      .replaceAll(/(127\.0\.0\.1|127\.53\.0\.\d):\d{4,5}/g, (whole, address: string) =>
        whole.endsWith(':8443') ? whole : `${address}:${flags?.server === undefined ? 5300 : 53}`,
      )
      // A stage gets what those before it have left of the whole time.
      .replaceAll(/\d+(?:\.\d)?(?= s\b| 秒)/g, (seconds) =>
        most !== undefined && Number(seconds) > most / 2 && Number(seconds) <= most ? String(most) : seconds,
      )
      .replaceAll(/\/\S*\/(menshen-[a-z]+-)\w+\//g, '/etc/')
  );
}
