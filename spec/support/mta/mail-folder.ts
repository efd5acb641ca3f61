/** Owns MailFolder: the messages that a mail server has delivered, one file each. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

export interface Delivery {
  /** As the server's Delivered-To header says. */
  readonly recipient: string;
  /** The delivered file, line ends as `\n`. */
  readonly text: string;
}

export class MailFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Waits until a message with this subject has been delivered to `count` recipients; sorted by recipient. */
  async arrives(subject: string, count = 1): Promise<readonly Delivery[]> {
    return eventually(`${count} × “${subject}”`, () => {
      const found = this.holds(subject);
      return found.length >= count && found;
    });
  }

  /** What there is now. */
  holds(subject: string): readonly Delivery[] {
    return this.#read()
      .filter((text) => text.includes(`\nSubject: ${subject}\n`))
      .map((text) => ({ recipient: headerField(text, 'Delivered-To') ?? '', text }))
      .sort((a, b) => a.recipient.localeCompare(b.recipient));
  }

  #read(): string[] {
    try {
      return readdirSync(this.#folder).map((name) =>
        readFileSync(join(this.#folder, name), 'latin1').replaceAll('\r\n', '\n'),
      );
    } catch {
      // Postfix makes the folder with the first delivery.
      return [];
    }
  }
}

/** All header fields from above, each unfolded to one line; what the server adds for itself is left out. */
export function headerFields(text: string): string[] {
  const header = text.split('\n\n', 1)[0] ?? '';
  return header
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .filter(
      (line) => !/^(?:Return-Path|X-Original-To|Delivered-To|From|Subject|Date|Message-Id):/i.test(line),
    );
}

/** The value of the first header field with this name, unfolded. */
export function headerField(text: string, name: string): string | undefined {
  const header = text.split('\n\n', 1)[0] ?? '';
  return new RegExp(`^${name}:[ \\t]*((?:.*)(?:\\n[ \\t].*)*)`, 'im')
    .exec(header)?.[1]
    ?.replace(/\n[ \t]+/g, ' ');
}
