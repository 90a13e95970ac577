import test from 'node:test';
import assert from 'node:assert/strict';
import { finding } from '../../src/story/finding.ts';
import { phasesOf } from '../../src/story/stages-phases.ts';
import { decisiveFinding, findingsOf, StoryLog } from '../../src/story/stages.ts';

/** A log whose clock the test turns. */
function log(): { readonly story: StoryLog; at: (ms: number) => void; readonly opened: string[] } {
  let now = 0;
  const opened: string[] = [];
  const story = new StoryLog(
    'https://a.example/',
    1_000,
    () => now,
    ({ name }) => opened.push(name),
  );
  return { story, opened, at: (ms) => (now = ms) };
}

test('a stage ends where it was closed; what is learnt later is told in its place and moves no end', () => {
  const { story, at, opened } = log();
  const chapter = story.begin({ kind: 'request', method: 'GET', url: 'https://a.example/' });
  at(5);
  const stage = story.open('tcp', chapter, 1, 'a.example:443');
  at(9);
  stage.observe({ label: 'tcp.ack', direction: 'sent' });
  stage.close();
  at(50);
  stage.observe({ label: 'tcp.kernel', values: { rttMs: 1, mss: 2, retransmitted: 0 }, known: 'kernel' });
  stage.observe({ label: 'tcp.syn', direction: 'sent', known: 'inferred', atMs: 5 });
  const [told] = story.tell().stages;
  assert.deepEqual([told?.startMs, told?.endMs], [5, 9]);
  assert.deepEqual(
    told?.observations.map(({ label, stage: name }) => [name, label]),
    [
      ['tcp', 'tcp.syn'],
      ['tcp', 'tcp.ack'],
      ['tcp', 'tcp.kernel'],
    ],
  );
  assert.deepEqual(opened, ['tcp']);
});

test('the first error in the order of the stages decides; those of files are warnings', () => {
  const { story } = log();
  const page = story.begin({ kind: 'request', method: 'GET', url: 'https://a.example/' });
  const file = story.begin({ kind: 'resource', method: 'GET', url: 'https://b.example/x' });
  story.open('http', page, 1, '').conclude(finding('trace-hsts-missing'));
  story.open('tcp', file, 2, '').conclude(finding('trace-refused', { address: '', port: 1 }));
  assert.equal(decisiveFinding(story.tell()), undefined);
  assert.equal(findingsOf(story.tell())[1]?.severity, 'warning');
  story.open('close', page, 1, '').conclude(finding('trace-reset', { stage: '' }), finding('trace-no-response', {}));
  assert.equal(decisiveFinding(story.tell())?.code, 'trace-reset');
});

test('a request becomes its own time, the wait and the content', () => {
  const { story, at } = log();
  const chapter = story.begin({ kind: 'request', method: 'GET', url: 'https://a.example/' });
  const stage = story.open('http', chapter, 1, '');
  stage.observe({
    label: 'http.request',
    values: { method: 'GET', target: '/', sentMs: 2 },
    direction: 'sent',
    atMs: 1,
  });
  stage.observe({ label: 'http.first-byte', values: { waitMs: 5 }, direction: 'received', atMs: 7 });
  stage.observe({ label: 'http.response', values: { protocol: 'HTTP/2', status: 200, meaning: 'OK' }, atMs: 7 });
  stage.observe({ label: 'http.content', values: { bytes: 9, framing: 'END_STREAM' }, atMs: 12 });
  at(12);
  stage.close();
  const [told] = phasesOf(story.tell());
  assert.deepEqual(told?.phases, [
    { kind: 'request', startMs: 1, endMs: 2 },
    { kind: 'wait', startMs: 2, endMs: 7 },
    { kind: 'content', startMs: 7, endMs: 12 },
  ]);
  assert.deepEqual([told.status, told.bytes, told.failed, told.reused], [200, 9, false, false]);
});
