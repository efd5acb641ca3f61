/** The public surface of `postern/milter`. */

export { createFilter } from './filter.ts';
export type {
  Answer,
  Answering,
  BodyAnswer,
  Change,
  ChangeKind,
  Connection,
  Ending,
  Events,
  Filter,
  FilterOptions,
  HandlerName,
  Problem,
  Session,
  Watch,
} from './filter.ts';
export { toBytes, toText } from './bytes.ts';
export { decodeCommand } from './command.ts';
export type { Command, Connect, Family, Macros } from './command.ts';
export { encodeCommand, macrosFor } from './command-frames.ts';
export { agree, converse, START } from './conversation.ts';
export type { Conversation, EventCommand, Step, Turn } from './conversation.ts';
export { ACTION, ALL_ACTIONS, flagsOfVersion, PROTOCOL } from './flags.ts';
export { Framer } from './framer.ts';
export { headerName, headerValue } from './header-text.ts';
export type { Options } from './layouts.ts';
export { findMacro } from './macros.ts';
export type { StageName } from './macros.ts';
export { MtaSession } from './mta-session.ts';
export type { EndOfMessage, Offer } from './mta-session.ts';
export { negotiate } from './negotiation.ts';
export type { MacroLists, Wanted } from './negotiation.ts';
export { ProtocolError } from './protocol-error.ts';
export { replyText } from './reply-text.ts';
export type { Refusal } from './reply-text.ts';
export { decodeResponse } from './response.ts';
export type { MacroList, Modification, ReplyCode, Response, Terms, Verdict } from './response.ts';
export { encodeResponse } from './response-frames.ts';
