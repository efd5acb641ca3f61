/** Owns the move of postscreen_access_list: whom postscreen lets in before it asks any DNS list. */

import { parseTableName } from '../tables/table-name.ts';
import { judgeTable, type TableContext } from './access-table.ts';
import { hasOpenName } from './open-name.ts';
import type { Parameters } from './parameters.ts';
import { Refusals } from './refusal.ts';

/** As rules; what can't be one is told in `notes`. */
export function sparedBy(parameters: Parameters, tables: TableContext, notes: string[]): string[] {
  const refusals = new Refusals();
  return parameters
    .get('postscreen_access_list')
    .words()
    .flatMap(({ text }) => {
      if (text.toLowerCase() === 'permit_mynetworks') return ['permit_mynetworks'];
      const refuses = denies(text, parameters, tables);
      const fate =
        !refuses && /^cidr:/i.test(text) && !hasOpenName(text)
          ? judgeTable('check_client_access', text, tables)
          : null;
      if (fate?.kind === 'rule' && refusals.of(fate.rule) === null) return [fate.rule.text];
      notes.push(
        ...(refuses
          ? [
              `postscreen_access_list = ${text}: whom it rejects is let in there (postscreen_denylist_action is ignore), and would be refused here`,
            ]
          : []),
        ...(fate?.kind === 'stays' ? [`postscreen_access_list = ${text}: ${fate.why}`] : []),
        `postscreen_access_list = ${text} can't spare anybody here: write its permits as a cidr: table`,
      );
      return [];
    });
}

/** Postscreen takes no notice of what it rejects, and a rule would. */
function denies(table: string, parameters: Parameters, { contents, readFile }: TableContext): boolean {
  const action =
    parameters.text('postscreen_denylist_action') || parameters.text('postscreen_blacklist_action');
  const parsed = parseTableName(table);
  if (!parsed.ok || /^(?:enforce|drop)$/i.test(action)) return false;
  const { source } = parsed.name;
  const text = source.kind === 'file' ? readFile(source.path) : null;
  if (source.kind === 'file' && text === null) return false;
  return contents.of(parsed.name, text).results.some((result) => !/^(?:permit|dunno)$/i.test(result.trim()));
}
