import type { KernelView } from '@flotilla/protocol'

type Process = KernelView['processes'][number]

export interface TreeProcess {
  process: Process
  depth: number
  /** Which of the levels above still go on below, for the lines of the tree. */
  rails: readonly boolean[]
  isLast: boolean
}

/** Processes in the order of a tree, children below their parent. Whose parent is outside stands at the top. */
export function processTree(processes: readonly Process[]): TreeProcess[] {
  const known = new Set(processes.map((process) => process.pid))
  const children = new Map<number, Process[]>()
  const roots: Process[] = []
  for (const process of processes) {
    if (!known.has(process.parentPid) || process.parentPid === process.pid) roots.push(process)
    else children.set(process.parentPid, [...(children.get(process.parentPid) ?? []), process])
  }
  const rows: TreeProcess[] = []
  const visit = (process: Process, depth: number, rails: readonly boolean[], isLast: boolean) => {
    rows.push({ process, depth, rails, isLast })
    const own = [...(children.get(process.pid) ?? [])].sort((a, b) => a.pid - b.pid)
    for (const [index, child] of own.entries())
      visit(child, depth + 1, depth === 0 ? [] : [...rails, !isLast], index === own.length - 1)
  }
  for (const [index, root] of [...roots].sort((a, b) => a.pid - b.pid).entries())
    visit(root, 0, [], index === roots.length - 1)
  return rows
}
