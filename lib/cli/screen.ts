/** Owns the terminal of a live view: another screen while it lasts, drawn over itself, and given back whatever happens. */

/** xterm's: the other screen, no cursor; and back. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const TO_LINE_END = '\u001b[K';
const TO_SCREEN_END = '\u001b[J';
const CTRL_C = '\u0003';

/** What is needed of Node's tty.WriteStream; 0 or undefined: it does not know. */
export interface Terminal {
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** What is needed of Node's tty.ReadStream. */
export interface Keyboard {
  setRawMode(raw: boolean): unknown;
  on(event: 'data' | 'end', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data' | 'end', listener: (chunk: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export class Screen {
  readonly #terminal: Terminal;
  readonly #keyboard: Keyboard;
  readonly #onKey: (chunk: Buffer) => void;
  readonly #quit: () => void;
  readonly #resized: () => void;
  #open = true;

  /** `quit`: q, Ctrl-C, or a signal came; `resized`: draw anew. */
  constructor(terminal: Terminal, keyboard: Keyboard, quit: () => void, resized: () => void) {
    this.#terminal = terminal;
    this.#keyboard = keyboard;
    this.#quit = quit;
    this.#resized = resized;
    this.#onKey = (chunk) => {
      const keys = chunk.toString();
      if (keys.includes(CTRL_C) || /[qQ]/.test(keys)) quit();
    };
    keyboard.setRawMode(true);
    keyboard.on('data', this.#onKey);
    keyboard.on('end', quit);
    keyboard.resume();
    terminal.on('resize', resized);
    for (const signal of SIGNALS) process.on(signal, quit);
    terminal.write(ENTER);
  }

  /** Terminals that don't say how large they are have had 24 lines of 80 for a long time. */
  get room(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#terminal.columns || 80, rows: this.#terminal.rows || 24 };
  }

  /** Lines that speak to no terminal and are not too long. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const text = lines.map((line) => line + TO_LINE_END).join('\r\n');
    this.#terminal.write(`${HOME}${text}${TO_SCREEN_END}`);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#keyboard.off('data', this.#onKey);
    this.#keyboard.off('end', this.#quit);
    this.#terminal.off('resize', this.#resized);
    for (const signal of SIGNALS) process.off(signal, this.#quit);
    this.#keyboard.setRawMode(false);
    this.#keyboard.pause();
    this.#terminal.write(LEAVE);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
