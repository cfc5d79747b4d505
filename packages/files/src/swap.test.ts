import { FlotillaError } from '@flotilla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listFolder, makeFolder, readFileBytes, removeEntry, renameEntry, walkTree, writeFileBytes } from './index.ts'
import { makeSwappedFolder, outsideSecret, type SwappedFolder } from './testing/swapped-folder.ts'

let place: SwappedFolder
beforeEach(async () => {
  place = await makeSwappedFolder()
})
afterEach(() => place.end())

const { signal } = new AbortController()
const turns = process.env['FLOTILLA_LONG'] === '1' ? 400 : 100
const before = `file: ${outsideSecret}`

async function text(items: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of items) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function* body(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('written'))
}

/** Does it many times while the folder is swapped; answers how often it went through, and how often it was refused in words. */
async function manyTimes(work: (turn: number) => Promise<unknown>): Promise<{ done: number; refused: number }> {
  const counts = { done: 0, refused: 0 }
  for (let turn = 0; turn < turns; turn += 1) {
    try {
      await work(turn)
      counts.done += 1
    } catch (error) {
      expect(error, String(error)).toBeInstanceOf(FlotillaError)
      counts.refused += 1
    }
  }
  return counts
}

describe('while a process swaps a folder for a link that leads out', () => {
  it('reads nothing from outside', async () => {
    const seen = new Set<string>()
    const { done } = await manyTimes(async () => seen.add(await text(readFileBytes(place.root, 'inner/file', signal))))
    expect(done).toBeGreaterThan(0)
    expect([...seen]).toEqual(['what lies inside'])
  })

  it('packs nothing from outside', async () => {
    const seen = new Set<string>()
    await manyTimes(async () => {
      for await (const item of walkTree(place.root, '', signal)) {
        if (item.type === 'file') seen.add((await item.file.readFile()).toString())
      }
    })
    expect([...seen]).toEqual(['what lies inside'])
  })

  it('lists nothing from outside', async () => {
    await place.end()
    place = await makeSwappedFolder()
    await manyTimes(async () => {
      const { items } = await listFolder(place.root, 'inner', { limit: 10, search: '', sort: 'name' }, signal)
      for (const entry of items) expect(entry.sizeBytes).toBe('what lies inside'.length)
    })
  })

  it('writes, makes and renames nothing outside', async () => {
    const written = await manyTimes((turn) =>
      writeFileBytes(place.root, `inner/new-${turn}`, body(), { overwrite: false, signal }),
    )
    const made = await manyTimes((turn) => makeFolder(place.root, `inner/folder-${turn}`))
    await manyTimes((turn) => renameEntry(place.root, `inner/new-${turn}`, `inner/other-${turn}`))
    expect(written.done * made.done).toBeGreaterThan(0)
    expect(await place.outside()).toBe(before)
  })

  it('removes nothing outside', async () => {
    await manyTimes(async (turn) => {
      await writeFileBytes(place.root, 'inner/file', body(), { overwrite: true, signal }).catch(() => {})
      await removeEntry(place.root, turn % 2 === 0 ? 'inner' : 'inner/file', { recursive: true, signal })
    })
    expect(await place.outside()).toBe(before)
  })
})
