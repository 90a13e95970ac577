import { createPublicKey } from 'node:crypto';
import type { Identifier } from '../../../src/acme/issuer.ts';
import {
  intermediateKey,
  issueDer,
  caExtensions,
  keyIdentifier,
  leafExtensions,
  pem,
  pooledKey,
  rootKey,
} from '../../pki/issue.ts';

/** What a client asks of the small CA, as plain data: it may come from another process. */
export type Call =
  | { readonly method: 'account'; readonly key: string }
  | { readonly method: 'order'; readonly account: string; readonly identifiers: readonly Identifier[] }
  | { readonly method: 'look'; readonly order: string }
  | { readonly method: 'authorize'; readonly order: string }
  | { readonly method: 'finalize'; readonly order: string; readonly publicKeyPem: string }
  | { readonly method: 'download'; readonly order: string };

export interface Order {
  readonly url: string;
  readonly account: string;
  readonly identifiers: readonly Identifier[];
  status: 'pending' | 'ready' | 'valid';
  chainPem: string;
}

const DAY = 86_400_000;

/** A CA that keeps books: accounts, orders, certificates. Like Let's Encrypt it gives an open order of the same names again. */
export class SmallAuthority {
  readonly accounts = new Map<string, string>();
  readonly orders = new Map<string, Order>();
  readonly issued: Order[] = [];
  readonly #intermediate: string;
  #serial = 1;

  constructor() {
    const intermediate = issueDer({
      subject: { CN: 'Small Intermediate' },
      issuer: { CN: 'Small Root' },
      key: intermediateKey(),
      signer: rootKey(),
      extensions: caExtensions(intermediateKey(), rootKey(), 0),
    });
    this.#intermediate = pem(intermediate);
  }

  answer(call: Call): string | undefined {
    switch (call.method) {
      case 'account': {
        const url = this.accounts.get(call.key) ?? `account/${this.accounts.size + 1}`;
        this.accounts.set(call.key, url);
        return url;
      }
      case 'order':
        return this.#order(call.account, call.identifiers).url;
      case 'look':
        return this.orders.get(call.order)?.status;
      case 'authorize': {
        const order = this.#get(call.order);
        if (order.status === 'pending') order.status = 'ready';
        return order.status;
      }
      case 'finalize': {
        const order = this.#get(call.order);
        if (order.status !== 'ready') throw new Error(`finalize: the order is ${order.status}`);
        order.chainPem = this.certify(order.identifiers, call.publicKeyPem);
        order.status = 'valid';
        this.issued.push(order);
        return order.status;
      }
      case 'download':
        break;
    }
    return this.#get(call.order).chainPem;
  }

  certify(
    identifiers: readonly Identifier[],
    publicKeyPem: string,
    fromMs = Date.now() - DAY,
    toMs = fromMs + 90 * DAY,
  ): string {
    const leaf = issueDer({
      subject: { CN: identifiers[0]?.value ?? '' },
      issuer: { CN: 'Small Intermediate' },
      key: { ...pooledKey(2), publicKey: createPublicKey(publicKeyPem) },
      signer: intermediateKey(),
      serial: this.#serial++ + 1_000,
      notBefore: fromMs,
      notAfter: toMs,
      extensions: leafExtensions(
        intermediateKey(),
        identifiers.map(({ value }) => `dns:${value}`),
      ),
    });
    return pem(leaf) + this.#intermediate;
  }

  /** Octets by which the CA's key is named; not empty, so that certificates can be named in renewal information. */
  readonly keyId = keyIdentifier(intermediateKey());

  #order(account: string, identifiers: readonly Identifier[]): Order {
    const names = JSON.stringify(identifiers);
    for (const order of this.orders.values()) {
      if (order.account === account && order.status !== 'valid' && JSON.stringify(order.identifiers) === names)
        return order;
    }
    const order: Order = {
      url: `order/${this.orders.size + 1}`,
      account,
      identifiers,
      status: 'pending',
      chainPem: '',
    };
    this.orders.set(order.url, order);
    return order;
  }

  #get(url: string): Order {
    const order = this.orders.get(url);
    if (order === undefined) throw new Error(`no order ${url}`);
    return order;
  }
}
