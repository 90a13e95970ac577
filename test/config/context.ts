import type { ConfigContext, FileKind } from '../../src/config/files.ts';

/** Files and folders of a test, by absolute path: a file's content, or `folder`, `other` or `unreadable`. */
export type PretendedFiles = Readonly<Record<string, string>>;

const kinds: ReadonlySet<string> = new Set(['folder', 'other', 'unreadable'] satisfies FileKind[]);

/** A context of pretended files under `/srv`, at the first of January 2026. */
export function contextOf(files: PretendedFiles = {}): ConfigContext {
  return {
    folder: '/srv',
    files: {
      kind: (file) => {
        const content = files[file];
        if (content === undefined) return 'missing';
        return kinds.has(content) ? (content as FileKind) : 'file';
      },
      read: (file) => Buffer.from(files[file] ?? ''),
    },
    nowMs: Date.UTC(2026, 0, 1),
    defaults: { state: '/state', log: 'json', lang: 'en' },
  };
}
