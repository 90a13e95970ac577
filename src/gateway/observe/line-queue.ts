/** Lines that wait to be written, compactly: text in the making, and before it finished pieces of octets. */

/** From this size on, text that waits becomes a piece. V8's ropes take several times the room of their characters. */
const PIECE_CHARACTERS = 64 * 1024;
/** Octets that a UTF-16 code unit takes in UTF-8 at most. */
const UTF8_MOST = 3;

export interface Piece {
  readonly octets: Buffer;
  readonly lines: number;
}

export class LineQueue {
  #text = '';
  #textLines = 0;
  readonly #pieces: Piece[] = [];
  #pieceBytes = 0;
  /** Holds the octets of any text that is no piece yet. */
  readonly #buffer = Buffer.allocUnsafeSlow(UTF8_MOST * PIECE_CHARACTERS);

  /** What waits, in octets where it is a piece and in characters where it is text. */
  get size(): number {
    return this.#pieceBytes + this.#text.length;
  }

  push(line: string, lines = 1): void {
    this.#text += line;
    this.#textLines += lines;
    if (this.#text.length < PIECE_CHARACTERS) return;
    const piece = { octets: Buffer.from(this.#text), lines: this.#textLines };
    this.#pieces.push(piece);
    this.#pieceBytes += piece.octets.length;
    this.#text = '';
    this.#textLines = 0;
  }

  /** The oldest lines. Their octets are good until `take` is called again: text goes into the same buffer each time. */
  take(): Piece {
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#pieceBytes -= piece.octets.length;
      return piece;
    }
    const text = this.#text;
    const lines = this.#textLines;
    this.#text = '';
    this.#textLines = 0;
    return { octets: this.#buffer.subarray(0, this.#buffer.write(text)), lines };
  }

  /** Everything, in octets of its own. */
  takeAll(): Piece {
    const octets = Buffer.concat([...this.#pieces.map((piece) => piece.octets), Buffer.from(this.#text)]);
    return { octets, lines: this.clear() };
  }

  /** Drops everything; returns how many lines that were. */
  clear(): number {
    const lines = this.#pieces.reduce((sum, piece) => sum + piece.lines, this.#textLines);
    this.#pieces.length = 0;
    this.#pieceBytes = 0;
    this.#text = '';
    this.#textLines = 0;
    return lines;
  }
}
