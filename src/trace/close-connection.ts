/** The stage "close": says goodbye, waits a moment for the server's own, and tells who ended what. */
import type { StoryLog, OpenStage } from '../story/stages.ts';
import { judgeClose } from '../story/rules/close-end.ts';
import { finding } from '../story/finding.ts';
import type { Connection } from './connect/connection.ts';
import { readSocketState } from './tcp/socket-state.ts';
import type { CloseNotify } from './tls-stage/close-notify.ts';

/** How long a server may take to answer our goodbye. */
const GOODBYE_MS = 500;

export async function closeConnection(
  log: StoryLog,
  chapter: number,
  connection: Connection,
  readNotify: () => CloseNotify,
): Promise<OpenStage> {
  const { tap, ends, secure, host } = connection.parts;
  const { ending } = tap;
  const stage = log.open('close', chapter, connection.number, host);
  if (ending.closedMs === undefined) {
    connection.goodbye();
    await closed(connection);
  }
  const { known, sentMs, receivedMs } = readNotify();
  if (sentMs !== undefined) stage.observe({ label: 'close.notify-sent', direction: 'sent', atMs: sentMs });
  if (receivedMs !== undefined)
    stage.observe({ label: 'close.notify-received', direction: 'received', atMs: receivedMs });
  const { finSentMs, finReceivedMs, resetMs } = ending;
  // The kernel says that the peer has ended, and takes our end: the segments themselves pass below us.
  if (finSentMs !== undefined)
    stage.observe({ label: 'close.fin-sent', direction: 'sent', known: 'kernel', atMs: finSentMs });
  if (finReceivedMs !== undefined)
    stage.observe({ label: 'close.fin-received', direction: 'received', known: 'kernel', atMs: finReceivedMs });
  if (resetMs !== undefined)
    stage.observe({ label: 'close.reset-received', direction: 'received', known: 'kernel', atMs: resetMs });
  const theirs = Math.min(receivedMs ?? Infinity, finReceivedMs ?? Infinity, resetMs ?? Infinity);
  const ours = Math.min(sentMs ?? Infinity, finSentMs ?? Infinity);
  if (theirs !== Infinity || ours !== Infinity)
    stage.observe({
      label: theirs < ours ? 'close.server-first' : 'close.client-first',
      known: 'inferred',
      atMs: Math.min(theirs, ours),
    });
  const state = await readSocketState(ends);
  if (state !== undefined) stage.observe({ label: 'close.state', values: { state }, known: 'kernel' });
  const facts = {
    isTls: secure !== undefined,
    notifyReceived: receivedMs !== undefined,
    finReceived: finReceivedMs !== undefined,
    resetReceived: resetMs !== undefined,
    weClosedFirst: ours <= theirs,
    untilClose: connection.untilClose,
  };
  stage.conclude(...(known ? judgeClose(facts) : []));
  if (connection.surplus > 0) stage.conclude(finding('trace-surplus', { bytes: connection.surplus }));
  stage.close();
  tap.destroy();
  return stage;
}

/** Until the server has closed as well, or the moment is over. */
function closed(connection: Connection): Promise<void> {
  const { socket } = connection.parts.tap;
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, GOODBYE_MS);
    if (socket.closed) done();
    else {
      socket.once('close', done);
      socket.once('end', done);
      // What still comes is taken, so that the end can be seen.
      (connection.parts.secure?.socket ?? connection.parts.tap).resume();
    }
  });
}
