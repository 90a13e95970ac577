/** ` (ECONNRESET)` behind a sentence, or nothing. */
export function reasonInBrackets(error: Error | undefined): string {
  const reason = reasonOf(error);
  return reason === '' ? '' : ` (${reason})`;
}

/** The system's code for an error (`ECONNRESET`), or its words; '' for none. */
export function reasonOf(error: Error | undefined): string {
  if (error === undefined) return '';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
