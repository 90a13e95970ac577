import type { Language } from '../../../src/story/catalog.ts';
import type { Failure, FailureGroup } from './failure.ts';
import type { FailureRun } from './run-failure.ts';

/** `docs/failures.md` and `docs/failures.zh-CN.md`, made of what the command said. */

const words = {
  en: {
    title: '# What goes wrong, and what `menshen trace` says',
    other: '[中文](failures.zh-CN.md)',
    intro: [
      'Every line was made: a test breaks a real server on loopback in this way, runs `menshen trace` against it, and holds this table against what the command said (`test/trace/world`). Ports and folders are replaced; `8443` stands for the port of the server.',
      'The exit code is what scripts get; `code` is the name of the finding in `--json`. Exit code 0: the request went well, and something should be mended all the same. [Trace](trace.md#exit-codes) and [Verify](verify.md#exit-codes) list all exit codes.',
    ],
    head: '| what is wrong | exit | code | what is said | what to do |',
  },
  zh: {
    title: '# 会出什么错，`menshen trace` 怎么说',
    other: '[English](failures.md)',
    intro: [
      '下面每一行都是真实做出来的：测试在回环地址上把真实的服务器弄坏，对它运行 `menshen trace`，再用命令的输出核对此表（`test/trace/world`）。端口和目录已替换；`8443` 代表服务器的端口。',
      '退出码供脚本使用；`code` 是 `--json` 中发现的名称。退出码 0 表示请求成功，但仍有需要修正之处。所有退出码见[跟踪](trace.zh-CN.md)和[验证](verify.zh-CN.md)。',
    ],
    head: '| 问题 | 退出码 | code | 输出 | 怎么办 |',
  },
} as const satisfies Record<Language, unknown>;

/** One line of the table. */
export function failureLine(failure: Failure, run: FailureRun, language: Language): string {
  const { sentence, mend } = run.told[language];
  const cells = [failure[language], String(run.exitCode), `\`${failure.code}\``, sentence, mend];
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')).join(' | ')} |`;
}

/** The whole page; `line` gives the line of a failure. */
export function failurePage(
  groups: readonly FailureGroup[],
  language: Language,
  line: (failure: Failure) => string,
): string {
  const { title, other, intro, head } = words[language];
  const parts: string[] = [title, other, ...intro];
  for (const group of groups)
    parts.push(`## ${group[language]}`, [head, '|---|---|---|---|---|', ...group.failures.map(line)].join('\n'));
  return `${parts.join('\n\n')}\n`;
}
