/** What bounds a head. Octets and counts; the engine's configuration fills them. */
export interface HeadLimits {
  /** Start line and field section together, final empty line included. */
  readonly headBytes: number;
  readonly targetBytes: number;
  readonly fieldCount: number;
}
