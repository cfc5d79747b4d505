import { because } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { ContainerAnswer, EventAnswer } from '../docker-answers.ts'
import { runningAnswer } from '../testing/captured-container.ts'
import { ContainerEvents } from './container-events.ts'

const id = runningAnswer.Id
const at = Date.parse(runningAnswer.State.StartedAt)
const exited = {
  ...runningAnswer,
  State: {
    ...runningAnswer.State,
    Status: 'exited',
    Pid: 0,
    ExitCode: 3,
    FinishedAt: new Date(at + 900).toISOString(),
  },
}

function event(Action: string, afterMs: number, attributes: Record<string, string> = {}): EventAnswer {
  return EventAnswer.parse({
    ...{ Type: 'container', Action, timeNano: (at + afterMs) * 1e6 },
    Actor: { ID: id, Attributes: attributes },
  })
}

/** A container's whole life, and what was found after each of its events. */
function reported(found: readonly (object | undefined)[]) {
  const events = new ContainerEvents('docker')
  const life = [event('create', 0), event('start', 100), event('die', 900, { exitCode: '3' }), event('destroy', 950)]
  return life.map((one, index) => {
    const answer = found[index]
    return events.tell(one, answer === undefined ? undefined : { answer: ContainerAnswer.parse(answer) })
  })
}

const rows = (found: readonly (object | undefined)[]) =>
  reported(found).map((one) => (one?.kind === 'container' ? (one.row?.state ?? 'gone') : undefined))

test('a container that is gone before its events are looked at is as they say, never as it was before them', () => {
  expect(rows([exited, undefined, undefined, undefined])).toEqual(['created', 'running', 'exited', 'gone'])
  expect(reported([exited, undefined, undefined, undefined])[2]).toMatchObject({
    ...{ action: 'die', at: new Date(at + 900).toISOString() },
    row: {
      exitCode: 3,
      startedAt: new Date(at + 100).toISOString(),
      finishedAt: new Date(at + 900).toISOString(),
    },
  })
})

test('one that is further on is turned back to each event', () => {
  expect(rows([exited, exited, exited, undefined])).toEqual(['created', 'running', 'exited', 'gone'])
  expect(reported([exited, exited, exited])[1]).toMatchObject({ row: { exitCode: null, finishedAt: null } })
})

test('a network is told of where a running container came onto it, and not where it starts or ends', () => {
  const events = new ContainerEvents('docker')
  const running = { answer: ContainerAnswer.parse(runningAnswer) }
  const place = (action: string) => EventAnswer.parse({ ...event(action, 200), Type: 'network' })
  events.tell(event('create', 0), { answer: ContainerAnswer.parse(exited) }) // told as created
  expect(events.tellPlace(place('connect'), running)).toBeUndefined()
  events.tell(event('start', 100), running)
  expect(events.tellPlace(place('connect'), running)).toMatchObject({
    ...{ kind: 'container', action: 'connect', id, at: new Date(at + 200).toISOString() },
    row: { state: 'running', ipAddress: '172.17.0.2' },
  })
  expect(events.tellPlace(place('disconnect'), { answer: ContainerAnswer.parse(exited) })).toBeUndefined()
  expect(events.tellPlace(place('disconnect'), undefined)).toBeUndefined()
})

test('one that nobody ever saw is told of by its end alone', () => {
  expect(rows([undefined, undefined, undefined, undefined])).toEqual([undefined, undefined, undefined, 'gone'])
})

test('one that is another by what happened to another container is told with no action, and stays so', () => {
  const events = new ContainerEvents('docker')
  const answer = ContainerAnswer.parse(runningAnswer)
  const networkReason = because('container.ownerLeft')
  expect(events.tellAgain({ answer, networkReason })).toMatchObject({
    action: '',
    id,
    row: { stateReasonFacts: networkReason },
  })
  expect(events.tell(event('oom', 10), undefined)).toMatchObject({
    row: { stateReasonFacts: networkReason, oomKilled: true },
  })
  expect(events.tellAgain(undefined)).toBeUndefined()
})
