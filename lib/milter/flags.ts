/** Owns the numbers of the negotiation (libmilter's mfapi.h, mfdef.h). */

/** The newest version of the protocol, the one we speak. */
export const NEWEST_VERSION = 6;
/** Version 1 had no protocol flags worth the name; nothing that still runs speaks it. */
export const OLDEST_VERSION = 2;

/** What a filter may do to a message (SMFIF_*). */
export const ACTION = {
  addHeaders: 0x1,
  changeBody: 0x2,
  addRecipients: 0x4,
  deleteRecipients: 0x8,
  changeHeaders: 0x10,
  quarantine: 0x20,
  changeSender: 0x40,
  addRecipientsWithArguments: 0x80,
  /** Choose the macros. */
  setMacroLists: 0x100,
} as const;

export const ALL_ACTIONS = 0x1ff;

/** What the MTA shall not send, or get no answer to (SMFIP_*). */
export const PROTOCOL = {
  noConnect: 0x1,
  noHelo: 0x2,
  noMail: 0x4,
  noRcpt: 0x8,
  noBody: 0x10,
  noHeaders: 0x20,
  noEndOfHeaders: 0x40,
  silentHeader: 0x80,
  noUnknown: 0x100,
  noData: 0x200,
  skip: 0x400,
  /** Recipients that the MTA itself has refused are shown too. */
  refusedRecipients: 0x800,
  silentConnect: 0x1000,
  silentHelo: 0x2000,
  silentMail: 0x4000,
  silentRcpt: 0x8000,
  silentData: 0x10000,
  silentUnknown: 0x20000,
  silentEndOfHeaders: 0x40000,
  silentBody: 0x80000,
  /** Header values come with the white space that follows their colon. */
  leadingSpace: 0x100000,
  frames256K: 0x10000000,
  frames1M: 0x20000000,
} as const;

/** The protocol flags that an MTA of a version can offer; the frame sizes aside, which few are built with. */
export function flagsOfVersion(version: number): number {
  if (version >= 6) return 0x1fffff;
  if (version >= 4) return 0x37f;
  return version === 3 ? 0x17f : 0x7f;
}

/** Data bytes of a frame, its command byte not counted (MILTER_MAX_DATA_SIZE, MILTER_MDS_*). */
export const FRAME_LIMIT = 65_535;

/** The limit under negotiated protocol flags. */
export function frameLimit(protocol: number): number {
  if (protocol & PROTOCOL.frames1M) return 1024 * 1024 - 1;
  if (protocol & PROTOCOL.frames256K) return 256 * 1024 - 1;
  return FRAME_LIMIT;
}

/** The part of `flags` that is in `mask`, as an unsigned number. */
export function within(flags: number, mask: number): number {
  return (flags & mask) >>> 0;
}
