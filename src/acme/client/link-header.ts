/**
 * Targets of one relation in a Link field (RFC 8288 section 3), made absolute:
 *
 *     Link: <https://ca.example/acme/cert/1/1>;rel="alternate", </dir>; rel=index
 */
export function linkTargets(field: string | undefined, relation: string, base: string): string[] {
  if (field === undefined) return [];
  const found: string[] = [];
  // One link-value: `<target>` and parameters, each a token or a quoted string.
  const value = /<([^<>]*)>((?:\s*;\s*[!#$%&'*+\-.^_`|~\w]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]+))?)*)/g;
  for (const [, target = '', parameters = ''] of field.matchAll(value)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    const relations = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/);
    if (relations.includes(relation) && URL.canParse(target, base)) found.push(new URL(target, base).href);
  }
  return found;
}
