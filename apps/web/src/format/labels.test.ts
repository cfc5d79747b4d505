import { describe, expect, it } from 'vitest'
import { labelLines, parseLabels } from './labels.ts'

describe('labels as they are written', () => {
  it('are a name and a value a line, with further equals signs in the value', () => {
    expect(parseLabels('team=harbour\n\n  query=a=b \nplain')).toEqual({ team: 'harbour', query: 'a=b', plain: '' })
  })

  it('are none where a name is missing or comes twice', () => {
    expect(parseLabels('=value')).toBeNull()
    expect(parseLabels('a=1\na=2')).toBeNull()
  })

  it('are written as they are read', () => {
    const labels = { b: '2', a: '', c: 'x=y' }
    expect(labelLines(labels)).toEqual(['a', 'b=2', 'c=x=y'])
    expect(parseLabels(labelLines(labels).join('\n'))).toEqual(labels)
  })
})
