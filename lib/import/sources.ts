/** Owns Sources: all that an import of Postfix reads, given by whoever may read files. */

export interface NamedText {
  /** As comments show it. */
  readonly file: string;
  readonly text: string;
}

export interface Sources {
  readonly mainCf: NamedText;
  /** `$config_directory`. */
  readonly directory: string;
  /** Null: it can't be read. */
  readonly readFile: (path: string) => string | null;
  /** Why a file that is there is not read, as a clause: `/etc/x is no regular file`; null: there is nothing to tell. */
  readonly whyUnread?: (path: string) => string | null;
  /** main.cf came through a pipe, perhaps from another machine: no tables are opened. */
  readonly piped?: boolean;
  /** Each null: there is none, or it was not asked for. */
  readonly masterCf: NamedText | null;
  readonly postgrey: NamedText | null;
  readonly policydSpf: NamedText | null;
}
