/**
 * GREASE (RFC 8701): sixteen reserved values 0x0a0a, 0x1a1a, … 0xfafa that clients sprinkle into suites, groups,
 * extensions, versions and signature schemes, so that servers learn to ignore what they do not know.
 */
export function isGrease(code: number): boolean {
  return (code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff);
}
