'use client'

import type { ReactNode } from 'react'
import { FilterChip, type Choice } from '../table/filter-chip.tsx'
import type { ListAddress } from './use-list-address.ts'

/** A filter of a list: `name` is its parameter in the address and, by custom, the word of the query. */
export interface ListFilter {
  name: string
  title: string
  choices: readonly Choice[]
  /** Several values may be chosen at once; they stand in the address with commas between. */
  several?: boolean
}

/** The chips of a list's own filters; null stands for one that is not offered now. */
export function filterChips(address: ListAddress, filters: readonly (ListFilter | null)[]): (ReactNode | null)[] {
  return filters.map((filter) => {
    if (filter === null) return null
    const { name, several = false } = filter
    const text = address.get(name)
    const values = several ? text.split(',').filter(Boolean) : [text].filter(Boolean)
    return (
      <FilterChip
        key={name}
        name={filter.title}
        several={several}
        values={values}
        choices={filter.choices}
        onChange={(next) => address.set({ [name]: next.join(',') })}
      />
    )
  })
}
