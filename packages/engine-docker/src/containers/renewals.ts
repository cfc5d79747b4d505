import { because, type Reason } from '@flotilla/protocol'
import type { ContainerAnswer } from '../docker-answers.ts'

/**
 * Who was restarted with the owner of its network although its policy is never to be: that stands in its row for as long as that
 * start lasts, or until the next agent.
 */
export class Renewals {
  readonly #starts = new Map<string, string>()

  note({ Id, State, HostConfig }: ContainerAnswer): void {
    if (['', 'no'].includes(HostConfig.RestartPolicy.Name)) this.#starts.set(Id, State.StartedAt)
  }

  reason({ Id, State }: ContainerAnswer): Reason | undefined {
    if (State.Status !== 'running' || this.#starts.get(Id) !== State.StartedAt) return undefined
    return because('container.renewed')
  }

  keys(): IterableIterator<string> {
    return this.#starts.keys()
  }

  delete(id: string): void {
    this.#starts.delete(id)
  }
}
