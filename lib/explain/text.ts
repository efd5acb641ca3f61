/** Owns the report as a person reads it. */

import { columns, labelled, shown } from './layout.ts';
import { letIn } from './let-in.ts';
import { ruleRow } from './rule-row.ts';
import type { DecisionTrace, Place, Report, Step } from './trace.ts';

/** Lines, each without its end; nothing in them speaks to a terminal. */
export function textOfReport(report: Report): string[] {
  const { config, store, client, notes, agrees } = report;
  return [
    ...labelled('config', config),
    ...labelled('greylist', store === null ? 'nothing is known' : `${store}, only read`),
    ...(client === null ? [] : labelled('client', clientText(client))),
    ...notes.flatMap((note) => labelled('note', note)),
    ...stepsLines(report),
    ...letIn(report),
    ...(agrees === null ? [] : ['', agrees ? 'The transcript agrees.' : 'The transcript differs.']),
  ];
}

function clientText({ address, ptr, resolve, found, ms }: NonNullable<Report['client']>): string {
  const name = resolve === 'ok' ? (ptr ?? 'unknown') : 'unknown';
  const how = found === null || ms === null ? '' : `   ${resolve}: ${found}, ${tenths(ms)}`;
  return `${name}[${address}]${how}`;
}

/** Steps at which nothing happened stand close together. */
function stepsLines(report: Report): string[] {
  const told = report.steps.map(withoutPermits).filter((step) => step.line !== null || isDetailed(step));
  return told.flatMap((step, i) => {
    const apart = i === 0 || isDetailed(step) || isDetailed(told[i - 1]!);
    return [...(apart ? [''] : []), ...stepLines(step, report)];
  });
}

/** At DATA a permit adds nothing to what was said at RCPT. */
function withoutPermits(step: Step): Step {
  const decisions = step.decisions.filter(({ stage, verdict }) => stage !== 'data' || verdict !== 'permit');
  return { ...step, decisions };
}

function isDetailed({ decisions, reply, headers, changes, log, differs }: Step): boolean {
  return (
    decisions.length + headers.length + changes.length + log.length + differs.length > 0 || reply !== null
  );
}

function stepLines(step: Step, report: Report): string[] {
  const head = `${lineOf(step)}${step.command === '.' ? 'end of message' : shown(step.command)}`;
  const verdict = agreement(step, report);
  if (step.decisions.length === 0) return [`${head}${verdict}`, ...endLines(step, report)];
  return [
    ...step.decisions.flatMap((decision, i) => [
      `${head}${isEnd(decision) ? ` for <${shown(decision.recipient ?? '')}>` : ''}   ${decidedBy(decision)}${i === 0 ? verdict : ''}`,
      ...decisionLines(decision),
    ]),
    ...endLines(step, report),
  ];
}

function lineOf({ line, at }: Step): string {
  return line === null ? '' : `${String(line).padStart(3)}  ${localTime(at)}  `;
}

/** `2026-11-21 10:00:00`, in the time zone of the admin. */
function localTime(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE');
}

function agreement({ line, differs }: Step, { agrees }: Report): string {
  if (line === null || agrees === null) return '';
  return differs.length === 0 ? '   agrees' : '   differs';
}

function decisionLines(decision: DecisionTrace): string[] {
  const rows = decision.lists.flatMap(({ name, rules }) => [
    ...(name === null ? [] : [[`${name}:`]]),
    ...rules.map(ruleRow),
  ]);
  // Before RCPT, and nothing refused: the head says it all.
  if (isEarly(decision) && decision.rule === null) return columns(rows);
  return [...columns(rows), ...labelled('verdict', `${verdictText(decision)} (${decision.reason})`)];
}

function endLines(step: Step, report: Report): string[] {
  return [
    ...(step.reply === null && step.decisions.every((each) => isEarly(each) && each.rule === null)
      ? []
      : labelled('reply', replyText(step))),
    ...labelledList('headers', headerTexts(step, report)),
    ...labelledList('changes', step.changes),
    ...labelledList('log', step.log),
    ...labelledList('differs', step.differs),
  ];
}

function labelledList(label: string, texts: readonly string[]): string[] {
  return texts.flatMap((text) => labelled(label, text));
}

function replyText({ reply, decisions, changes }: Step): string {
  if (reply !== null) return reply;
  const held = changes.some((change) => change.startsWith('quarantine '));
  const meant = decisions.find((decision) => decision.reply !== null);
  if (meant === undefined) return held ? 'none, it is let through and held' : 'none, it is let through';
  if (meant.stage !== 'relayed') return `none, it is only observed; it would be ${meant.reply}`;
  const told = held ? 'the message is held' : 'it is let through';
  return `none to a trusted relay, ${told}; to the host before it: ${meant.reply}`;
}

function headerTexts({ headers, decisions, command }: Step, { name }: Report): string[] {
  if (headers.length > 0) return [...headers];
  if (decisions.some(({ waitSeconds }) => waitSeconds !== null))
    return [`none now; at the first delivery: X-Greylist: delayed … seconds by postern at ${name}; …`];
  return command === '.' ? ['none'] : [];
}

/** As the log has it: `continue` is the policy's word for "nobody objects". */
function verdictText({ verdict, postponed }: DecisionTrace): string {
  if (verdict !== 'continue' && verdict !== 'permit') return verdict;
  return postponed ? 'postponed' : 'accept';
}

function isEarly({ stage }: DecisionTrace): boolean {
  return stage !== 'rcpt' && stage !== 'data' && stage !== 'relayed';
}

/** There is one for each recipient. */
function isEnd({ stage }: DecisionTrace): boolean {
  return stage === 'data' || stage === 'relayed';
}

function decidedBy(decision: DecisionTrace): string {
  const { stage, client, rule, reason } = decision;
  if (rule === null && isEarly(decision)) return shown(reason);
  const at =
    stage === 'relayed' ? `had ${shown(client)} come itself: decided` : `decided at ${stage.toUpperCase()}`;
  if (rule === null) return `${at}: ${shown(reason)}`;
  if (rule.number === null) return `${at} by ${shown(rule.word)}, before all rules`;
  const list = rule.list === null ? '' : ` of ${rule.list}`;
  return `${at} by rule ${rule.number}${list} (${rule.place === null ? 'a default' : placeText(rule.place)})`;
}

/** Of the file only its name: the first line of the report has all of it. */
function placeText({ file, line }: Place): string {
  return shown(`${file.replace(/^.*\//, '')}:${line}`);
}

export function tenths(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
