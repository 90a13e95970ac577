/**
 * Java's own keystore on Debian. update-ca-certificates feeds new roots to it under the alias `debian:FILE.pem`, but tells
 * it nothing of a root that is gone, so `untrust` has to take it out itself. The alias here is the same one, so that
 * both mean one entry.
 */
import type { LocalRoot } from './local-ca-root.ts';
import { Administrator } from './trust-install-administrator.ts';
import type { TrustHost } from './trust-install-host.ts';
import {
  alreadyInstalled,
  installed,
  notThere,
  removed,
  type PlaceOutcome,
  type TrustPlace,
} from './trust-install-place.ts';
import { anchorName, type AnchorStore } from './trust-install-system.ts';

/** What every Java keystore of roots is locked with unless somebody changed it: the roots in it are public. */
const STORE_PASSWORD = 'changeit';

/** The keystore, where Java is here and the system's store leaves removal to us. */
export async function javaPlace(
  host: TrustHost,
  store: AnchorStore | undefined,
  state: string,
): Promise<TrustPlace | undefined> {
  const keystore = store?.javaKeystore ?? '';
  const keytool = keystore !== '' && (await host.exists(keystore)) ? await host.findCommand('keytool') : undefined;
  return keytool === undefined ? undefined : new JavaKeystore(host, keytool, keystore, state);
}

class JavaKeystore implements TrustPlace {
  readonly label: string;
  readonly #host: TrustHost;
  readonly #keytool: string;
  readonly #location: readonly string[];
  readonly #administrator: Administrator;

  constructor(host: TrustHost, keytool: string, keystore: string, state: string) {
    this.label = `Java (${keystore})`;
    this.#host = host;
    this.#keytool = keytool;
    this.#location = ['-keystore', keystore, '-storepass', STORE_PASSWORD];
    this.#administrator = new Administrator(host, this.label, state);
  }

  async install(root: LocalRoot): Promise<PlaceOutcome> {
    if (await this.#holds(root)) return alreadyInstalled(this.label);
    const add = ['-importcert', '-noprompt', '-alias', aliasOf(root), '-file', root.file, ...this.#location];
    return (await this.#administrator.run(['keytool', ...add])) ?? installed(this.label);
  }

  async remove(roots: readonly LocalRoot[]): Promise<PlaceOutcome> {
    let found = false;
    for (const root of roots) {
      if (!(await this.#holds(root))) continue;
      found = true;
      const refused = await this.#administrator.run(['keytool', '-delete', '-alias', aliasOf(root), ...this.#location]);
      if (refused) return refused;
    }
    return found ? removed(this.label) : notThere(this.label);
  }

  async #holds(root: LocalRoot): Promise<boolean> {
    const { status } = await this.#host.run(this.#keytool, ['-list', '-alias', aliasOf(root), ...this.#location]);
    return status === 0;
  }
}

const aliasOf = (root: LocalRoot): string => `debian:${anchorName(root)}.pem`;
