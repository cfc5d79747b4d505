import { fail } from '@flotilla/protocol'
import { readLaunched } from '../runtime/conmon.ts'
import { signalProcess } from '../runtime/process.ts'
import { bundleOf, type Context } from './context.ts'
import type { SetAsideContainer } from './set-aside.ts'
import { takeBack } from './take-back.ts'

/**
 * Removes a container whose record cannot be read, with all that it has; a running one needs force. Volumes stay: which of them
 * were made for it alone only its record says.
 */
export async function removeSetAside(
  context: Context,
  { id, name }: SetAsideContainer,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { store, runc, locks, hub, failurePoint } = context
  await locks.run(id, signal, async () => {
    if (!store.setAside.has(id)) return // another removal was first
    const status = (await runc.state(id))?.status ?? 'stopped'
    if (status !== 'stopped' && !force) throw fail('container.running', { name })
    // First, or else it would write an exit file that belongs to nobody.
    const { conmon } = await readLaunched(bundleOf(context, id))
    await signalProcess(conmon, 9)
    failurePoint('containers.remove.state')
    await takeBack(context, id)
    hub.emit({ kind: 'container', action: 'destroy', id, at: new Date().toISOString(), row: null })
  })
}
