import { createContext, useContext } from 'react'

/** Whether the row around is the one that the Tab key goes to. */
export const RowStop = createContext(true)

/** For what can be focused in a row: the Tab key goes on to it from its row alone, so that a table is left in one step. */
export function useRowTabIndex(): 0 | -1 {
  return useContext(RowStop) ? 0 : -1
}
