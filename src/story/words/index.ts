/** Every label and note of the story, each once, in both languages. */
import { fieldNotes } from './http-fields.ts';
import { httpWords } from './trace-http.ts';
import { netNotes, netWords } from './trace-net.ts';
import { tlsNotes, tlsWords } from './trace-tls.ts';

/** What observations and their details are called. */
export const labels = { ...netWords, ...tlsWords, ...httpWords } as const;
export type LabelKey = keyof typeof labels;

/** Lines of explanation. */
export const notes = { ...netNotes, ...tlsNotes, ...fieldNotes } as const;
export type NoteKey = keyof typeof notes;
