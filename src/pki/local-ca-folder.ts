/** What the local CA needs of the state folder; `store/folder.ts` is one. */
export interface LocalCaFolder {
  /** Absolute path of an entry. */
  fileOf(name: string): string;
  /** The file's content, or undefined where there is none. */
  read(name: string): Promise<Buffer | undefined>;
  /** Replaces one file atomically. */
  write(file: LocalCaFile): Promise<void>;
  /** Makes a folder with these files all at once; false when it was already there. */
  publish(name: string, files: readonly LocalCaFile[]): Promise<boolean>;
  /** Names of the entries of a subfolder; [] when absent. */
  list(name: string): Promise<readonly string[]>;
}

export interface LocalCaFile {
  readonly name: string;
  readonly content: string;
  /** 0600 instead of 0644. */
  readonly secret: boolean;
}

/**
 * The CA's part of the state folder:
 *
 *     local-ca/root.pem            the present root, for people: curl --cacert …
 *     local-ca/root-1/root.pem     every root ever made, complete and unchanging
 *     local-ca/root-1/root.key
 *     local-ca/root-1/root.json    what the certificate says of itself, readable
 *     local-ca/leaves/NAME.ecdsa.pem   key and certificate of a site
 *     local-ca/trusted.json        which roots `menshen trust` has installed
 */
export const CA_FOLDER = 'local-ca';
/** How the common name of each of its roots begins. */
export const LOCAL_CA_NAME = 'Menshen Local CA';
export const PRESENT_ROOT = `${CA_FOLDER}/root.pem`;
