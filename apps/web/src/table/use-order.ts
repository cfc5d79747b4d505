'use client'

import { useMemo } from 'react'
import { useUrlState } from '../navigation/url-state.ts'
import type { Order } from './order-rows.ts'
import type { Sorting } from './table-head.tsx'

/** The order of a table that sorts its rows itself, in the address. The first of `sorts`, which should not change, is that without a word. */
export function useOrder<By extends string>(sorts: readonly [By, ...By[]]): { order: Order<By>; sort: Sorting } {
  const { get, set } = useUrlState()
  const [first] = sorts
  const by = sorts.find((each) => each === get('sort')) ?? first
  const order = get('order') === 'desc' ? 'desc' : 'asc'
  return useMemo(() => {
    const onChange = (to: string, next: 'asc' | 'desc') =>
      set({ sort: to === first ? null : to, order: next === 'asc' ? null : next })
    return { order: { by, order }, sort: { by, order, onChange } }
  }, [by, order, first, set])
}
