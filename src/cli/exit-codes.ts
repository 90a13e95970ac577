/** What scripts can rely on: all went well, something has to be mended, or the command line was not understood. */
export const exitCodes = { fine: 0, mistakes: 1, usage: 2 } as const;
