import type { Catalog } from '../catalog.ts';

/** What goes wrong with the state folder: certificates, keys and whatever else has to outlive the process. */
export const storeCatalog = {
  'state-folder-read-only': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The state folder is on a read-only file system: {path} cannot be written.',
      mend: 'Mount it writable, or name another folder with --state.',
    },
    zh: {
      cause: '状态目录位于只读文件系统上：无法写入 {path}。',
      mend: '请以可写方式挂载，或用 --state 指定其他目录。',
    },
  },
  'state-folder-full': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'There is no room left to write {path}: the disk or the quota is full. What was there before is unharmed.',
      mend: 'Free some space there, or name another folder with --state.',
    },
    zh: {
      cause: '没有空间写入 {path}：磁盘或配额已满。原有内容未受影响。',
      mend: '请清理出空间，或用 --state 指定其他目录。',
    },
  },
  'state-folder-foreign-owner': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        '{path} belongs to another user (uid {owner}; this process runs as uid {user}), so keys kept in it would not be ours alone.',
      mend: 'Run menshen as that user, hand the folder over with chown, or name another folder with --state.',
    },
    zh: {
      cause: '{path} 属于另一个用户（uid {owner}；当前进程为 uid {user}），放在其中的密钥无法由我们独占。',
      mend: '请以该用户运行 menshen，或用 chown 移交目录，或用 --state 指定其他目录。',
    },
  },
  'state-folder-denied': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The system does not let this process use {path}.',
      mend: 'Give it permission (the folder and everything in it belong to the user who runs menshen), or name another folder with --state.',
    },
    zh: {
      cause: '系统不允许当前进程使用 {path}。',
      mend: '请授予权限（该目录及其内容应属于运行 menshen 的用户），或用 --state 指定其他目录。',
    },
  },
  'state-folder-not-a-folder': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'A folder is needed at {path}, but something else stands there or on the way to it.',
      mend: 'Move that file away, or name another folder with --state.',
    },
    zh: {
      cause: '{path} 处需要一个目录，但那里（或通往它的路径上）是别的东西。',
      mend: '请移走该文件，或用 --state 指定其他目录。',
    },
  },
  'state-folder-failed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Working with {path} failed: the system said {reason}.',
      mend: 'Look at the disk and its mount, or name another folder with --state.',
    },
    zh: { cause: '操作 {path} 失败：系统返回 {reason}。', mend: '请检查磁盘及其挂载，或用 --state 指定其他目录。' },
  },
} as const satisfies Catalog;
