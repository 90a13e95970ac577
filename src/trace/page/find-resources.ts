/** Which files a page needs: found by parsing its HTML as browsers do, and by reading its style sheets. */
import { parse, type DefaultTreeAdapterTypes } from 'parse5';

export type ResourceKind = 'style' | 'script' | 'image' | 'font' | 'icon' | 'media' | 'manifest';

export interface Resource {
  readonly kind: ResourceKind;
  readonly url: URL;
}

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** Deeper nesting than this is no page that anybody reads. */
const MOST_DEPTH = 512;

/** The files of an HTML page in the order in which they stand; each URL once. `data:` and the like are left out. */
export function findResources(html: string, pageUrl: URL): Resource[] {
  const found = new ResourceList();
  let base = pageUrl;
  let hasBase = false;
  const visit = (node: Node, depth: number): void => {
    if ('tagName' in node) {
      const href = node.tagName === 'base' ? attribute(node, 'href') : undefined;
      if (href !== undefined && !hasBase && URL.canParse(href, pageUrl)) {
        base = new URL(href, pageUrl);
        hasBase = true;
      }
      take(node, base, found);
    }
    if (depth < MOST_DEPTH && 'childNodes' in node) for (const child of node.childNodes) visit(child, depth + 1);
  };
  visit(parse(html), 0);
  return found.resources;
}

function take(element: Element, base: URL, found: ResourceList): void {
  const get = (name: string): string | undefined => attribute(element, name);
  switch (element.tagName) {
    case 'link':
      takeLink(element, base, found);
      break;
    case 'script':
      found.add('script', get('src'), base);
      break;
    case 'img':
      // An image that is loaded lazily may never be seen.
      if (get('loading') !== 'lazy') found.add('image', get('src') ?? firstOfSet(get('srcset')), base);
      break;
    case 'input':
      if (get('type')?.toLowerCase() === 'image') found.add('image', get('src'), base);
      break;
    case 'video':
      found.add('image', get('poster'), base);
      break;
    case 'audio':
    case 'embed':
      found.add('media', get('src'), base);
      break;
    case 'style': {
      const text = element.childNodes.map((child) => ('value' in child ? child.value : '')).join('');
      for (const { kind, url } of findInStyles(text, base)) found.add(kind, url.href, base);
      break;
    }
    default:
      break;
  }
}

function takeLink(element: Element, base: URL, found: ResourceList): void {
  const rels = (attribute(element, 'rel') ?? '').toLowerCase().split(/\s+/);
  const href = attribute(element, 'href');
  if (rels.includes('stylesheet') && !rels.includes('alternate')) found.add('style', href, base);
  else if (rels.includes('icon')) found.add('icon', href, base);
  else if (rels.includes('manifest')) found.add('manifest', href, base);
  else if (rels.includes('modulepreload')) found.add('script', href, base);
  else if (rels.includes('preload')) {
    const kinds: Readonly<Record<string, ResourceKind>> = {
      style: 'style',
      script: 'script',
      font: 'font',
      image: 'image',
    };
    const kind = kinds[attribute(element, 'as')?.toLowerCase() ?? ''];
    if (kind !== undefined) found.add(kind, href, base);
  }
}

/** `a.png 1x, b.png 2x` → `a.png`. */
const firstOfSet = (set: string | undefined): string | undefined => set?.trim().split(/[\s,]+/, 1)[0];

const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((one) => one.name === name)?.value.trim();

/** What a style sheet loads: `@import` and `url(…)`. Fonts are told by their rule or by the file's name. */
export function findInStyles(text: string, sheetUrl: URL): Resource[] {
  const found = new ResourceList();
  const styles = text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ');
  for (const [, quoted, bare] of styles.matchAll(/@import\s+(?:url\(\s*)?(?:["']([^"'\n]+)["']|([^\s"');]+))/gi))
    found.add('style', quoted ?? bare, sheetUrl);
  for (const [rule] of styles.matchAll(/@font-face\s*\{[^}]*\}/gi)) {
    // Of the formats of one face a browser takes the first that it knows.
    const first = /url\(\s*["']?([^"')\s]+)["']?\s*\)/i.exec(rule)?.[1];
    found.add('font', first, sheetUrl);
  }
  const rest = styles.replaceAll(/@font-face\s*\{[^}]*\}/gi, ' ').replaceAll(/@import[^;]*;/gi, ' ');
  for (const [, address = ''] of rest.matchAll(/url\(\s*["']?([^"')\s]+)["']?\s*\)/gi))
    found.add(/\.(?:woff2?|ttf|otf|eot)(?:[?#]|$)/i.test(address) ? 'font' : 'image', address, sheetUrl);
  return found.resources;
}

/** Keeps each URL once. */
class ResourceList {
  readonly resources: Resource[] = [];
  readonly #seen = new Set<string>();

  add(kind: ResourceKind, address: string | undefined, base: URL): void {
    if (address === undefined || address === '' || address.startsWith('#') || !URL.canParse(address, base)) return;
    const url = new URL(address, base);
    url.hash = '';
    if ((url.protocol !== 'https:' && url.protocol !== 'http:') || this.#seen.has(url.href)) return;
    this.#seen.add(url.href);
    this.resources.push({ kind, url });
  }
}
