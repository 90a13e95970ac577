import { accepts } from './apps/app.ts';

/** Waits until a program that was started listens on a port of 127.0.0.1; `said` tells what it printed where it never does. */
export async function listening(port: number, said: () => string = () => ''): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await accepts({ port, socketPath: '' })) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nobody listens on port ${port}: ${said()}`);
}
