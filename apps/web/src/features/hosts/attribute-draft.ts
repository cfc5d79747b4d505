import type { FleetHost } from '@flotilla/protocol'

export interface GroupDraft {
  key: string
  name: string
  isNew: boolean
}

export interface LabelDraft extends GroupDraft {
  value: string
}

export interface AttributeDraft {
  groups: readonly GroupDraft[]
  labels: readonly LabelDraft[]
}

let made = 0
const nextKey = () => `${(made += 1)}`

export const newGroup = (name = '', isNew = true): GroupDraft => ({ key: nextKey(), name, isNew })
export const newLabel = (name = '', value = '', isNew = true): LabelDraft => ({ ...newGroup(name, isNew), value })

/** What a host has, ready to be changed. */
export function draftOf({ groups, labels }: Pick<FleetHost, 'groups' | 'labels'>): AttributeDraft {
  return {
    groups: groups.map((group) => newGroup(group, false)),
    labels: Object.entries(labels).map(([name, value]) => newLabel(name, value, false)),
  }
}

/** Why a draft cannot be sent: a label stands in it twice, or a value has no name. */
export type DraftProblem = { kind: 'twice'; label: string } | { kind: 'unnamed'; value: string }

/** The sets that a draft means, with its empty rows left out; or what is wrong with it. */
export function setsOf(draft: AttributeDraft): {
  groups: string[]
  labels: Record<string, string>
  problem: DraftProblem | null
} {
  const labels = new Map<string, string>()
  let problem: DraftProblem | null = null
  for (const row of draft.labels) {
    const [name, value] = [row.name.trim(), row.value.trim()]
    if (name === '' && value === '') continue
    if (name === '') problem ??= { kind: 'unnamed', value }
    else if (labels.has(name)) problem ??= { kind: 'twice', label: name }
    else labels.set(name, value)
  }
  const groups = draft.groups.map(({ name }) => name.trim()).filter((name) => name !== '')
  return { groups: [...new Set(groups)], labels: Object.fromEntries(labels), problem }
}
