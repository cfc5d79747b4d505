import { expect, it } from 'vitest'
import { Lanes } from './lanes.ts'

const never = new AbortController().signal
const bounds = { perLane: 3, together: 4, lanes: 6 }

/** Work that ends by hand, by its name, which begins with its lane. */
function laneWork(lanes: Lanes) {
  const running = new Map<string, () => void>()
  const begin = (name: string, signal = never) => {
    const work = () => new Promise<void>((resolve) => running.set(name, resolve))
    const done = lanes.run(name.slice(0, 1), signal, work)
    done.catch(() => {})
    return done
  }
  const end = async (name: string) => {
    running.get(name)?.()
    running.delete(name)
    await settle()
  }
  return { begin, end, running: () => [...running.keys()].sort().join(' ') }
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

it('one in a lane runs whatever the others do, more while there is room, and each in its order', async () => {
  const { begin, end, running } = laneWork(new Lanes(bounds))
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1', 'c2', 'd1']) void begin(name)
  await settle()
  expect(running()).toBe('a1 a2 a3 b1 c1 d1')
  await end('a1')
  expect(running()).toBe('a2 a3 b1 c1 d1') // five are more than four still
  await end('d1')
  expect(running()).toBe('a2 a3 b1 c1')
  await end('a2')
  expect(running()).toBe('a3 a4 b1 c1')
  await end('b1')
  expect(running()).toBe('a3 a4 b2 c1')
})

it('lanes are bounded as well', async () => {
  const { begin, end, running } = laneWork(new Lanes(bounds))
  for (const lane of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) void begin(`${lane}1`)
  await settle()
  expect(running()).toBe('a1 b1 c1 d1 e1 f1')
  await end('c1')
  expect(running()).toBe('a1 b1 d1 e1 f1 g1')
})

it('one that waits goes with its signal, and its place is nobody’s', async () => {
  const { begin, end, running } = laneWork(new Lanes({ perLane: 1, together: 1, lanes: 2 }))
  const abort = new AbortController()
  void begin('a1')
  const gone = begin('a2', abort.signal)
  void begin('a3')
  abort.abort()
  await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect(begin('b1', abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  await end('a1')
  expect(running()).toBe('a3')
})

it('one that fails gives its place to the next', async () => {
  const lanes = new Lanes({ perLane: 1, together: 1, lanes: 1 })
  const failing = lanes.run('a', never, () => Promise.reject(new Error('broken')))
  const next = lanes.run('b', never, () => Promise.resolve('done'))
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('done')
})
