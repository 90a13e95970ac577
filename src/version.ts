import { readFileSync } from 'node:fs';

/** The release, as the package says it. It lies two folders above both this module's build and the bundle. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
