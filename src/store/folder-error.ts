import { FindingError } from '../story/finding-error.ts';
import { finding, type Finding } from '../story/finding.ts';

/** Who owns the path that failed, where that could be learnt, and who we are. */
export interface Ownership {
  readonly owner: number | undefined;
  readonly user: number | undefined;
}

/** The system's error name (`ENOSPC`), or '' where the error has none. */
export function errnoOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Says what a failed file system call means for the person who runs the gateway. */
function explainFolderError(error: unknown, path: string, { owner, user }: Ownership): Finding {
  const errno = errnoOf(error);
  switch (errno) {
    case 'EROFS':
      return finding('state-folder-read-only', { path });
    case 'ENOSPC':
    case 'EDQUOT':
      return finding('state-folder-full', { path });
    case 'EACCES':
    case 'EPERM':
      return owner !== undefined && user !== undefined && owner !== user
        ? finding('state-folder-foreign-owner', { path, owner, user })
        : finding('state-folder-denied', { path });
    case 'ENOTDIR':
    case 'EEXIST':
      return finding('state-folder-not-a-folder', { path });
    default:
      return finding('state-folder-failed', {
        path,
        reason: errno || (error instanceof Error ? error.message : String(error)),
      });
  }
}

/** The same as an error to throw; an error that is already explained stays as it is. */
export function folderError(error: unknown, path: string, ownership: Ownership): FindingError {
  if (error instanceof FindingError) return error;
  return new FindingError(explainFolderError(error, path, ownership), error);
}
