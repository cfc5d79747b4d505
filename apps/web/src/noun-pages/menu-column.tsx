import type { ColumnDef } from '@tanstack/react-table'
import { titleOf, type Noun, type NounRow } from '../navigation/nouns.ts'
import { VerbMenu } from './verb-menu.tsx'
import type { VerbGroups } from './verb.ts'

/** The last column of a list: the menu of what can be done to the row. */
export function menuColumn<Row extends NounRow>(options: {
  noun: Noun
  verbs: VerbGroups<Row>
  header: string
  /** The row whose menu is open. */
  menuFor: string | null
  onMenuFor: (id: string | null) => void
}): ColumnDef<Row> {
  return {
    id: 'menu',
    header: () => <span className="sr-only">{options.header}</span>,
    meta: { track: '2.25rem', always: true, align: 'end' },
    cell: ({ row: { original } }) => (
      <VerbMenu
        row={original}
        name={titleOf(options.noun, original)}
        verbs={options.verbs}
        open={options.menuFor === original.id}
        onOpenChange={(open) => options.onMenuFor(open ? original.id : null)}
      />
    ),
  }
}
