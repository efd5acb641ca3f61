/** Owns SmtpDialogue: a scripted SMTP client that reads like the dialogue it holds. */

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import { eventually } from './eventually.ts';

/** A whole reply; the lines of a long one are joined by `\n`, e.g. `250-mx.example.org\n250 PIPELINING`. */
type ReplyText = string;

export class SmtpDialogue {
  #stream!: Duplex;
  #received = '';
  #ended = false;
  #wake: () => void = () => {};

  /** Waits for the banner. */
  static async begin(stream: Duplex): Promise<SmtpDialogue> {
    const dialogue = SmtpDialogue.over(stream);
    await dialogue.hears('220');
    return dialogue;
  }

  /** Whatever the server says first is still to be heard. */
  static over(stream: Duplex): SmtpDialogue {
    const dialogue = new SmtpDialogue();
    dialogue.#listenTo(stream);
    return dialogue;
  }

  #listenTo(stream: Duplex): void {
    this.#stream = stream;
    stream.setEncoding('latin1');
    stream.on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    stream.on('error', () => stream.destroy());
    stream.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The next reply; its last line must begin with `expected`, such as `451 4.7.1 Greylisted`. */
  async hears(expected: string, after = 'nothing'): Promise<ReplyText> {
    const reply = await this.#reply();
    const last = reply.slice(reply.lastIndexOf('\n') + 1);
    expect(last.slice(0, expected.length), `after ${after} came: ${reply}`).to.equal(expected);
    return reply;
  }

  async #reply(): Promise<ReplyText> {
    for (;;) {
      const whole = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#received)?.[0];
      if (whole !== undefined) {
        this.#received = this.#received.slice(whole.length);
        return whole.trimEnd().replaceAll('\r\n', '\n');
      }
      if (this.#ended) return '(connection closed)';
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async says(line: string, expected: string): Promise<ReplyText> {
    this.#stream.write(`${line}\r\n`);
    return this.hears(expected, line);
  }

  /** Writes all lines in one go (RFC 2920), then reads their replies. */
  async pipelines(...turns: readonly (readonly [line: string, expected: string])[]): Promise<void> {
    this.#stream.write(turns.map(([line]) => `${line}\r\n`).join(''));
    for (const [line, expected] of turns) await this.hears(expected, line);
  }

  /** Says these lines over and over, with a RSET between, as a sender's queue tries again, until the last one is taken. */
  async retries(lines: readonly string[], accepted: string): Promise<void> {
    await eventually(`${accepted} to ${lines.at(-1)}`, async () => {
      let reply = '';
      for (const line of lines) reply = await this.says(line, '');
      if (reply.startsWith(accepted)) return true;
      expect(reply.slice(0, 3), reply).to.equal('451');
      await this.says('RSET', '250');
      return false;
    });
  }

  /**
   * DATA and a short message, with these lines at the top of its header, and a From where there is none among them;
   * `expected` is the reply to its end.
   */
  async sendsMessage(subject: string, expected = '250', header: readonly string[] = []): Promise<ReplyText> {
    await this.says('DATA', '354');
    return this.endsMessage(subject, expected, header);
  }

  /** What follows a 354. */
  async endsMessage(subject: string, expected = '250', header: readonly string[] = []): Promise<ReplyText> {
    const from = header.some((line) => line.startsWith('From:')) ? [] : ['From: <alice@example.net>'];
    const lines = [...header, ...from, `Subject: ${subject}`, '', 'Hello.', ''];
    this.#stream.write(lines.join('\r\n'));
    return this.says('.', expected);
  }

  /** STARTTLS and the handshake, with a certificate of the client's or none; the caller has to say EHLO again (RFC 3207 §4.2). */
  async startsTls(shown: { readonly key: string; readonly cert: string } | null = null): Promise<void> {
    await this.says('STARTTLS', '220');
    const plain = this.#stream;
    plain.removeAllListeners('data');
    plain.removeAllListeners('close');
    // The server's certificate was made for this run: nobody has signed it.
    const secure = connectTls({ socket: plain, rejectUnauthorized: false, ...shown });
    await once(secure, 'secureConnect');
    this.#listenTo(secure);
  }

  async quits(): Promise<void> {
    await this.says('QUIT', '221');
    this.#stream.destroy();
  }

  /** Goes away without a word. */
  hangsUp(): void {
    this.#stream.destroy();
  }
}
