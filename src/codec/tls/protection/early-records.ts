import type { TlsRecord } from '../record.ts';
import type { OpenedRecord, RecordProtection } from './opened-record.ts';

/**
 * Early data comes before the server has said which suite it speaks: it is under the suite of the session that the ticket
 * stands for, one of those that the hello offers. The first that opens a record is the one.
 */
export class EarlyRecords implements RecordProtection {
  #candidates: readonly RecordProtection[];

  constructor(candidates: readonly RecordProtection[]) {
    this.#candidates = candidates;
  }

  get opened(): number {
    return this.#candidates[0]?.opened ?? 0;
  }

  open(record: TlsRecord): OpenedRecord {
    let failure: OpenedRecord = { ok: false, why: 'bad-record' };
    for (const candidate of this.#candidates) {
      const result = candidate.open(record);
      if (result.ok) {
        this.#candidates = [candidate];
        return result;
      }
      failure = result;
    }
    return failure;
  }
}
