/**
 * The account at one CA (RFC 8555 section 7.3): made when it is first needed, found again by its key, bound to an
 * external account where the CA wants that, its key exchanged, deactivated.
 *
 * The key is stored before the CA hears of it, and a new key before the CA exchanges it, so that a process that dies at
 * any point finds its account again and never makes a second.
 */
import { generateKeyPairSync } from 'node:crypto';
import { finding } from '../../story/finding.ts';
import type { AcmeHttpResponse } from './http.ts';
import { bindExternalAccount, encodeKeyChange, readSigningKey, type SigningKey } from './jws.ts';
import { failed, permanent, succeeded, transient, type Outcome } from './outcome.ts';
import { problemType } from './problem.ts';
import type { Directory } from './resources.ts';
import type { AcmeSession, SignedRequest } from './session.ts';

/** What is kept of an account. Secret. */
export interface AccountRecord {
  /** PKCS#8. */
  readonly privateKeyPem: string;
  /** Absent until the CA has named the account. */
  readonly url?: string;
  /** The key that is to take over, while it is not known whether the CA has exchanged it. */
  readonly nextPrivateKeyPem?: string;
}

/** Where the account of one CA is kept. Both writes are on the disk before they resolve. */
export interface AccountStore {
  load(): Promise<AccountRecord | undefined>;
  /** Stores a first record; where another process was quicker, gives that process's record and stores nothing. */
  create(record: AccountRecord): Promise<AccountRecord>;
  replace(record: AccountRecord): Promise<void>;
}

export interface AccountSettings {
  /** `mailto:` URLs; may be empty. */
  readonly contacts: readonly string[];
  /** Whether the person agreed to the CA's terms of service. */
  readonly termsAgreed: boolean;
  readonly keyType: 'ecdsa' | 'rsa';
  readonly externalAccount?: { readonly keyId: string; readonly hmacKey: string };
}

export interface Account {
  readonly url: string;
  readonly key: SigningKey;
}

/** A request in the account's name; the keeper adds who signs. */
export type AccountRequest = Omit<SignedRequest, 'signer'>;

export class AccountKeeper {
  readonly #session: AcmeSession;
  readonly #settings: AccountSettings;
  readonly #store: AccountStore;
  #known: Account | undefined;
  #opening: Promise<Outcome<Account>> | undefined;

  constructor(session: AcmeSession, settings: AccountSettings, store: AccountStore) {
    this.#session = session;
    this.#settings = settings;
    this.#store = store;
  }

  /** The account, made where there is none. Several callers at a time wait for one and the same. */
  async open(signal?: AbortSignal): Promise<Outcome<Account>> {
    if (this.#known !== undefined) return succeeded(this.#known);
    if (signal?.aborted === true) return failed(transient(finding('acme-stopped', { issuer: this.#session.issuer })));
    // Without the signal: one caller that gives up does not take the account away from the others.
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /**
   * A POST signed with the account's key. Where the CA refuses it because another process has exchanged the key, it is
   * signed again with the new one; an account that the CA forgot is made again with the same key.
   */
  async post(request: AccountRequest): Promise<Outcome<AcmeHttpResponse>> {
    const account = await this.open(request.signal);
    if (!account.ok) return account;
    const answer = await this.#session.post({ ...request, signer: signerOf(account.value) });
    if (answer.ok || !mayBeAboutTheKey(answer)) return answer;
    const changed = await this.#hasOtherKey(account.value);
    if (!changed && !isUnknownAccount(answer)) return answer;
    const again = await this.#reopen(account.value, changed);
    return again.ok ? this.#session.post({ ...request, signer: signerOf(again.value) }) : again;
  }

  /** Tells the CA the contacts of the settings (section 7.3.2). */
  async updateContacts(signal?: AbortSignal): Promise<Outcome<undefined>> {
    return this.#change({ contact: this.#settings.contacts }, signal);
  }

  /** Ends the account for good (section 7.3.6): its key can do nothing any more. */
  async deactivate(signal?: AbortSignal): Promise<Outcome<undefined>> {
    return this.#change({ status: 'deactivated' }, signal);
  }

  /** Exchanges the account's key for a new one (section 7.3.5). */
  async rollOver(signal?: AbortSignal): Promise<Outcome<Account>> {
    const account = await this.open(signal);
    if (!account.ok) return account;
    const directory = await this.#session.directory(signal);
    if (!directory.ok) return directory;
    const { issuer } = this.#session;
    const { keyChange } = directory.value;
    if (keyChange === undefined) return failed(permanent(finding('acme-key-change-unsupported', { issuer })));
    const { url, key: oldKey } = account.value;
    const nextPrivateKeyPem = makeKey(this.#settings.keyType);
    const newKey = readSigningKey(nextPrivateKeyPem);
    if (newKey === undefined) throw new TypeError('a key that was just made cannot be read');
    const privateKeyPem = oldKey.privateKey.export({ type: 'pkcs8', format: 'pem' });
    await this.#store.replace({ privateKeyPem, url, nextPrivateKeyPem });
    const answer = await this.#session.post({
      url: keyChange,
      payload: encodeKeyChange(newKey, oldKey, url, keyChange),
      signer: signerOf(account.value),
      signal,
    });
    if (!answer.ok && answer.failure.lost !== true) {
      await this.#store.replace({ privateKeyPem, url });
      return answer;
    }
    // With the answer lost, the new key finds the account or does not.
    if (!answer.ok) return this.#settleKeys({ privateKeyPem, url, nextPrivateKeyPem }, newKey);
    await this.#store.replace({ privateKeyPem: nextPrivateKeyPem, url });
    return succeeded((this.#known = { url, key: newKey }));
  }

  async #change(payload: object, signal: AbortSignal | undefined): Promise<Outcome<undefined>> {
    const account = await this.open(signal);
    if (!account.ok) return account;
    const answer = await this.post({ url: account.value.url, payload, repeatable: true, signal });
    return answer.ok ? succeeded(undefined) : answer;
  }

  async #open(): Promise<Outcome<Account>> {
    let record = await this.#store.load();
    record ??= await this.#store.create({ privateKeyPem: makeKey(this.#settings.keyType) });
    const key = readSigningKey(record.privateKeyPem);
    const { issuer } = this.#session;
    if (key === undefined) return failed(permanent(finding('acme-account-key-unreadable', { issuer })));
    if (record.nextPrivateKeyPem !== undefined) {
      const next = readSigningKey(record.nextPrivateKeyPem);
      if (next !== undefined) return this.#settleKeys(record, next);
    }
    if (record.url !== undefined) return succeeded((this.#known = { url: record.url, key }));
    return this.#register(key);
  }

  /** Whether the store has another key by now than the one that signed. */
  async #hasOtherKey(account: Account): Promise<boolean> {
    const record = await this.#store.load();
    const stored = record === undefined ? undefined : readSigningKey(record.privateKeyPem);
    return stored !== undefined && stored.thumbprint !== account.key.thumbprint;
  }

  async #reopen(account: Account, changed: boolean): Promise<Outcome<Account>> {
    // Somebody else's request may have done it already.
    if (this.#known !== undefined && this.#known !== account) return succeeded(this.#known);
    this.#known = undefined;
    this.#opening ??= (changed ? this.#open() : this.#register(account.key)).finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** After a key change without an answer: whichever key the CA knows the account by is the one. */
  async #settleKeys(record: AccountRecord, next: SigningKey): Promise<Outcome<Account>> {
    const found = await this.#find(next);
    if (found.ok) {
      const url = found.value;
      await this.#store.replace({ privateKeyPem: record.nextPrivateKeyPem ?? '', url });
      return succeeded((this.#known = { url, key: next }));
    }
    if (!isUnknownAccount(found)) return found;
    const key = readSigningKey(record.privateKeyPem);
    const { issuer } = this.#session;
    if (key === undefined) return failed(permanent(finding('acme-account-key-unreadable', { issuer })));
    const { privateKeyPem, url } = record;
    await this.#store.replace({ privateKeyPem, ...(url !== undefined && { url }) });
    return url === undefined ? this.#register(key) : succeeded((this.#known = { url, key }));
  }

  /** The URL of the account that a key has already (section 7.3.1). */
  async #find(key: SigningKey): Promise<Outcome<string>> {
    const directory = await this.#session.directory();
    if (!directory.ok) return directory;
    const url = directory.value.newAccount;
    const payload = { onlyReturnExisting: true };
    const answer = await this.#session.post({ url, payload, signer: { key }, repeatable: true });
    return answer.ok ? this.#session.location(answer.value, url, 'account') : answer;
  }

  /** Makes the account, or finds the one that the key has: with one key, doing it twice is doing it once. */
  async #register(key: SigningKey): Promise<Outcome<Account>> {
    const directory = await this.#session.directory();
    if (!directory.ok) return directory;
    const lacking = this.#lacking(directory.value);
    if (lacking !== undefined) return failed(permanent(lacking));
    const { contacts, termsAgreed, externalAccount } = this.#settings;
    const url = directory.value.newAccount;
    const payload = {
      ...(contacts.length > 0 && { contact: contacts }),
      ...(termsAgreed && { termsOfServiceAgreed: true }),
      ...(externalAccount && { externalAccountBinding: bindExternalAccount(externalAccount, key.jwk, url) }),
    };
    const answer = await this.#session.post({ url, payload, signer: { key }, repeatable: true });
    if (!answer.ok) return this.#explainExternal(answer, externalAccount?.keyId);
    const location = this.#session.location(answer.value, url, 'account');
    if (!location.ok) return location;
    const account = this.#session.resource('account', answer.value);
    if (!account.ok) return account;
    if (account.value.status !== 'valid') {
      const values = { issuer: this.#session.issuer, name: '', detail: account.value.status };
      return failed(permanent(finding('acme-account-deactivated', values)));
    }
    const privateKeyPem = key.privateKey.export({ type: 'pkcs8', format: 'pem' });
    await this.#store.replace({ privateKeyPem, url: location.value });
    return succeeded((this.#known = { url: location.value, key }));
  }

  /** What the directory asks for and the settings do not give: better told before the CA refuses. */
  #lacking({ meta }: Directory) {
    const { issuer } = this.#session;
    if (meta.termsOfService !== undefined && !this.#settings.termsAgreed) {
      return finding('acme-terms-not-agreed', { issuer, url: meta.termsOfService });
    }
    if (meta.externalAccountRequired === true && this.#settings.externalAccount === undefined) {
      return finding('acme-external-account-required', { issuer, name: '', detail: 'externalAccountRequired' });
    }
    return undefined;
  }

  /** CAs refuse a wrong binding as `unauthorized` or `malformed`; the sentence should say which of our inputs is meant. */
  #explainExternal<T>(answer: Outcome<T> & { readonly ok: false }, keyId: string | undefined): Outcome<never> {
    const { failure } = answer;
    const type = failure.problem === undefined ? '' : problemType(failure.problem);
    if (keyId === undefined || !['unauthorized', 'malformed'].includes(type)) return failed(failure);
    const { issuer } = this.#session;
    const detail = failure.finding.values['detail'] ?? type;
    return failed({ ...failure, ...permanent(finding('acme-external-account-refused', { issuer, keyId, detail })) });
  }

  /** The account's list of orders (section 7.1.2.1), where the CA keeps one. */
  async ordersUrl(signal?: AbortSignal): Promise<Outcome<string | undefined>> {
    const account = await this.open(signal);
    if (!account.ok) return account;
    const answer = await this.post({ url: account.value.url, payload: undefined, signal });
    if (!answer.ok) return answer;
    const resource = this.#session.resource('account', answer.value);
    return resource.ok ? succeeded(resource.value.orders) : failed(transient(resource.failure.finding));
  }
}

const signerOf = ({ key, url }: Account): { key: SigningKey; kid: string } => ({ key, kid: url });

const isUnknownAccount = (answer: Outcome<unknown>): boolean =>
  !answer.ok && answer.failure.problem !== undefined && problemType(answer.failure.problem) === 'accountDoesNotExist';

/** A signature by a key that the account no longer has is told in one of these ways. */
const mayBeAboutTheKey = (answer: Outcome<unknown>): boolean =>
  !answer.ok &&
  answer.failure.problem !== undefined &&
  ['accountDoesNotExist', 'unauthorized', 'malformed'].includes(problemType(answer.failure.problem));

/** PKCS#8 PEM of a new account key. */
function makeKey(type: 'ecdsa' | 'rsa'): string {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}
