import type { ToldObservation, ToldTrace } from '../world.ts';

/** What a story says, taken out of its JSON: of one connection where a number is given. */
export class Told {
  readonly #trace: ToldTrace;

  constructor(trace: ToldTrace) {
    this.#trace = trace;
  }

  observations(label: string, connection?: number): ToldObservation[] {
    return this.#trace.stages
      .filter((stage) => connection === undefined || stage.connection === connection)
      .flatMap(({ observations }) => observations)
      .filter((one) => one.label === label);
  }

  value(label: string, name: string, connection?: number): string {
    return String(this.observations(label, connection)[0]?.values[name] ?? '');
  }

  detail(label: string, name: string, connection?: number): string {
    return this.observations(label, connection)[0]?.details.find((one) => one.name === name)?.value ?? '';
  }

  /** A field of a TLS message of that name. */
  field(message: string, name: string, connection?: number): string {
    const found = this.observations('tls.message', connection).find(({ values }) => values['name'] === message);
    return found?.details.find((one) => one.name.trim() === name)?.value ?? '';
  }

  /** Names and lengths of the handshake messages of one sender, in their order; lengths with the header of four. */
  messages(direction: 'sent' | 'received', connection?: number): { name: string; bytes: number }[] {
    return this.observations('tls.message', connection)
      .filter((one) => one.direction === direction)
      .map(({ values }) => ({ name: String(values['name']), bytes: Number(values['bytes']) }));
  }
}
