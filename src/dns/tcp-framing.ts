/** RFC 1035 section 4.2.2: over TCP two octets of length stand in front of a message. */

export function frameMessage(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2);
  framed[0] = message.length >> 8;
  framed[1] = message.length & 0xff;
  framed.set(message, 2);
  return framed;
}

/** Puts the octets of a connection together to messages. Holds one unfinished message at most, 65,537 octets. */
export interface MessageFramer {
  /** The messages that `chunk` completes, in order. */
  push(chunk: Uint8Array): Uint8Array[];
}

export function createMessageFramer(): MessageFramer {
  let held = new Uint8Array(0);
  return {
    push: (chunk) => {
      const joined = new Uint8Array(held.length + chunk.length);
      joined.set(held);
      joined.set(chunk, held.length);
      const messages: Uint8Array[] = [];
      let at = 0;
      while (joined.length - at >= 2) {
        const length = (joined[at]! << 8) | joined[at + 1]!;
        if (joined.length - at - 2 < length) break;
        messages.push(joined.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
      held = joined.slice(at);
      return messages;
    },
  };
}
