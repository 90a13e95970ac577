import { formatRecordData } from '../codec/dns/record-text.ts';
import type { AllViews, ServerView } from './authoritative-servers.ts';

/**
 * The views that lack a record which another server has, those that failed included: what a world that asks any of the
 * servers may miss. Empty where all say the same.
 */
export function viewsThatDiffer({ views }: Pick<AllViews, 'views'>): ServerView[] {
  const all = new Set(views.flatMap(dataOf));
  return views.filter((view) => dataOf(view).length < all.size || isSilent(view));
}

const dataOf = ({ records }: ServerView): string[] => [...new Set(records.map(({ data }) => formatRecordData(data)))];

const isSilent = ({ outcome }: ServerView): boolean =>
  outcome === undefined || !['answer', 'no-data', 'no-such-name', 'alias'].includes(outcome.kind);
