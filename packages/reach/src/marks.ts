import type { Flow } from './flow.ts'
import type { MarkAction } from './rules.ts'

/** What a rule leaves of a packet's mark and its connection's; what is not known stays so. */
export function marked(flow: Flow, action: MarkAction): Flow {
  const { mark, connectionMark } = flow
  switch (action.kind) {
    case 'mark':
      return { ...flow, mark: turned(mark, action.mask, action.value) }
    case 'connectionMark':
      return { ...flow, connectionMark: turned(connectionMark, action.mask, action.value) }
    case 'saveMark':
      return { ...flow, connectionMark: turned(connectionMark, action.connectionMask, masked(mark, action.packetMask)) }
    case 'restoreMark':
      return { ...flow, mark: turned(mark, action.packetMask, masked(connectionMark, action.connectionMask)) }
    case 'forgetMark':
      return { ...flow, mark: null }
    case 'forgetConnectionMark':
      return { ...flow, connectionMark: null }
  }
}

const masked = (mark: bigint | null, mask: bigint): bigint | null => (mark === null ? null : mark & mask)

const turned = (mark: bigint | null, clear: bigint, turn: bigint | null): bigint | null =>
  mark === null || turn === null ? null : (mark & ~clear) ^ turn
