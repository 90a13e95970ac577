/** Plain numbers that the metrics read. */
export interface UpstreamTally {
  open: number;
  idle: number;
  connectFailures: number;
  retries: number;
  reused: number;
}

/** The tally of an app, by its label. */
export type UpstreamTallies = (label: string) => UpstreamTally;
