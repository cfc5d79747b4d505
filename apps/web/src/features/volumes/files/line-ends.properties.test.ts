import { property, textOf } from '@flotilla/testkit/properties'
import { describe, expect } from 'vitest'
import { editable, formOf, written } from './line-ends.ts'

describe('the text of a file', () => {
  const text = textOf(['\r', '\n', '\r\n', '\r\n', '\ufeff', 'A=1', '', '\u2028', '\x85'], 12)
  property('is written as it was, unless its lines end in different ways', [text], (before) => {
    const form = formOf(before)
    expect(editable(before)).not.toContain('\r')
    if (form.lineEnd !== null) expect(written(editable(before), form)).toBe(before)
    else expect(new Set(before.match(/\r\n|\r|\n/g)).size).toBeGreaterThan(1)
  })

  property('that is edited has lines of one kind of end', [text, text], (before, after) => {
    const form = formOf(before)
    if (form.lineEnd === null) return
    const made = written(editable(after), form)
    expect([null, ...(/[\r\n]/.test(made) ? [] : ['\n']), form.lineEnd]).toContain(formOf(made).lineEnd)
    expect(formOf(made).lineEnd).not.toBeNull()
  })
})
