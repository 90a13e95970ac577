import type { Language } from '../story/catalog.ts';

/** The language that an environment asks for: the first of LC_ALL, LC_MESSAGES, LANG that is set decides (POSIX). */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value) ?? '';
  return /^zh(?:[_.@-]|$)/i.test(locale) ? 'zh' : 'en';
}
