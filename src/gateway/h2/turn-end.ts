/** Something that has work left for when everything of this turn of the event loop has been read. */
export interface TurnEnd {
  endTurn(): void;
}

let waiting: TurnEnd[] = [];

/**
 * Calls `member.endTurn` when all sockets that had something to say in this turn have been read, once for each call. Frames
 * of many streams, whose answers come over many connections, leave in one write that way.
 */
export function atTurnEnd(member: TurnEnd): void {
  if (waiting.length === 0) setImmediate(endTurn);
  waiting.push(member);
}

function endTurn(): void {
  const members = waiting;
  waiting = [];
  for (const member of members) member.endTurn();
}
