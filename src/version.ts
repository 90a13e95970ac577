import { createRequire } from 'node:module';

/** The release, as the package says it: it refers to itself by name, wherever the build lies in it. */
export const VERSION: string = (createRequire(import.meta.url)('menshen/package.json') as { version: string }).version;
