import fc from 'fast-check'
import { property } from '@flotilla/testkit/properties'
import { describe, expect, it } from 'vitest'
import { nameBytes, nameLength, nameOf } from './byte-names.ts'

describe('a name of any bytes', () => {
  property('comes back as it was, and is as long', [fc.uint8Array({ maxLength: 60 })], (bytes) => {
    const name = nameOf(Buffer.from(bytes))
    expect([...nameBytes(name)]).toEqual([...bytes])
    expect(nameLength(name)).toBe(bytes.length)
    expect(nameOf(nameBytes(JSON.parse(JSON.stringify(name)) as string))).toBe(name)
  })

  property('is itself where it is text', [fc.string({ unit: 'grapheme' })], (text) => {
    expect(nameOf(Buffer.from(text))).toBe(text)
    expect(nameBytes(text)).toEqual(Buffer.from(text))
  })

  it('is told from others by each byte, and keeps what is UTF-8 in it', () => {
    const names = ['636166e9', '636166e8', 'eda080', 'efbfbd', 'c3a9ff', 'ffc3a9', 'f09f9880ed'].map((hex) =>
      nameOf(Buffer.from(hex, 'hex')),
    )
    expect(new Set(names).size).toBe(names.length)
    expect(names.slice(-3)).toEqual(['é\udcff', '\udcffé', '😀\udced'])
  })
})
