import type { Command, Option } from 'commander';
import { createProgram } from '../../src/cli/main.ts';
import type { Language } from '../../src/story/catalog.ts';

const headings: Readonly<Record<Language, string>> = { en: '| option | meaning |', zh: '| 选项 | 含义 |' };

const defaultWords: Readonly<Record<Language, string>> = { en: ' (default: {})', zh: '（默认：{}）' };

/** Every command that can be typed, with the words before it: `certs renew`. */
export function everyCommand(language: Language): readonly { readonly path: string; readonly command: Command }[] {
  const under = (command: Command, before: string): { path: string; command: Command }[] =>
    command.commands.flatMap((one) => {
      const path = `${before}${one.name()}`;
      return [{ path, command: one }, ...under(one, `${path} `)];
    });
  return under(
    createProgram(language, () => {}),
    '',
  );
}

/** Fills the reference between the marks of docs/commands.md. */
export function fillCommands(document: string, language: Language): string {
  const sections = everyCommand(language).map(({ path, command }) => {
    const places = command.registeredArguments.map((argument) => {
      const shown = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? ` <${shown}>` : ` [${shown}]`;
    });
    const options = command.options.filter(({ long }) => long !== '--lang').map((option) => row(option, language));
    const table = options.length === 0 ? [] : ['', headings[language], '|---|---|', ...options];
    return [`### \`menshen ${path}${places.join('')}\``, '', sentence(command.description(), language), ...table].join(
      '\n',
    );
  });
  return document.replace(
    /(<!-- commands -->\n)[^]*(<!-- \/commands -->)/,
    (_, begin: string, end: string) => `${begin}\n${sections.join('\n\n')}\n\n${end}`,
  );
}

function row({ flags, description, argChoices, defaultValue }: Option, language: Language): string {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  const usual =
    defaultValue === undefined || typeof defaultValue === 'boolean'
      ? ''
      : defaultWords[language].replace('{}', String(defaultValue));
  return `| \`${flags}\` | ${`${description}${choices}${usual}`.replaceAll('|', '\\|').replaceAll(/<(\w+)>/g, '$1')} |`;
}

const sentence = (text: string, language: Language): string =>
  `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${language === 'en' ? '.' : '。'}`;
