import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findInStyles, findResources } from '../../../src/trace/page/find-resources.ts';

const at = new URL('https://a.example/dir/page.html');
const told = (html: string): string[] => findResources(html, at).map(({ kind, url }) => `${kind} ${url.href}`);

test('css, js, images, fonts and icons are found in the order of the page, each once', () => {
  const html = `<!doctype html><base href="/other/"><link rel="stylesheet alternate" href=no.css><link rel=stylesheet href=a.css>
    <link rel="shortcut icon" href=/i.ico><link rel=preload as=font href=f.woff2><link rel=manifest href=m.json>
    <script src=a.js></script><script>import 'no.js'</script><img src=b.png srcset="c.png 2x"><img srcset="d.png 1x, e.png 2x">
    <img loading=lazy src=late.png><img src="data:image/png,x"><a href=link.html></a><img src=b.png#x>
    <style>@import "s.css"; b{background:url(g.png)}</style><video poster=p.jpg></video><template><img src=t.png></template>`;
  assert.deepEqual(told(html), [
    'style https://a.example/other/a.css',
    'icon https://a.example/i.ico',
    'font https://a.example/other/f.woff2',
    'manifest https://a.example/other/m.json',
    'script https://a.example/other/a.js',
    'image https://a.example/other/b.png',
    'image https://a.example/other/d.png',
    'style https://a.example/other/s.css',
    'image https://a.example/other/g.png',
    'image https://a.example/other/p.jpg',
  ]);
});

test('HTML is read as browsers read it, not by patterns', () => {
  assert.deepEqual(told('<!-- <img src=no.png> --><textarea><img src=no.png></textarea><IMG/SRC=yes.png>'), [
    'image https://a.example/dir/yes.png',
  ]);
});

test('style sheets: imports, fonts and pictures; comments say nothing', () => {
  const css = `/* url(no.png) */ @import url("b.css") screen; @import 'c.css';
    @font-face { src: url(f.woff2) format("woff2"), url(f.ttf) } b { background: url( 'i.png' ) } c { src: url(data:x) }`;
  assert.deepEqual(
    findInStyles(css, new URL('https://a.example/s/a.css')).map(({ kind, url }) => `${kind} ${url.pathname}`),
    ['style /s/b.css', 'style /s/c.css', 'font /s/f.woff2', 'image /s/i.png'],
  );
});

test('fuzz: no page throws', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '<link rel=stylesheet href=',
    '<img src=',
    '"',
    "'",
    'url(',
    '@import ',
    '<style>',
    '<!--',
    '</',
    'a',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 40 }), (pieces) => {
      findResources(pieces.join(''), at);
      findInStyles(pieces.join(''), at);
    }),
    { numRuns: 300 },
  );
});

test('a page of endless nesting is read to a bound', () => {
  assert.deepEqual(told(`${'<div>'.repeat(20_000)}<img src=deep.png>`), []);
});
